/** Which code makes a provider of which kind. A vendor's code is loaded when the first provider of its kind is. */
import type { EntryKey } from '../credentials/entry-key.ts';
import { withApiKey } from '../credentials/with-api-key.ts';
import type { AiProvider } from '../domain/ai-provider.ts';
import type { ProviderDependencies, ProviderEntry } from '../domain/provider-entry.ts';
import { withBothForms } from '../providers/adapt-streaming.ts';
import type { HttpTransport } from '../providers/http/transport.ts';
import type { ProviderRegistry } from '../providers/registry.ts';

type RemoteDependencies = ProviderDependencies & { readonly transport: HttpTransport };
type MakeRemote = (entry: ProviderEntry, dependencies: RemoteDependencies) => AiProvider | Promise<AiProvider>;

const remoteKinds: Readonly<Record<string, () => Promise<MakeRemote>>> = {
  openai: async () => (await import('../providers/openai/openai-provider.ts')).createOpenAiProvider,
  'openai-compatible': async () =>
    (await import('../providers/openai/openai-provider.ts')).createOpenAiCompatibleProvider,
  anthropic: async () => (await import('../providers/anthropic/anthropic-provider.ts')).createAnthropicProvider,
  gemini: async () => (await import('../providers/gemini/gemini-provider.ts')).createGeminiProvider,
  mistral: async () => (await import('../providers/mistral/mistral-provider.ts')).createMistralProvider,
  grok: async () => (await import('../providers/grok/grok-provider.ts')).createGrokProvider,
  ollama: async () => (await import('../providers/ollama/ollama-provider.ts')).createOllamaProvider,
  'llama-cpp': async () => (await import('../providers/llama-cpp/llama-cpp-provider.ts')).createLlamaCppProvider,
  module: async () => (await import('../providers/module/module-provider.ts')).createModuleProvider,
};

export interface KindOptions {
  /** The file of the index worker thread. */
  readonly workerPath: string;
  /** Connections for one provider, under the network settings of now. */
  openTransport(): Promise<HttpTransport>;
  keyOf(entry: ProviderEntry): EntryKey;
}

export function registerKinds(registry: ProviderRegistry, { workerPath, openTransport, keyOf }: KindOptions): void {
  registry.registerKind('workspace', async (entry, dependencies) => {
    const { createWorkspaceProvider } = await import('../providers/workspace/workspace-provider.ts');
    return withBothForms(createWorkspaceProvider(entry, { ...dependencies, workerPath }));
  });
  for (const [kind, load] of Object.entries(remoteKinds)) {
    registry.registerKind(kind, async (entry, dependencies) => {
      const key = keyOf(entry);
      const [make, transport] = await Promise.all([load(), openTransport(), key.distant?.look()]);
      return owning(withApiKey(await make(entry, { ...dependencies, transport }), key), transport);
    });
  }
}

/** A provider's connections are its own: they end with it, whichever settings it was made under. */
function owning(provider: AiProvider, transport: HttpTransport): AiProvider {
  return {
    ...withBothForms(provider),
    async dispose() {
      await provider.dispose?.();
      await transport.dispose();
    },
  };
}
