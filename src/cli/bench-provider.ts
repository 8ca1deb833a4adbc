/** The measuring behind `inkling bench`: one provider, a few completions and chats no cache can know, then the same chats again. */
import type { Assistant, ChatResult } from '../assistant/assistant.ts';

export type BenchRequest = 'completion' | 'chat' | 'cached chat';

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
}

/** Milliseconds one request may take. */
const PATIENCE = 60_000;
/** Of source and English text, for answers whose provider counts no tokens; its own count differs by a quarter at most. */
const CHARACTERS_PER_TOKEN = 4;

export async function* measureProvider(id: string, assistant: Assistant, plan: BenchPlan): AsyncGenerator<BenchRow> {
  // This provider and no other: a fallback's answer would be measured for it.
  assistant.configure('session', { completion: { enabled: true, provider: id, fallback: [], languages: EVERY } });
  yield await measure(id, 'completion', plan, (run, signal) =>
    measureCompletion(id, assistant, `${plan.mark}${run}`, signal),
  );
  const asked: number[] = [];
  yield await measure(id, 'chat', plan, async (run, signal) => {
    const { sample } = await measureChat(id, assistant, `${plan.mark}${run}`, signal);
    asked.push(run);
    return sample;
  });
  if (asked.length === 0) return;
  yield await measure(id, 'cached chat', { ...plan, runs: asked.length }, async (run, signal) => {
    const { sample, result } = await measureChat(id, assistant, `${plan.mark}${asked[run]}`, signal);
    if (!result.cached) throw new Error('not cached: the provider answered again');
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
    tokensPerSecond: request === 'cached chat' ? null : median(speeds),
    estimated: samples.some(({ estimated }) => estimated),
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
    const outcome = await assistant.complete({ uri, position, trigger: 'explicit' }, signal);
    const [trace] = assistant.explain({ uri });
    const stages = new Map(trace?.stages.map(({ stage, at }) => [stage, at]));
    // Without a request nothing was asked of the provider, whatever the reason: its time would be our own.
    if (outcome.kind === 'failed' || outcome.kind === 'cancelled' || !stages.has('request')) {
      throw new Error(outcome.kind === 'cancelled' ? NO_ANSWER : (trace?.reason ?? `"${id}" was not asked.`));
    }
    const text = outcome.kind === 'offered' ? (outcome.offers[0]?.insertText ?? '') : '';
    const total = trace?.total ?? 0;
    return { firstToken: stages.get('first token'), total, tokens: estimate(text), estimated: true };
  } finally {
    assistant.documents.close(uri);
  }
}

const NO_ANSWER = `There was no answer within ${PATIENCE / 1_000} s.`;

async function measureChat(
  id: string,
  assistant: Assistant,
  mark: string,
  signal: AbortSignal,
): Promise<{ readonly sample: Sample; readonly result: ChatResult }> {
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
  return { sample: { firstToken, total, tokens, estimated: counted === 0 }, result };
}

function estimate(text: string): number {
  return Math.ceil(text.length / CHARACTERS_PER_TOKEN);
}
