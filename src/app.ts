/** The composition root: the only file that picks and builds adapters from settings. */
import { isDeepStrictEqual } from 'node:util';
import packageJson from '../package.json' with { type: 'json' };
import { type Assistant, createAssistant, type Runtime } from './assistant/assistant.ts';
import { healthOf, inspectProvider, type ProviderInspection } from './assistant/inspect-provider.ts';
import { createAnswerSharing, type ShareAnswers } from './cache/answer-sharing.ts';
import { type CompletionRuntime, createCompleter } from './completion/completer.ts';
import type { Settings } from './config/schema.ts';
import { createSettingsStore, type SettingsChange, type SettingsStore } from './config/store.ts';
import { vendorKeys } from './config/vendors.ts';
import { createContextBuilder } from './context/build-context.ts';
import { createExcerpts } from './context/excerpt.ts';
import { resolveApiKey } from './credentials/resolve-api-key.ts';
import { createDocumentStore } from './documents/document-store.ts';
import { createWorkspaceRoots, type WorkspaceRootStore } from './documents/workspace-roots.ts';
import { AiError } from './domain/ai-error.ts';
import type { AiProvider, ProviderHealth, StreamingProvider } from './domain/ai-provider.ts';
import type { Clock, ProgressReporter } from './domain/ports.ts';
import type { ProviderDependencies, ProviderEntry } from './domain/provider-entry.ts';
import type { WorkspaceRoots } from './domain/text.ts';
import { createTraceLog } from './observability/explain.ts';
import { createFileSink } from './observability/file-sink.ts';
import type { AppLog } from './observability/log.ts';
import { createMetrics } from './observability/metrics.ts';
import { createStatusTracker } from './observability/status.ts';
import { withBothForms } from './providers/adapt-streaming.ts';
import type { HttpTransport } from './providers/http/transport.ts';
import { createProviderRegistry } from './providers/registry.ts';
import { withFallback } from './resilience/fallback.ts';
import { createGuard, type Guard, type GuardPlan } from './resilience/guard.ts';

export interface AppOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly log: AppLog;
  readonly progress: ProgressReporter;
  /** The file of the index worker thread. */
  readonly workerPath: string;
  /** From `--profile` or the environment. */
  readonly profile?: string | undefined;
}

export interface App {
  readonly assistant: Assistant;
  readonly roots: WorkspaceRootStore;
  /** Makes the active provider ready in the background: a connection opened, an index begun. */
  warmUp(): void;
  /** Where a provider's key comes from and how it is reached, without asking it. Rejects with `AiError` `notConfigured`. */
  inspect(id: string): Promise<ProviderInspection>;
  /** Asks the provider. Never rejects. */
  checkHealth(id: string, signal: AbortSignal): Promise<ProviderHealth>;
}

