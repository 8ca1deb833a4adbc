/** Marks work that is done by code of the user's, so that an exception nobody could catch is known for its own and not ours. */
import { AsyncLocalStorage } from 'node:async_hooks';

const owners = new AsyncLocalStorage<string>();

/** Runs it as the code of `owner`, with everything it starts: timers, sockets, what comes after an `await`. */
export function runForeignCode<Result>(owner: string, run: () => Result): Result {
  return owners.run(owner, run);
}

/** Whose code is running, also in a handler of uncaught exceptions; `undefined` for our own and for bare microtasks. */
export function ownerOfRunningCode(): string | undefined {
  return owners.getStore();
}
