/** The framing: every valid frame comes out, whatever stands between them and however the bytes are split. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createFrameDecoder, type DesyncReason, MAX_BODY_BYTES } from '../../../src/lsp/transport/frame-decoder.ts';
import { MALFORMED_FRAMES } from './malformed-frames.ts';
import { frame } from './support.ts';

const NEXT = { jsonrpc: '2.0', id: 1, method: 'next' };

interface Decoded {
  readonly messages: object[];
  readonly reasons: DesyncReason[];
  readonly largestBuffer: number;
}

function decode(chunks: Iterable<Buffer>): Decoded {
  const messages: object[] = [];
  const reasons: DesyncReason[] = [];
  let largestBuffer = 0;
  const decoder = createFrameDecoder({
    message: (message) => messages.push(message),
    desync: (reason) => reasons.push(reason),
  });
  for (const chunk of chunks) {
    decoder.push(chunk);
    largestBuffer = Math.max(largestBuffer, decoder.bufferedBytes);
  }
  return { messages, reasons, largestBuffer };
}

function* split(bytes: Buffer, size: number): Iterable<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

describe('valid frames', () => {
  test.each([1, 2, 3, 7, 64, 100_000])('come out the same in chunks of %i bytes', (size) => {
    const messages = [{ text: 'é😀\u2028' }, { text: '' }, { text: 'x'.repeat(5000) }];
    const decoded = decode(split(Buffer.concat(messages.map(frame)), size));
    expect(decoded).toMatchObject({ messages, reasons: [] });
  });

  test.each([
    ['another case', 'content-length: 2\r\n\r\n{}'],
    ['capitals', 'CONTENT-LENGTH: 2\r\n\r\n{}'],
    ['no space', 'Content-Length:2\r\n\r\n{}'],
    [
      'a content type after the length',
      'Content-Length: 2\r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n\r\n{}',
    ],
    [
      'a content type before the length',
      'Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length: 2\r\n\r\n{}',
    ],
    ['blank lines before it', '\r\n\r\nContent-Length: 2\r\n\r\n{}'],
  ])('may have a header with %s', (_, bytes) => {
    for (const size of [1, 1000]) {
      expect(decode(split(Buffer.from(bytes), size))).toMatchObject({ messages: [{}], reasons: [] });
    }
  });

  test('may carry the text of a header in their body', () => {
    const message = { text: 'Content-Length: 5\r\n\r\n{}Content-Length: 9' };
    for (const size of [1, 30, 1000]) {
      expect(decode(split(frame(message), size))).toMatchObject({ messages: [message], reasons: [] });
    }
  });
});

describe('after a malformed frame', () => {
  describe.each(MALFORMED_FRAMES)('%s', (_, bytes) => {
    test.each([1, 5, 4096, 10_000_000])('the next valid frame is read, in chunks of %i bytes', (size) => {
      const stream = Buffer.concat([frame(NEXT), Buffer.from(bytes), frame(NEXT), frame(NEXT)]);
      const { messages, reasons } = decode(split(stream, size));
      expect(messages.filter((message) => JSON.stringify(message) === JSON.stringify(NEXT))).toHaveLength(3);
      expect(reasons.length).toBeGreaterThan(0);
    });
  });

  test('a byte order mark costs not even its own message', () => {
    expect(decode([Buffer.from('\uFEFF'), frame(NEXT)]).messages).toEqual([NEXT]);
  });

  test('a body that is too short is known as soon as the next header is there', () => {
    const { messages, reasons } = decode([Buffer.from('Content-Length: 100000\r\n\r\n{"cut":"off'), frame(NEXT)]);
    expect(messages).toEqual([NEXT]);
    expect(reasons).toEqual(['header-inside-body']);
  });
});

describe('memory', () => {
  test('a body over the limit is passed over, not stored', () => {
    const filler = Buffer.alloc(1024 * 1024, 'x');
    const chunks = [
      Buffer.from(`Content-Length: ${MAX_BODY_BYTES + 1}\r\n\r\n`),
      ...Array.from({ length: 129 }, () => filler),
    ];
    const { messages, reasons, largestBuffer } = decode([...chunks, frame(NEXT)]);
    expect(messages).toEqual([NEXT]);
    expect(reasons).toEqual(['length-too-large']);
    expect(largestBuffer).toBeLessThan(16 * 1024);
  });

  test('a large body takes no more than its size', () => {
    const message = { text: 'x'.repeat(3_000_000) };
    const { messages, largestBuffer } = decode(split(frame(message), 65_536));
    expect(messages).toEqual([message]);
    expect(largestBuffer).toBeLessThan(3_001_000);
  });
});

describe('hostile streams are read in linear time', () => {
  const MEGABYTE = 1024 * 1024;
  const fill = (piece: string): Buffer => Buffer.from(piece.repeat(Math.ceil(MEGABYTE / piece.length)));
  // They would take minutes if a failure meant another pass over what follows it.
  test.each([
    ['headers that claim half of the rest', Buffer.alloc(2 * MEGABYTE, 'Content-Length: 1000000\r\n\r\n{')],
    ['headers and good frames that alternate', fill('Content-Length: 1000000\r\n\r\n{Content-Length: 2\r\n\r\n{}')],
    ['header names', fill('Content-Length: ')],
    ['headers inside other lines', fill('X: Content-Length: 5\r\n')],
    ['bad JSON', fill('Content-Length: 2\r\n\r\n{]')],
    ['absurd lengths', fill('Content-Length: 9999999999\r\n\r\n')],
  ])('%s', (_, bytes) => {
    for (const size of [777, bytes.length]) {
      const { messages } = decode([...split(bytes, size), Buffer.from('\r\n'), frame(NEXT)]);
      expect(messages.at(-1)).toEqual(NEXT);
    }
  });
});

describe('properties', () => {
  const valid = fc.record({ valid: fc.nat(), text: fc.string({ unit: 'binary' }) });
  const message = fc.record({ text: fc.string() });
  const header = fc.oneof(
    fc.constantFrom(
      'Content-Length: ',
      'content-length:',
      'Content-Length',
      'C',
      '\r',
      '\n',
      '\r\n',
      '\r\n\r\n',
      '\uFEFF',
      ' ',
    ),
    fc.integer({ min: -10, max: 200 }).map((length) => `Content-Length: ${length}\r\n\r\n`),
    fc.integer({ min: 0, max: 20_000_000_000 }).map((length) => `Content-Length: ${length}\r\n`),
    fc.string({ maxLength: 12 }),
    fc.constantFrom('{', '}', '"', '{"a":"', 'null', '[]', '{"a":1}', '\\'),
  );
  const damage = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), remove: fc.nat(12), insert: header });
  const mutated = fc.tuple(message, fc.array(damage, { minLength: 1, maxLength: 4 })).map(([original, damages]) => {
    let bytes = frame(original);
    for (const { at, remove, insert } of damages) {
      const from = Math.floor(at * bytes.length);
      bytes = Buffer.concat([bytes.subarray(0, from), Buffer.from(insert), bytes.subarray(from + remove)]);
    }
    return bytes;
  });
  const junk = fc.array(header, { maxLength: 8 }).map((parts) => Buffer.from(parts.join('')));
  const part = fc.oneof(
    valid.map((content) => ({ content, bytes: frame(content) })),
    mutated.map((bytes) => ({ content: undefined, bytes })),
    junk.map((bytes) => ({ content: undefined, bytes })),
  );
  const isValid = (decoded: object): boolean => 'valid' in decoded;

  test('every valid frame is read, in order, whatever stands between them', () => {
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
        (parts, sizes) => {
          const bytes = Buffer.concat(parts.map((one) => one.bytes));
          const chunks: Buffer[] = [];
          for (let at = 0, index = 0; at < bytes.length; index++) {
            const size = sizes[index % sizes.length] ?? 1;
            chunks.push(bytes.subarray(at, at + size));
            at += size;
          }
          const { messages, largestBuffer } = decode(chunks);
          expect(messages.filter(isValid)).toEqual(
            parts.flatMap(({ content }) => (content === undefined ? [] : [content])),
          );
          expect(largestBuffer).toBeLessThan(80_000);
        },
      ),
      { seed: 20_261_120, numRuns: 3000 },
    );
  });
});
