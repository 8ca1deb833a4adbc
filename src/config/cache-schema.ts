/** The settings of the cache of answers, and where a team's shared one is. */
import * as z from 'zod/mini';
import { flag, group, orNull, setting, type ValueKind, wholeNumber } from './setting.ts';

const variable = () => z.strictObject({ env: z.string().check(z.maxLength(128), z.regex(/^[A-Za-z_][A-Za-z0-9_]*$/)) });

/** Either the value itself or where it is, for a file that several people share. */
type OrVariable = string | { env: string };

const redisAddress: ValueKind<OrVariable> = {
  schema: () =>
    z.union([z.string().check(z.maxLength(2048), z.regex(/^rediss?(\+cluster)?:\/\/[^\s/]+(\/\d*)?$/i)), variable()]),
  expected:
    'the address of a Redis or Valkey server, for example "rediss://user:password@cache.example:6379" ("rediss+cluster://" for a cluster), or {"env": "NAME"} with the name of the environment variable that holds it',
  secrecy: 'address',
};

const teamKey: ValueKind<OrVariable> = {
  schema: () => z.union([z.string().check(z.minLength(32), z.maxLength(4096)), variable()]),
  expected:
    'a random text of at least 32 characters, or {"env": "NAME"} with the name of the environment variable that holds it',
  secrecy: 'key',
};

export const cacheSettings = group('Answers that are given again when the same is asked again.', {
  enabled: setting(flag, true, 'Turns the cache off: every question is asked, however often it is the same.'),
  maxEntries: setting(wholeNumber(1, 100_000, 'answers'), 500, 'The most answers kept in memory.'),
  maxBytes: setting(wholeNumber(65_536, 1_073_741_824, 'bytes'), 16_777_216, 'The most memory they take together.'),
  ttl: setting(
    wholeNumber(1000, 86_400_000, 'milliseconds'),
    600_000,
    'For how long an answer is given again. A chat with a temperature of its own is always asked anew.',
  ),
  redisUrl: setting(
    orNull(redisAddress),
    null,
    'A Redis or Valkey server on which a team shares its answers and its rate limits, beside the memory of each. Needs `teamKey` and the package `ioredis`; whatever goes wrong with it, requests go on without it.',
  ),
  teamKey: setting(
    orNull(teamKey),
    null,
    'The key of everyone who shares the server at `redisUrl`. What is stored there is sealed with it: whoever has it can read and write, nobody else can do either.',
  ),
});
