/**
 * UTF-8 that comes in pieces, as text. Apart because the platform's `TextDecoder` calls native code to be made and again
 * for each piece, which took longer than the rest of reading a short answer.
 */
import { StringDecoder } from 'node:string_decoder';

export interface Utf8Decoder {
  /** The characters that are whole by now; what is no UTF-8 becomes U+FFFD, and a byte order mark at the start is left out. */
  push(bytes: Uint8Array): string;
  /** What is left of a character that was cut off. */
  end(): string;
}

const BYTE_ORDER_MARK = '\uFEFF';

export function createUtf8Decoder(): Utf8Decoder {
  const decoder = new StringDecoder('utf8');
  let begun = false;

  function withoutMark(text: string): string {
    if (begun || text === '') return text;
    begun = true;
    return text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
  }

  return {
    push: (bytes) => withoutMark(decoder.write(bytes)),
    end: () => withoutMark(decoder.end()),
  };
}
