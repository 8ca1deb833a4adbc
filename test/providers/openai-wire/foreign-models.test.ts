/** Models of other vendors behind a gateway of this wire: asked in the gateway's words, with room for their thoughts. */
import { expect, onTestFinished, test } from 'vitest';
import { completionRequest } from '../../../src/domain/completion.ts';
import { createHttpTransport } from '../../../src/providers/http/transport.ts';
import { createOpenAiCompatibleProvider } from '../../../src/providers/openai/openai-provider.ts';
import { contextAt } from '../../support/code-context.ts';
import { startFakeProvider } from '../../support/fake-provider.ts';
import { streamText } from '../../support/fake-responders.ts';
import { providerDependencies } from '../../support/provider-dependencies.ts';

test.each(['anthropic/claude-haiku-5-5', 'anthropic/claude-opus-5-5', 'google/gemini-3.5-flash-lite'])(
  '%s',
  async (model) => {
    const fake = await startFakeProvider({ respond: streamText('x') });
    const transport = createHttpTransport({ environment: () => undefined });
    onTestFinished(async () => {
      await transport.dispose();
      await fake.close();
    });
    const entry = { id: 'gateway', kind: 'openai-compatible', model, baseUrl: fake.url };
    const provider = createOpenAiCompatibleProvider(entry, { ...providerDependencies('k'), transport });
    const request = completionRequest({ context: contextAt('a = █'), maxTokens: 100 });
    await provider.completeCode(request, new AbortController().signal);
    const names = Object.keys(fake.requests[0]?.body ?? {}).sort();
    expect(names).toEqual(['max_tokens', 'messages', 'model', 'stop', 'stream', 'stream_options']);
    expect(fake.requests[0]?.body['max_tokens']).toBe(2148);
  },
);
