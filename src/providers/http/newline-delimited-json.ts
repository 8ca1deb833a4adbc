/** Reads a body of one JSON value per line, as Ollama streams. Apart from the event-stream reader because it shares nothing with it. */
import { AiError } from '../../domain/ai-error.ts';
import { createUtf8Decoder } from '../../util/utf8-decoder.ts';
import { foreignAnswer } from './foreign-answer.ts';
import { parseJson } from './json.ts';

/** Most characters of one line. The last one may repeat the prompt as numbers, some 50 KB; an endless one takes all the memory there is. */
const maxLineSize = 1024 * 1024;
/** Most lines of one stream. An answer of 8 MB in lines of 40 bytes has as many. */
const maxLines = 200_000;

/**
 * Yields values as their lines become complete; blank lines are skipped, and so is a last line that was cut off.
 * Pull-based: a chunk is read only when the lines before it are used up. Rejects with `AiError` of kind `server` when a
 * line is no JSON (the first one: what answers is not the API), or a line or their number is beyond reason.
 */
export async function* readJsonLines(
  chunks: AsyncIterable<Uint8Array>,
  provider: string,
): AsyncGenerator<unknown, void, undefined> {
  const decoder = createUtf8Decoder();
  let pending = '';
  let count = 0;
  for await (const chunk of chunks) {
    const [rest = '', ...begun] = decoder.push(chunk).split('\n');
    const lines = [pending + rest, ...begun];
    pending = lines.pop() ?? '';
    for (const line of lines) {
      if (line.trim() === '') continue;
      count++;
      if (count > maxLines) throw beyondReason(provider, `more than ${maxLines} lines`);
      yield parsed(line, provider, count === 1);
    }
    if (pending.length > maxLineSize) throw beyondReason(provider, `a line of more than ${maxLineSize / 1024} KB`);
  }
  const last = parseJson(pending);
  if (last !== undefined) yield last;
}

function parsed(line: string, provider: string, isFirst: boolean): unknown {
  const value = parseJson(line);
  if (value === undefined && isFirst) throw foreignAnswer(provider);
  if (value === undefined) throw new AiError('server', provider, `${provider} sent a line that is no JSON.`);
  return value;
}

function beyondReason(provider: string, what: string): AiError {
  return new AiError('server', provider, `The stream has ${what} and was given up.`, { retryable: false });
}
