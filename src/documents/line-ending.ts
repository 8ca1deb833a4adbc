/** Which line end a document uses, judged by its beginning; apart because it is a question about text, not about documents. */
import type { DocumentSnapshot, TextSnapshot } from '../domain/text.ts';

/** Code units looked at: some hundred lines, the same cost for every document. */
const SAMPLE = 8_192;

/** What ends most of the first lines; `\n` where there is no line end, and on a draw. */
export function lineEndingOf(text: TextSnapshot): DocumentSnapshot['lineEnding'] {
  const sample = text.slice(0, SAMPLE);
  if (!sample.includes('\r')) return '\n';
  const crlf = count(sample, /\r\n/g);
  const lineFeeds = count(sample, /\n/g) - crlf;
  // A `\r` that ends the sample may be half of a `\r\n`: it is no vote.
  const returns = count(sample, /\r(?=[^\n])/g) + (text.length <= SAMPLE && sample.endsWith('\r') ? 1 : 0);
  if (crlf > lineFeeds && crlf >= returns) return '\r\n';
  return returns > lineFeeds ? '\r' : '\n';
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}
