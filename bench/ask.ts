/** Calls of a provider as the app makes them: each with a signal of its own, and read to the end. */

type Ask<Request, Answer> = (request: Request, signal: AbortSignal) => Answer;

/** Reads the whole stream; throws where it says nothing. */
export async function readAll<Request>(
  ask: Ask<Request, AsyncIterable<{ readonly delta: string }>>,
  request: Request,
): Promise<void> {
  let length = 0;
  for await (const { delta } of ask(request, new AbortController().signal)) length += delta.length;
  if (length === 0) throw new Error('The answer was empty.');
}

export async function askWhole<Request>(ask: Ask<Request, Promise<unknown>>, request: Request): Promise<void> {
  await ask(request, new AbortController().signal);
}

/** Milliseconds. */
export async function timed(action: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await action();
  return performance.now() - start;
}
