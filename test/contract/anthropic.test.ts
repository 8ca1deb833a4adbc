/** Anthropic's wire keeps the contract. */
import { createAnthropicProvider } from '../../src/providers/anthropic/anthropic-provider.ts';
import { createHttpTransport, type HttpTransport } from '../../src/providers/http/transport.ts';
import {
  anthropicBegin,
  anthropicError,
  anthropicMalformed,
  anthropicStreamError,
  anthropicText,
  anthropicTruncated,
} from '../support/fake-anthropic-wire.ts';
import { providerDependencies } from '../support/provider-dependencies.ts';
import { type ProviderHarness, testAiProvider } from './ai-provider.ts';

const stopReasons = { stop: 'end_turn', length: 'max_tokens', filtered: 'refusal' } as const;
const transports: HttpTransport[] = [];

const harness: ProviderHarness = {
  create(fake, key) {
    const transport = createHttpTransport({ environment: () => undefined });
    transports.push(transport);
    const entry = { id: 'anthropic', kind: 'anthropic', model: 'claude-haiku-5-5', baseUrl: fake.origin };
    return createAnthropicProvider(entry, { ...providerDependencies(key), transport });
  },
  cleanUp: () => Promise.all(transports.splice(0).map((transport) => transport.dispose())),
  answer: (text, { finish = 'stop', usage, ...options } = {}) =>
    anthropicText(text, {
      ...options,
      stopReason: stopReasons[finish],
      ...(usage && { usage: { input_tokens: usage.inputTokens, output_tokens: usage.outputTokens } }),
    }),
  truncated: anthropicTruncated,
  midStreamError: (text) => anthropicStreamError(text),
  malformed: anthropicMalformed,
  error: (status, detail, headers = {}) => {
    const { 'x-request-id': id, ...others } = headers;
    return anthropicError(status, detail, { ...others, ...(id && { 'request-id': id }) }, detail);
  },
  begin: anthropicBegin,
  noisy: (text) => [
    ['comments', anthropicText(text, { noise: ': keep-alive\n\n' })],
    ['pings', anthropicText(text, { noise: 'event: ping\ndata: {"type":"ping"}\n\n' })],
    ['unknown events', anthropicText(text, { noise: 'event: news\ndata: {"type":"news","delta":{"text":"x"}}\n\n' })],
    ['empty data', anthropicText(text, { noise: 'data:\n\n' })],
    ['thoughts', anthropicText(text, { thoughts: 'hm' })],
    ['CRLF', anthropicText(text, { lineEnd: '\r\n', noise: ':\r\n' })],
    ['CRLF in single bytes', anthropicText(text, { lineEnd: '\r\n', bytesPerWrite: 1 })],
    ['CR', anthropicText(text, { lineEnd: '\r' })],
  ],
};

testAiProvider('anthropic', harness);
