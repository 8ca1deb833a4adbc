/** A Gemini provider before a fake that speaks Google's wire; both end with the test. */
import { onTestFinished } from 'vitest';
import type { StreamingProvider } from '../../../src/domain/ai-provider.ts';
import type { ProviderEntry } from '../../../src/domain/provider-entry.ts';
import { createGeminiProvider } from '../../../src/providers/gemini/gemini-provider.ts';
import { createHttpTransport } from '../../../src/providers/http/transport.ts';
import { type FakeProvider, type FakeResponder, startFakeProvider } from '../../support/fake-provider.ts';
import { providerDependencies, type TestDependencies } from '../../support/provider-dependencies.ts';

export const never = new AbortController().signal;

export interface GeminiSetup {
  readonly fake: FakeProvider;
  readonly provider: StreamingProvider;
  readonly dependencies: TestDependencies;
}

/** Without a responder nothing is answered by itself; an empty key is none. */
export async function startGemini(
  respond?: FakeResponder,
  entry: Partial<ProviderEntry> = {},
  key = 'AIza-1',
): Promise<GeminiSetup> {
  const fake = await startFakeProvider(respond === undefined ? {} : { respond });
  const transport = createHttpTransport({ environment: () => undefined });
  onTestFinished(() => fake.close());
  onTestFinished(() => transport.dispose());
  const dependencies = providerDependencies(key === '' ? undefined : key);
  const whole: ProviderEntry = {
    id: 'gemini',
    kind: 'gemini',
    model: 'gemini-3.5-flash-lite',
    baseUrl: `${fake.origin}/v1beta`,
    ...entry,
  };
  return { fake, dependencies, provider: createGeminiProvider(whole, { ...dependencies, transport }) };
}
