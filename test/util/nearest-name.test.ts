/** "Did you mean": near names are found, far ones are not made up. */
import { expect, test } from 'vitest';
import { nearestName } from '../../src/util/nearest-name.ts';

const names = ['enabled', 'maxTokens', 'baseUrl', 'timeout', 'apiKey', 'provider', 'providers'];

test.each([
  ['enbaled', 'enabled'],
  ['max_tokens', 'maxTokens'],
  ['MAX-TOKENS', 'maxTokens'],
  ['baseURL', 'baseUrl'],
  ['apikey', 'apiKey'],
  ['timout', 'timeout'],
  ['provder', 'provider'],
  ['providers', 'providers'],
  ['temperature', undefined],
  ['x', undefined],
  ['', undefined],
  ['timeout'.repeat(1000), undefined],
])('%j is nearest to %j', (name, expected) => {
  expect(nearestName(name, names)).toBe(expected);
});
