/** What is said when a provider is asked for what it cannot do: which one can, and how to name it. */
import { vendorKeys } from '../config/vendors.ts';
import { AiError } from '../domain/ai-error.ts';
import type { ProviderEntry } from '../domain/provider-entry.ts';
import type { ProviderRegistry } from '../providers/registry.ts';

type Ability = 'chat' | 'embeddings' | 'tokenCounting';

const inWords: Readonly<Record<Ability, { verb: string; setting: string }>> = {
  chat: { verb: 'chat', setting: 'Name it as "chat.provider".' },
  embeddings: { verb: 'embed text', setting: 'Name it as "provider" of the request.' },
  tokenCounting: { verb: 'count tokens', setting: 'Name it as "provider" of the request.' },
};

interface Candidate {
  readonly entry: ProviderEntry;
  readonly state: string;
}

/** `isAssumed`: whether nobody has heard of the entry's server yet. */
export async function unsupported(
  provider: string,
  ability: Ability,
  registry: ProviderRegistry,
  isAssumed: (entry: ProviderEntry) => boolean,
): Promise<AiError> {
  const { verb, setting } = inWords[ability];
  const able = await candidates(ability, registry);
  const isAt =
    (...states: readonly string[]) =>
    (one: Candidate) =>
      states.includes(one.state) && !isAssumed(one.entry);
  const ready = able.find(isAt('ready')) ?? able.find(isAt('degraded', 'open'));
  const keyless = able.find(({ entry, state }) => state === 'unconfigured' && variableOf(entry) !== undefined);
  const advice =
    ready !== undefined
      ? `"${ready.entry.id}" can. ${setting}`
      : keyless !== undefined
        ? `"${keyless.entry.id}" can, with a key in ${variableOf(keyless.entry)}. ${setting}`
        : able[0] !== undefined
          ? `"${able[0].entry.id}" can, once it answers. ${setting}`
          : 'Configure one that can, in "providers".';
  return new AiError('unsupported', provider, `"${provider}" cannot ${verb}. ${advice}`);
}

/** In the order of the registry. One that cannot even be made is none. */
async function candidates(ability: Ability, registry: ProviderRegistry): Promise<readonly Candidate[]> {
  const all = await Promise.all(
    registry.list().map(async (entry) => {
      const one = await registry.get(entry.id).catch(() => undefined);
      return one?.capabilities[ability] === true ? { entry, state: one.lastHealth?.().state ?? 'ready' } : undefined;
    }),
  );
  return all.filter((one) => one !== undefined);
}

/** Where a key for the entry is looked for first. */
function variableOf({ kind, baseUrl, apiKey }: ProviderEntry): string | undefined {
  if (typeof apiKey === 'object' && 'env' in apiKey) return apiKey.env;
  return vendorKeys(kind, baseUrl)?.variables[0];
}
