/** How long Ollama keeps a model that nobody asks. Apart because the server reads it in three spellings. */
import { goDuration } from '../http/retry-hints.ts';

/** What the server does when it is not told: five minutes. */
const serverDefault = 5 * 60_000;

/** As the server reads it: what has no unit must be a number. */
export function keepAliveField(keepAlive: string): string | number {
  return /^-?\d+$/.test(keepAlive) ? Number(keepAlive) : keepAlive;
}

/** Milliseconds of `30m`, of plain seconds, or of a negative number, which is for ever. */
export function keepAliveTime(keepAlive: string | undefined): number {
  if (keepAlive === undefined) return serverDefault;
  if (keepAlive.startsWith('-')) return Number.POSITIVE_INFINITY;
  return /^\d+$/.test(keepAlive) ? Number(keepAlive) * 1000 : (goDuration(keepAlive) ?? serverDefault);
}
