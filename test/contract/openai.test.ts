/** OpenAI's wire keeps the contract in each of its forms. */
import type { ProviderEntry } from '../../src/domain/provider-entry.ts';
import { createHttpTransport, type HttpTransport } from '../../src/providers/http/transport.ts';
import { createOpenAiCompatibleProvider, createOpenAiProvider } from '../../src/providers/openai/openai-provider.ts';
import { errorStatus, malformedChunk, midStreamError, noDone, streamText } from '../support/fake-responders.ts';
import { providerDependencies } from '../support/provider-dependencies.ts';
import { type ProviderHarness, testAiProvider } from './ai-provider.ts';

const finishReasons = { stop: 'stop', length: 'length', filtered: 'content_filter' } as const;

function harnessOf(
  create: typeof createOpenAiProvider | typeof createOpenAiCompatibleProvider,
  entry: Omit<ProviderEntry, 'baseUrl'>,
): ProviderHarness {
  const transports: HttpTransport[] = [];
  return {
    create(fake, key) {
      const transport = createHttpTransport({ environment: () => undefined });
      transports.push(transport);
      return create({ ...entry, baseUrl: fake.url }, { ...providerDependencies(key), transport });
    },
    cleanUp: () => Promise.all(transports.splice(0).map((transport) => transport.dispose())),
    answer: (text, { finish = 'stop', ...options } = {}) =>
      streamText(text, { ...options, finish: finishReasons[finish] }),
    truncated: noDone,
    midStreamError: (text) => midStreamError(text),
    malformed: malformedChunk,
    error: (status, detail, headers) =>
      errorStatus(status, { error: { message: detail, type: detail, param: detail, code: detail } }, headers),
    begin: (exchange, text) => exchange.send(text),
    noisy: (text) => [
      ['comments', streamText(text, { noise: ': keep-alive\n\n' })],
      ['unknown events', streamText(text, { noise: 'event: ping\ndata: {"type":"ping"}\n\n' })],
      ['empty data', streamText(text, { noise: 'data:\n\n' })],
      ['CRLF', streamText(text, { lineEnd: '\r\n', noise: ':\r\n' })],
      ['CRLF in single bytes', streamText(text, { lineEnd: '\r\n', bytesPerWrite: 1 })],
      ['CR', streamText(text, { lineEnd: '\r' })],
    ],
  };
}

testAiProvider('openai', harnessOf(createOpenAiProvider, { id: 'openai', kind: 'openai', model: 'gpt-6-luna' }));
testAiProvider(
  'openai-compatible with fill-in-the-middle tokens',
  harnessOf(createOpenAiCompatibleProvider, {
    id: 'my-vllm',
    kind: 'openai-compatible',
    model: 'Qwen/Qwen2.5-Coder-7B',
    fim: 'qwen',
  }),
);
testAiProvider(
  'openai-compatible that only chats',
  harnessOf(createOpenAiCompatibleProvider, { id: 'gateway', kind: 'openai-compatible', model: 'some-model' }),
);
