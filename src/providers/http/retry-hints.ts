/** What response headers say about when to ask again. Apart because every vendor spells it differently. */

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
  const date = value === undefined ? Number.NaN : Date.parse(value);
  return Number.isNaN(date) ? undefined : clamp(date - wallClock);
}

/**
 * Milliseconds until a used-up allowance is renewed; `undefined` while there is some of each left. From
 * `x-ratelimit-remaining-*` with a duration in `x-ratelimit-reset-*`, or Anthropic's `anthropic-ratelimit-*-remaining`
 * with an RFC 3339 time in `anthropic-ratelimit-*-reset`, or Mistral's `x-ratelimit-remaining-*-minute`, which is
 * renewed within the minute. `wallClock` is Unix milliseconds.
 */
export function exhaustedFor(header: HeaderReader, wallClock: number): number | undefined {
  const waits = ['requests', 'tokens']
    .filter((unit) => number(header(`x-ratelimit-remaining-${unit}`)) === 0)
    .map((unit) => goDuration(header(`x-ratelimit-reset-${unit}`)) ?? 0);
  const anthropicWaits = ['requests', 'tokens', 'input-tokens', 'output-tokens']
    .filter((unit) => number(header(`anthropic-ratelimit-${unit}-remaining`)) === 0)
    .map((unit) => Date.parse(header(`anthropic-ratelimit-${unit}-reset`) ?? '') - wallClock || 0);
  const mistralWaits = ['req', 'tokens']
    .filter((unit) => number(header(`x-ratelimit-remaining-${unit}-minute`)) === 0)
    .map(() => 60_000);
  const all = [...waits, ...anthropicWaits, ...mistralWaits];
  return all.length === 0 ? undefined : clamp(Math.max(...all));
}

const unitMilliseconds: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

/** `6m0s`, `1.5s`, `20ms` in milliseconds. */
export function goDuration(text: string | undefined): number | undefined {
  if (text === undefined || !/^(\d+(\.\d+)?(ms|h|m|s))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|h|m|s)/g)) {
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
