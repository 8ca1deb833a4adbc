/** What a provider lets its caller ask of it. Apart because the provider says it and the limiter, which never sees headers, keeps to it. */

/** Of one thing a provider counts, such as requests or tokens. A call takes one of it at least. Times are monotonic milliseconds. */
export interface Allowance {
  /** Tells what is counted from everything else that is. */
  readonly of: string;
  /** How much there was when it was said. */
  readonly left: number;
  readonly saidAt: number;
  /** When there is all of it again. */
  readonly renewedAt: number;
}
