/** From samples to rows: medians, quantiles and the ratio to the floor. */
import type { Goal, Row } from './row.ts';

/** The sample below which the given share of all samples lies; `NaN` of none. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export const median = (samples: readonly number[]): number => quantile(samples, 0.5);

/** A row of many samples. */
export function summary(name: string, unit: string, samples: readonly number[]): Row {
  return {
    name,
    unit,
    median: median(samples),
    p90: quantile(samples, 0.9),
    p99: quantile(samples, 0.99),
    count: samples.length,
  };
}

/** Sets the row beside the same figure of the floor, with the highest ratio that is good enough. */
export function against(row: Row, floor: number, limit?: number): Row {
  const ratio = row.median / floor;
  return {
    ...row,
    floor,
    ratio,
    ...(limit === undefined
      ? {}
      : { goal: { text: `≤ ${Number(limit.toFixed(2))} × floor`, reached: ratio <= limit } }),
  };
}

/** A goal in the row's own unit. */
export function within(row: Row, limit: number): Row {
  return { ...row, goal: atMost(row.median, limit, row.unit) };
}

export function atMost(value: number, limit: number, unit: string): Goal {
  return { text: `≤ ${limit} ${unit}`, reached: value <= limit };
}

/** The figure beside the floor's, where it may be larger by a fixed amount. */
export function beyond(row: Row, floor: number, by: number): Row {
  const goal = { text: `≤ floor + ${by} ${row.unit}`, reached: row.median <= floor + by };
  return { ...row, floor, goal };
}
