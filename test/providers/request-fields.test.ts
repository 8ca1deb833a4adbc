/** Which limit a chat is sent with: the same rule whatever the wire calls it. */
import { afterEach, expect, test } from 'vitest';
import { chatRequest } from '../../src/domain/chat.ts';
import { createHttpTransport } from '../../src/providers/http/transport.ts';
import { createOpenAiCompatibleProvider } from '../../src/providers/openai/openai-provider.ts';
import { llamaText } from '../support/fake-llama-cpp-wire.ts';
import { ollamaText } from '../support/fake-ollama-wire.ts';
import { startFakeProvider } from '../support/fake-provider.ts';
import { streamText } from '../support/fake-responders.ts';
import { providerDependencies } from '../support/provider-dependencies.ts';
import { startLlama } from './llama-cpp/setup.ts';
import { startOllama } from './ollama/setup.ts';

const never = new AbortController().signal;
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

async function startCompatible(own: { readonly maxTokens?: number }) {
  const fake = await startFakeProvider({ respond: streamText('x') });
  const transport = createHttpTransport({ environment: () => undefined });
  closing.push(
    () => transport.dispose(),
    () => fake.close(),
  );
  const entry = { id: 'p', kind: 'openai-compatible', model: 'm', baseUrl: fake.url, ...own };
  return { fake, provider: createOpenAiCompatibleProvider(entry, { ...providerDependencies(), transport }) };
}

const vendors = {
  'openai-compatible': { start: startCompatible, limit: (body: Body) => body['max_tokens'] },
  ollama: {
    start: (entry: object) => startOllama({ respond: ollamaText('x'), entry }),
    limit: (body: Body) => Object(body['options'])['num_predict'],
  },
  'llama-cpp': {
    start: (entry: object) => startLlama(llamaText('x'), entry),
    limit: (body: Body) => body['max_tokens'],
  },
};
type Body = Readonly<Record<string, unknown>>;

const limits = [
  [50, 100, 50],
  [100, 50, 50],
  [100, undefined, 100],
  [undefined, 100, 100],
  [undefined, undefined, undefined],
] as const;
const cases = Object.entries(vendors).flatMap(([name, vendor]) =>
  limits.map((limit) => [name, ...limit, vendor] as const),
);

test.each(cases)(
  '%s: the entry allows %s tokens, the chat %s: %s',
  async (_, own, asked, expected, { start, limit }) => {
    const { fake, provider } = await start(own === undefined ? {} : { maxTokens: own });
    const question = chatRequest([{ role: 'user', content: 'Why?' }], asked === undefined ? {} : { maxTokens: asked });
    for await (const _part of provider.streamChat(question, never));
    expect(limit(fake.requests.at(-1)?.body ?? {})).toBe(expected);
  },
);
