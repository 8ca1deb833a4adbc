/**
 * What is known of each kind of provider before anybody configures it. The one table to add a vendor to: the schema,
 * the reference page, the built-in ids and where a key may go come out of it. Apart from the schema because looking up a
 * vendor needs no schema library.
 */

export interface Vendor {
  readonly description: string;
  /** True where an entry of this name exists without being configured. */
  readonly builtIn: boolean;
  /** What its entries have when nobody says otherwise. */
  readonly defaults: { readonly model?: string; readonly baseUrl?: string };
  /** What an entry of this kind cannot do without. */
  readonly requires: readonly ('baseUrl' | 'model')[];
  /** Environment variables that hold this vendor's key, the first that is set counts. */
  readonly keyVariables: readonly string[];
}

export const vendors = {
  openai: {
    description: "OpenAI's own service",
    builtIn: true,
    defaults: { model: 'gpt-6-luna', baseUrl: 'https://api.openai.com/v1' },
    requires: [],
    keyVariables: ['OPENAI_API_KEY'],
  },
  'openai-compatible': {
    description: "any server that speaks OpenAI's wire: vLLM, llama.cpp, LM Studio, a gateway",
    builtIn: false,
    defaults: {},
    requires: ['baseUrl', 'model'],
    keyVariables: [],
  },
  workspace: {
    description:
      'the offline engine, which learns from the open documents and the workspace; needs no key and no network',
    builtIn: true,
    defaults: {},
    requires: [],
    keyVariables: [],
  },
} as const satisfies Record<string, Vendor>;

export type ProviderKind = keyof typeof vendors;

export const providerKinds = Object.keys(vendors) as [ProviderKind, ...ProviderKind[]];

export function isProviderKind(kind: unknown): kind is ProviderKind {
  return typeof kind === 'string' && Object.hasOwn(vendors, kind);
}

export function vendorOf(kind: ProviderKind): Vendor {
  return vendors[kind];
}

/** The ids that name a provider without any settings. Their kind is their name. */
export const builtInProviderIds: readonly ProviderKind[] = providerKinds.filter((kind) => vendorOf(kind).builtIn);

/** Where a vendor's default environment variables may be sent; `undefined` for kinds that have none. */
export function vendorKeys(
  kind: string,
): { readonly variables: readonly string[]; readonly origin: string } | undefined {
  if (!isProviderKind(kind)) return undefined;
  const { keyVariables, defaults } = vendorOf(kind);
  if (keyVariables.length === 0 || defaults.baseUrl === undefined) return undefined;
  return { variables: keyVariables, origin: new URL(defaults.baseUrl).origin };
}
