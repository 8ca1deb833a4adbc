/** The composition root: the only file that picks and builds adapters from settings. */
import { isDeepStrictEqual } from 'node:util';
import packageJson from '../../package.json' with { type: 'json' };
import { type Assistant, createAssistant } from '../assistant/assistant.ts';
import { healthOf, inspectProvider, type ProviderInspection } from '../assistant/inspect-provider.ts';
import { createAnswerSharing, type SharingSettings } from '../cache/answer-sharing.ts';
import { createCompleter } from '../completion/completer.ts';
import type { Settings } from '../config/schema.ts';
import type { SettingsChange, SettingsStore } from '../config/store.ts';
import type { UserPlace } from '../config/user-file.ts';
import { createContextBuilder } from '../context/build-context.ts';
import { createExcerpts } from '../context/excerpt.ts';
import type { KeyDescription } from '../credentials/entry-key.ts';
import { createDocumentStore } from '../documents/document-store.ts';
import { createWorkspaceRoots, type WorkspaceRootStore } from '../documents/workspace-roots.ts';
import { AiError } from '../domain/ai-error.ts';
import type { ProviderHealth } from '../domain/ai-provider.ts';
import type { FleetLimits } from '../domain/fleet-limits.ts';
import type { Clock, ProgressReporter } from '../domain/ports.ts';
import type { ProviderDependencies, ProviderEntry } from '../domain/provider-entry.ts';
import type { WorkspaceRoots } from '../domain/text.ts';
import { createTraceLog } from '../observability/explain.ts';
import { createFileSink } from '../observability/file-sink.ts';
import type { AppLog } from '../observability/log.ts';
import { createMetrics } from '../observability/metrics.ts';
import { createMiddleware } from '../observability/middleware/middleware.ts';
import { createStatusTracker } from '../observability/status.ts';
import type { HttpTransport } from '../providers/http/transport.ts';
import { createProviderRegistry } from '../providers/registry.ts';
import { createAppAudit } from './audit.ts';
import { createComposer } from './compose.ts';
import { idleStatus } from './idle-status.ts';
import { createAppKeys } from './keys.ts';
import { registerKinds } from './kinds.ts';
import { type AppProjects, createAppProjects } from './projects.ts';
import { type AppRuntime, buildRuntime } from './runtime.ts';

export interface AppOptions {
  readonly place: UserPlace;
  /**
   * What made the settings what they are: it is written down, and so is every change to come. Absent for a command, whose
   * settings end with it.
   */
  readonly changes?: readonly SettingsChange[];
  readonly clock: Clock;
  readonly log: AppLog;
  readonly progress: ProgressReporter;
  /** The file of the index worker thread. */
  readonly workerPath: string;
  /** The file of the thread in which a user's observer of calls runs. */
  readonly observerPath: string;
  readonly settings: SettingsStore;
}

export interface App {
  readonly assistant: Assistant;
  readonly roots: WorkspaceRootStore;
  readonly projects: Pick<AppProjects, 'read' | 'onIssue'>;
  /** Makes the active provider ready in the background: a connection opened, an index begun. */
  warmUp(): void;
  /** Where a provider's key comes from and how it is reached, without asking it. Rejects with `AiError` `notConfigured`. */
  inspect(id: string, signal: AbortSignal): Promise<ProviderInspection>;
  /** What is known of a provider's key without asking anybody for it. Rejects like `inspect`. */
  glanceAtKey(id: string, signal: AbortSignal): Promise<KeyDescription>;
  /** Asks the provider. Never rejects. */
  checkHealth(id: string, signal: AbortSignal): Promise<ProviderHealth>;
}

