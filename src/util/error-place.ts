/** Where in a user's own files an error arose. Apart because it is all that may be told of an error whose message may hold text. */

/** As `file:line:column`, the column only where it is known. */
export function placeOf(error: Error): string | undefined {
  // Only lines that are places: the others are the message, which may say anything.
  const places = error.stack?.split('\n', 50).filter((line) => /^(\s+at |file:)/.test(line)) ?? [];
  for (const line of places) {
    const place = /((?:file:\/\/|\/|[A-Za-z]:\\)[^\s()]*?)(?:\?modified=\d+)?(:\d+(?::\d+)?)\)?$/.exec(line);
    if (place !== null) return `${place[1]}${place[2]}`;
  }
  return undefined;
}
