/** The demo's language client, against servers of a few lines that do what servers do, well and badly. */
import { expect, onTestFinished, test } from 'vitest';
import { type LspClient, startLspServer } from '../../src/cli/lsp-client.ts';

/** `send(message)` writes a frame; `on(handler)` gets every message. */
const helpers = `
  const send = (message) => {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message });
    process.stdout.write('Content-Length: ' + Buffer.byteLength(body) + '\\r\\n\\r\\n' + body);
  };
  const on = (handler) => {
    let rest = '';
    process.stdin.setEncoding('utf8').on('data', (text) => {
      rest += text;
      for (let match; (match = /^Content-Length: (\\d+)\\r\\n\\r\\n/.exec(rest)) && rest.length >= match[0].length + Number(match[1]); ) {
        const end = match[0].length + Number(match[1]);
        handler(JSON.parse(rest.slice(match[0].length, end)));
        rest = rest.slice(end);
      }
    });
  };`;

function start(script: string, signal = new AbortController().signal): LspClient {
  const client = startLspServer([process.execPath, '-e', helpers + script], signal);
  onTestFinished(() => client.close());
  return client;
}

/** Ends as servers do. */
const wellBehaved = `on((message) => {
  if (message.method === 'shutdown') send({ id: message.id, result: null });
  if (message.method === 'exit') process.exit(0);
`;

test('answers find their questions, whatever their order', async () => {
  const client = start(`const kept = []; ${wellBehaved}
    if (message.method !== 'ask') return;
    kept.unshift(message);
    if (kept.length === 2) for (const { id, params } of kept) send({ id, result: 'µ' + params });
  });`);
  expect(await Promise.all([client.request('ask', 1), client.request('ask', 2)])).toEqual(['µ1', 'µ2']);
});

test('an error of the server is an error, with its method', async () => {
  const client = start(
    `${wellBehaved} if (message.method === 'ask') send({ id: message.id, error: { code: -1, message: 'no' } }); });`,
  );
  await expect(client.request('ask', {})).rejects.toThrow('ask: no');
});

test('a frame in pieces and frames in one piece are read alike', async () => {
  const client = start(`${wellBehaved}
    if (message.method !== 'ask') return;
    const body = JSON.stringify({ jsonrpc: '2.0', method: 'told', params: 'é👍' });
    const frame = Buffer.from('Content-Length: ' + Buffer.byteLength(body) + '\\r\\n\\r\\n' + body);
    const all = Buffer.concat([frame, frame, frame]);
    let at = 0;
    const next = () => at < all.length ? process.stdout.write(all.subarray(at, (at += 7)), () => setImmediate(next)) : send({ id: message.id, result: 'done' });
    next();
  });`);
  const told: unknown[] = [];
  client.onNotification((method, params) => told.push([method, params]));
  expect(await client.request('ask', {})).toBe('done');
  expect(told).toEqual([
    ['told', 'é👍'],
    ['told', 'é👍'],
    ['told', 'é👍'],
  ]);
});

test("the server's own questions are answered", async () => {
  const client = start(`let asked; ${wellBehaved}
    if (message.method === 'ask') { asked = message.id; send({ id: 'mine', method: 'workspace/configuration', params: { items: [{}, {}] } }); }
    if (message.id === 'mine') send({ id: asked, result: message.result });
  });`);
  expect(await client.request('ask', {})).toEqual([null, null]);
});

test('a server that ends is reported with its code and its last words', async () => {
  const client = start(`process.stderr.write('boom\\n', () => process.exit(3));`);
  const early = client.request('ask', {});
  await expect(early).rejects.toThrow('The server ended with code 3. boom');
  await expect(client.request('ask', {})).rejects.toThrow('ended with code 3');
  await client.close();
});

test('a server that cannot be started', async () => {
  const absent = startLspServer(['/nowhere/inkling'], new AbortController().signal);
  await expect(absent.request('ask', {})).rejects.toThrow(/could not be started: .*ENOENT/);
  await absent.close();
});

test.each([
  ['no frame', 'Usage: other\\r\\n\\r\\n'],
  ['no JSON', 'Content-Length: 2\\r\\n\\r\\n{]'],
])('a program that speaks no LSP is ended: %s', async (_title, output) => {
  const client = start(`process.stdout.write('${output}'); setInterval(() => {}, 1000);`);
  await expect(client.request('ask', {})).rejects.toThrow('wrote something that is no message');
});

test('an abort ends the server', async () => {
  const controller = new AbortController();
  const client = start(`process.stdin.resume();`, controller.signal);
  const unanswered = client.request('ask', {});
  controller.abort();
  await expect(unanswered).rejects.toThrow('The server was ended by SIGKILL');
});
