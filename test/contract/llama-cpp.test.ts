/** The wire of llama.cpp's server keeps the contract in each form of completion. */
import type { ProviderEntry } from '../../src/domain/provider-entry.ts';
import { createHttpTransport, type HttpTransport } from '../../src/providers/http/transport.ts';
import { createLlamaCppProvider } from '../../src/providers/llama-cpp/llama-cpp-provider.ts';
import { llamaErrorBody, llamaEvents, llamaSend, llamaText } from '../support/fake-llama-cpp-wire.ts';
import { errorStatus } from '../support/fake-responders.ts';
import { providerDependencies } from '../support/provider-dependencies.ts';
import { type ProviderHarness, testAiProvider } from './ai-provider.ts';

function harnessOf(entry: Partial<ProviderEntry>): ProviderHarness {
  const transports: HttpTransport[] = [];
  return {
    create(fake, key) {
      const transport = createHttpTransport({ environment: () => undefined });
      transports.push(transport);
      const whole = { id: 'llama-cpp', kind: 'llama-cpp', baseUrl: fake.origin, ...entry };
      return createLlamaCppProvider(whole, { ...providerDependencies(key), transport });
    },
    cleanUp: () => Promise.all(transports.splice(0).map((transport) => transport.dispose())),
    answer: (text, { finish, ...options } = {}) =>
      llamaText(text, { ...options, finish: finish === 'length' ? 'length' : 'stop' }),
    truncated: (text) => llamaEvents(text),
    midStreamError: (text) => llamaEvents(text, JSON.stringify(llamaErrorBody(500, 'failed to decode'))),
    malformed: (text) => llamaEvents(text, '{"content":', '{"content":"","stop":true,"stop_type":"eos"}', '[DONE]'),
    error: (status, detail, headers) => errorStatus(status, llamaErrorBody(status, detail, detail), headers),
    begin: llamaSend,
    noisy: (text) => [
      ['comments', llamaText(text, { noise: ':\n\n' })],
      ['unknown events', llamaText(text, { noise: 'event: ping\ndata: {"type":"ping"}\n\n' })],
      ['empty data', llamaText(text, { noise: 'data:\n\n' })],
      ['CRLF', llamaText(text, { lineEnd: '\r\n', noise: ':\r\n' })],
      ['CRLF in single bytes', llamaText(text, { lineEnd: '\r\n', bytesPerWrite: 1 })],
    ],
  };
}

testAiProvider('llama-cpp by /infill', harnessOf({}));
testAiProvider('llama-cpp with tokens of a family', harnessOf({ fim: 'qwen', model: 'qwen2.5-coder' }));
testAiProvider('llama-cpp with a model that only chats', harnessOf({ fim: 'none' }));
