/** Mistral keeps the contract, by its endpoint that fills in the middle and by a model that only chats. */
import { createHttpTransport, type HttpTransport } from '../../src/providers/http/transport.ts';
import { createMistralProvider } from '../../src/providers/mistral/mistral-provider.ts';
import { mistralAnswer, mistralChunk, mistralError } from '../support/fake-mistral-wire.ts';
import type { FakeResponder } from '../support/fake-provider.ts';
import { providerDependencies } from '../support/provider-dependencies.ts';
import { type ProviderHarness, testAiProvider } from './ai-provider.ts';

const finishReasons = { stop: 'stop', length: 'model_length', filtered: 'content_filter' } as const;

function beginning(text: string, ...rest: readonly unknown[]): FakeResponder {
  return async (exchange) => {
    for (const data of [mistralChunk(text), ...rest]) await exchange.event(data);
    await exchange.close();
  };
}

function harnessOf(model: string): ProviderHarness {
  const transports: HttpTransport[] = [];
  return {
    create(fake, key) {
      const transport = createHttpTransport({ environment: () => undefined });
      transports.push(transport);
      const entry = { id: 'mistral', kind: 'mistral', model, baseUrl: fake.url };
      return createMistralProvider(entry, { ...providerDependencies(key), transport });
    },
    cleanUp: () => Promise.all(transports.splice(0).map((transport) => transport.dispose())),
    answer: (text, { finish = 'stop', ...options } = {}) =>
      mistralAnswer(text, { ...options, finish: finishReasons[finish] }),
    truncated: (text) => beginning(text),
    midStreamError: (text) =>
      beginning(text, { object: 'error', message: 'Internal', type: 'internal_server_error', code: '3000' }),
    malformed: (text) => beginning(text, '{"choices":[{"delta":', '[DONE]'),
    error: (status, detail, headers) =>
      mistralError(
        status,
        { message: detail, type: detail, code: detail },
        { ...headers, 'mistral-correlation-id': detail },
      ),
    begin: (exchange, text) => exchange.event(mistralChunk(text)),
    noisy: (text) => [
      ['comments', mistralAnswer(text, { noise: ': keep-alive\n\n' })],
      ['unknown events', mistralAnswer(text, { noise: 'event: ping\ndata: {"type":"ping"}\n\n' })],
      ['CRLF in single bytes', mistralAnswer(text, { lineEnd: '\r\n', bytesPerWrite: 1 })],
    ],
  };
}

testAiProvider('mistral by its endpoint that fills in the middle', harnessOf('codestral-latest'));
testAiProvider('mistral by a model that only chats', harnessOf('mistral-medium-3-5'));
