/** When each document was last edited, to tell a request made while typing from one the user asked for. */
import type { Clock } from '../domain/ports.ts';

export interface Edits {
  happened(uri: string): void;
  forget(uri: string): void;
  /** Milliseconds; `Infinity` for a document that was never edited. */
  sinceLast(uri: string): number;
}

export function createEdits(clock: Clock): Edits {
  const last = new Map<string, number>();
  return {
    happened: (uri) => void last.set(uri, clock.now()),
    forget: (uri) => void last.delete(uri),
    sinceLast: (uri) => clock.now() - (last.get(uri) ?? Number.NEGATIVE_INFINITY),
  };
}
