/**
 * The real services, with real keys from the environment, through the built server: one completion, one chat, one cancel
 * each. Never part of the other tests: this costs money and needs a network. `npm run test:live` runs it.
 */
import { describe, expect, onTestFinished, test } from 'vitest';
import { builtInProviderIds, vendorOf } from '../../src/config/vendors.ts';
import { type Json, startServer, type TestServer } from '../support/server.ts';

/** Milliseconds; a model may think, or the vendor be busy. */
const PATIENCE = 90_000;
/** How the network is reached is this machine's own business. */
const NETWORK = [
  'HTTPS_PROXY',
  'HTTP_PROXY',
  'NO_PROXY',
  'https_proxy',
  'http_proxy',
  'no_proxy',
  'NODE_EXTRA_CA_CERTS',
];
const CANCELLED = -32800;

const uri = 'file:///project/geometry.js';
const code = `export function areaOfRectangle(width, height) {
  return width * height;
}

export function areaOfTriangle(base, height) {
  return `;

function set(variable: string): boolean {
  return (process.env[variable] ?? '') !== '';
}

async function start(id: string): Promise<TestServer> {
  const names = [...vendorOf(id as (typeof builtInProviderIds)[number]).keyVariables, ...NETWORK].filter(set);
  const server = await startServer({
    environment: Object.fromEntries(names.map((name) => [name, process.env[name] ?? ''])),
    initializationOptions: {
      // Other models or addresses than the defaults, where somebody wants to try them.
      ...JSON.parse(process.env['INKLING_LIVE_SETTINGS'] ?? '{}'),
      provider: id,
      completion: { fallback: [] },
    },
  });
  onTestFinished(() => server.stop());
  return server;
}

const vendors = builtInProviderIds.filter((id) => vendorOf(id).keyVariables.length > 0);

describe.each(vendors)('%s', (id) => {
  const variables = vendorOf(id).keyVariables;
  const isConfigured = variables.some(set);
  const hint = isConfigured ? '' : ` (skipped: set ${variables.join(' or ')})`;
  const live = test.skipIf(!isConfigured);

  live(`completes${hint}`, { timeout: PATIENCE }, async () => {
    const server = await start(id);
    server.open(uri, `${code}\n}\n`, 'javascript');
    const lines = code.split('\n');
    const position = { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 };
    const context = { triggerKind: 1 };
    const asked = { textDocument: { uri }, position, context };
    const { items } = await server.request('textDocument/inlineCompletion', asked).response;
    const { requests } = await server.request('inkling/explain', {}).response;
    expect(requests[0], requests[0]?.reason).toMatchObject({ outcome: 'offered', provider: id });
    expect(items[0].insertText).toMatch(/base|height/);
  });

  live(`streams a chat${hint}`, { timeout: PATIENCE }, async () => {
    const server = await start(id);
    const answer = await server.request('inkling/chat', {
      messages: [{ role: 'user', content: 'Count from one to twenty in English words, separated by spaces.' }],
      partialResultToken: 'live',
    }).response;
    expect(answer).toMatchObject({ provider: id, finishReason: 'stop', cached: false });
    expect(answer.message.content).toMatch(/two three four[\s\S]*twenty/i);
    expect(answer.usage.outputTokens).toBeGreaterThan(0);
    const deltas = server.notifications.flatMap(({ method, params }: Json) =>
      method === '$/progress' && params.token === 'live' ? [params.value.delta] : [],
    );
    expect(deltas.join('')).toBe(answer.message.content);
  });

  live(`stops when it is cancelled${hint}`, { timeout: PATIENCE }, async () => {
    const server = await start(id);
    const request = server.request('inkling/chat', {
      messages: [{ role: 'user', content: 'Count from one to a thousand in English words.' }],
      partialResultToken: 'live',
    });
    await server.nextNotification('$/progress', ({ token }) => token === 'live');
    request.cancel();
    expect(await request.failure).toMatchObject({ code: CANCELLED });
    const { providers } = await server.request('inkling/stats', {}).response;
    expect(providers[id]).toMatchObject({ requests: 1, cancellations: 1, errors: {} });
  });
});
