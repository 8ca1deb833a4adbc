/** A mistake in the settings file is found where a person would point at it. */
import { expect, test } from 'vitest';
import { locateIssue } from '../../src/config/locate-issue.ts';

const file = `{
  // comments count as lines
  "provider": "x",\r
  "completion": {
    "debounce": { "max": 1 }
  },
  "profiles": { "p": { "provider": "y" } }
}
`;

const issue = (path: string, layer: 'user' | 'profile' = 'user', got = '') => ({ layer, path, expected: '', got });

test.each([
  ['provider', '3:3'],
  ['completion.debounce.max', '5:19'],
  ['completion.debounce.min', '5:5'],
  ['completion.nothing.there', '4:3'],
  ['profiles.p.provider', '7:24'],
])('%s is at %s', (path, place) => {
  const found = locateIssue(issue(path), file, undefined);
  expect(`${found?.line}:${found?.column}`).toBe(place);
});

test('what a profile says is found in the profile, and elsewhere where that does not say it', () => {
  expect(locateIssue(issue('provider', 'profile'), file, 'p')).toEqual({ line: 7, column: 24 });
  expect(locateIssue(issue('provider', 'profile'), file, 'q')).toEqual({ line: 3, column: 3 });
});

test('a file that cannot be read says itself where', () => {
  expect(locateIssue(issue('', 'user', 'colon expected at 2:14; value expected at 3:1'), '', undefined)).toEqual({
    line: 2,
    column: 14,
  });
});

test('a byte order mark takes no column', () => {
  expect(locateIssue(issue('provider'), '\uFEFF{"provider": 1}', undefined)).toEqual({ line: 1, column: 2 });
});

test('what the file does not say has no place', () => {
  expect(locateIssue(issue('chat.provider'), file, undefined)).toBeUndefined();
  expect(locateIssue(issue('provider'), '', undefined)).toBeUndefined();
});
