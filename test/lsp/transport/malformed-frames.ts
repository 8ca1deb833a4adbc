/** Frames that are none, each with what is wrong with it. After every one of them the next valid frame must be read. */

const BODY = '{"jsonrpc":"2.0","id":99,"method":"malformed"}';
const LENGTH = BODY.length;
const END = '\r\n\r\n';

const withLength = (length: number | string): string => `Content-Length: ${length}${END}${BODY}`;
const withBody = (body: string): string => `Content-Length: ${Buffer.byteLength(body)}${END}${body}`;

export const MALFORMED_FRAMES: readonly (readonly [fault: string, bytes: string | Buffer])[] = [
  ['a length that is no number', withLength('many')],
  ['an empty length', withLength('')],
  ['a negative length', withLength(-5)],
  ['a length with a sign', withLength(`+${LENGTH}`)],
  ['a fractional length', withLength(`${LENGTH}.5`)],
  ['a hexadecimal length', withLength('0x2e')],
  ['a length of zero before a body', withLength(0)],
  ['a length 3 too short', withLength(LENGTH - 3)],
  ['a length 3 too long', withLength(LENGTH + 3)],
  ['a length 60 too long', withLength(LENGTH + 60)],
  ['a length of 9e9', withLength(9_000_000_000)],
  ['a length of 1e30', withLength(`1${'0'.repeat(30)}`)],
  ['a body cut off in the middle of a string', withLength(LENGTH).slice(0, -20)],
  ['a header cut off inside a line', 'Content-Length: 4\r\nContent-Type: '],
  ['a header cut off inside a name', 'Content-Length: 4\r\nX-'],
  ['no length', `Content-Type: application/json${END}${BODY}`],
  ['no header', BODY],
  ['a header without a colon', `Content-Length ${LENGTH}${END}${BODY}`],
  ['two lengths', `Content-Length: ${LENGTH}\r\nContent-Length: 7${END}${BODY}`],
  ['no blank line after the header', `Content-Length: ${LENGTH}\r\n${BODY}`],
  ['line feeds alone', `Content-Length: ${LENGTH}\n\n${BODY}`],
  ['a byte order mark', `\uFEFF${withLength('x')}`],
  ['1 MB without a line break', 'x'.repeat(1024 * 1024)],
  ['a header that never ends', 'X-Filler: y\r\n'.repeat(100_000)],
  ['a body that is no JSON', withBody('{"id": }')],
  ['a body of null', withBody('null')],
  ['a body that is a batch', withBody(`[${BODY}]`)],
  [
    'a body in another encoding',
    Buffer.concat([Buffer.from(`Content-Length: 8${END}`), Buffer.from('{"a"', 'utf16le')]),
  ],
  ['bytes that are no text', Buffer.from(Array.from({ length: 512 }, (_, index) => (index * 37) % 256))],
  ['JSON nested beyond any stack', withBody(`${'['.repeat(20_000)}1`)],
];
