/** What a name given to `inkling keys` stands for: the providers that use the key, and the one address it is for. */
import type { Settings } from '../config/schema.ts';
import { destinationOf, refuseKeyInTheOpen } from '../credentials/resolve-api-key.ts';
import type { ProviderEntry } from '../domain/provider-entry.ts';
import { nearestName } from '../util/nearest-name.ts';
import { UsageError } from './arguments.ts';
import { CommandFailure } from './command.ts';

export interface KeyTarget {
  readonly name: string;
  readonly entries: readonly ProviderEntry[];
  readonly origin: string;
}

/** The provider of this name, and those whose `apiKey` names it. */
export function entriesNamed(name: string, { providers }: Settings): readonly ProviderEntry[] {
  return Object.values(providers).filter(({ id, apiKey }) => storedName(apiKey) === name || id === name);
}

/**
 * @throws UsageError for a name nothing goes by. @throws CommandFailure where there is no one address. @throws AiError where
 * that is on the network without TLS.
 */
export function keyTarget(name: string, settings: Settings): KeyTarget {
  const entries = entriesNamed(name, settings);
  if (entries.length === 0) throw unknownName(name, settings);
  const origins = new Set(entries.map(destinationOf).filter((origin) => origin !== undefined));
  const [origin, other] = origins;
  if (origin === undefined) {
    throw new CommandFailure(
      `Provider "${name}" has no address a key could be for. If its server needs a key, set providers.${name}.baseUrl first.`,
    );
  }
  // It would be stored and never sent.
  for (const entry of entries) refuseKeyInTheOpen(entry);
  if (other === undefined) return { name, entries, origin };
  const ids = entries.map(({ id }) => `"${id}"`).join(' and ');
  throw new CommandFailure(
    `${ids} use the key "${name}" at different addresses (${[...origins].join(', ')}), and a key is for one. Give them names of their own: "apiKey": {"stored": "NAME"}.`,
  );
}

function unknownName(name: string, { providers }: Settings): UsageError {
  const near = nearestName(name, Object.keys(providers));
  const known = Object.keys(providers).join(', ');
  return new UsageError(
    `There is no provider "${name}".${near === undefined ? ` Known: ${known}.` : ` Did you mean "${near}"?`}`,
  );
}

function storedName(apiKey: ProviderEntry['apiKey']): string | undefined {
  return typeof apiKey === 'object' && 'stored' in apiKey ? apiKey.stored : undefined;
}
