import { expect, test } from 'vitest';
import { parseRedisAddress } from '../../src/cache/redis-address.ts';

test.each([
  ['redis://cache', { tls: false, cluster: false, nodes: [{ host: 'cache', port: 6379 }], database: 0 }],
  ['redis://10.0.0.1:7000/3', { nodes: [{ host: '10.0.0.1', port: 7000 }], database: 3 }],
  ['rediss://cache.example', { tls: true, cluster: false }],
  [
    'REDISS+CLUSTER://a:1,b,[::1]:3',
    {
      tls: true,
      cluster: true,
      nodes: [
        { host: 'a', port: 1 },
        { host: 'b', port: 6379 },
        { host: '::1', port: 3 },
      ],
    },
  ],
  ['redis://team:a%3Ab@c:1', { username: 'team', nodes: [{ host: 'c', port: 1 }] }],
])('%s', (text, expected) => {
  expect(parseRedisAddress(text)).toMatchObject(expected);
});

test('user and password may be missing, escaped, or hold what an address does not', () => {
  const passwordOf = (text: string) => parseRedisAddress(text)?.password?.reveal();
  expect(passwordOf('redis://team:a%3Ab@c')).toBe('a:b');
  expect(passwordOf('redis://team:a:b%@c')).toBe('a:b%');
  expect(passwordOf('redis://:secret@c')).toBe('secret');
  expect(passwordOf('redis://c')).toBeUndefined();
  expect(parseRedisAddress('redis://:secret@c')?.username).toBeUndefined();
  expect(JSON.stringify(parseRedisAddress('redis://team:hidden@c'))).not.toContain('hidden');
});

test.each([
  '',
  'http://cache',
  'redis://',
  'redis://a b',
  'redis://a,b',
  'redis://a:port',
  'redis://a/x',
  'redis://u@',
])('refuses %j', (text) => {
  expect(parseRedisAddress(text)).toBeUndefined();
});
