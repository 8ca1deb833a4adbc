/** A provider from a user's module keeps the contract as the built-in ones do. */
import { fileURLToPath } from 'node:url';
import { createHttpTransport, type HttpTransport } from '../../src/providers/http/transport.ts';
import { createModuleProvider } from '../../src/providers/module/module-provider.ts';
import type { FakeResponder } from '../support/fake-provider.ts';
import { errorStatus } from '../support/fake-responders.ts';
import { providerDependencies } from '../support/provider-dependencies.ts';
import { type AnswerOptions, testAiProvider } from './ai-provider.ts';

const module = fileURLToPath(new URL('../fixtures/modules/lines-provider.js', import.meta.url));
const transports: HttpTransport[] = [];

function lines(values: readonly (object | string)[], { bytesPerWrite }: AnswerOptions = {}): FakeResponder {
  return async (exchange) => {
    const text = values.map((value) => `${typeof value === 'string' ? value : JSON.stringify(value)}\n`).join('');
    const bytes = Buffer.from(text);
    const size = bytesPerWrite ?? bytes.length;
    for (let start = 0; start < bytes.length && !exchange.isClosed; start += size) {
      await exchange.write(bytes.subarray(start, start + size));
    }
    await exchange.close();
  };
}

function answer(text: string, options: AnswerOptions = {}): FakeResponder {
  const size = options.chunkSize ?? text.length;
  const parts: object[] = [];
  for (let start = 0; start < text.length; start += size) parts.push({ text: text.slice(start, start + size) });
  return lines([...parts, { end: options.finish ?? 'stop', usage: options.usage }], options);
}

testAiProvider('module', {
  create(fake, key) {
    const transport = createHttpTransport({ environment: () => undefined });
    transports.push(transport);
    const entry = { id: 'mine', kind: 'module', module, baseUrl: fake.url };
    return createModuleProvider(entry, { ...providerDependencies(key), transport });
  },
  cleanUp: () => Promise.all(transports.splice(0).map((transport) => transport.dispose())),
  answer,
  truncated: (text) => lines([{ text }]),
  midStreamError: (text) => lines([{ text }, { error: 'overloaded' }]),
  malformed: (text) => lines([{ text }, '{"text":', { end: 'stop' }]),
  error: (status, detail, headers) => errorStatus(status, detail, headers),
  begin: (exchange, text) => exchange.write(`${JSON.stringify({ text })}\n`),
  noisy: (text) => [['comments', lines([': hello', { text }, '', { end: 'stop' }])]],
});
