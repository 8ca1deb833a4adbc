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
  readonly defaults: { readonly model?: string; readonly baseUrl?: string; readonly keepAlive?: string };
  /** What an entry of this kind cannot do without. */
  readonly requires: readonly ('baseUrl' | 'model' | 'module')[];
  /** Environment variables that hold this vendor's key, the first that is set counts. */
  readonly keyVariables: readonly string[];
  /** True where people run the server themselves, as a rule on the machine they work at. */
  readonly servedLocally?: boolean;
  /** Further addresses of the vendor that have keys of their own. */
  readonly otherHosts?: readonly { readonly origin: string; readonly keyVariables: readonly string[] }[];
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
    description: "any server that speaks OpenAI's wire: vLLM, LM Studio, a gateway",
    builtIn: false,
    defaults: {},
    requires: ['baseUrl', 'model'],
    keyVariables: [],
  },
  anthropic: {
    description: "Anthropic's own service",
    builtIn: true,
    defaults: { model: 'claude-haiku-5-5', baseUrl: 'https://api.anthropic.com' },
    requires: [],
    keyVariables: ['ANTHROPIC_API_KEY'],
  },
  gemini: {
    description: "Google's Gemini API",
    builtIn: true,
    defaults: { model: 'gemini-3.5-flash-lite', baseUrl: 'https://generativelanguage.googleapis.com/v1beta' },
    requires: [],
    keyVariables: ['GEMINI_API_KEY', 'GOOGLE_API_KEY'],
  },
  mistral: {
    description: "Mistral's own service, with fill-in-the-middle by Codestral",
    builtIn: true,
    defaults: { model: 'codestral-latest', baseUrl: 'https://api.mistral.ai/v1' },
    requires: [],
    keyVariables: ['MISTRAL_API_KEY'],
    otherHosts: [{ origin: 'https://codestral.mistral.ai', keyVariables: ['CODESTRAL_API_KEY'] }],
  },
  grok: {
    description: "xAI's own service",
    builtIn: true,
    defaults: { model: 'grok-4.20-non-reasoning', baseUrl: 'https://api.x.ai/v1' },
    requires: [],
    keyVariables: ['XAI_API_KEY'],
  },
  ollama: {
    description: 'models on this machine, served by Ollama',
    builtIn: true,
    defaults: { model: 'qwen2.5-coder:1.5b', baseUrl: 'http://127.0.0.1:11434', keepAlive: '30m' },
    requires: [],
    keyVariables: [],
    servedLocally: true,
  },
  'llama-cpp': {
    description: "llama.cpp's `llama-server` on this machine, on port 8080 or 9931 unless an address is given",
    builtIn: true,
    // No address: its default port is changing, so both are looked at.
    defaults: {},
    requires: [],
    keyVariables: [],
    servedLocally: true,
  },
  module: {
    description: 'a provider you wrote yourself, loaded from an ES module',
    builtIn: false,
    defaults: {},
    requires: ['module'],
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

/**
 * Where a vendor's default environment variables may be sent; `undefined` for kinds that have none. `baseUrl` is where
 * an entry points to: an address of the vendor with a key of its own is answered with that.
 */
export function vendorKeys(
  kind: string,
  baseUrl?: string,
): { readonly variables: readonly string[]; readonly origin: string } | undefined {
  if (!isProviderKind(kind)) return undefined;
  const { keyVariables, defaults, otherHosts = [] } = vendorOf(kind);
  const origin = baseUrl !== undefined && URL.canParse(baseUrl) ? new URL(baseUrl).origin : undefined;
  const other = otherHosts.find((host) => host.origin === origin);
  if (other !== undefined) return { variables: other.keyVariables, origin: other.origin };
  if (keyVariables.length === 0 || defaults.baseUrl === undefined) return undefined;
  return { variables: keyVariables, origin: new URL(defaults.baseUrl).origin };
}
