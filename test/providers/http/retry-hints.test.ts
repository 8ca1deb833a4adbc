/** Every spelling of "ask again later". */
import { expect, test } from 'vitest';
import { exhaustedFor, goDuration, retryAfter } from '../../../src/providers/http/retry-hints.ts';

const reader = (headers: Record<string, string>) => (name: string) => headers[name];
const noon = Date.UTC(2026, 0, 1, 12);

test.each([
  [{ 'retry-after-ms': '250', 'retry-after': '9' }, 250],
  [{ 'retry-after': '2' }, 2000],
  [{ 'retry-after': '0.5' }, 500],
  [{ 'retry-after': new Date(noon + 7000).toUTCString() }, 7000],
  [{ 'retry-after': new Date(noon - 7000).toUTCString() }, 0],
  [{ 'retry-after': 'soon' }, undefined],
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
  ['', undefined],
  ['1 s', undefined],
])('%j is %s ms', (text, expected) => {
  expect(goDuration(text)).toBe(expected);
});

test('a used-up allowance lasts until the later reset', () => {
  const used = { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '1s' };
  expect(exhaustedFor(reader(used), noon)).toBe(1000);
  const both = { ...used, 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '6s' };
  expect(exhaustedFor(reader(both), noon)).toBe(6000);
  expect(exhaustedFor(reader({ 'x-ratelimit-remaining-requests': '5' }), noon)).toBeUndefined();
});

test("a used-up allowance of Anthropic's ends at a time of day", () => {
  const used = {
    'anthropic-ratelimit-input-tokens-remaining': '0',
    'anthropic-ratelimit-input-tokens-reset': '2026-01-01T12:00:03Z',
    'anthropic-ratelimit-requests-remaining': '9',
    'anthropic-ratelimit-requests-reset': '2026-01-01T12:00:50Z',
  };
  expect(exhaustedFor(reader(used), noon)).toBe(3000);
  expect(exhaustedFor(reader({ 'anthropic-ratelimit-requests-remaining': '0' }), noon)).toBe(0);
});

test("a used-up allowance of Mistral's ends within the minute", () => {
  const left = { 'x-ratelimit-remaining-req-minute': '0', 'x-ratelimit-remaining-tokens-minute': '5000' };
  expect(exhaustedFor(reader(left), noon)).toBe(60_000);
  expect(exhaustedFor(reader({ ...left, 'x-ratelimit-remaining-req-minute': '3' }), noon)).toBeUndefined();
});