export function createApp(options: AppOptions): App {
  const { clock, log, settings } = options;
  const environment = (name: string) => options.place.environment[name];
  const documents = createDocumentStore({ log });
  const roots = createWorkspaceRoots();
  const projects = createAppProjects(roots, documents, projectsChanged);
  const registry = createProviderRegistry({ log, dependenciesFor });
  const metrics = createMetrics(clock);
  const status = createStatusTracker(clock);
  const traces = createTraceLog(clock, (trace) =>
    log.debug('completion', { outcome: trace.outcome, reason: trace.reason }),
  );
  const contexts = createContextBuilder({
    documents,
    roots,
    clock,
    log,
    settings: () => runtime.context,
    projectPatterns: projects.exclusions,
  });
  const excerpt = createExcerpts({ documents, roots, contexts });
  const middleware = createMiddleware({ version: packageJson.version, threadFile: options.observerPath, clock, log });
  const sharing = createAnswerSharing(
    { version: packageJson.version, clock, log, secrets: { environment } },
    sharingSettings(settings.settings()),
  );
  const audit = createAppAudit({ ...options, settings: settings.settings().audit });
  const keys = createAppKeys({ place: options.place, clock, log, onEvent: audit.keyChanged, onRenewed: beginAnew });
  const composer = createComposer({ registry, metrics, status, middleware, clock, log, fleet });
  const settingsListeners: (() => void)[] = [];
  /** The folders a provider may learn from: none where the settings say so. */
  const learntRoots: WorkspaceRoots = {
    get roots() {
      return settings.settings().context.workspace ? roots.roots : [];
    },
    onChange: roots.onChange,
  };

  async function openTransport(): Promise<HttpTransport> {
    const { createHttpTransport } = await import('../providers/http/transport.ts');
    const { proxy, noProxy, caFile } = settings.settings().network;
    return createHttpTransport({ proxy, noProxy, caFile, environment });
  }

  function dependenciesFor(entry: ProviderEntry): ProviderDependencies {
    return {
      clock,
      log,
      documents,
      roots: learntRoots,
      progress: options.progress,
      apiKey: () => keys.of(entry).now(),
    };
  }

  /** The limits of a team are of an account, and whose account it is shows when the key is there. */
  function fleet(entry: ProviderEntry): FleetLimits | undefined {
    return keys.of(entry).distant?.health() === undefined ? sharing.limits(entry, () => accountOf(entry)) : undefined;
  }

  /** What a provider counts requests by: whose key it is, or where it is. It is hashed before it goes anywhere. */
  function accountOf(entry: ProviderEntry): string {
    return JSON.stringify([entry.kind, entry.baseUrl, keys.of(entry).now()?.reveal()]);
  }

  function entryOf(id: string): ProviderEntry {
    const entry = settings.settings().providers[id];
    if (entry !== undefined) return entry;
    throw new AiError('notConfigured', id, `There is no provider "${id}".`);
  }

  /** What the settings make of everything, with the projects as they are now. */
  function runtimeOf(now: Settings): AppRuntime {
    const narrowed = projects.narrowing(settings.effective());
    return buildRuntime(now, {
      composer,
      sharing,
      documents,
      contexts,
      excerpt,
      narrowed,
      soleRoot: projects.soleRoot,
    });
  }

  /** Brings the registry in step with the settings; providers that nothing of it concerns stay as they are. */
  function register(before: Settings | undefined, now: Settings): void {
    for (const { id } of registry.list()) {
      if (now.providers[id] !== undefined) continue;
      registry.unregister(id);
      keys.forget(id);
    }
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
    sharing.configure(sharingSettings(now));
    middleware.configure(now.middleware);
    runtime = runtimeOf(now);
    log.setLevel(now.log.level);
    log.setFile(now.log.file === null ? undefined : createFileSink(now.log.file, tellOfLostLog));
    status.setIdle(idleStatus(now));
  }

  /** What is remembered of a provider was of another key. */
  function beginAnew(id: string): void {
    composer.forget(id);
    runtime = runtimeOf(settings.settings());
    status.setIdle(idleStatus(settings.settings()));
  }

  function tellOfLostLog(error: unknown): void {
    log.warn('The file of "log.file" cannot be written: nothing is logged there.', { error: String(error) });
  }

  function projectsChanged(): void {
    contexts.projectsChanged();
    runtime = runtimeOf(settings.settings());
  }

  function reconfigure(change: (store: SettingsStore) => SettingsChange): SettingsChange {
    const before = settings.settings();
    const changed = change(settings);
    if (changed.changes.length > 0) {
      audit.settingsChanged(before, changed);
      apply(before, changed.settings);
      for (const listener of settingsListeners) listener();
    }
    return changed;
  }

  registerKinds(registry, { workerPath: options.workerPath, openTransport, keyOf: keys.of });
  let runtime: AppRuntime = runtimeOf(settings.settings());
  apply(undefined, settings.settings());

  const completer = createCompleter({ documents, clock, tracer: traces, runtime: () => runtime.completion });
  const assistant = createAssistant({
    documents,
    clock,
    registry,
    completer,
    traces,
    metrics,
    status,
    sharing,
    middleware,
    runtime: () => runtime,
    reconfigure,
    settings: () => settings.settings(),
    onSettings: (listener) => void settingsListeners.push(listener),
    reportProblems: contexts.reportProblems,
  });

  return {
    assistant: {
      ...assistant,
      async dispose() {
        await assistant.dispose();
        await audit.flush();
      },
    },
    roots,
    projects,
    async inspect(id, signal) {
      const entry = entryOf(id);
      return inspectProvider(entry, keys.of(entry), { environment, network: settings.settings().network }, signal);
    },
    async glanceAtKey(id, signal) {
      const key = keys.of(entryOf(id));
      return key.distant === undefined ? key.describe(signal) : key.distant.glance();
    },
    checkHealth: (id, signal) => healthOf(registry.get(id), signal),
    warmUp() {
      sharing.warmUp();
      runtime.completion
        .provider()
        .catch((error: unknown) => log.warn('The provider is not ready.', { error: String(error) }));
      if (settings.settings().completion.latencyBudget !== null) {
        runtime.completion
          .localProvider()
          ?.catch((error: unknown) => log.warn('The offline engine is not ready.', { error: String(error) }));
      }
    },
  };
}

function sharingSettings({ cache, network }: Settings): SharingSettings {
  return { ...cache, caFile: network.caFile };
}

/** What of the settings a provider is made from. */
function concernOf(settings: Settings | undefined, id: string): unknown {
  const entry = settings?.providers[id];
  return entry?.kind === 'workspace' ? [entry, settings?.context.workspace] : [entry, settings?.network];
}
