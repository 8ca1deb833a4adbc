/** An Ollama provider against a fake of its server. */
import { afterEach } from 'vitest';
import type { ProviderEntry } from '../../../src/domain/provider-entry.ts';
import { createHttpTransport } from '../../../src/providers/http/transport.ts';
import { createOllamaProvider } from '../../../src/providers/ollama/ollama-provider.ts';
import { isOllamaLoad, ollamaCard, ollamaLoaded } from '../../support/fake-ollama-wire.ts';
import { type FakeResponder, startFakeProvider } from '../../support/fake-provider.ts';
import { providerDependencies } from '../../support/provider-dependencies.ts';

export const never = new AbortController().signal;

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

export interface OllamaSetup {
  readonly respond?: FakeResponder | undefined;
  readonly entry?: Partial<ProviderEntry>;
  readonly key?: string;
  /** The answer to `/api/show`, which is then not recorded; absent: the template takes a suffix. */
  readonly card?: Parameters<typeof ollamaCard>[0] | 'recorded';
  /** True: loads are recorded and answered by `respond` like everything else. */
  readonly recordLoads?: boolean;
}

export async function startOllama(setup: OllamaSetup = {}) {
  const { respond, entry, key, card = { capabilities: ['completion', 'insert'] }, recordLoads = false } = setup;
  const fake = await startFakeProvider({
    ...(respond && { respond }),
    aside(request) {
      if (request.path === '/api/show' && card !== 'recorded') return ollamaCard(card);
      return isOllamaLoad(request) && !recordLoads ? ollamaLoaded : undefined;
    },
  });
  const transport = createHttpTransport({ environment: () => undefined });
  const whole: ProviderEntry = { id: 'ollama', kind: 'ollama', model: 'mystery:1b', baseUrl: fake.origin, ...entry };
  const dependencies = providerDependencies(key);
  const titles: string[] = [];
  const progress = {
    begin(title: string) {
      titles.push(title);
      return { report() {}, end: () => void titles.push('end') };
    },
  };
  const provider = createOllamaProvider(whole, { ...dependencies, progress, transport });
  closing.push(
    async () => provider.dispose?.(),
    () => transport.dispose(),
    () => fake.close(),
  );
  return { fake, provider, dependencies, clock: dependencies.clock, titles };
}
