/** Grok keeps the contract. */
import { createGrokProvider } from '../../src/providers/grok/grok-provider.ts';
import { createHttpTransport, type HttpTransport } from '../../src/providers/http/transport.ts';
import { grokError, grokMidStreamError } from '../support/fake-grok-wire.ts';
import { malformedChunk, noDone, streamText } from '../support/fake-responders.ts';
import { providerDependencies } from '../support/provider-dependencies.ts';
import { testAiProvider } from './ai-provider.ts';

const finishReasons = { stop: 'stop', length: 'length', filtered: 'content_filter' } as const;
const transports: HttpTransport[] = [];

testAiProvider('grok', {
  create(fake, key) {
    const transport = createHttpTransport({ environment: () => undefined });
    transports.push(transport);
    const entry = { id: 'grok', kind: 'grok', model: 'grok-4.20-non-reasoning', baseUrl: fake.url };
    return createGrokProvider(entry, { ...providerDependencies(key), transport });
  },
  cleanUp: () => Promise.all(transports.splice(0).map((transport) => transport.dispose())),
  answer: (text, { finish = 'stop', ...options } = {}) =>
    streamText(text, { ...options, finish: finishReasons[finish] }),
  truncated: noDone,
  midStreamError: (text) => grokMidStreamError(text),
  malformed: malformedChunk,
  error: (status, detail, headers) => grokError(status, detail, headers, detail),
  begin: (exchange, text) => exchange.send(text),
  noisy: (text) => [
    ['comments', streamText(text, { noise: ': keep-alive\n\n' })],
    ['CRLF in single bytes', streamText(text, { lineEnd: '\r\n', bytesPerWrite: 1 })],
  ],
});
