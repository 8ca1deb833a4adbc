/** Ghost text and the completion list through the built server, with a provider that is under the test's control. */
import { describe, expect, test } from 'vitest';
import { AUTOMATIC, at, inline, lastReason, range, startLocal, startRemote, texts, uri } from './setup.ts';

describe('ghost text', () => {
  test('comes with a range at the cursor and the command that accepts it', async () => {
    const { server, fake } = await startRemote();
    server.open(uri, 'const answer = ');
    const request = inline(server, 0, 15);
    const exchange = fake.control(await fake.nextRequest());
    await exchange.send('fortyTwo();\nconst rest');
    expect(await request.response).toEqual({
      items: [
        {
          insertText: 'fortyTwo();',
          range: range(0, 15),
          command: { title: expect.any(String), command: 'inkling.acceptCompletion', arguments: [expect.any(String)] },
        },
      ],
    });
  });

  test('closes the connection once the line is whole, long before the model has finished', async () => {
    const { server, fake } = await startRemote();
    server.open(uri, 'const answer = ');
    const request = inline(server, 0, 15);
    const upstream = await fake.nextRequest();
    const exchange = fake.control(upstream);
    await exchange.send('fortyTwo();\n');
    expect(texts(await request.response)).toEqual(['fortyTwo();']);
    await upstream.closed;
    expect(exchange.isClosed).toBe(true);
  });

  test('keeps following the typing without asking again, for the length of the suggestion', async () => {
    const { server, fake } = await startRemote();
    server.open(uri, '');
    const first = inline(server, 0, 0);
    const suggestion = 'const total = 1 + 2 + 3;';
    const exchange = fake.control(await fake.nextRequest());
    await exchange.send(`${suggestion}\n\n\n`);
    await exchange.end();
    expect(texts(await first.response)).toEqual([suggestion]);
    for (let typed = 1; typed < suggestion.length; typed += 1) {
      server.change(uri, suggestion[typed - 1] ?? '', range(0, typed - 1));
      expect(texts(await inline(server, 0, typed, AUTOMATIC).response)).toEqual([suggestion.slice(typed)]);
    }
    expect(fake.requests).toHaveLength(1);
  });

  test('counts places in UTF-16 and never splits a character', async () => {
    const { server, fake } = await startRemote();
    server.open(uri, 'const μ = "😀"; ');
    const request = inline(server, 0, 16);
    const upstream = await fake.nextRequest();
    expect(upstream.body['prompt']).toContain('const μ = "😀"; <|fim_suffix|><|fim_middle|>');
    const exchange = fake.control(upstream);
    await exchange.send('f("é😀");\n');
    expect(await request.response).toMatchObject({ items: [{ insertText: 'f("é😀");', range: range(0, 16) }] });
    const inside = inline(server, 0, 12);
    await fake.control(await fake.nextRequest()).send('x\n');
    expect((await inside.response).items[0].range.start).toEqual(at(0, 11));
  });

  test('in a document with CRLF, prompts and answers have LF alone', async () => {
    const { server, fake } = await startRemote();
    server.open(uri, 'function f() {\r\n  a();\r\n  \r\n}\r\n');
    const request = inline(server, 2, 2);
    const upstream = await fake.nextRequest();
    expect(upstream.text).not.toContain('\\r');
    const exchange = fake.control(upstream);
    await exchange.send('b();\r\n  c();');
    await exchange.end();
    expect(texts(await request.response)).toEqual(['b();\n  c();']);
    server.change(uri, 'b();\r\n', range(2, 2));
    expect(texts(await inline(server, 3, 0, AUTOMATIC).response)).toEqual(['  c();']);
  });

  test('understands the trigger kinds of both protocol versions', async () => {
    const { server } = await startRemote({ settings: { completion: { trigger: 'manual' } } });
    server.open(uri, 'a');
    await inline(server, 0, 1, 2).response;
    expect(await lastReason(server)).toMatchObject({ trigger: 'automatic' });
    const legacy = await startRemote({ settings: { completion: { trigger: 'manual', enabled: false } } });
    legacy.server.open(uri, 'a');
    await inline(legacy.server, 0, 1, 0).response;
    expect(await lastReason(legacy.server)).toMatchObject({ trigger: 'explicit' });
    await inline(legacy.server, 0, 1, 1).response;
    expect(await lastReason(legacy.server)).toMatchObject({ trigger: 'automatic' });
  });

  test('of a 10 MB document sends a small part of it', async () => {
    const { server, fake } = await startRemote();
    const line = 'const value = compute(1, 2, 3);\n';
    const lines = Math.ceil((10 * 1024 * 1024) / line.length);
    server.open(uri, line.repeat(lines));
    const middle = Math.floor(lines / 2);
    server.change(uri, 'const other = ', range(middle, 0));
    const request = inline(server, middle, 14);
    const upstream = await fake.nextRequest();
    expect(upstream.text.length).toBeLessThan(64 * 1024);
    await fake.control(upstream).send('f();\n');
    expect(texts(await request.response)).toEqual(['f();']);
  });
});

