/** A llama-cpp provider against a fake of its server. */
import { afterEach } from 'vitest';
import type { ProviderEntry } from '../../../src/domain/provider-entry.ts';
import { createHttpTransport } from '../../../src/providers/http/transport.ts';
import { createLlamaCppProvider } from '../../../src/providers/llama-cpp/llama-cpp-provider.ts';
import { type FakeResponder, startFakeProvider } from '../../support/fake-provider.ts';
import { providerDependencies } from '../../support/provider-dependencies.ts';

export const never = new AbortController().signal;

const closing: (() => Promise<unknown>)[] = [];
export function closeAfterTest(close: () => Promise<unknown>): void {
  closing.push(close);
}
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

export async function startLlama(respond?: FakeResponder, entry: Partial<ProviderEntry> = {}, key?: string) {
  const fake = await startFakeProvider(respond && { respond });
  closeAfterTest(() => fake.close());
  return { fake, ...makeLlama({ baseUrl: fake.origin, ...entry }, [], key) };
}

/** Without a server of its own. */
export function makeLlama(entry: Partial<ProviderEntry>, addresses: readonly string[], key?: string) {
  const transport = createHttpTransport({ environment: () => undefined });
  const dependencies = providerDependencies(key);
  const whole: ProviderEntry = { id: 'llama-cpp', kind: 'llama-cpp', ...entry };
  const provider = createLlamaCppProvider(whole, { ...dependencies, transport, addresses });
  closeAfterTest(async () => {
    await provider.dispose?.();
    await transport.dispose();
  });
  return { provider, dependencies, clock: dependencies.clock };
}
