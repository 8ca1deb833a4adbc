/** Every way a connection fails, as its errors come from the platform, and what the user is told. */
import { expect, test } from 'vitest';
import { AiError } from '../../../src/domain/ai-error.ts';
import { networkError } from '../../../src/providers/http/network-error.ts';

function coded(code: string, cause?: unknown): Error {
  return Object.assign(new Error('internal words', { cause }), code === '' ? {} : { code });
}

const direct = { provider: 'p', url: new URL('https://api.example/v1'), proxy: undefined };
const proxied = { ...direct, proxy: 'proxy.example:8080' };

test.each([
  ['ENOTFOUND', 'The host api.example cannot be found', true],
  ['EAI_AGAIN', 'The host api.example cannot be found', true],
  ['ECONNREFUSED', 'Nothing answers at api.example', true],
  ['ECONNRESET', 'closed the connection', true],
  ['UND_ERR_SOCKET', 'closed the connection', true],
  ['EHOSTUNREACH', 'cannot be reached', true],
  ['UND_ERR_CONNECT_TIMEOUT', 'within 10 seconds', true],
  ['CERT_HAS_EXPIRED', 'has expired', false],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'belongs to another host', false],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'network.caFile', false],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'network.caFile', false],
  ['EPROTO', 'does not speak TLS', false],
  ['UND_ERR_HEADERS_OVERFLOW', 'did not answer in HTTP', false],
  ['EWHATEVER', 'EWHATEVER', true],
])('%s', (code, words, retryable) => {
  const error = networkError(coded(code), direct);
  expect(error).toMatchObject({ kind: 'network', provider: 'p', retryable });
  expect(error.message).toContain(words);
  // One vendor's SDK takes every error with these words for its own time-out, and drops what was said.
  expect(String(error)).not.toMatch(/timed? ?out/i);
  expect(error.cause).toBeUndefined();
});

test('through a proxy it is the proxy that is named', () => {
  expect(networkError(coded('ENOTFOUND'), proxied).message).toContain('The proxy proxy.example:8080 cannot be found');
  expect(networkError(coded('ECONNREFUSED'), proxied).message).toContain('The proxy proxy.example:8080 refuses');
  expect(networkError(coded('CERT_HAS_EXPIRED'), proxied).message).toContain('through the proxy proxy.example:8080');
  expect(networkError(new Error('Proxy response (403) !== 200'), proxied).message).toContain('status 403');
});

test('silence is a time-out', () => {
  expect(networkError(coded('UND_ERR_BODY_TIMEOUT'), direct).kind).toBe('timeout');
});

test('the reason may lie deep, or be the first of several addresses', () => {
  expect(networkError(coded('', coded('', coded('ECONNRESET'))), direct).message).toContain('closed the connection');
  const several = new AggregateError([coded('ECONNREFUSED'), coded('ENETUNREACH')]);
  expect(networkError(several, direct).message).toContain('Nothing answers');
});

test('an error of ours stays what it is', () => {
  const ours = new AiError('server', 'p', 'x');
  expect(networkError(ours, direct)).toBe(ours);
});