describe('one request at a time', () => {
  test('an edit answers the older request with -32800, before the newer answer, and closes its connection', async () => {
    const { server, fake } = await startRemote();
    server.open(uri, '');
    const first = inline(server, 0, 0);
    const upstream = await fake.nextRequest();
    server.change(uri, 'a', range(0, 0));
    const second = inline(server, 0, 1);
    expect(await first.failure).toMatchObject({ code: -32800 });
    await upstream.closed;
    await fake.control(await fake.nextRequest()).send('bc;\n');
    expect(texts(await second.response)).toEqual(['bc;']);
    expect(server.answered.indexOf(first.id)).toBeLessThan(server.answered.indexOf(second.id));
  });

  test('closing the document answers what waits and closes its connection', async () => {
    const { server, fake } = await startRemote();
    server.open(uri, '');
    const request = inline(server, 0, 0);
    const upstream = await fake.nextRequest();
    server.notify('textDocument/didClose', { textDocument: { uri } });
    expect(await request.failure).toMatchObject({ code: -32800 });
    await upstream.closed;
  });

  test('shutting down in the middle answers everything once and closes the connection', async () => {
    const { server, fake } = await startRemote();
    server.open(uri, '');
    const request = inline(server, 0, 0);
    const upstream = await fake.nextRequest();
    const shutdown = server.request('shutdown');
    expect(await shutdown.response).toBeNull();
    server.notify('exit');
    expect(await server.exited).toEqual({ code: 0, signal: null });
    await upstream.closed;
    expect(server.answered.filter((id) => id === request.id).length).toBeLessThanOrEqual(1);
  });

  test('a storm of keys asks little and answers every request once', async () => {
    const { server, fake } = await startRemote();
    server.open(uri, '');
    const requests = [];
    for (let key = 0; key < 200; key += 1) {
      server.change(uri, 'a', range(0, key));
      requests.push(inline(server, 0, key + 1, AUTOMATIC));
    }
    await fake.control(await fake.nextRequest()).send('b;\n');
    const last = requests.at(-1);
    expect(texts(await last?.response)).toEqual(['b;']);
    const others = await Promise.all(requests.slice(0, -1).map((request) => request.failure));
    expect(others.every(({ code }) => code === -32800)).toBe(true);
    expect(fake.requests).toHaveLength(1);
    expect(new Set(server.answered).size).toBe(server.answered.length);
  });
});

