/** A diff of a few lines; apart because it is exact and grows with the square, so that only what is small may come here. */

/** Each line with what became of it before its text: a space where it stayed, `-` where it is gone, `+` where it is new. */
export function lineDiff(before: readonly string[], after: readonly string[]): string[] {
  const shared = longestShared(before, after);
  const diff: string[] = [];
  let old = 0;
  let now = 0;
  while (old < before.length || now < after.length) {
    const oldLine = before[old];
    const newLine = after[now];
    if (oldLine !== undefined && oldLine === newLine) {
      diff.push(` ${oldLine}`);
      old++;
      now++;
    } else if (
      oldLine !== undefined &&
      (newLine === undefined || at(shared, old + 1, now) >= at(shared, old, now + 1))
    ) {
      diff.push(`-${oldLine}`);
      old++;
    } else {
      diff.push(`+${newLine}`);
      now++;
    }
  }
  return diff;
}

/** For each pair of places, how many lines the rests behind them share in their order. */
function longestShared(before: readonly string[], after: readonly string[]): readonly (readonly number[])[] {
  const shared: number[][] = [];
  for (let old = before.length - 1; old >= 0; old--) {
    const row: number[] = [];
    for (let now = after.length - 1; now >= 0; now--) {
      const isSame = before[old] === after[now];
      row[now] = isSame ? at(shared, old + 1, now + 1) + 1 : Math.max(at(shared, old + 1, now), row[now + 1] ?? 0);
    }
    shared[old] = row;
  }
  return shared;
}

function at(shared: readonly (readonly number[])[], old: number, now: number): number {
  return shared[old]?.[now] ?? 0;
}
