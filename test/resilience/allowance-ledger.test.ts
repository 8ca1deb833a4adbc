import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Allowance } from '../../src/domain/allowance.ts';
import { createAllowanceLedger } from '../../src/resilience/allowance-ledger.ts';

function create() {
  const clock = { now: 0 };
  const ledger = createAllowanceLedger(() => clock.now);
  let said: Allowance[] = [];
  return {
    clock,
    ledger,
    say(left: number, renewedIn: number, of = 'requests') {
      said = [
        ...said.filter((one) => one.of !== of),
        { of, left, saidAt: clock.now, renewedAt: clock.now + renewedIn },
      ];
      return ledger.hear(said);
    },
    wait() {
      ledger.hear(said);
      return ledger.wait();
    },
  };
}

test('with nothing left the renewal is waited for; it is news once', () => {
  const { clock, ledger, say, wait } = create();
  const answered = ledger.begin();
  expect(say(0, 30_000)).toHaveLength(1);
  answered();
  expect(ledger.hear([])).toEqual([]);
  expect(wait()).toBe(30_000);
  clock.now = 30_000;
  expect(wait()).toBe(0);
});

test('so many go out as are left, and those under way when it was said count', () => {
  const { ledger, say, wait } = create();
  for (let call = 0; call < 3; call += 1) ledger.begin();
  say(4, 30_000);
  for (let left = 2; left > 0; left -= 1) {
    expect(wait()).toBe(0);
    ledger.begin();
  }
  expect(wait()).toBe(30_000);
});

test('what had its answer before it was said is not counted twice', () => {
  const { clock, ledger, say, wait } = create();
  for (const answered of [ledger.begin(), ledger.begin()]) answered();
  clock.now = 10;
  ledger.begin();
  say(1, 30_000);
  expect(wait()).toBe(0);
  ledger.begin();
  expect(wait()).toBe(30_000);
});

test('who says that nothing is left for a day is tried once a minute', () => {
  const { clock, ledger, say, wait } = create();
  ledger.begin();
  ledger.begin();
  say(0, 86_400_000);
  for (let minute = 1; minute < 5; minute += 1) {
    expect(wait()).toBe(60_000);
    clock.now = minute * 60_000;
    expect(wait()).toBe(0);
    ledger.begin();
  }
  say(50, 86_400_000);
  expect(wait()).toBe(0);
});

test('the longest of what is counted decides', () => {
  const { say, wait } = create();
  say(0, 400);
  say(0, 9_000, 'tokens');
  say(5, 50_000, 'input-tokens');
  expect(wait()).toBe(9_000);
});

test('between what was said and its renewal never more go out than were left', () => {
  const event = fc.oneof(
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('call' as const) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('answer' as const), which: fc.nat(5) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('say' as const),
        left: fc.integer({ min: 0, max: 5 }),
        renewedIn: fc.constantFrom(0, 3, 20, 9_000, 59_000),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant('pass' as const), time: fc.constantFrom(0, 1, 10, 30_000) }),
    },
  );
  fc.assert(
    fc.property(fc.array(event, { maxLength: 80 }), (events) => {
      const { clock, ledger, say, wait } = create();
      const underway: (() => void)[] = [];
      let rule = { left: Number.POSITIVE_INFINITY, renewedAt: 0 };
      for (const one of events) {
        if (one.kind === 'pass') clock.now += one.time;
        else if (one.kind === 'answer') underway.splice(one.which, 1)[0]?.();
        else if (one.kind === 'say') {
          say(one.left, one.renewedIn);
          rule = { left: one.left, renewedAt: clock.now + one.renewedIn };
        } else if (wait() === 0) {
          if (clock.now < rule.renewedAt) {
            expect(rule.left).toBeGreaterThan(0);
            rule.left -= 1;
          }
          underway.push(ledger.begin());
        }
      }
    }),
    { seed: 1, numRuns: 2_000 },
  );
});
