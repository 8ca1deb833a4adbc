/** A provider that takes long, through the built server: what the offline engine knows is shown meanwhile. */
import { expect, test } from 'vitest';
import { AUTOMATIC, at, inline, lastReason, type RemoteOptions, startRemote, texts, uri } from './setup.ts';

const routes = ['users', 'orders', 'invoices', 'parcels']
  .map((name) => `router.get("/${name}", authenticate, (request, response) => response.json(${name}));\n`)
  .join('');
const begun = `${routes}router.get("/suppliers", auth`;
const slow: RemoteOptions = { settings: { completion: { fallback: ['workspace'], latencyBudget: 50 } } };

test('ghost text comes from the offline engine, and the late answer at the next key', async () => {
  const { server, fake } = await startRemote(slow);
  server.open(uri, begun);
  const ghost = inline(server, 4, 29, AUTOMATIC);
  const upstream = fake.control(await fake.nextRequest());
  expect(texts(await ghost.response)).toEqual([expect.stringMatching(/^enticate, \(request, response\)/)]);
  expect(await lastReason(server)).toMatchObject({
    provider: 'workspace',
    reason: expect.stringContaining('completion.latencyBudget'),
    stages: expect.arrayContaining([expect.objectContaining({ stage: 'budget' })]),
  });
  await upstream.send('enticate, suppliers);\n');
  await upstream.end();
  // The answer has been taken in when the call counts as over.
  const calls = async () => (await server.request('inkling/stats').response).providers.fake.total.p50;
  await expect.poll(calls).not.toBeNull();
  server.change(uri, 'e', { start: at(4, 29), end: at(4, 29) });
  expect(texts(await inline(server, 4, 30, AUTOMATIC).response)).toEqual(['nticate, suppliers);']);
  expect(fake.requests).toHaveLength(1);
});

test('a list gets it as well', async () => {
  const { server, fake } = await startRemote({ ...slow, capabilities: {}, clientName: 'emacs' });
  server.open(uri, begun);
  const position = { textDocument: { uri }, position: at(4, 29) };
  const list = server.request('textDocument/completion', { ...position, context: { triggerKind: 1 } });
  await fake.nextRequest();
  const { items } = await list.response;
  expect(items).toEqual([expect.objectContaining({ label: expect.stringContaining('enticate, (request') })]);
});

test('an explicit request waits for the provider', async () => {
  const { server, fake } = await startRemote(slow);
  server.open(uri, begun);
  const ghost = inline(server, 4, 29);
  const upstream = fake.control(await fake.nextRequest());
  // By the time an automatic one was answered this one would have been.
  const other = 'file:///project/other.ts';
  server.open(other, begun);
  server.change(other, 'e', { start: at(4, 29), end: at(4, 29) });
  await server.request('textDocument/inlineCompletion', {
    textDocument: { uri: other },
    position: at(4, 30),
    context: { triggerKind: AUTOMATIC },
  }).response;
  expect(server.answered).not.toContain(ghost.id);
  await upstream.send('enticate, suppliers);\n');
  await upstream.end();
  expect(texts(await ghost.response)).toEqual(['enticate, suppliers);']);
});
