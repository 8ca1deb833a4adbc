/** The event stream reader: any split of the bytes gives the same events, and nothing grows without limit. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readServerSentEvents } from '../../../src/providers/http/server-sent-events.ts';

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

async function read(chunks: AsyncIterable<Uint8Array>) {
  const events: string[] = [];
  for await (const piece of readServerSentEvents(chunks, 'p')) {
    for (const { event, data } of piece) events.push(`${event ?? ''}|${data}`);
  }
  return events;
}

const stream =
  ': hello\n\ndata: {"a":"é€😀"}\n\nevent: ping\ndata: 1\ndata: 2\n\nunknown: x\nid: 3\ndata\n\nretry: nonsense\n\n';
const expected = ['|{"a":"é€😀"}', 'ping|1\n2', '|'];

test.each(['\n', '\r\n', '\r'])('line ends %j, cut into pieces of every size', async (lineEnd) => {
  const bytes = Buffer.from(stream.replaceAll('\n', lineEnd));
  for (let size = 1; size <= bytes.length; size++) expect(await read(pieces(bytes, size))).toEqual(expected);
});

test('the last event counts though nothing follows its lone carriage return', async () => {
  expect(await read(pieces(Buffer.from('data: a\r\rdata: b\r\r'), 5))).toEqual(['|a', '|b']);
  expect(await read(pieces(Buffer.from('data: a\r\rdata: b\r'), 5))).toEqual(['|a']);
});

test('two pieces, cut at every byte', async () => {
  const bytes = Buffer.from(stream.replaceAll('\n', '\r\n'));
  for (let cut = 1; cut < bytes.length; cut++) {
    const halves = async function* () {
      yield bytes.subarray(0, cut);
      yield bytes.subarray(cut);
    };
    expect(await read(halves())).toEqual(expected);
  }
});

test('property: data survives any text and any cuts', async () => {
  const line = fc.string({ unit: 'grapheme' }).map((text) => text.replace(/[\r\n\0\uFEFF]/g, ''));
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 8 }), fc.integer({ min: 1, max: 9 }), async (lines, size) => {
      const bytes = Buffer.from(lines.map((text) => `data: ${text}\n\n`).join(''));
      expect(await read(pieces(bytes, size))).toEqual(lines.map((text) => `|${Buffer.from(text).toString()}`));
    }),
    { seed: 1, numRuns: 200 },
  );
});

test('an unfinished last event is dropped', async () => {
  expect(await read(pieces(Buffer.from('data: 1\n\ndata: 2\n'), 4))).toEqual(['|1']);
});

test('a line that does not end is given up after 256 KB', async () => {
  let fed = 0;
  const endless = async function* () {
    for (;;) {
      fed += 16 * 1024;
      yield Buffer.alloc(16 * 1024, 'x');
    }
  };
  await expect(read(endless())).rejects.toMatchObject({ kind: 'server', message: expect.stringContaining('256 KB') });
  expect(fed).toBeLessThan(300 * 1024);
});

test('a flood of events is given up', async () => {
  const flood = async function* () {
    const block = Buffer.from('data: 1\n\n'.repeat(5000));
    for (;;) yield block;
  };
  await expect(read(flood())).rejects.toMatchObject({ kind: 'server' });
});

test('nothing is read that nobody asked for', async () => {
  let pulled = 0;
  const source = async function* () {
    for (;;) {
      pulled++;
      yield Buffer.from('data: 1\n\ndata: 2\n\n');
    }
  };
  const events = readServerSentEvents(source(), 'p');
  await events.next();
  expect(pulled).toBe(1);
  await events.next();
  expect(pulled).toBe(2);
});
