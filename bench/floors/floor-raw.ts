/** A completion server with no library at all: JSON-RPC by hand, one streamed call per request, aborted on cancel. */
import { type ContentChange, change, open, type Position, textAround } from './documents.ts';
import { streamCompletion } from './stream-completion.ts';

interface Message {
  readonly id?: number;
  readonly method: string;
  readonly params: {
    readonly id?: number;
    readonly initializationOptions?: { readonly providers: { readonly bench: { readonly baseUrl: string } } };
    readonly textDocument: { readonly uri: string; readonly text: string };
    readonly contentChanges: readonly ContentChange[];
    readonly position: Position;
  };
}

const running = new Map<number, { abort(): void }>();
let url = '';
let buffer: Buffer = Buffer.alloc(0);

process.stdin.on('data', (chunk: Buffer) => {
  buffer = buffer.length === 0 ? chunk : Buffer.concat([buffer, chunk]);
  while (true) {
    const end = buffer.indexOf('\r\n\r\n');
    if (end === -1) return;
    const length = Number(buffer.toString('latin1', 'Content-Length: '.length, end));
    if (buffer.length < end + 4 + length) return;
    const body = buffer.toString('utf8', end + 4, end + 4 + length);
    buffer = buffer.subarray(end + 4 + length);
    receive(JSON.parse(body) as Message);
  }
});
process.stdin.on('end', () => process.exit(0));

function reply(id: number, answer: { readonly result: unknown } | { readonly error: object }): void {
  const body = JSON.stringify({ jsonrpc: '2.0', id, ...answer });
  process.stdout.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}

function receive({ id = -1, method, params }: Message): void {
  if (method === 'initialize') {
    url = params.initializationOptions?.providers.bench.baseUrl ?? '';
    reply(id, { result: { capabilities: { textDocumentSync: 2, inlineCompletionProvider: true } } });
  } else if (method === 'textDocument/didOpen') open(params.textDocument.uri, params.textDocument.text);
  else if (method === 'textDocument/didChange') change(params.textDocument.uri, params.contentChanges);
  else if (method === 'textDocument/inlineCompletion') complete(id, params.textDocument.uri, params.position);
  else if (method === '$/cancelRequest') running.get(params.id ?? -1)?.abort();
  else if (method === 'shutdown') reply(id, { result: null });
}

function complete(id: number, uri: string, position: Position): void {
  const call = streamCompletion(url, textAround(uri, position), (text) => {
    running.delete(id);
    if (text === undefined) reply(id, { error: { code: -32800, message: 'cancelled' } });
    else reply(id, { result: [{ insertText: text, range: { start: position, end: position } }] });
  });
  running.set(id, call);
}
