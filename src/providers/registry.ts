/** The providers by id: made by their kind's factory on first use, swapped while calls run, disposed after the last call on them. */
import { AiError } from '../domain/ai-error.ts';
import type { AiProvider } from '../domain/ai-provider.ts';
import type { Log } from '../domain/ports.ts';
import type { ProviderDependencies, ProviderEntry, ProviderFactory } from '../domain/provider-entry.ts';
import { type TrackedProvider, trackCalls } from './track-calls.ts';

export type Feature = 'completion' | 'chat';

export interface RegistryChange {
  readonly kind: 'registered' | 'replaced' | 'unregistered' | 'activated';
  readonly id: string;
}

export interface ProviderRegistry {
  /** Teaches the registry a kind. The factory is called once for each entry of the kind, when it is first used. */
  registerKind(kind: string, factory: ProviderFactory): void;
  /** Throws when the id is taken: replacing is a decision of its own. */
  register(entry: ProviderEntry): void;
  /** Calls in flight finish on the old one, which is then disposed; new calls get the new one. */
  replace(entry: ProviderEntry): void;
  /** Calls in flight finish; then the provider is disposed. */
  unregister(id: string): void;
  has(id: string): boolean;
  /** `undefined` where there is none of this id. */
  entry(id: string): ProviderEntry | undefined;
  list(): readonly ProviderEntry[];
  /**
   * Rejects with `AiError` `notConfigured` for an unknown id or kind, and with what its factory rejects with; a factory
   * that failed is tried again at the next call.
   */
  get(id: string): Promise<AiProvider>;
  /** The id that answers for a feature when nobody names another. */
  active(feature: Feature): string;
  activate(feature: Feature, id: string): void;
  onChange(listener: (change: RegistryChange) => void): () => void;
  /** Disposes every provider that was made, after its last call. */
  dispose(): Promise<void>;
}

export interface ProviderRegistryOptions {
  readonly log: Log;
  /** What the factory of this entry receives. */
  dependenciesFor(entry: ProviderEntry): ProviderDependencies;
}

interface Slot {
  readonly entry: ProviderEntry;
  made?: Promise<TrackedProvider>;
}

export function createProviderRegistry({ log, dependenciesFor }: ProviderRegistryOptions): ProviderRegistry {
  const factories = new Map<string, ProviderFactory>();
  const slots = new Map<string, Slot>();
  const listeners = new Set<(change: RegistryChange) => void>();
  const active = new Map<Feature, string>();

  function announce(kind: RegistryChange['kind'], id: string): void {
    for (const listener of listeners) listener({ kind, id });
  }

  async function make({ entry }: Slot): Promise<TrackedProvider> {
    const factory = factories.get(entry.kind);
    if (factory === undefined) {
      throw new AiError('notConfigured', entry.id, `There is no provider of kind "${entry.kind}". ${known(factories)}`);
    }
    const provider = await factory(entry, dependenciesFor(entry));
    const tracked = trackCalls(provider);
    provider.initialize?.(tracked.lifetime).catch((error: unknown) => {
      log.warn('A provider could not prepare itself; its calls will say why.', {
        provider: entry.id,
        error: String(error),
      });
    });
    return tracked;
  }

  function retire(slot: Slot | undefined): Promise<void> {
    if (slot?.made === undefined) return Promise.resolve();
    return slot.made
      .then((provider) => provider.retire())
      .catch((error: unknown) =>
        log.warn('A provider could not be closed cleanly.', { provider: slot.entry.id, error: String(error) }),
      );
  }

  return {
    registerKind: (kind, factory) => void factories.set(kind, factory),
    register(entry) {
      if (slots.has(entry.id)) throw new Error(`A provider named "${entry.id}" is registered already.`);
      slots.set(entry.id, { entry });
      announce('registered', entry.id);
    },
    replace(entry) {
      const old = slots.get(entry.id);
      slots.set(entry.id, { entry });
      announce('replaced', entry.id);
      void retire(old);
    },
    unregister(id) {
      const old = slots.get(id);
      if (!slots.delete(id)) return;
      announce('unregistered', id);
      void retire(old);
    },
    has: (id) => slots.has(id),
    entry: (id) => slots.get(id)?.entry,
    list: () => [...slots.values()].map(({ entry }) => entry),
    async get(id) {
      const slot = slots.get(id);
      if (slot === undefined) throw new AiError('notConfigured', id, `There is no provider "${id}". ${known(slots)}`);
      slot.made ??= make(slot);
      try {
        return (await slot.made).provider;
      } catch (error) {
        delete slot.made;
        throw error;
      }
    },
    active(feature) {
      const id = active.get(feature);
      if (id === undefined) throw new Error(`No provider was activated for ${feature}.`);
      return id;
    },
    activate(feature, id) {
      if (active.get(feature) === id) return;
      active.set(feature, id);
      announce('activated', id);
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async dispose() {
      const all = [...slots.values()];
      slots.clear();
      for (const { entry } of all) announce('unregistered', entry.id);
      await Promise.all(all.map(retire));
    },
  };
}

function known(names: ReadonlyMap<string, unknown>): string {
  return `Known: ${[...names.keys()].map((name) => `"${name}"`).join(', ')}.`;
}
