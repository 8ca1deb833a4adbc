/** Puts whatever was thrown into a log field; an Error by itself would be written as `{}`. */
export function describeError(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