export function createApp(options: AppOptions): App {
  const { clock, log } = options;
  const environment = (name: string) => options.environment[name];
  const documents = createDocumentStore({ log });
  const roots = createWorkspaceRoots();
  const settings = createSettingsStore({ profile: options.profile });
  const registry = createProviderRegistry({ log, dependenciesFor });
  const metrics = createMetrics(clock);
  const status = createStatusTracker(clock);
  const traces = createTraceLog(clock, (trace) =>
    log.debug('completion', { outcome: trace.outcome, reason: trace.reason }),
  );
  const contexts = createContextBuilder({ documents, roots, clock, log });
  const excerpt = createExcerpts({ documents, roots, contexts });
  const guards = new Map<string, GuardOfEntry>();
  const sharing = createAnswerSharing({ version: packageJson.version, clock }, settings.settings().cache);
  const settingsListeners: (() => void)[] = [];
  /** The folders a provider may learn from: none where the settings say so. */
  const learntRoots: WorkspaceRoots = {
    get roots() {
      return settings.settings().context.workspace ? roots.roots : [];
    },
    onChange: roots.onChange,
  };

  /** A vendor's code is loaded when the first provider of its kind is. */
  registry.registerKind('workspace', async (entry, dependencies) => {
    const { createWorkspaceProvider } = await import('./providers/workspace/workspace-provider.ts');
    return withBothForms(createWorkspaceProvider(entry, { ...dependencies, workerPath: options.workerPath }));
  });
  registry.registerKind('openai', async (entry, dependencies) => {
    const { createOpenAiProvider } = await import('./providers/openai/openai-provider.ts');
    return withOwnTransport((transport) => createOpenAiProvider(entry, { ...dependencies, transport }));
  });
  registry.registerKind('openai-compatible', async (entry, dependencies) => {
    const { createOpenAiCompatibleProvider } = await import('./providers/openai/openai-provider.ts');
    return withOwnTransport((transport) => createOpenAiCompatibleProvider(entry, { ...dependencies, transport }));
  });
  registry.registerKind('ollama', async (entry, dependencies) => {
    const { createOllamaProvider } = await import('./providers/ollama/ollama-provider.ts');
    return withOwnTransport((transport) => createOllamaProvider(entry, { ...dependencies, transport }));
  });
  registry.registerKind('llama-cpp', async (entry, dependencies) => {
    const { createLlamaCppProvider } = await import('./providers/llama-cpp/llama-cpp-provider.ts');
    return withOwnTransport((transport) => createLlamaCppProvider(entry, { ...dependencies, transport }));
  });
  registry.registerKind('anthropic', async (entry, dependencies) => {
    const { createAnthropicProvider } = await import('./providers/anthropic/anthropic-provider.ts');
    return withOwnTransport((transport) => createAnthropicProvider(entry, { ...dependencies, transport }));
  });
  registry.registerKind('gemini', async (entry, dependencies) => {
    const { createGeminiProvider } = await import('./providers/gemini/gemini-provider.ts');
    return withOwnTransport((transport) => createGeminiProvider(entry, { ...dependencies, transport }));
  });
  registry.registerKind('mistral', async (entry, dependencies) => {
    const { createMistralProvider } = await import('./providers/mistral/mistral-provider.ts');
    return withOwnTransport((transport) => createMistralProvider(entry, { ...dependencies, transport }));
  });
  registry.registerKind('grok', async (entry, dependencies) => {
    const { createGrokProvider } = await import('./providers/grok/grok-provider.ts');
    return withOwnTransport((transport) => createGrokProvider(entry, { ...dependencies, transport }));
  });
  registry.registerKind('module', async (entry, dependencies) => {
    const { createModuleProvider } = await import('./providers/module/module-provider.ts');
    return withOwnTransport((transport) => createModuleProvider(entry, { ...dependencies, transport }));
  });

  /** A provider's connections are its own: they end with it, whichever settings it was made under. */
  async function withOwnTransport(
    make: (transport: HttpTransport) => AiProvider | Promise<AiProvider>,
  ): Promise<AiProvider> {
    const { createHttpTransport } = await import('./providers/http/transport.ts');
    const { proxy, noProxy, caFile } = settings.settings().network;
    const transport = createHttpTransport({ proxy, noProxy, caFile, environment });
    const provider = await make(transport);
    return {
      ...withBothForms(provider),
      async dispose() {
        await provider.dispose?.();
        await transport.dispose();
      },
    };
  }

  function dependenciesFor(entry: ProviderEntry): ProviderDependencies {
    return {
      clock,
      log,
      documents,
      roots: learntRoots,
      progress: options.progress,
      apiKey() {
        const resolved = resolveApiKey(entry, vendorKeys(entry.kind, entry.baseUrl), { environment });
        return 'key' in resolved ? resolved.key : undefined;
      },
    };
  }

  /** What is remembered of a provider's failures. It belongs to the entry: another key or address begins anew. */
  function guardOf(entry: ProviderEntry): Guard {
    const known = guards.get(entry.id);
    if (known !== undefined && isDeepStrictEqual(known.entry, entry)) return known.guard;
    const guard = createGuard({ id: entry.id, clock, log, random: Math.random });
    guards.set(entry.id, { entry, guard, retriedBefore: retriesOf(known) });
    return guard;
  }

  function guardPlan({ completion, chat, resilience }: Settings, entry: ProviderEntry, sole: boolean): GuardPlan {
    const within = (limit: number) => Math.min(limit, entry.timeout ?? limit);
    return {
      totals: {
        automatic: within(completion.timeout),
        explicit: within(completion.manualTimeout),
        chat: within(chat.timeout),
      },
      retry: {
        retries: resilience.retries,
        baseDelay: resilience.retryBaseDelay,
        maxDelay: resilience.retryMaxDelay,
      },
      limits: resilience,
      breaker: resilience.breaker,
      sole,
    };
  }

  /** Outermost first; each takes a provider and gives one back. `sole`: nobody else could answer instead. */
  async function compose(id: string, now: Settings, sole: boolean): Promise<AiProvider> {
    const adapter = await registry.get(id);
    const entry = entryOf(id, now);
    const wrappers: readonly ((provider: AiProvider) => AiProvider)[] = [
      metrics.measure,
      status.watch,
      (provider) => guardOf(entry).wrap(provider, guardPlan(now, entry, sole)),
    ];
    return wrappers.reduceRight((provider, wrap) => wrap(provider), adapter);
  }

  /**
   * The first of the list that can be made, with the others behind it. They are made when they are needed: the offline
   * engine as a fallback would index the workspace for nothing.
   */
  async function composeAll(all: readonly string[], now: Settings, share: ShareAnswers): Promise<StreamingProvider> {
    const ids = [...new Set(all)];
    const makers = ids.map((id) => () => compose(id, now, ids.length === 1));
    let failure: unknown;
    for (const [index, id] of ids.entries()) {
      try {
        const first = await compose(id, now, ids.length === 1);
        return share(withFallback([first, ...makers.slice(index + 1)]), entryOf(id, now));
      } catch (error) {
        failure ??= error;
        log.warn('A provider could not be made.', { error: String(error) });
      }
    }
    throw failure;
  }

  function composeCompletion(now: Settings, share: ShareAnswers): Promise<StreamingProvider> {
    return composeAll([now.completion.provider ?? now.provider, ...now.completion.fallback], now, share);
  }

  function composeChat(now: Settings, share: ShareAnswers): Promise<StreamingProvider> {
    return composeAll([now.chat.provider ?? now.provider, ...now.chat.fallback], now, share);
  }

  function buildRuntime(now: Settings): Runtime & { readonly completion: CompletionRuntime } {
    const active = now.provider;
    const contextSettings = { ...now.context, ...now.privacy };
    const nearbySettings = { ...contextSettings, otherDocuments: false };
    const lists = { completion: sharing.forList(), chat: sharing.forList(), named: sharing.forList() };
    let completion: Promise<StreamingProvider> | undefined;
    return {
      active,
      chat: now.chat,
      chatWith: (id) => composeAll([id], now, lists.named),
      chatByDefault: () => composeChat(now, lists.chat),
      health: (id) => guards.get(id)?.guard.health(),
      resilience(id) {
        const known = guards.get(id);
        return { retries: retriesOf(known), breaker: known?.guard.breaker() ?? 'closed' };
      },
      buildContext(uri, position) {
        const document = documents.get(uri);
        return document && contexts.build(document, document.text.offsetAt(position), contextSettings);
      },
      attach: (uri, range) => excerpt(uri, range, contextSettings),
      completion: {
        settings: now.completion,
        provider() {
          completion ??= composeCompletion(now, lists.completion).catch((error: unknown) => {
            completion = undefined;
            throw error;
          });
          return completion;
        },
        localProvider() {
          const ids = [now.completion.provider ?? active, ...now.completion.fallback];
          const local = ids.find((id) => now.providers[id]?.kind === 'workspace');
          return local === undefined
            ? undefined
            : compose(local, now, true).then((provider) => withFallback([provider]));
        },
        buildContext: (document, offset, nearby) =>
          contexts.build(document, offset, nearby ? nearbySettings : contextSettings),
      },
    };
  }

  /** Brings the registry in step with the settings; providers that nothing of it concerns stay as they are. */
  function register(before: Settings | undefined, now: Settings): void {
    for (const { id } of registry.list()) if (now.providers[id] === undefined) registry.unregister(id);
    for (const entry of Object.values(now.providers)) {
      if (!registry.has(entry.id)) registry.register(entry);
      else if (!isDeepStrictEqual(concernOf(before, entry.id), concernOf(now, entry.id))) {
        registry.replace(entry);
      }
    }
    registry.activate('completion', now.completion.provider ?? now.provider);
    registry.activate('chat', now.chat.provider ?? now.provider);
  }

  function apply(before: Settings | undefined, now: Settings): void {
    register(before, now);
    sharing.configure(now.cache);
    runtime = buildRuntime(now);
    log.setLevel(now.log.level);
    log.setFile(now.log.file === null ? undefined : createFileSink(now.log.file));
    if (now.completion.enabled) status.setIdle('Normal', `Completing with ${registry.active('completion')}.`);
    else status.setIdle('Inactive', 'Completion is switched off.');
  }

  function reconfigure(change: (store: SettingsStore) => SettingsChange): SettingsChange {
    const before = settings.settings();
    const changed = change(settings);
    if (changed.changes.length > 0) {
      apply(before, changed.settings);
      for (const listener of settingsListeners) listener();
    }
    return changed;
  }

  let runtime: ReturnType<typeof buildRuntime> = buildRuntime(settings.settings());
  apply(undefined, settings.settings());

  const completer = createCompleter({ documents, clock, tracer: traces, runtime: () => runtime.completion });
  const assistant = createAssistant({
    documents,
    registry,
    completer,
    traces,
    metrics,
    status,
    sharing,
    runtime: () => runtime,
    reconfigure,
    settings: () => settings.settings(),
    onSettings: (listener) => void settingsListeners.push(listener),
  });

  return {
    assistant,
    roots,
    async inspect(id) {
      const { providers, network } = settings.settings();
      const entry = providers[id];
      if (entry === undefined) throw new AiError('notConfigured', id, `There is no provider "${id}".`);
      return inspectProvider(entry, {
        vendor: vendorKeys(entry.kind, entry.baseUrl),
        secrets: { environment },
        network,
      });
    },
    checkHealth: (id, signal) => healthOf(registry.get(id), signal),
    warmUp() {
      runtime.completion
        .provider()
        .catch((error: unknown) => log.warn('The provider is not ready.', { error: String(error) }));
    },
  };
}

interface GuardOfEntry {
  readonly entry: ProviderEntry;
  readonly guard: Guard;
  /** Under earlier entries of the same id. */
  readonly retriedBefore: number;
}

function retriesOf(known: GuardOfEntry | undefined): number {
  return known === undefined ? 0 : known.retriedBefore + known.guard.retries();
}

function entryOf(id: string, now: Settings): ProviderEntry {
  return now.providers[id] ?? { id, kind: id };
}

/** What of the settings a provider is made from. */
function concernOf(settings: Settings | undefined, id: string): unknown {
  const entry = settings?.providers[id];
  return entry?.kind === 'workspace' ? [entry, settings?.context.workspace] : [entry, settings?.network];
}
