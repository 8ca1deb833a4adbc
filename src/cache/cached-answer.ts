/** An answer as it is kept: what can be said again, without what it once cost. */
import type { CompletionCandidate } from '../domain/completion.ts';

export interface CachedAnswer {
  /** Best first; a chat has one. */
  readonly texts: readonly CompletionCandidate[];
  readonly model: string;
  /** The id of the provider that gave it. */
  readonly provider: string;
}

/** What an entry costs beside its text: the objects, the key, the table's own slot. Bytes, measured on Node 20 and rounded up. */
const OVERHEAD = 512;

/** An upper bound of the bytes it takes in memory: strings are at most two bytes a code unit. */
export function bytesOf({ texts, model, provider }: CachedAnswer): number {
  const units = texts.reduce((sum, { text }) => sum + text.length, model.length + provider.length);
  return OVERHEAD + 2 * units;
}

/** True for what has the shape of an answer, wherever it came from. */
export function isCachedAnswer(value: unknown): value is CachedAnswer {
  if (typeof value !== 'object' || value === null) return false;
  const { texts, model, provider } = value as Partial<Record<keyof CachedAnswer, unknown>>;
  return typeof model === 'string' && typeof provider === 'string' && Array.isArray(texts) && texts.every(isCandidate);
}

function isCandidate(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { text, score } = value as Partial<Record<keyof CompletionCandidate, unknown>>;
  return typeof text === 'string' && (score === undefined || typeof score === 'number');
}
