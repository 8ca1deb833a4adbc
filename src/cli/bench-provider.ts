/** The measuring behind `inkling bench`: one provider, a few completions and chats no cache can know, then the same again. */
import type { Assistant } from '../assistant/assistant.ts';

export type BenchRequest = 'completion' | 'cached completion' | 'chat' | 'cached chat';

/** One kind of request to one provider. Times are milliseconds. */
export interface BenchRow {
  readonly provider: string;
  readonly request: BenchRequest;
  /** How often it was measured; 0 where it could not be. */
  readonly measured: number;
  /** Medians; `null` where there is nothing to say. */
  readonly firstToken: number | null;
  readonly total: number | null;
  /** Tokens of the answer by the whole time it took. */
  readonly tokensPerSecond: number | null;
  /** True where the provider did not say how many tokens they were. */
  readonly estimated: boolean;
  /** Why there is less than was asked for. */
  readonly failure?: string;
}

export interface BenchPlan {
  readonly runs: number;
  /** Stands in every request, so that no answer of an earlier bench can be given again. */
  readonly mark: string;
  readonly signal: AbortSignal;
}

interface Sample {
  readonly firstToken: number | undefined;
  readonly total: number;
  readonly tokens: number;
  readonly estimated: boolean;
  readonly cached: boolean;
}

/** Milliseconds one request may take. */
const PATIENCE = 60_000;
/** Of source and English text, for answers whose provider counts no tokens; its own count differs by a quarter at most. */
const CHARACTERS_PER_TOKEN = 4;

export async function* measureProvider(id: string, assistant: Assistant, plan: BenchPlan): AsyncGenerator<BenchRow> {
  // This provider and no other: a fallback's answer would be measured for it.
  assistant.configure('session', { completion: { enabled: true, provider: id, fallback: [], languages: EVERY } });
  yield* measureTwice(id, 'completion', assistant, plan, measureCompletion);
  yield* measureTwice(id, 'chat', assistant, plan, measureChat);
}

type Ask = (id: string, assistant: Assistant, mark: string, signal: AbortSignal) => Promise<Sample>;

/** What was answered is asked again, and counts as cached only where the answer was. */
async function* measureTwice(
  id: string,
  request: 'completion' | 'chat',
  assistant: Assistant,
  plan: BenchPlan,
  ask: Ask,
): AsyncGenerator<BenchRow> {
  const first = await measure(id, request, plan, (run, signal) => ask(id, assistant, `${plan.mark}${run}`, signal));
  yield first;
  // What stays in this process is never kept: it answers as fast as the cache would.
  if (first.measured === 0 || assistant.settings().providers[id]?.kind === 'workspace') return;
  yield await measure(id, `cached ${request}`, { ...plan, runs: first.measured }, async (run, signal) => {
    const sample = await ask(id, assistant, `${plan.mark}${run}`, signal);
    if (!sample.cached) throw new Error('not cached: the provider answered again');
    return sample;
  });
}

const EVERY = { include: ['*'] };

/** Stops at the first failure: a provider that cannot answer is not asked again and again. */
async function measure(
  provider: string,
  request: BenchRequest,
  { runs, signal }: BenchPlan,
  once: (run: number, signal: AbortSignal) => Promise<Sample>,
): Promise<BenchRow> {
  const samples: Sample[] = [];
  try {
    for (let run = 0; run < runs; run += 1) {
      samples.push(await once(run, AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)])));
    }
    return rowOf(provider, request, samples);
  } catch (error) {
    signal.throwIfAborted();
    const failure = error instanceof Error ? error.message : String(error);
    return { ...rowOf(provider, request, samples), failure };
  }
}

function rowOf(provider: string, request: BenchRequest, samples: readonly Sample[]): BenchRow {
  const speeds = samples.map(({ tokens, total }) => (tokens > 0 && total > 0 ? (tokens / total) * 1_000 : undefined));
  return {
    provider,
    request,
    measured: samples.length,
    firstToken: median(samples.map(({ firstToken }) => firstToken)),
    total: median(samples.map(({ total }) => total)),
    // What a cache gives back was written at another time.
    tokensPerSecond: request.startsWith('cached') ? null : median(speeds),
    estimated: !request.startsWith('cached') && samples.some(({ estimated }) => estimated),
  };
}

/** `null` of nothing; the mean of the middle two of an even number. */
export function median(values: readonly (number | undefined)[]): number | null {
  const sorted = values.filter((value) => value !== undefined).sort((one, other) => one - other);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.floor((sorted.length - 1) / 2)];
  return upper === undefined || lower === undefined ? null : (lower + upper) / 2;
}

/** The mark stands right before the cursor: what comes before it may be kept by the server, as while somebody types. */
function sampleText(mark: string): string {
  return `export function add(first, second) {
  return first + second;
}

export function subtract(first, second) {
  return first - second;
}

export function multiply_${mark}(first, second) {
  return `;
}

async function measureCompletion(id: string, assistant: Assistant, mark: string, signal: AbortSignal): Promise<Sample> {
  const uri = `untitled:inkling-bench-${mark}.js`;
  const lines = sampleText(mark).split('\n');
  assistant.documents.open({ uri, languageId: 'javascript', version: 1, text: `${lines.join('\n')}\n}\n` });
  try {
    const position = { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 };
    const { hits } = assistant.stats().cache;
    const outcome = await assistant.complete({ uri, position, trigger: 'explicit' }, signal);
    const [trace] = assistant.explain({ uri });
    const stages = new Map(trace?.stages.map(({ stage, at }) => [stage, at]));
    // Without a request nothing was asked of the provider, whatever the reason: its time would be our own.
    if (outcome.kind === 'failed' || outcome.kind === 'cancelled' || !stages.has('request')) {
      throw new Error(outcome.kind === 'cancelled' ? NO_ANSWER : (trace?.reason ?? `"${id}" was not asked.`));
    }
    const text = outcome.kind === 'offered' ? (outcome.offers[0]?.insertText ?? '') : '';
    const total = trace?.total ?? 0;
    // Nothing else is asked meanwhile, so that a hit is this one's.
    const cached = assistant.stats().cache.hits > hits;
    return { firstToken: stages.get('first token'), total, tokens: estimate(text), estimated: true, cached };
  } finally {
    assistant.documents.close(uri);
  }
}

const NO_ANSWER = `There was no answer within ${PATIENCE / 1_000} s.`;

async function measureChat(id: string, assistant: Assistant, mark: string, signal: AbortSignal): Promise<Sample> {
  const question = `Write a JavaScript function group_${mark}(list, key) that groups a list of objects. Only the code.`;
  const messages = [{ role: 'user' as const, content: question }];
  const started = performance.now();
  let firstToken: number | undefined;
  const result = await assistant.chat({ messages, provider: id, maxTokens: 256 }, signal, () => {
    firstToken ??= performance.now() - started;
  });
  const total = performance.now() - started;
  const counted = result.usage?.outputTokens ?? 0;
  const tokens = counted > 0 ? counted : estimate(result.message.content);
  return { firstToken, total, tokens, estimated: counted === 0, cached: result.cached };
}

function estimate(text: string): number {
  return Math.ceil(text.length / CHARACTERS_PER_TOKEN);
}
