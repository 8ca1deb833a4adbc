/** Checks what a user's module made against the interface, before anything is asked of it. */
import { type AiCapabilities, aiProviderApiVersion } from '../../domain/ai-provider.ts';
import type { ProviderEntry } from '../../domain/provider-entry.ts';
import { member, textMember } from '../http/json.ts';
import { wrong } from './load-module.ts';

/** A method of the module, bound to it, whose answers nobody has looked at yet. */
export type ModuleMethod = (...given: readonly unknown[]) => unknown;

const methodNames = [
  'completeCode',
  'streamCode',
  'chat',
  'streamChat',
  'embed',
  'countTokens',
  'listModels',
  'checkHealth',
  'initialize',
  'dispose',
] as const;
type MethodName = (typeof methodNames)[number];

export interface CheckedProvider {
  readonly model: string;
  readonly local: boolean;
  readonly capabilities: AiCapabilities;
  readonly methods: Readonly<Partial<Record<MethodName, ModuleMethod>>>;
}

/** Which methods a capability needs; one of them is enough. */
const neededFor: Readonly<Partial<Record<keyof AiCapabilities, readonly MethodName[]>>> = {
  codeCompletion: ['completeCode', 'streamCode'],
  chat: ['chat', 'streamChat'],
  embeddings: ['embed'],
  tokenCounting: ['countTokens'],
};

/** Throws `AiError` of kind `notConfigured` that names what is missing or wrong. */
export function checkProvider(made: unknown, entry: ProviderEntry): CheckedProvider {
  if (typeof made !== 'object' || made === null) throw wrong(entry, 'it returned no provider object');
  const version: unknown = Reflect.get(made, 'apiVersion');
  if (version !== aiProviderApiVersion) {
    throw wrong(entry, `its apiVersion is ${shown(version)}, and this program speaks ${aiProviderApiVersion}`);
  }
  const methods = methodsOf(made, entry);
  const capabilities = capabilitiesOf(Reflect.get(made, 'capabilities'), methods, entry);
  if (!capabilities.chat && !capabilities.codeCompletion && !capabilities.embeddings) {
    throw wrong(entry, 'it offers neither chat nor codeCompletion nor embeddings');
  }
  return {
    model: entry.model ?? textMember(made, 'model') ?? '',
    // What is not said is not promised: only a module that says so keeps everything in the process.
    local: member(made, 'local') === true,
    capabilities,
    methods,
  };
}

function methodsOf(made: object, entry: ProviderEntry): CheckedProvider['methods'] {
  const methods: Partial<Record<MethodName, ModuleMethod>> = {};
  for (const name of methodNames) {
    const method: unknown = Reflect.get(made, name);
    if (method === undefined || method === null) continue;
    if (typeof method !== 'function') throw wrong(entry, `${name} is no function`);
    methods[name] = (...given) => Reflect.apply(method, made, given);
  }
  return methods;
}

/** What it does not say follows from its methods; what it says needs them. */
function capabilitiesOf(said: unknown, methods: CheckedProvider['methods'], entry: ProviderEntry): AiCapabilities {
  const flag = (name: Exclude<keyof AiCapabilities, 'contextWindow'>, otherwise: boolean): boolean => {
    const value = entry.capabilities?.[name] ?? member(said, name) ?? otherwise;
    if (typeof value !== 'boolean') throw wrong(entry, `capabilities.${name} is neither true nor false`);
    const needed = neededFor[name];
    if (value && needed !== undefined && !has(needed)) {
      throw wrong(entry, `capabilities.${name} is true, and there is no function ${needed.join(' or ')}`);
    }
    return value;
  };
  const has = (names: readonly MethodName[]) => names.some((name) => methods[name] !== undefined);
  const contextWindow =
    entry.capabilities?.contextWindow ?? entry.contextWindow ?? member(said, 'contextWindow') ?? null;
  if (contextWindow !== null && typeof contextWindow !== 'number') {
    throw wrong(entry, 'capabilities.contextWindow is neither a number nor null');
  }
  return {
    streaming: flag('streaming', has(['streamChat', 'streamCode'])),
    codeCompletion: flag('codeCompletion', has(['completeCode', 'streamCode'])),
    fim: flag('fim', false),
    chat: flag('chat', has(['chat', 'streamChat'])),
    embeddings: flag('embeddings', has(['embed'])),
    tokenCounting: flag('tokenCounting', has(['countTokens'])),
    contextWindow,
  };
}

function shown(value: unknown): string {
  return typeof value === 'number' || typeof value === 'string' ? JSON.stringify(value).slice(0, 20) : `no number`;
}
