/** Every spelling of "ask again later". */
import { expect, test } from 'vitest';
import { goDuration, remainders, retryAfter } from '../../../src/providers/http/retry-hints.ts';

const reader = (headers: Record<string, string>) => (name: string) => headers[name];
const noon = Date.UTC(2026, 0, 1, 12);

test.each([
  [{ 'retry-after-ms': '250', 'retry-after': '9' }, 250],
  [{ 'retry-after': '2' }, 2000],
  [{ 'retry-after': '0.5' }, 500],
  [{ 'retry-after': new Date(noon + 7000).toUTCString() }, 7000],
  [{ 'retry-after': new Date(noon - 7000).toUTCString() }, 0],
  [{ 'retry-after': new Date(noon + 7000).toUTCString(), date: new Date(noon + 5000).toUTCString() }, 2000],
  [{ 'retry-after': 'soon' }, undefined],
  [{ 'retry-after': 'in 2027' }, undefined],
  [{ 'retry-after': '99999999' }, 86_400_000],
  [{}, undefined],
])('%j waits %s ms', (headers, expected) => {
  expect(retryAfter(reader(headers), noon)).toBe(expected);
});

test.each([
  ['1s', 1000],
  ['6m0s', 360_000],
  ['20ms', 20],
  ['1h2m3.5s', 3_723_500],
  ['900µs', 0.9],
  ['', undefined],
  ['1 s', undefined],
])('%j is %s ms', (text, expected) => {
  expect(goDuration(text)).toBe(expected);
});

const requests = 'x-ratelimit-remaining-requests';

test.each<[string, Record<string, string>, number | undefined]>([
  ['a duration', { 'x-ratelimit-reset-requests': '6m0s' }, 360_000],
  ['a few milliseconds', { 'x-ratelimit-reset-requests': '20ms' }, 20],
  ['seconds', { 'x-ratelimit-reset-requests': '12.5' }, 12_500],
  ['seconds since 1970', { 'x-ratelimit-reset-requests': String(noon / 1000 + 9) }, 9000],
  ['milliseconds since 1970', { 'x-ratelimit-reset-requests': String(noon + 9000) }, 9000],
  ['a date', { 'x-ratelimit-reset-requests': new Date(noon + 9000).toISOString() }, 9000],
  ["a date by the server's own clock", hourLate(9000), 9000],
  ['what is over', { 'x-ratelimit-reset-requests': new Date(noon - 9000).toUTCString() }, 0],
  ['a week', { 'x-ratelimit-reset-requests': '604800' }, 86_400_000],
  ['nothing', {}, 2000],
  ['nonsense', { 'x-ratelimit-reset-requests': 'tomorrow 12' }, 2000],
  ['a negative number', { 'x-ratelimit-reset-requests': '-1' }, 2000],
])('a renewal given as %s', (_, headers, renewedIn) => {
  expect(remainders(reader({ [requests]: '3', ...headers }), noon)).toEqual([{ of: requests, left: 3, renewedIn }]);
});

function hourLate(milliseconds: number): Record<string, string> {
  const late = noon + 3_600_000;
  return {
    'x-ratelimit-reset-requests': new Date(late + milliseconds).toISOString(),
    date: new Date(late).toUTCString(),
  };
}

test.each([{ [requests]: '-1' }, { [requests]: 'many' }, { [requests]: '0', 'x-ratelimit-limit-requests': '0' }])(
  '%j says nothing',
  (headers) => {
    expect(remainders(reader(headers), noon)).toEqual([]);
  },
);

test('each thing counted is said for itself, in the spelling of each vendor', () => {
  const headers = {
    'x-ratelimit-remaining-tokens': '149984',
    'x-ratelimit-reset-tokens': '6ms',
    'anthropic-ratelimit-input-tokens-remaining': '0',
    'anthropic-ratelimit-input-tokens-reset': '2026-01-01T12:00:03Z',
    'anthropic-ratelimit-requests-remaining': '9',
    'anthropic-ratelimit-requests-reset': '2026-01-01T12:00:50Z',
    'x-ratelimit-remaining-req-minute': '5',
  };
  expect(remainders(reader(headers), noon)).toEqual([
    { of: 'x-ratelimit-remaining-tokens', left: 149_984, renewedIn: 6 },
    { of: 'anthropic-ratelimit-requests-remaining', left: 9, renewedIn: 50_000 },
    { of: 'anthropic-ratelimit-input-tokens-remaining', left: 0, renewedIn: 3000 },
    { of: 'x-ratelimit-remaining-req-minute', left: 5, renewedIn: 60_000 },
  ]);
});
