import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createAnswerKeys } from '../../src/cache/key.ts';
import { type ChatRequest, chatRequest } from '../../src/domain/chat.ts';
import { type CompletionRequest, completionRequest } from '../../src/domain/completion.ts';
import type { ProviderEntry } from '../../src/domain/provider-entry.ts';
import { contextAt } from '../support/code-context.ts';

const secret = Buffer.alloc(32, 7);
const entry: ProviderEntry = {
  id: 'mine',
  kind: 'openai-compatible',
  model: 'coder',
  baseUrl: 'https://models.example/v1',
  headers: { 'x-tenant': 'a' },
  requestOptions: { top_k: 4 },
};
const keys = createAnswerKeys({ secret, version: '1', entry, model: 'coder' });

const text = fc.string({ maxLength: 12 });
const place = fc.record({ line: fc.nat(9), character: fc.nat(9) });
const context = fc.record({
  path: text,
  languageId: text,
  prefix: text,
  suffix: text,
  position: place,
  snippets: fc.array(
    fc.record({
      path: text,
      range: fc.record({ start: place, end: place }),
      text,
      reason: fc.constant('similar' as const),
      score: fc.nat(9),
    }),
    { minLength: 1, maxLength: 2 },
  ),
  recentEdits: fc.array(text, { minLength: 1, maxLength: 2 }),
  diagnostics: fc.array(text, { minLength: 1, maxLength: 2 }),
  tokens: fc.nat(9),
  redactions: fc.nat(9),
});
const extension = fc.dictionary(text, fc.oneof(text, fc.nat(9), fc.array(text, { maxLength: 2 })), { maxKeys: 2 });
const completions: fc.Arbitrary<CompletionRequest> = context
  .map((made) => ({ ...made, uri: 'file:///a', snippets: made.snippets.map((one) => ({ ...one, uri: 'file:///b' })) }))
  .chain((made) =>
    fc.record({
      context: fc.constant(made),
      shape: fc.constantFrom('line' as const, 'block' as const),
      maxLines: fc.nat(9),
      maxTokens: fc.nat(9),
      candidates: fc.nat(9),
      trigger: fc.constantFrom('automatic' as const, 'explicit' as const),
      temperature: fc.constant(0),
      extension,
    }),
  );
const chats: fc.Arbitrary<ChatRequest> = fc.record({
  messages: fc.array(
    fc.record({ role: fc.constantFrom('system' as const, 'user' as const, 'assistant' as const), content: text }),
    { minLength: 1, maxLength: 3 },
  ),
  model: text,
  maxTokens: fc.nat(9),
  temperature: fc.constant(0),
  extension,
});

type Json = unknown;

/** Every way to change one thing in a value: a leaf becomes another one, a member or element goes away. */
function* changes(value: Json, path = ''): Generator<{ readonly path: string; readonly changed: Json }> {
  if (typeof value === 'string') yield { path, changed: `${value}x` };
  else if (typeof value === 'number') yield { path, changed: value + 1 };
  else if (Array.isArray(value)) {
    for (const [index, element] of value.entries()) {
      yield { path: `${path}.${index}`, changed: value.toSpliced(index, 1) };
      for (const one of changes(element, `${path}.${index}`)) {
        yield { path: one.path, changed: value.with(index, one.changed) };
      }
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(value)) {
      const { [name]: _, ...others } = value as Record<string, unknown>;
      if (path === '.extension') yield { path: `${path}.${name}`, changed: others };
      for (const one of changes(member, `${path}.${name}`)) {
        yield { path: one.path, changed: { ...others, [name]: one.changed } };
      }
    }
  }
}

/** The same value with every object written in the opposite order. */
function turned(value: Json): Json {
  if (Array.isArray(value)) return value.map(turned);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([name, member]) => [name, turned(member)]),
  );
}

const settings = { seed: 4, numRuns: 60 };

test('whatever is changed in a completion changes its key, but for where the workspace lies', () => {
  fc.assert(
    fc.property(completions, (request) => {
      const before = keys.completion(request);
      for (const { path, changed } of changes(request)) {
        if (path === '.temperature') continue;
        const same = keys.completion(changed as CompletionRequest) === before;
        expect({ path, same }).toEqual({ path, same: path.endsWith('.uri') });
      }
    }),
    settings,
  );
});

test('whatever is changed in a chat changes its key', () => {
  fc.assert(
    fc.property(chats, (request) => {
      const before = keys.chat(request);
      for (const { path, changed } of changes(request)) {
        if (path === '.temperature') continue;
        expect({ path, same: keys.chat(changed as ChatRequest) === before }).toEqual({ path, same: false });
      }
    }),
    settings,
  );
});

test('the order in which fields are written does not', () => {
  fc.assert(
    fc.property(completions, chats, (completion, chat) => {
      expect(keys.completion(turned(completion) as CompletionRequest)).toBe(keys.completion({ ...completion }));
      expect(keys.chat(turned(chat) as ChatRequest)).toBe(keys.chat({ ...chat }));
    }),
    settings,
  );
});

const completion = completionRequest({ context: contextAt('a█') });
const chat = chatRequest([{ role: 'user', content: 'Why?' }]);

test.each<[string, Partial<Parameters<typeof createAnswerKeys>[0]>]>([
  ['the secret', { secret: Buffer.alloc(32, 8) }],
  ['the version', { version: '2' }],
  ['the model', { model: 'other' }],
  ['the provider', { entry: { ...entry, id: 'other' } }],
  ['the origin', { entry: { ...entry, baseUrl: 'https://other.example/v1' } }],
  ['a header', { entry: { ...entry, headers: { 'x-tenant': 'b' } } }],
  ['an option', { entry: { ...entry, requestOptions: { top_k: 5 } } }],
  ['a parameter', { entry: { ...entry, reasoningEffort: 'high' } }],
])('%s is part of it', (_, change) => {
  const others = createAnswerKeys({ secret, version: '1', entry, model: 'coder', ...change });
  expect(others.completion(completion)).not.toBe(keys.completion(completion));
  expect(others.chat(chat)).not.toBe(keys.chat(chat));
});

test('half a surrogate pair is not any other, and what stands in a text is no structure', () => {
  const keyOf = (...contents: string[]) =>
    keys.chat(chatRequest(contents.map((content) => ({ role: 'user', content }))));
  expect(keyOf('\uD83D')).not.toBe(keyOf('\uD83E'));
  expect(keyOf('a', 'b')).not.toBe(keyOf('a","role":"user",},{"content":"b'));
});

test('who pays and how long it may take are not', () => {
  const others = createAnswerKeys({
    secret,
    version: '1',
    entry: { ...entry, apiKey: { env: 'MINE' }, timeout: 5 },
    model: 'coder',
  });
  expect(others.chat(chat)).toBe(keys.chat(chat));
});

test('a request with a temperature has none: it wants another answer each time', () => {
  expect(keys.chat({ ...chat, temperature: 0.7 })).toBeUndefined();
  expect(keys.completion({ ...completion, temperature: 0.1 })).toBeUndefined();
  expect(keys.chat({ ...chat, temperature: 0 })).toMatch(/^[\w-]{43}$/);
});
