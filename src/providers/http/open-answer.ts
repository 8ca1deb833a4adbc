/** An answer under way, and how it is left. Apart because every streamed wire is read from one. */
import type { AiError } from '../../domain/ai-error.ts';
import type { Clock } from '../../domain/ports.ts';
import { foreignAnswer } from './foreign-answer.ts';
import type { HeaderReader } from './retry-hints.ts';

export interface OpenAnswer {
  readonly header: HeaderReader;
  readonly body: AsyncIterable<Uint8Array>;
  /** Closes the connection. */
  close(): void;
}

/** After its terminal marker a server ends its body at once. One that does not costs its connection, and us no more than this. */
const patienceAfterEnd = 250;

/** Reads on to the end of the body, by which the connection can be used again, but not for long. */
export async function drain(events: AsyncIterator<unknown>, answer: OpenAnswer, clock: Clock): Promise<void> {
  const timer = clock.setTimeout(() => answer.close(), patienceAfterEnd);
  try {
    while ((await events.next()).done !== true);
  } catch {
    // The answer was whole before; how its connection ended does not matter.
  } finally {
    clock.clearTimeout(timer);
  }
}

/** `foreignAnswer`, and closes the connection. */
export function notAnApi(answer: OpenAnswer, provider: string): AiError {
  answer.close();
  return foreignAnswer(provider, answer.header);
}
