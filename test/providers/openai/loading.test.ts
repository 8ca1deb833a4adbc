/** The SDK is loaded by what needs it, and not by the path where milliseconds are felt. */
import { afterEach, expect, test, vi } from 'vitest';
import { chatRequest } from '../../../src/domain/chat.ts';
import { completionRequest } from '../../../src/domain/completion.ts';
import { createHttpTransport } from '../../../src/providers/http/transport.ts';
import { createOpenAiCompatibleProvider } from '../../../src/providers/openai/openai-provider.ts';
import { contextAt } from '../../support/code-context.ts';
import { startFakeProvider } from '../../support/fake-provider.ts';
import { streamText } from '../../support/fake-responders.ts';
import { providerDependencies } from '../../support/provider-dependencies.ts';

const loads = vi.hoisted(() => ({ sdk: 0, undici: 0 }));
vi.mock('openai', async (original) => {
  loads.sdk++;
  return await original();
});
vi.mock('../../../src/providers/http/load-undici.ts', async (original) => {
  loads.undici++;
  return await original();
});

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

test('making a provider loads nothing, completing by tokens no SDK, a chat does', async () => {
  const fake = await startFakeProvider({ respond: streamText('x') });
  const transport = createHttpTransport({ environment: () => undefined });
  closing.push(
    () => transport.dispose(),
    () => fake.close(),
  );
  const entry = { id: 'p', kind: 'openai-compatible', model: 'qwen2.5-coder', baseUrl: fake.url };
  const provider = createOpenAiCompatibleProvider(entry, { ...providerDependencies(), transport });
  const { signal } = new AbortController();
  expect(loads).toEqual({ sdk: 0, undici: 0 });
  await provider.initialize?.(signal);
  await provider.completeCode(completionRequest({ context: contextAt('a█') }), signal);
  expect(loads).toEqual({ sdk: 0, undici: 1 });
  await provider.chat(chatRequest([{ role: 'user', content: 'Why?' }]), signal);
  expect(loads).toEqual({ sdk: 1, undici: 1 });
});
