import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { loadRedisClient } from '../../src/cache/load-redis-client.ts';

const require = createRequire(import.meta.url);

test('no class of the client derives from String, by which every loop over a string would become slow', () => {
  expect(loadRedisClient().Redis).toBeTypeOf('function');
  const { VerbatimString } = require('ioredis/built/resp/verbatim-string.js');
  expect(Object.getPrototypeOf(VerbatimString)).not.toBe(String);
  expect(String(new VerbatimString('txt', 'said'))).toBe('said');
});