describe('the completion list', () => {
  const list = (line: number, character: number) => ({ textDocument: { uri }, position: at(line, character) });

  test('is offered where ghost text is not, and only there', async () => {
    const helix = await startLocal({ capabilities: {}, clientName: 'helix' });
    expect(helix.initialized.capabilities.completionProvider).toBeDefined();
    const lspMode = await startLocal({
      capabilities: { textDocument: { inlineCompletion: null } },
      clientName: 'emacs',
    });
    expect(lspMode.initialized.capabilities.completionProvider).toBeUndefined();
    const both = await startLocal({ initializationOptions: { completion: { surface: 'both' } } });
    expect(both.initialized.capabilities.completionProvider).toBeDefined();
    expect(both.initialized.capabilities.inlineCompletionProvider).toBe(true);
  });

  const snippets = { textDocument: { completion: { completionItem: { snippetSupport: true } } } };

  test.each([
    ['helix', snippets, 2, 'answer() {\n  return \\$1;\n\\}'],
    ['Eglot', {}, 1, 'answer() {\n    return $1;\n  }'],
    ['plain', {}, 1, 'answer() {\n  return $1;\n}'],
  ])('writes several lines the way %s inserts them', async (clientName, capabilities, insertTextFormat, newText) => {
    const { server, fake } = await startRemote({ capabilities, clientName });
    server.open(uri, 'class A {\n  ans\n}\n');
    server.change(uri, 'wer() {', range(1, 5));
    const request = server.request('textDocument/completion', list(1, 12));
    const exchange = fake.control(await fake.nextRequest());
    await exchange.send('\n    return $1;\n  }\n');
    await exchange.end();
    const { isIncomplete, items } = await request.response;
    expect(isIncomplete).toBe(true);
    expect(items[0]).toMatchObject({
      insertTextFormat,
      textEdit: { range: range(1, 12), newText: newText.slice('answer() {'.length) },
    });
  });

  test('puts the typed word first, so that editors filter it rightly', async () => {
    const { server, fake } = await startRemote({ capabilities: {} });
    server.open(uri, 'x = fooB');
    const request = server.request('textDocument/completion', list(0, 8));
    await fake.control(await fake.nextRequest()).send('ar(a, b);\n');
    const { items } = await request.response;
    expect(items[0]).toMatchObject({
      label: 'fooBar(a, b);',
      filterText: 'fooBar(a, b);',
      textEdit: { range: range(0, 4, 8), newText: 'fooBar(a, b);' },
      documentation: { kind: 'markdown', value: '```typescript\nfooBar(a, b);\n```' },
    });
  });

  test('is one edit, also over the brackets that the editor has closed', async () => {
    const { server, fake } = await startRemote({ capabilities: {} });
    server.open(uri, 'log(it)');
    const request = server.request('textDocument/completion', list(0, 6));
    await fake.control(await fake.nextRequest()).send('ems.length); // all\n');
    const { items } = await request.response;
    expect(items[0]).toMatchObject({ textEdit: { range: range(0, 4, 7), newText: 'items.length); // all' } });
    expect(items[0]).not.toHaveProperty('additionalTextEdits');
  });

  test('names a suggestion that begins with a line break by the line after it', async () => {
    const { server, fake } = await startRemote({ capabilities: {} });
    server.open(uri, 'const f = () =>');
    const request = server.request('textDocument/completion', list(0, 15));
    const exchange = fake.control(await fake.nextRequest());
    await exchange.send('\n  g();\n');
    await exchange.end();
    expect((await request.response).items[0].label).toBe('↵ g();');
  });

  test('does not make the editor wait: a slow answer is kept for the next request', async () => {
    const { server, fake } = await startRemote({ capabilities: {} });
    server.open(uri, 'x = ');
    const first = server.request('textDocument/completion', list(0, 4));
    const exchange = fake.control(await fake.nextRequest());
    expect(await first.response).toEqual({ isIncomplete: true, items: [] });
    await exchange.send('late();\n');
    const second = server.request('textDocument/completion', list(0, 4));
    expect((await second.response).items[0].textEdit.newText).toBe('late();');
    expect(fake.requests).toHaveLength(1);
  });
});
