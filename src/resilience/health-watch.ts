/**
 * Looks for a provider whose circuit is open, so that no call of a user has to find out whether it is back. Apart from the
 * circuit breaker because that one learns from calls alone, and runs no timer.
 */
import { AiError } from '../domain/ai-error.ts';
import type { AiProvider, ProviderHealth } from '../domain/ai-provider.ts';
import type { Clock, TimerHandle } from '../domain/ports.ts';
import type { BreakerState } from './breaker.ts';
import { startDeadline } from './deadline.ts';

export interface HealthWatch {
  /** Whom to look for; a provider that cannot be asked for its health is not looked for. */
  over(provider: AiProvider): void;
  /** Looks while the circuit is open. */
  follow(circuit: BreakerState['kind']): void;
  /** Somebody has a use for the provider. */
  wanted(): void;
  /** Ends what is under way; nothing is begun any more. */
  dispose(): void;
}

export interface HealthWatchOptions {
  readonly clock: Clock;
  /** 0 to 1. */
  readonly random: () => number;
  /** Monotonic milliseconds before which the provider asked to be left alone. */
  readonly quietUntil: () => number;
  /** It is not there. It is looked for again, and that has an end, before this time (monotonic milliseconds). */
  readonly onMissed: (until: number) => void;
  /** It is there, and has nothing to complain of. */
  readonly onFound: () => void;
}

/** Milliseconds before the first look; they double with each until the circuit closes. */
const FIRST = 5_000;
const LONGEST = 60_000;
/** Milliseconds a look may take. */
const LIMIT = 5_000;
/** Milliseconds after the last call that had a use for the provider; then nobody is there to look for it for. */
const INTEREST = 5 * 60_000;

export function createHealthWatch({ clock, random, quietUntil, onMissed, onFound }: HealthWatchOptions): HealthWatch {
  let provider: AiProvider | undefined;
  let timer: TimerHandle | undefined;
  let look: AbortController | undefined;
  let isOpen = false;
  let isDisposed = false;
  let delay = FIRST;
  let lastWanted = clock.now();

  /** Milliseconds until the next look, spread by a fifth in both directions for the sake of a server with many clients. */
  function schedule(): number {
    const wait = Math.max(delay * (0.8 + 0.4 * random()), quietUntil() - clock.now());
    timer = clock.setTimeout(() => {
      timer = undefined;
      if (clock.now() - lastWanted > INTEREST) delay = FIRST;
      else if (quietUntil() > clock.now()) schedule();
      else void lookOnce();
    }, wait);
    return wait;
  }

  async function lookOnce(): Promise<void> {
    const mine = new AbortController();
    look = mine;
    const state = await stateOf(provider, mine.signal, clock);
    if (look !== mine) return;
    look = undefined;
    delay = Math.min(LONGEST, delay * 2);
    if (state === 'ready') return onFound();
    const wait = schedule();
    if (state === 'unreachable') onMissed(clock.now() + wait + LIMIT);
  }

  function begin(): void {
    if (isDisposed || !isOpen || timer !== undefined || look !== undefined) return;
    if (provider?.checkHealth !== undefined) schedule();
  }

  function stop(): void {
    clock.clearTimeout(timer);
    timer = undefined;
    look?.abort();
    look = undefined;
  }

  return {
    over(next) {
      provider = next;
      begin();
    },
    follow(circuit) {
      isOpen = circuit === 'open';
      if (circuit === 'closed') delay = FIRST;
      if (isOpen) begin();
      else stop();
    },
    wanted() {
      lastWanted = clock.now();
      begin();
    },
    dispose() {
      isDisposed = true;
      stop();
    },
  };
}

/** `unknown`: what it says, or that it says nothing, does not mean that calls would come to nothing. Never rejects. */
async function stateOf(
  provider: AiProvider | undefined,
  signal: AbortSignal,
  clock: Clock,
): Promise<ProviderHealth['state'] | 'unknown'> {
  const name = provider?.name ?? '';
  const tooLate = () => new AiError('timeout', name, `"${name}" did not say within ${LIMIT} ms how it is.`);
  const deadline = startDeadline(LIMIT, signal, clock, tooLate);
  try {
    const health = await Promise.race([provider?.checkHealth?.(deadline.signal), deadline.aborted]);
    return health?.state ?? 'unknown';
  } catch (error) {
    return deadline.expired() || (error instanceof AiError && error.kind === 'network') ? 'unreachable' : 'unknown';
  } finally {
    deadline.stop();
  }
}
