/** What is said when a provider is asked for what it cannot do: which one can, and how to name it. */
import { AiError } from '../domain/ai-error.ts';
import type { AiProvider } from '../domain/ai-provider.ts';
import type { ProviderRegistry } from '../providers/registry.ts';

type Ability = 'chat' | 'embeddings' | 'tokenCounting';

const inWords: Readonly<Record<Ability, { verb: string; setting: string }>> = {
  chat: { verb: 'chat', setting: 'Name it as "chat.provider"' },
  embeddings: { verb: 'embed text', setting: 'Name it as "provider" of the request' },
  tokenCounting: { verb: 'count tokens', setting: 'Name it as "provider" of the request' },
};

export async function unsupported(
  provider: AiProvider,
  ability: Ability,
  registry: ProviderRegistry,
): Promise<AiError> {
  const { verb, setting } = inWords[ability];
  const others = await Promise.allSettled(registry.list().map(({ id }) => registry.get(id)));
  const able = others.flatMap((one) =>
    one.status === 'fulfilled' && one.value.capabilities[ability] ? [one.value] : [],
  );
  const ready = able.filter((one) => one.lastHealth?.().state !== 'unconfigured');
  const [first] = ready.length > 0 ? ready : able;
  const hint = first?.lastHealth?.().message;
  const advice =
    first === undefined
      ? 'Configure one that can, in "providers".'
      : `"${first.name}" can. ${setting}${ready.length > 0 || hint === undefined ? '.' : `; first: ${hint}`}`;
  return new AiError('unsupported', provider.name, `"${provider.name}" cannot ${verb}. ${advice}`);
}
