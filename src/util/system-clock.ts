/** The real clock. Everything else receives a clock, so that tests can bring their own time. */

export interface SystemClock {
  now(): number;
  wallClock(): number;
  setTimeout(callback: () => void, milliseconds: number): NodeJS.Timeout;
  clearTimeout(handle: unknown): void;
}

export const systemClock: SystemClock = {
  now: () => performance.now(),
  wallClock: () => Date.now(),
  setTimeout: (callback, milliseconds) => setTimeout(callback, milliseconds).unref(),
  clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout | undefined),
};
