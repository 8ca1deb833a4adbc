/** Gemini keeps the contract on Google's own wire. */
import { createGeminiProvider } from '../../src/providers/gemini/gemini-provider.ts';
import { createHttpTransport, type HttpTransport } from '../../src/providers/http/transport.ts';
import {
  badRequest,
  errorInfo,
  geminiAnswer,
  geminiError,
  geminiEvents,
  geminiSend,
  geminiText,
} from '../support/fake-gemini-wire.ts';
import { errorStatus } from '../support/fake-responders.ts';
import { providerDependencies } from '../support/provider-dependencies.ts';
import { testAiProvider } from './ai-provider.ts';

const finishReasons = { stop: 'STOP', length: 'MAX_TOKENS', filtered: 'SAFETY' } as const;
const transports: HttpTransport[] = [];

testAiProvider('gemini', {
  create(fake, key) {
    const transport = createHttpTransport({ environment: () => undefined });
    transports.push(transport);
    const entry = { id: 'gemini', kind: 'gemini', model: 'gemini-3.5-flash-lite', baseUrl: `${fake.origin}/v1beta` };
    return createGeminiProvider(entry, { ...providerDependencies(key), transport });
  },
  cleanUp: () => Promise.all(transports.splice(0).map((transport) => transport.dispose())),
  answer: (text, { finish = 'stop', ...options } = {}) =>
    geminiText(text, { ...options, finishReason: finishReasons[finish] }),
  truncated: (text) => geminiEvents(geminiAnswer([{ text }])),
  midStreamError: (text) => geminiEvents(geminiAnswer([{ text }]), geminiError(503)),
  malformed: (text) =>
    geminiEvents(geminiAnswer([{ text }]), '{"candidates":[{"con', geminiAnswer([], { finishReason: 'STOP' })),
  error: (status, detail, headers) =>
    errorStatus(
      status,
      geminiError(status, {
        message: detail,
        status: detail,
        details: [errorInfo(detail), badRequest(detail, detail)],
      }),
      headers,
    ),
  begin: (exchange, text) => geminiSend(exchange, text),
  noisy: (text) => [
    ['comments', geminiText(text, { noise: ': keep-alive\r\n\r\n' })],
    ['a comment before the data', geminiText(text, { noise: ': keep-alive\r\n' })],
    ['other events', geminiText(text, { noise: 'event: ping\r\ndata: {"type":"ping"}\r\n\r\n' })],
    ['empty data', geminiText(text, { noise: 'data:\r\n\r\n' })],
    ['LF', geminiText(text, { lineEnd: '\n' })],
    ['CRLF in single bytes', geminiText(text, { bytesPerWrite: 1 })],
    ['CR', geminiText(text, { lineEnd: '\r' })],
    ['thoughts', geminiText(text, { thoughts: 'Let me see.' })],
  ],
});
