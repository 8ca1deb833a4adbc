/** One provider with every wrapper the app puts around it, and nothing else of the app. */
import { createComposer } from '../src/app/compose.ts';
import { registerKinds } from '../src/app/kinds.ts';
import { type AnswerSharing, createAnswerSharing, type ShareAnswers } from '../src/cache/answer-sharing.ts';
import { createSettingsStore } from '../src/config/store.ts';
import type { AiProvider, StreamingProvider } from '../src/domain/ai-provider.ts';
import type { Log } from '../src/domain/ports.ts';
import type { ProviderEntry } from '../src/domain/provider-entry.ts';
import { createMetrics } from '../src/observability/metrics.ts';
import { createMiddleware } from '../src/observability/middleware/middleware.ts';
import { createStatusTracker } from '../src/observability/status.ts';
import { createHttpTransport } from '../src/providers/http/transport.ts';
import { createProviderRegistry, type ProviderRegistry } from '../src/providers/registry.ts';
import { systemClock as clock } from '../src/util/system-clock.ts';
import { providerDependencies } from '../test/support/provider-dependencies.ts';

const nothing = () => undefined;
export const silent: Log = { error: nothing, warn: nothing, info: nothing, debug: nothing };

/** Everything at its default. */
const settings = createSettingsStore({ profile: undefined }).settings();
const version = 'bench';

/** The kinds of the app, each over a transport of its own. */
export function openRegistry(): ProviderRegistry {
  const dependencies = { ...providerDependencies('bench-key'), clock, log: silent };
  const registry = createProviderRegistry({ log: silent, dependenciesFor: () => dependencies });
  registerKinds(registry, {
    workerPath: '',
    openTransport: async () => createHttpTransport({ environment: nothing }),
    keyOf: () => ({ now: dependencies.apiKey, describe: async () => ({ source: 'bench' }) }),
  });
  return registry;
}

export interface Stack {
  /** Guarded, measured and watched, with a fallback behind it. */
  readonly guarded: StreamingProvider;
  /** The same, with identical calls joined and answers kept. */
  readonly whole: StreamingProvider;
  readonly sharing: AnswerSharing;
  dispose(): Promise<void>;
}

/** `made` stands for what the entry's kind would make; absent, the kind makes it. */
export async function composeStack(entry: ProviderEntry, made?: AiProvider): Promise<Stack> {
  const registry = openRegistry();
  if (made !== undefined) registry.registerKind(entry.kind, () => made);
  registry.register(entry);
  const composer = createComposer({
    registry,
    metrics: createMetrics(clock),
    status: createStatusTracker(clock),
    middleware: createMiddleware({ version, threadFile: '', clock, log: silent }),
    clock,
    log: silent,
    fleet: nothing,
  });
  const sharing = createAnswerSharing(
    { version, clock, log: silent, secrets: { environment: nothing } },
    { ...settings.cache, caFile: null },
  );
  // The fallback's turn never comes, so it is never made.
  const compose = (share: ShareAnswers) => composer.list([entry.id, 'workspace'], settings, share);
  return {
    guarded: await compose((provider) => provider),
    whole: await compose(sharing.forList()),
    sharing,
    async dispose() {
      sharing.dispose();
      await registry.dispose();
    },
  };
}
