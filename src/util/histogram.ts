/** A histogram of fixed size for latencies: buckets grow by an eighth, so a quantile is at most 13 % off. */

const GROWTH = Math.log(1.125);
/** 0.01 ms to about 10 minutes. */
const SMALLEST = 0.01;
const BUCKETS = 160;

export interface Histogram {
  /** `value` in milliseconds; negative counts as 0. */
  record(value: number): void;
  /** The upper edge of the bucket the quantile falls in, at two digits, or `null` before the first value. */
  quantile(share: number): number | null;
}

export function createHistogram(): Histogram {
  const counts = new Uint32Array(BUCKETS);
  let total = 0;
  return {
    record(value) {
      const bucket = value <= SMALLEST ? 0 : Math.ceil(Math.log(value / SMALLEST) / GROWTH);
      const index = Math.min(BUCKETS - 1, bucket);
      counts[index] = (counts[index] ?? 0) + 1;
      total += 1;
    },
    quantile(share) {
      if (total === 0) return null;
      let seen = 0;
      for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
        seen += counts[bucket] ?? 0;
        if (seen >= share * total) return Number((SMALLEST * Math.exp(bucket * GROWTH)).toPrecision(2));
      }
      return null;
    },
  };
}
