/** What response headers say about when to ask again, and how often. Apart because every vendor spells it differently. */

/** One response header by its lower-case name. */
export type HeaderReader = (name: string) => string | undefined;

/** A server that asks for more than a day is not waited for anyway. */
const longestWait = 24 * 60 * 60 * 1000;

/**
 * Milliseconds to wait, from `retry-after-ms`, then `retry-after` (seconds or an HTTP date). `undefined` where neither
 * says anything sensible. `wallClock` is Unix milliseconds.
 */
export function retryAfter(header: HeaderReader, wallClock: number): number | undefined {
  const milliseconds = number(header('retry-after-ms'));
  if (milliseconds !== undefined) return clamp(milliseconds);
  const value = header('retry-after');
  const seconds = number(value);
  if (seconds !== undefined) return clamp(seconds * 1000);
  const date = time(value);
  return date === undefined ? undefined : clamp(date - serverTime(header, wallClock));
}

/** How much is left of one thing a server counts. */
export interface Remainder {
  /** The header that says it: one of a few. */
  readonly of: string;
  readonly left: number;
  /** Milliseconds until it is renewed. */
  readonly renewedIn: number;
}

/** Which headers say how much of one thing is left, how much there is in all, and when it is renewed. */
interface Spelling {
  readonly left: string;
  readonly most: string;
  /** Absent where it is renewed within the minute by its name. */
  readonly renewal?: string;
}

const spellings: readonly Spelling[] = [
  // OpenAI's, which most others took over, xAI among them.
  ...['requests', 'tokens'].map((unit) => ({
    left: `x-ratelimit-remaining-${unit}`,
    most: `x-ratelimit-limit-${unit}`,
    renewal: `x-ratelimit-reset-${unit}`,
  })),
  // Anthropic's.
  ...['requests', 'tokens', 'input-tokens', 'output-tokens'].map((unit) => ({
    left: `anthropic-ratelimit-${unit}-remaining`,
    most: `anthropic-ratelimit-${unit}-limit`,
    renewal: `anthropic-ratelimit-${unit}-reset`,
  })),
  // Mistral's.
  ...['req', 'tokens'].map((unit) => ({
    left: `x-ratelimit-remaining-${unit}-minute`,
    most: `x-ratelimit-limit-${unit}-minute`,
  })),
];

/** Milliseconds for which a remainder is believed whose renewal is not said, or not in words anybody knows. */
const unsaidRenewal = 2000;
const minute = 60_000;

/** What is left of all the server counts, as far as it says so. `wallClock` is Unix milliseconds. */
export function remainders(header: HeaderReader, wallClock: number): readonly Remainder[] {
  return spellings.flatMap(({ left: of, most, renewal }) => {
    const left = number(header(of));
    // Nothing of nothing is how a gateway says that there is no limit.
    if (left === undefined || number(header(most)) === 0) return [];
    const renewedIn =
      renewal === undefined ? minute : (untilReset(header(renewal), header, wallClock) ?? unsaidRenewal);
    return [{ of, left, renewedIn: clamp(renewedIn) }];
  });
}

/** Seconds from now, or since 1970; servers that mean milliseconds mean those since 1970. */
const firstEpochSecond = 1e9;
const firstEpochMillisecond = 1e12;

/** Milliseconds until a time that is given as a duration (`6m0s`), in seconds, since 1970, or as a date. */
function untilReset(text: string | undefined, header: HeaderReader, wallClock: number): number | undefined {
  const duration = goDuration(text);
  if (duration !== undefined) return duration;
  const amount = number(text);
  if (amount !== undefined && amount < firstEpochSecond) return amount * 1000;
  const at = amount === undefined ? time(text) : amount < firstEpochMillisecond ? amount * 1000 : amount;
  return at === undefined ? undefined : at - serverTime(header, wallClock);
}

/** What the server's clock says, by which it reckons: that of this machine may be wrong. */
function serverTime(header: HeaderReader, wallClock: number): number {
  return time(header('date')) ?? wallClock;
}

/** A date as HTTP or RFC 3339 writes it, in Unix milliseconds. `Date.parse` alone finds one in almost anything. */
function time(text: string | undefined): number | undefined {
  if (text === undefined || !/^([A-Z][a-z]{2,8}, |\d{4}-\d\d-\d\dT)/.test(text)) return undefined;
  const parsed = Date.parse(text);
  return Number.isNaN(parsed) ? undefined : parsed;
}

const unitMilliseconds: Readonly<Record<string, number>> = {
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
  µs: 0.001,
  us: 0.001,
};

/** `6m0s`, `1.5s`, `20ms` in milliseconds. */
export function goDuration(text: string | undefined): number | undefined {
  if (text === undefined || !/^(\d+(\.\d+)?(ms|[µu]s|h|m|s))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[µu]s|h|m|s)/g)) {
    total += Number(amount) * (unitMilliseconds[unit ?? ''] ?? 0);
  }
  return total;
}

function number(text: string | undefined): number | undefined {
  return text !== undefined && /^\s*\d+(\.\d+)?\s*$/.test(text) ? Number(text) : undefined;
}

function clamp(milliseconds: number): number {
  return Math.min(Math.max(0, Math.round(milliseconds)), longestWait);
}
