/**
 * A hundred thousand schedules of calls, cancels and faults through the real wrappers, on virtual time. What must never
 * happen is said once; a schedule in which it does is named by its number and can be played again.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AiError } from '../../src/domain/ai-error.ts';
import type { Attempt, Vendor } from './simulated-vendor.ts';
import { kindOf, type Schedule, type SimulatedCall, simulate } from './simulation.ts';

const MINUTE = 60_000;
const schedules = 100_000;

/** The first thing in a schedule that must not be; `undefined` where there is none. */
function violation({ plan, vendors, calls, timersLeft }: Schedule): string | undefined {
  if (timersLeft > 0) return `${timersLeft} timers are left`;
  for (const call of calls) {
    const wrong = wrongOutcome(call, vendors, plan.totals);
    if (wrong !== undefined) return `${call.id} (${call.form}) ${wrong}`;
  }
  for (const vendor of vendors) {
    const wrong =
      tooEarly(vendor) ??
      overdrawn(vendor) ??
      tooOften(vendor, plan.limits.requestsPerMinute) ??
      tooManyRetries(vendor) ??
      intrusive(vendor, calls);
    if (wrong !== undefined) return `${vendor.name} ${wrong}`;
    if (vendor.peak > plan.limits.maxConcurrent) return `${vendor.name} had ${vendor.peak} calls at once`;
    for (const call of calls) {
      const attempts = vendor.attempts.filter((attempt) => attempt.call === call.id);
      if (attempts.length > plan.retry.retries + 1) return `${vendor.name} was asked ${attempts.length} times`;
      if (attempts.some(({ startedAt }) => startedAt > call.settledAt)) return `${vendor.name} was asked for nobody`;
    }
  }
  return plan.sole ? lockOut(calls, vendors[0] as Vendor) : undefined;
}

/** A share of each provider's whole time may be spent waiting for a turn there. */
const WAITING = 0.25;

function wrongOutcome(call: SimulatedCall, vendors: readonly Vendor[], totals: Schedule['plan']['totals']) {
  if (call.settled !== 1) return `was answered ${call.settled} times`;
  const longest = totals[call.form] * (1 + WAITING) * vendors.length;
  if (call.settledAt - call.startedAt > longest + 1e-6) return `took ${call.settledAt - call.startedAt} ms`;
  if (call.cancelledAt !== undefined) {
    return call.settledAt === call.cancelledAt ? undefined : 'went on after it was cancelled';
  }
  if (call.left === true) return undefined;
  if (call.text !== undefined) {
    const whole = vendors.some(({ attempts }) =>
      attempts.some((one) => one.call === call.id && one.text === call.text),
    );
    return whole ? undefined : `got a text that nobody said in full: ${call.text}`;
  }
  return call.error instanceof AiError && call.error.kind !== 'cancelled'
    ? undefined
    : `failed by ${kindOf(call.error)}: ${String(call.error)}`;
}

function tooEarly({ attempts }: Vendor): string | undefined {
  const early = attempts.find(({ startedAt, notBefore }) => startedAt < notBefore);
  return early && `was asked at ${early.startedAt}, and had asked to be left alone until ${early.notBefore}`;
}

/** More went out than it had said were left; once a minute it may be asked whether that is still so. */
function overdrawn({ attempts }: Vendor): string | undefined {
  for (const { under, startedAt } of attempts) {
    if (under === undefined) continue;
    const since = attempts.filter((one) => one.under === under && one.startedAt <= startedAt).length;
    const tries = Math.floor((startedAt - under.saidAt) / MINUTE);
    if (since > under.left + tries) return `was asked ${since} times at ${startedAt} when ${under.left} were left`;
  }
  return undefined;
}

function tooOften({ attempts }: Vendor, perMinute: number | null): string | undefined {
  if (perMinute === null) return undefined;
  const [soon] = attempts.flatMap(({ startedAt }, index) => {
    const { startedAt: later = Number.POSITIVE_INFINITY } = attempts[index + perMinute] ?? {};
    return later - startedAt < MINUTE ? [later - startedAt] : [];
  });
  return soon === undefined ? undefined : `was asked ${perMinute + 1} times in ${soon} ms`;
}

