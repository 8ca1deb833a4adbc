/**
 * Users, providers with moods and everything that stands between them, on virtual time: one schedule of calls, cancels
 * and faults, made out of one number. The wrappers are the real ones. Apart from the test, which says how many.
 */
import { AiError, type AiErrorKind, isCancellation } from '../../src/domain/ai-error.ts';
import type { AiProvider } from '../../src/domain/ai-provider.ts';
import { chatRequest } from '../../src/domain/chat.ts';
import { completionRequest } from '../../src/domain/completion.ts';
import type { FleetLimits } from '../../src/domain/fleet-limits.ts';
import { withFallback } from '../../src/resilience/fallback.ts';
import { createGuard, type GuardPlan } from '../../src/resilience/guard.ts';
import { contextAt } from '../support/code-context.ts';
import { createRandom, type Random } from './random.ts';
import { createVendor, type Vendor } from './simulated-vendor.ts';
import { createStepClock, type StepClock } from './step-clock.ts';

export interface Schedule {
  readonly plan: GuardPlan;
  readonly vendors: readonly Vendor[];
  readonly calls: readonly SimulatedCall[];
  /** Timers that were left when everybody had their answer, and nobody asked any more for long. */
  readonly timersLeft: number;
}

export interface SimulatedCall {
  readonly id: string;
  readonly form: 'automatic' | 'explicit' | 'chat';
  readonly startedAt: number;
  cancelledAt?: number;
  /** How often it was settled, which is once. */
  settled: number;
  settledAt: number;
  /** Of an answer that was read to its end. */
  text?: string;
  /** The reader had enough. */
  left?: true;
  error?: unknown;
}

const totals = { automatic: 5_000, explicit: 20_000, chat: 120_000 };
const silentLog = { error() {}, warn() {}, info() {}, debug() {} };
const context = contextAt('a█');
/** One for all: a reason made for each abort is most of what an abort costs. */
const stopped = new DOMException('Stopped.', 'AbortError');

export async function simulate(seed: number): Promise<Schedule> {
  const random = createRandom(seed);
  const clock = createStepClock();
  const count = random.pick([1, 1, 2, 3]);
  const plan = planOf(random, count === 1);
  const vendors = Array.from({ length: count }, (_, index) => createVendor(`vendor-${index}`, random, clock));
  const team = gossipingTeam(random);
  const fleet = () => team;
  const guards = vendors.map(({ name }) =>
    createGuard({ id: name, clock, log: silentLog, random: random.share, fleet }),
  );
  const guarded = guards.map((guard, index) => guard.wrap((vendors[index] as Vendor).provider, plan)) as [
    AiProvider,
    ...AiProvider[],
  ];
  const provider = withFallback(guarded);
  const calls: SimulatedCall[] = [];
  const busy = random.chance(0.12);
  const last = busy ? random.integer(4, 10) : random.integer(1, 2);
  const longestGap = busy ? random.pick([1_500, 8_000]) : 20_000;
  let at = 0;
  for (let index = 0; index < last; index += 1) {
    at += random.chance(0.3) ? 0 : random.integer(1, longestGap);
    clock.setTimeout(() => calls.push(begin(`call-${index}`, provider, random, clock)), at);
  }
  await clock.run(() => calls.length === last && calls.every(({ settled }) => settled > 0));
  // Either the server ends now, or its user goes away and nothing is to be done for anybody.
  if (random.chance(0.9)) for (const guard of guards) guard.dispose();
  else await clock.run(() => false);
  await new Promise<void>((resolve) => setImmediate(resolve));
  return { plan, vendors, calls, timersLeft: clock.pending };
}

function planOf(random: Random, sole: boolean): GuardPlan {
  return {
    totals,
    retry: { retries: random.integer(0, 3), baseDelay: random.pick([10, 250, 2_000]), maxDelay: 8_000 },
    limits: { maxConcurrent: random.integer(1, 4), requestsPerMinute: random.pick([null, null, 3, 30]) },
    breaker: { failures: random.integer(1, 4), resetAfter: random.pick([1_000, 30_000, 60_000]) },
    sole,
  };
}

/** Others who cannot be asked for anything, and speak ill of providers now and then; or nobody. */
function gossipingTeam(random: Random): FleetLimits | undefined {
  if (random.chance(0.7)) return undefined;
  let word = 0;
  return {
    take: () => Promise.resolve(undefined),
    tell() {},
    tellOpen() {},
    get openWord() {
      if (random.chance(0.2)) word += 1;
      return random.chance(0.3) ? 0 : word;
    },
    processes: 1,
  };
}

function begin(id: string, provider: AiProvider, random: Random, clock: StepClock): SimulatedCall {
  const form = random.pick(['automatic', 'automatic', 'explicit', 'chat'] as const);
  const controller = new AbortController();
  const call: SimulatedCall = { id, form, startedAt: clock.now(), settled: 0, settledAt: Number.NaN };
  const leaves = form !== 'chat' && random.chance(0.2);
  const settle = (outcome: Partial<SimulatedCall>) => {
    call.settled += 1;
    call.settledAt = clock.now();
    clock.clearTimeout(cancel);
    Object.assign(call, outcome);
  };
  const cancel = random.chance(0.25)
    ? clock.setTimeout(
        () => {
          call.cancelledAt = clock.now();
          controller.abort(stopped);
        },
        random.integer(0, 8_000),
      )
    : undefined;
  ask(provider, call, random.chance(0.2), leaves, controller.signal).then(settle, (error: unknown) =>
    settle({ error }),
  );
  return call;
}

type Outcome = Pick<SimulatedCall, 'text'> | Pick<SimulatedCall, 'left'>;

async function ask(
  provider: AiProvider,
  { id, form }: SimulatedCall,
  inOnePiece: boolean,
  leaves: boolean,
  signal: AbortSignal,
): Promise<Outcome> {
  if (form === 'chat') {
    const request = chatRequest([{ role: 'user', content: id }]);
    if (inOnePiece) return { text: (await provider.chat(request, signal)).message.content };
    return read(provider.streamChat(request, signal), false);
  }
  const request = completionRequest({ context, trigger: form, extension: { id } });
  if (inOnePiece) return { text: (await provider.completeCode(request, signal)).candidates[0]?.text ?? '' };
  return read(provider.streamCode?.(request, signal) ?? nothing(), leaves);
}

/** As the completion pipeline reads: whoever begins anew makes what came before void. */
async function read(
  stream: AsyncIterable<{ readonly delta: string; readonly finish?: object; readonly begins?: object }>,
  leaves: boolean,
): Promise<Outcome> {
  let text = '';
  for await (const { delta, finish, begins } of stream) {
    if (begins !== undefined) text = '';
    text += delta;
    if (finish !== undefined) return { text };
    if (leaves && delta !== '') return { left: true };
  }
  throw new Error('A stream ended without its finish.');
}

async function* nothing() {}

/** What a call ended with, for messages. */
export function kindOf(error: unknown): AiErrorKind | 'aborted' | 'unknown' {
  if (error instanceof AiError) return error.kind;
  return isCancellation(error) ? 'aborted' : 'unknown';
}
