/** The providers by id: made on first use, swapped while calls run, disposed when the last call on them has ended. */
import { AiError } from '../domain/ai-error.ts';
import type { AiProvider } from '../domain/ai-provider.ts';
import type { Log } from '../domain/ports.ts';
import { type TrackedProvider, trackCalls } from './track-calls.ts';

export type ProviderMaker = () => AiProvider | Promise<AiProvider>;

export interface RegistryChange {
  readonly kind: 'registered' | 'replaced' | 'unregistered';
  readonly id: string;
}

export interface ProviderRegistry {
  /** Throws when the id is taken: replacing is a decision of its own. */
  register(id: string, make: ProviderMaker): void;
  /** Calls in flight finish on the old one, which is then disposed; new calls get the new one. */
  replace(id: string, make: ProviderMaker): void;
  unregister(id: string): void;
  has(id: string): boolean;
  list(): readonly string[];
  /** Rejects with `AiError` `notConfigured` for an unknown id. A maker that failed is tried again at the next call. */
  get(id: string): Promise<AiProvider>;
  onChange(listener: (change: RegistryChange) => void): () => void;
  /** Disposes every provider that was made, after its last call. */
  dispose(): Promise<void>;
}

interface Slot {
  readonly make: ProviderMaker;
  made?: Promise<TrackedProvider>;
}

export function createProviderRegistry(log: Log): ProviderRegistry {
  const slots = new Map<string, Slot>();
  const listeners = new Set<(change: RegistryChange) => void>();

  function announce(change: RegistryChange): void {
    for (const listener of listeners) listener(change);
  }

  function retire(id: string, slot: Slot): Promise<void> {
    if (slot.made === undefined) return Promise.resolve();
    return slot.made
      .then((provider) => provider.retire())
      .catch((error: unknown) =>
        log.warn('A provider could not be closed cleanly.', { provider: id, error: String(error) }),
      );
  }

  async function make(slot: Slot): Promise<TrackedProvider> {
    const provider = await slot.make();
    const tracked = trackCalls(provider);
    provider.initialize?.(tracked.lifetime).catch((error: unknown) => {
      log.warn('A provider could not prepare itself; its calls will say why.', {
        provider: provider.name,
        error: String(error),
      });
    });
    return tracked;
  }

  return {
    register(id, maker) {
      if (slots.has(id)) throw new Error(`A provider named "${id}" is registered already.`);
      slots.set(id, { make: maker });
      announce({ kind: 'registered', id });
    },
    replace(id, maker) {
      const old = slots.get(id);
      slots.set(id, { make: maker });
      announce({ kind: 'replaced', id });
      if (old !== undefined) void retire(id, old);
    },
    unregister(id) {
      const old = slots.get(id);
      if (old === undefined) return;
      slots.delete(id);
      announce({ kind: 'unregistered', id });
      void retire(id, old);
    },
    has: (id) => slots.has(id),
    list: () => [...slots.keys()],
    async get(id) {
      const slot = slots.get(id);
      if (slot === undefined) {
        throw new AiError('notConfigured', id, `There is no provider "${id}". Known: ${[...slots.keys()].join(', ')}.`);
      }
      slot.made ??= make(slot);
      try {
        return (await slot.made).provider;
      } catch (error) {
        delete slot.made;
        throw error;
      }
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async dispose() {
      const all = [...slots];
      slots.clear();
      await Promise.all(all.map(([id, slot]) => retire(id, slot)));
    },
  };
}
