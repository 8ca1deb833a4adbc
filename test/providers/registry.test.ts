import { expect, test } from 'vitest';
import type { AiProvider } from '../../src/domain/ai-provider.ts';
import type { ChatResponseChunk } from '../../src/domain/chat.ts';
import type { ProviderDependencies } from '../../src/domain/provider-entry.ts';
import { createProviderRegistry, type RegistryChange } from '../../src/providers/registry.ts';

const signal = new AbortController().signal;
const request = { messages: [] };

/** A provider whose one stream goes on until the test releases it. */
function createKind() {
  const made: string[] = [];
  const disposed: string[] = [];
  let release: () => void = () => undefined;
  const factory = (entry: { id: string; model?: string }): AiProvider => {
    const name = `${entry.id}:${entry.model}`;
    made.push(name);
    return {
      apiVersion: 1,
      name,
      model: '',
      local: true,
      capabilities: {
        streaming: true,
        codeCompletion: false,
        fim: false,
        chat: true,
        embeddings: false,
        tokenCounting: false,
        contextWindow: null,
      },
      completeCode: () => Promise.reject(new Error('not asked for')),
      chat: () => Promise.reject(new Error(`${name} fails`)),
      async *streamChat(): AsyncIterable<ChatResponseChunk> {
        yield { delta: name };
        await new Promise<void>((resolve) => {
          release = resolve;
        });
        yield { delta: '', finish: { reason: 'stop', model: '' } };
      },
      async dispose() {
        disposed.push(name);
      },
    };
  };
  return { factory, made, disposed, release: () => release() };
}

function createRegistry() {
  const kind = createKind();
  const warnings: string[] = [];
  const log = { error() {}, warn: (message: string) => void warnings.push(message), info() {}, debug() {} };
  const registry = createProviderRegistry({ log, dependenciesFor: () => ({}) as ProviderDependencies });
  registry.registerKind('test', kind.factory);
  return { registry, warnings, ...kind };
}

const entry = (model: string, id = 'one') => ({ id, kind: 'test', model });

test('a provider is made on first use, once', async () => {
  const { registry, made } = createRegistry();
  registry.register(entry('a'));
  expect(made).toEqual([]);
  const [first, second] = await Promise.all([registry.get('one'), registry.get('one')]);
  expect(first).toBe(second);
  expect(made).toEqual(['one:a']);
});

test('a replaced provider finishes its calls and is disposed after the last', async () => {
  const { registry, disposed, release } = createRegistry();
  registry.register(entry('a'));
  const stream = (await registry.get('one')).streamChat(request, signal)[Symbol.asyncIterator]();
  await stream.next();
  registry.replace(entry('b'));
  expect((await registry.get('one')).name).toBe('one:b');
  expect(disposed).toEqual([]);
  const rest = stream.next();
  release();
  expect((await rest).value.finish).toBeDefined();
  await stream.next();
  await expect.poll(() => disposed).toEqual(['one:a']);
});

test('leaving a stream early counts as its end', async () => {
  const { registry, disposed } = createRegistry();
  registry.register(entry('a'));
  for await (const chunk of (await registry.get('one')).streamChat(request, signal)) {
    expect(chunk.delta).toBe('one:a');
    break;
  }
  registry.unregister('one');
  await expect.poll(() => disposed).toEqual(['one:a']);
  await expect(registry.get('one')).rejects.toMatchObject({ kind: 'notConfigured' });
});

test('a factory that failed is tried again', async () => {
  const { registry, factory } = createRegistry();
  let calls = 0;
  registry.registerKind('flaky', (one) => {
    calls += 1;
    if (calls === 1) throw new Error('not yet');
    return factory(one);
  });
  registry.register({ id: 'two', kind: 'flaky' });
  await expect(registry.get('two')).rejects.toThrow('not yet');
  await expect(registry.get('two')).resolves.toMatchObject({ name: 'two:undefined' });
});

test('an unknown kind says which are known', async () => {
  const { registry } = createRegistry();
  registry.register({ id: 'x', kind: 'nothing' });
  await expect(registry.get('x')).rejects.toMatchObject({
    kind: 'notConfigured',
    message: 'There is no provider of kind "nothing". Known: "test".',
  });
});

test('changes are announced, and an id cannot be taken twice', () => {
  const { registry } = createRegistry();
  const changes: RegistryChange[] = [];
  const stop = registry.onChange((change) => changes.push(change));
  registry.register(entry('a'));
  expect(() => registry.register(entry('b'))).toThrow('registered already');
  registry.activate('chat', 'one');
  registry.activate('chat', 'one');
  registry.replace(entry('b'));
  registry.unregister('one');
  stop();
  registry.register(entry('c'));
  expect(changes.map(({ kind }) => kind)).toEqual(['registered', 'activated', 'replaced', 'unregistered']);
  expect(registry.active('chat')).toBe('one');
});

test('disposing ends what was made and leaves the rest alone', async () => {
  const { registry, disposed } = createRegistry();
  registry.register(entry('a', 'one'));
  registry.register(entry('a', 'two'));
  await registry.get('two');
  await registry.dispose();
  expect(disposed).toEqual(['two:a']);
});
