/** How long to wait for the next keystroke: learned from how this user types, so that a request goes out when the hand rests. */

/** Longer gaps are pauses, in which a request should go out; they must not make it wait longer (milliseconds). */
const PAUSE = 400;
const REMEMBERED = 32;
/** Nobody types faster for long; shorter gaps are key repeat or macros, and those must not leak requests. */
const FASTEST_GAP = 75;
/** Before anything was learned. */
const FIRST_DELAY = 150;

export interface DebounceSettings {
  readonly min: number;
  readonly max: number;
}

export interface TypingRhythm {
  keystroke(now: number): void;
  /** Milliseconds from `now` until three quarters of this user's keystrokes would have come, counted from the last one. */
  remaining(now: number, settings: DebounceSettings): number;
}

export function createTypingRhythm(): TypingRhythm {
  const gaps: number[] = [];
  let last: number | undefined;

  return {
    keystroke(now) {
      if (last !== undefined && now - last < PAUSE) {
        gaps.push(now - last);
        if (gaps.length > REMEMBERED) gaps.shift();
      }
      last = now;
    },
    remaining(now, { min, max }) {
      const wait = Math.min(max, Math.max(min, Math.max(FASTEST_GAP, upperQuartile(gaps) ?? FIRST_DELAY)));
      return last === undefined ? min : Math.max(0, wait - (now - last));
    },
  };
}

function upperQuartile(values: readonly number[]): number | undefined {
  if (values.length < 4) return undefined;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length * 0.75)];
}
