/** A provider whose mood changes, and a record of what it was asked when. */
import { AiError, type AiErrorKind } from '../../src/domain/ai-error.ts';
import type { AiProvider } from '../../src/domain/ai-provider.ts';
import type { Allowance } from '../../src/domain/allowance.ts';
import { chatResponse } from '../../src/domain/chat.ts';
import { completionResponse } from '../../src/domain/completion.ts';
import { createAllowances } from '../../src/providers/http/allowances.ts';
import { pause } from '../../src/util/pause.ts';
import type { Random } from './random.ts';
import type { StepClock } from './step-clock.ts';

export interface Attempt {
  readonly call: string;
  /** 1 for the first of its call. */
  readonly ordinal: number;
  readonly startedAt: number;
  /** The first part, or the failure. */
  answeredAt: number;
  endedAt: number;
  /** What it would say in full. */
  readonly text: string;
  /** When the provider had asked to be called again at the earliest, as it was at the start. */
  readonly notBefore: number;
  /** What it had said was left, as it was at the start. */
  readonly under: Allowance | undefined;
}

/** A time at which it was asked how it is. */
export interface Look {
  readonly at: number;
  readonly notBefore: number;
}

export interface Vendor {
  readonly name: string;
  readonly provider: AiProvider;
  readonly attempts: readonly Attempt[];
  readonly looks: readonly Look[];
  /** The most that were under way at once. */
  readonly peak: number;
}

type Mood = 'fine' | 'slow' | 'flaky' | 'down' | 'limited' | 'silent' | 'locked';

const moods: readonly Mood[] = ['fine', 'fine', 'slow', 'flaky', 'flaky', 'down', 'limited', 'silent', 'locked'];
const sick: readonly AiErrorKind[] = ['server', 'overloaded', 'network', 'timeout'];
const faults: readonly AiErrorKind[] = [...sick, 'rateLimited', 'contextLength', 'filtered', 'invalidRequest'];
const waits: readonly (number | undefined)[] = [undefined, 0, 400, 2_000, 9_000, 59_000, 3_600_000];

/** What is to happen in one attempt, after so many parts. */
interface Script {
  readonly parts: number;
  readonly gap: number;
  readonly ending: 'finish' | 'silence' | AiError;
}

