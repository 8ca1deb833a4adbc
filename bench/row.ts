/** One measured figure, as every part of the benchmark reports it and the tables print it. */

export interface Row {
  readonly name: string;
  /** The median; where the name says so, another figure of the same unit. */
  readonly median: number;
  /** `ms`, `µs`, `MB`, `MB/s`, or what is counted. */
  readonly unit: string;
  readonly p90?: number;
  readonly p99?: number;
  /** How many samples the median is of. */
  readonly count?: number;
  /** The same figure of the floor, measured in the same run. */
  readonly floor?: number;
  /** `median / floor`. Where the machine is shared this counts, not the median. */
  readonly ratio?: number;
  readonly goal?: Goal;
  readonly note?: string;
}

export interface Goal {
  readonly text: string;
  readonly reached: boolean;
}

/** A part of the benchmark: one heading, one table. */
export interface Table {
  readonly title: string;
  readonly rows: readonly Row[];
}