/** A retry counts when it is decided, which is when the attempt before it failed; it goes out after its back-off. */
function tooManyRetries({ attempts }: Vendor): string | undefined {
  const during = (time: number, to: number) => time > to - MINUTE && time <= to;
  const decided = attempts
    .filter(({ ordinal }) => ordinal > 1)
    .map(({ call, ordinal }) => attempts.find((one) => one.call === call && one.ordinal === ordinal - 1) as Attempt)
    .map(({ endedAt }) => endedAt);
  for (const now of decided) {
    const retries = decided.filter((time) => during(time, now)).length;
    const calls = attempts.filter(({ ordinal, answeredAt }) => ordinal === 1 && during(answeredAt, now)).length;
    if (retries > 0.2 * calls + 2) return `was asked again ${retries} times in a minute of ${calls} calls`;
  }
  return undefined;
}

/** It was asked how it is too often, where it had asked for peace, or for nobody. */
function intrusive({ looks }: Vendor, calls: readonly SimulatedCall[]): string | undefined {
  const last = Math.max(...calls.map(({ settledAt }) => settledAt));
  for (const [index, { at, notBefore }] of looks.entries()) {
    if (at < notBefore) return `was looked for at ${at}, and had asked to be left alone until ${notBefore}`;
    if (at > last + 5 * MINUTE) return `was looked for at ${at}, long after everybody had left at ${last}`;
    if (at - (looks[index - 1]?.at ?? -MINUTE) < 4_000) return `was looked for twice within 4 s at ${at}`;
  }
  return undefined;
}

/** Somebody is refused although nothing was tried for ten seconds, and there is nobody else to ask. */
function lockOut(calls: readonly SimulatedCall[], { attempts }: Vendor): string | undefined {
  const refused = calls.filter(({ error }) => kindOf(error) === 'circuitOpen');
  for (const { id, form, settledAt: now } of refused) {
    const near = (time: number) => time <= now && time > now - 10_000;
    if (form !== 'automatic') return `${id} was refused although it was asked for by hand`;
    if (!attempts.some(({ startedAt, endedAt }) => near(startedAt) || near(endedAt))) return `${id} was locked out`;
  }
  return undefined;
}

// Where an error was made is of no interest here, and finding out is a tenth of the time.
const { stackTraceLimit } = Error;
beforeAll(() => {
  Error.stackTraceLimit = 0;
});
afterAll(() => {
  Error.stackTraceLimit = stackTraceLimit;
});

test(`in ${schedules} schedules of faults nothing happens that must not`, { timeout: 300_000 }, async () => {
  const seen = { attempts: 0, looks: 0, counted: 0, retries: 0, answered: 0, refused: 0, cancelled: 0 };
  for (let seed = 1; seed <= schedules; seed += 1) {
    const schedule = await simulate(seed);
    const wrong = violation(schedule);
    if (wrong !== undefined) expect.fail(`Schedule ${seed}: ${wrong}`);
    const attempts = schedule.vendors.flatMap((vendor) => vendor.attempts);
    seen.attempts += attempts.length;
    seen.looks += schedule.vendors.flatMap((vendor) => vendor.looks).length;
    seen.counted += attempts.filter(({ under }) => under !== undefined).length;
    seen.retries += attempts.filter(({ ordinal }) => ordinal > 1).length;
    seen.answered += schedule.calls.filter(({ text }) => text !== undefined).length;
    seen.refused += schedule.calls.filter(({ error }) => kindOf(error) === 'circuitOpen').length;
    seen.cancelled += schedule.calls.filter(({ cancelledAt }) => cancelledAt !== undefined).length;
  }
  // A simulator in which nothing happens finds nothing.
  for (const [what, times] of Object.entries(seen))
    expect({ what, often: times > schedules / 100 }).toEqual({ what, often: true });
});