export function createVendor(name: string, random: Random, clock: StepClock): Vendor {
  const attempts: Attempt[] = [];
  const looks: Look[] = [];
  const changes = Array.from({ length: 4 }, () => ({ lasts: random.integer(500, 40_000), mood: random.pick(moods) }));
  const allowances = createAllowances(clock);
  const account = random.chance(0.4) ? createAccount(random, clock) : undefined;
  let notBefore = 0;
  let active = 0;
  let peak = 0;

  function mood(): Mood {
    let until = 0;
    for (const { lasts, mood: now } of changes) {
      until += lasts;
      if (clock.now() < until) return now;
    }
    return 'fine';
  }

  function error(kind: AiErrorKind): AiError {
    const retryAfter = kind === 'rateLimited' || random.chance(0.2) ? random.pick(waits) : undefined;
    return new AiError(kind, name, kind, retryAfter === undefined ? {} : { retryAfter });
  }

  function script(): Script {
    const begun = { parts: random.pick([0, 0, 1, 2]), gap: random.pick([1, 50, 900]) };
    switch (mood()) {
      case 'fine':
        return { parts: random.integer(1, 2), gap: random.pick([1, 50, 900]), ending: 'finish' };
      case 'slow':
        return { parts: random.integer(3, 6), gap: random.integer(1_000, 9_000), ending: 'finish' };
      case 'flaky':
        if (random.chance(0.5)) return { ...begun, parts: 2, ending: 'finish' };
        return { ...begun, ending: random.chance(0.3) ? 'silence' : error(random.pick(faults)) };
      case 'down':
        return { ...begun, parts: 0, ending: error(random.pick(sick)) };
      case 'limited':
        return { ...begun, parts: 0, ending: error('rateLimited') };
      case 'silent':
        return { ...begun, ending: 'silence' };
      case 'locked':
        return { ...begun, parts: 0, ending: error('authentication') };
    }
  }

  async function* parts(call: string, signal: AbortSignal): AsyncGenerator<string, void, undefined> {
    signal.throwIfAborted();
    const { parts: count, gap, ending } = script();
    const ordinal = attempts.filter((one) => one.call === call).length + 1;
    const said = Array.from({ length: count }, (_, index) => `${name}/${ordinal}/${index};`);
    const attempt: Attempt = {
      call,
      ordinal,
      startedAt: clock.now(),
      answeredAt: Number.POSITIVE_INFINITY,
      endedAt: Number.POSITIVE_INFINITY,
      text: ending === 'finish' ? said.join('') : '',
      notBefore,
      under: allowances.current()[0],
    };
    attempts.push(attempt);
    account?.use();
    const answer = () => {
      if (attempt.answeredAt !== Number.POSITIVE_INFINITY) return;
      attempt.answeredAt = clock.now();
      if (account !== undefined) allowances.heard(account.header(), attempt.startedAt);
    };
    active += 1;
    peak = Math.max(peak, active);
    const end = () => {
      if (attempt.endedAt !== Number.POSITIVE_INFINITY) return;
      attempt.endedAt = clock.now();
      attempt.answeredAt = Math.min(attempt.answeredAt, clock.now());
      active -= 1;
      signal.removeEventListener('abort', end);
    };
    signal.addEventListener('abort', end);
    try {
      for (const text of said) {
        await pause(gap, signal, clock);
        answer();
        yield text;
      }
      if (ending === 'silence') await untilAborted(signal);
      else await pause(gap, signal, clock);
      answer();
      if (!(ending instanceof AiError)) return;
      notBefore = Math.max(notBefore, clock.now() + peaceAskedBy(ending));
      throw ending;
    } finally {
      end();
    }
  }

  async function* stream(call: string, signal: AbortSignal) {
    for await (const delta of parts(call, signal)) yield { delta };
    yield { delta: '', finish: { reason: 'stop' as const, model: name } };
  }

  async function whole(call: string, signal: AbortSignal): Promise<string> {
    let text = '';
    for await (const part of parts(call, signal)) text += part;
    return text;
  }

  const idOf = (extension: Readonly<Record<string, unknown>> | undefined) => String(extension?.['id']);
  const provider: AiProvider = {
    apiVersion: 1,
    name,
    model: name,
    local: false,
    capabilities: {
      streaming: true,
      codeCompletion: true,
      fim: true,
      chat: true,
      embeddings: false,
      tokenCounting: false,
      contextWindow: random.pick([null, 8_000, 200_000]),
    },
    completeCode: async ({ extension }, signal) =>
      completionResponse({ candidates: [{ text: await whole(idOf(extension), signal) }], model: name }),
    streamCode: ({ extension }, signal) => stream(idOf(extension), signal),
    chat: async ({ messages }, signal) =>
      chatResponse(await whole(messages[0]?.content ?? '', signal), { model: name }),
    streamChat: ({ messages }, signal) => stream(messages[0]?.content ?? '', signal),
    allowances: allowances.current,
    async checkHealth(signal) {
      looks.push({ at: clock.now(), notBefore });
      await pause(random.pick([0, 40, 3_000]), signal, clock);
      switch (mood()) {
        case 'silent':
          return untilAborted(signal);
        case 'down':
          return { state: 'unreachable' };
        case 'limited':
          return { state: 'degraded' };
        case 'locked':
          return { state: 'unconfigured' };
        default:
          return { state: random.chance(0.8) ? 'ready' : 'unreachable' };
      }
    },
  };

  return {
    name,
    provider,
    attempts,
    looks,
    get peak() {
      return peak;
    },
  };
}

/** An account with so many requests in each stretch of time, of which others may use some too; or that is said to have none. */
function createAccount(random: Random, clock: StepClock) {
  const length = random.pick([300, 5_000, 30_000, 90_000, 86_400_000]);
  const most = random.integer(0, 6);
  let used = 0;
  let begun = 0;
  return {
    use() {
      const now = Math.floor(clock.now() / length);
      if (now > begun) used = 0;
      begun = now;
      used += random.chance(0.2) ? 2 : 1;
    },
    header() {
      const renewal = length - (clock.now() % length);
      const left = Math.floor(clock.now() / length) > begun ? most : Math.max(0, most - used);
      return (name: string) =>
        ({ 'x-ratelimit-remaining-requests': `${left}`, 'x-ratelimit-reset-requests': `${renewal}ms` })[name];
    },
  };
}

/** A provider in trouble is taken at its word for a minute. */
function peaceAskedBy({ kind, retryAfter = 0 }: AiError): number {
  if (kind === 'rateLimited') return retryAfter;
  return sick.includes(kind) ? Math.min(retryAfter, 60_000) : 0;
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}
