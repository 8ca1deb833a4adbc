/**
 * The port by which the processes of a team keep one limit together, and hint to each other at a provider in trouble. Apart
 * from the limiter and the breaker that ask, and from who answers.
 */

/** For one account at one provider. */
export interface FleetLimits {
  /**
   * Milliseconds until a call may go out; 0: it may now, and counts for everybody. `undefined`: nobody can be asked at
   * present, each process keeps to its own share. Never rejects, and takes a few milliseconds at most.
   * `requestsPerMinute`: of all processes together; `null` where only the provider itself sets a limit.
   */
  take(requestsPerMinute: number | null): Promise<number | undefined>;
  /** The provider asked for so many milliseconds of peace. */
  tell(milliseconds: number): void;
  /** The circuit of this process opened for so many milliseconds. */
  tellOpen(milliseconds: number): void;
  /**
   * The last word of an open circuit, of whichever process, that still holds as far as was heard while asking; 0 where there
   * is none. A larger number is a later word. No more than a hint: who said it may have been cut off alone.
   */
  readonly openWord: number;
  /** How many processes used the account within the last minute, as far as is known; at least 1. */
  readonly processes: number;
}
