/** A provider of Anthropic's wire before a fake service; both end with the test. */
import { onTestFinished } from 'vitest';
import type { StreamingProvider } from '../../../src/domain/ai-provider.ts';
import type { ProviderEntry } from '../../../src/domain/provider-entry.ts';
import { createAnthropicProvider } from '../../../src/providers/anthropic/anthropic-provider.ts';
import { createHttpTransport } from '../../../src/providers/http/transport.ts';
import { type FakeProvider, type FakeResponder, startFakeProvider } from '../../support/fake-provider.ts';
import { providerDependencies, type TestDependencies } from '../../support/provider-dependencies.ts';

export interface AnthropicSetup {
  readonly fake: FakeProvider;
  readonly provider: StreamingProvider;
  readonly dependencies: TestDependencies;
}

/** `null` as key: there is none. */
export async function startAnthropic(
  respond: FakeResponder | undefined,
  entry: Partial<ProviderEntry> = {},
  key: string | null = 'sk-ant-1',
): Promise<AnthropicSetup> {
  const fake = await startFakeProvider(respond === undefined ? {} : { respond });
  const transport = createHttpTransport({ environment: () => undefined });
  onTestFinished(async () => {
    await transport.dispose();
    await fake.close();
  });
  const defaults = { id: 'anthropic', kind: 'anthropic', model: 'claude-haiku-5-5', baseUrl: fake.origin };
  const dependencies = providerDependencies(key ?? undefined);
  const provider = createAnthropicProvider({ ...defaults, ...entry }, { ...dependencies, transport });
  return { fake, provider, dependencies };
}
