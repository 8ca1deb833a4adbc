/** What a provider is made with in a test: no documents, a clock that stands still, a log that can be read. */
import type { ProviderDependencies } from '../../src/domain/provider-entry.ts';
import { Secret } from '../../src/domain/secret.ts';
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts';

export interface TestDependencies extends ProviderDependencies {
  readonly clock: VirtualClock;
  /** Every line the provider logged, with its fields as JSON. */
  readonly logged: readonly string[];
}

/** `key` is what `apiKey()` gives; absent: there is none. */
export function providerDependencies(key?: string): TestDependencies {
  const logged: string[] = [];
  const write = (message: string, fields?: object) => {
    logged.push(`${message} ${JSON.stringify(fields ?? {})}`);
  };
  return {
    clock: createVirtualClock(),
    log: { error: write, warn: write, info: write, debug: write },
    apiKey: () => (key === undefined ? undefined : new Secret(key)),
    documents: { get: () => undefined, recent: () => [], observe: () => () => {} },
    roots: { roots: [], onChange: () => () => {} },
    progress: { begin: () => ({ report() {}, end() {} }) },
    logged,
  };
}
