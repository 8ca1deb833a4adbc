/** Ollama's wire keeps the contract in each form of completion. */
import type { ProviderEntry } from '../../src/domain/provider-entry.ts';
import { createHttpTransport, type HttpTransport } from '../../src/providers/http/transport.ts';
import { createOllamaProvider } from '../../src/providers/ollama/ollama-provider.ts';
import {
  isOllamaLoad,
  ollamaCard,
  ollamaError,
  ollamaLines,
  ollamaLoaded,
  ollamaSend,
  ollamaText,
} from '../support/fake-ollama-wire.ts';
import { providerDependencies } from '../support/provider-dependencies.ts';
import { type ProviderHarness, testAiProvider } from './ai-provider.ts';

function harnessOf(entry: Partial<ProviderEntry>, capabilities: readonly string[]): ProviderHarness {
  const transports: HttpTransport[] = [];
  return {
    create(fake, key) {
      const transport = createHttpTransport({ environment: () => undefined });
      transports.push(transport);
      const whole = { id: 'ollama', kind: 'ollama', model: 'mystery', baseUrl: fake.origin, ...entry };
      return createOllamaProvider(whole, { ...providerDependencies(key), transport });
    },
    cleanUp: () => Promise.all(transports.splice(0).map((transport) => transport.dispose())),
    aside(request) {
      if (request.path === '/api/show') return ollamaCard({ capabilities });
      return isOllamaLoad(request) ? ollamaLoaded : undefined;
    },
    answer: (text, { finish, ...options } = {}) =>
      ollamaText(text, { ...options, finish: finish === 'length' ? 'length' : 'stop' }),
    truncated: (text) => ollamaLines(text),
    midStreamError: (text) => ollamaLines(text, '{"error":"an error was encountered while running the model"}'),
    malformed: (text) => ollamaLines(text, '{"response":', '{"response":"","done":true,"done_reason":"stop"}'),
    error: ollamaError,
    begin: ollamaSend,
    noisy: (text) => [
      ['blank lines', ollamaText(text, { noise: '\n\n' })],
      ['other values', ollamaText(text, { noise: '{"status":"loading"}\n' })],
      ['thoughts', ollamaText(text, { noise: '{"message":{"content":"","thinking":"Hm"},"done":false}\n' })],
      ['CRLF', ollamaText(text, { lineEnd: '\r\n' })],
      ['CRLF in single bytes', ollamaText(text, { lineEnd: '\r\n', bytesPerWrite: 1 })],
    ],
  };
}

testAiProvider('ollama with a template that takes a suffix', harnessOf({}, ['completion', 'insert']));
testAiProvider('ollama with tokens of a family', harnessOf({ fim: 'qwen' }, []));
testAiProvider('ollama with a model that only chats', harnessOf({}, ['completion']));
