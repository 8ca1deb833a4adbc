/** What the server says of itself: models, vectors, counts, the exact context, and honest refusals. */
import { expect, test } from 'vitest';
import { embeddings, errorStatus, inTurn } from '../support/fake-responders.ts';
import { at, inline, startLocal, startRemote, uri } from './setup.ts';

test('inkling/context is exactly what a completion would send', async () => {
  const { server, fake } = await startRemote();
  server.open(
    'file:///project/near.ts',
    'export function computeTotal(order: Order): number {\n  const total = order.price * order.amount;\n  return total + order.shipping;\n}\n',
  );
  server.open(uri, 'const total = computeTotal(order);\nconst next = ;\n');
  const ask = () => server.request('inkling/context', { textDocument: { uri }, position: at(1, 13) }).response;
  // Other documents are compared in the background where there was no time for them at once.
  await expect.poll(async () => (await ask()).snippets).toHaveLength(1);
  const context = await ask();
  expect(context).toMatchObject({
    prefix: 'const total = computeTotal(order);\nconst next = ',
    suffix: ';\n',
    languageId: 'typescript',
    path: 'example.ts',
    snippets: [{ uri: 'file:///project/near.ts', reason: 'similar' }],
    redactions: 0,
  });
  inline(server, 1, 13);
  const prompt = (await fake.nextRequest()).body['prompt'];
  expect(prompt).toContain(context.prefix);
  for (const line of context.snippets[0].text.split('\n')) expect(prompt).toContain(line);
});

test('a model list, vectors and a token count come from the provider', async () => {
  const { server, fake } = await startRemote({ entry: { capabilities: { embeddings: true, tokenCounting: true } } });
  fake.respond(async (exchange) => {
    await exchange.head(200, { 'content-type': 'application/json' });
    const body = exchange.request.path.endsWith('/models')
      ? { object: 'list', data: [{ id: 'fake-coder', object: 'model', created: 1, owned_by: 'fake' }] }
      : {
          object: 'list',
          model: 'fake-embed',
          data: [{ object: 'embedding', index: 0, embedding: [0.5, -1] }],
          usage: { prompt_tokens: 2, total_tokens: 2 },
        };
    await exchange.write(JSON.stringify(body));
    await exchange.close();
  });
  expect((await server.request('inkling/models', {}).response).models).toEqual([
    expect.objectContaining({ id: 'fake-coder' }),
  ]);
  expect(await server.request('inkling/embed', { input: ['one'], model: 'fake-embed' }).response).toEqual({
    vectors: [[0.5, -1]],
    model: 'fake-embed',
    dimensions: 2,
  });
  const { tokens, exact } = await server.request('inkling/countTokens', { text: 'const a = 1;' }).response;
  expect(tokens).toBeGreaterThan(1);
  expect(exact).toBe(false);
});

test('what a provider cannot do is refused with one that can', async () => {
  const server = await startLocal({ environment: { OPENAI_API_KEY: 'sk-test-0123456789' } });
  const failure = await server.request('inkling/embed', { input: ['one'] }).failure;
  expect(failure).toMatchObject({ code: -32803, data: { kind: 'unsupported', provider: 'workspace' } });
  expect(failure.message).toBe('"workspace" cannot embed text. "openai" can. Name it as "provider" of the request.');
});

test.each([
  ['inkling/setProvider', { provider: 7 }, 'provider'],
  ['inkling/context', { textDocument: {} }, 'uri'],
  ['inkling/embed', { input: [] }, 'input'],
])('%s names what is wrong with its params', async (method, params, named) => {
  const server = await startLocal();
  const failure = await server.request(method, params).failure;
  expect(failure.code).toBe(-32602);
  expect(failure.message).toContain(named);
});

test('what is embedded passes the limits of its provider: it is asked again after a failure', async () => {
  const respond = inTurn(errorStatus(500), embeddings([[1, 2]]));
  const { server, fake } = await startRemote({ fake: { respond }, settings: { resilience: { retryBaseDelay: 10 } } });
  const { vectors } = await server.request('inkling/embed', { input: ['x'] }).response;
  expect(vectors).toEqual([[1, 2]]);
  expect(fake.requests).toHaveLength(2);
});
