import { expect, test } from 'vitest';
import { createTypingRhythm } from '../../src/completion/rhythm.ts';

const settings = { min: 0, max: 400 };

function typingEvery(...gaps: number[]) {
  const rhythm = createTypingRhythm();
  let now = 1_000;
  rhythm.keystroke(now);
  for (const gap of gaps) {
    now += gap;
    rhythm.keystroke(now);
  }
  return { rhythm, now };
}

test('waits as long as three quarters of the gaps', () => {
  const { rhythm, now } = typingEvery(100, 120, 140, 160, 100, 120, 140, 160);
  expect(rhythm.remaining(now, settings)).toBe(160);
});

test('time that passed since the last keystroke counts, so an editor that waits itself is not waited for again', () => {
  const { rhythm, now } = typingEvery(100, 100, 100, 100);
  expect(rhythm.remaining(now + 60, settings)).toBe(40);
  expect(rhythm.remaining(now + 200, settings)).toBe(0);
});

test('pauses are not part of the rhythm', () => {
  const { rhythm, now } = typingEvery(100, 100, 450, 100, 100, 900);
  expect(rhythm.remaining(now, settings)).toBe(100);
});

test('stays within the limits of the settings', () => {
  const { rhythm, now } = typingEvery(390, 390, 390, 390);
  expect(rhythm.remaining(now, { min: 0, max: 200 })).toBe(200);
  expect(rhythm.remaining(now, { min: 600, max: 800 })).toBe(600);
  expect(rhythm.remaining(now, { min: 0, max: 20 })).toBe(20);
});

test('key repeat does not make it hasty', () => {
  const { rhythm, now } = typingEvery(30, 30, 30, 30, 30);
  expect(rhythm.remaining(now, settings)).toBe(75);
});

test('does not wait where nothing was typed', () => {
  expect(createTypingRhythm().remaining(5, settings)).toBe(0);
});
