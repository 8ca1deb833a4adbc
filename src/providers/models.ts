/**
 * What is known of models by their names: one row per family, first match wins. A table apart from all code, because
 * vendors change their models monthly. A provider entry's own fields override it, and a parameter that a server
 * refuses is left out from then on whatever is written here. State of November 2026, from the vendors' model pages.
 */
import type { FimForm } from '../domain/provider-entry.ts';

/** When a model takes a parameter: some refuse it while they think. */
export type Acceptance = 'always' | 'withoutThinking' | 'never';

export interface ModelFacts {
  /** Tokens of prompt and answer together; `null` where it depends on the server. */
  readonly contextWindow: number | null;
  readonly stop: Acceptance;
  readonly temperature: Acceptance;
  /** Whose wire `thinkingOff` is written in; behind a gateway of another wire its fields mean nothing. */
  readonly wire: 'openai' | 'anthropic' | 'gemini';
  /** Merged into the body of a completion request so that the model answers at once, or thinks as little as it can. */
  readonly thinkingOff: Readonly<Record<string, unknown>>;
  /** True when the model thinks even so. Its thoughts count against the token limit. */
  readonly alwaysThinks: boolean;
  /** How its raw completion endpoint is asked to fill in the middle; `none` where the model only chats. */
  readonly fim: FimForm;
  /** UTF-8 bytes of source code per token, on average over languages. */
  readonly bytesPerToken: number;
}

interface Row extends Partial<ModelFacts> {
  readonly pattern: RegExp;
}

const unknownModel: ModelFacts = {
  contextWindow: null,
  stop: 'always',
  temperature: 'always',
  wire: 'openai',
  thinkingOff: {},
  alwaysThinks: false,
  fim: 'none',
  bytesPerToken: 3.5,
};

/** OpenAI's models that can be told not to think; only then do they take `stop` and `temperature`. */
const effortNone = {
  thinkingOff: { reasoning_effort: 'none' },
  stop: 'withoutThinking',
  temperature: 'withoutThinking',
  bytesPerToken: 4,
} as const;
const effortLow = {
  thinkingOff: { reasoning_effort: 'low' },
  alwaysThinks: true,
  stop: 'never',
  temperature: 'never',
  bytesPerToken: 4,
} as const;

/** Anthropic's models. The temperature is for its older API version; the current one takes none. */
const claude5 = { wire: 'anthropic', contextWindow: 1_000_000, temperature: 'never', bytesPerToken: 3 } as const;
const effort = { output_config: { effort: 'low' } } as const;

/** xAI's reasoning models: they refuse `stop` but not `temperature`, and some of them an effort too. */
const grokThinks = { alwaysThinks: true, stop: 'never' } as const;

/** Gemini's models: by level since 3, by budget before. */
const thinkingConfig = (fields: object) =>
  ({ wire: 'gemini', thinkingOff: { generationConfig: { thinkingConfig: fields } } }) as const;
const geminiMinimal = { ...thinkingConfig({ thinkingLevel: 'minimal' }), contextWindow: 1_048_576 } as const;
const geminiLow = {
  ...thinkingConfig({ thinkingLevel: 'low' }),
  alwaysThinks: true,
  contextWindow: 1_048_576,
} as const;

const rows: readonly Row[] = [
  { pattern: /^gemini-2\.5-flash/, ...thinkingConfig({ thinkingBudget: 0 }), contextWindow: 1_048_576 },
  {
    pattern: /^gemini-2\.5-/,
    ...thinkingConfig({ thinkingBudget: 128 }),
    alwaysThinks: true,
    contextWindow: 1_048_576,
  },
  { pattern: /^gemini-[12]\./, contextWindow: 1_048_576 },
  { pattern: /^gemini-embedding/, contextWindow: 2048 },
  { pattern: /^gemini-(3(\.\d+)?-flash-lite|3(\.[0-6])?-flash|flash-lite-latest)/, ...geminiMinimal },
  { pattern: /^gemini-/, ...geminiLow },
  { pattern: /^claude-sonnet-5-5/, ...claude5, thinkingOff: { thinking: { type: 'between_tools' }, ...effort } },
  { pattern: /^claude-(opus-5-5|fable-5|mythos-5)/, ...claude5, thinkingOff: effort, alwaysThinks: true },
  { pattern: /^claude-(haiku|sonnet|opus)-5/, ...claude5, thinkingOff: { thinking: { type: 'disabled' }, ...effort } },
  { pattern: /^claude-\w+-4-[78]/, ...claude5 },
  { pattern: /^claude-\w+-4-6/, contextWindow: 1_000_000 },
  { pattern: /^claude-\w+-4-5/, contextWindow: 200_000 },
  { pattern: /^claude-/, ...claude5, contextWindow: null, thinkingOff: effort, alwaysThinks: true },
  { pattern: /^grok-4\.20.*non-reasoning/, contextWindow: 1_000_000 },
  { pattern: /^grok-4\.20/, ...grokThinks, contextWindow: 1_000_000 },
  {
    pattern: /^grok-4\.3/,
    thinkingOff: { reasoning_effort: 'none' },
    stop: 'withoutThinking',
    contextWindow: 1_000_000,
  },
  { pattern: /^grok-(build|code)/, ...grokThinks, contextWindow: 256_000 },
  { pattern: /^grok-4\.[5-7]/, ...grokThinks, thinkingOff: { reasoning_effort: 'low' }, contextWindow: 500_000 },
  { pattern: /^gpt-6-luna/, ...effortNone, contextWindow: 1_050_000 },
  { pattern: /^gpt-(6-sol|6\.1-terra|5\.6)/, ...effortNone },
  { pattern: /^gpt-5\.[1-9]/, ...effortNone, contextWindow: 400_000 },
  { pattern: /^gpt-5/, ...effortLow, thinkingOff: { reasoning_effort: 'minimal' }, contextWindow: 400_000 },
  { pattern: /^gpt-4\.1/, contextWindow: 1_047_576, bytesPerToken: 4 },
  { pattern: /^(chatgpt-|gpt-)4o/, contextWindow: 128_000, bytesPerToken: 4 },
  { pattern: /^gpt-oss/, ...effortLow, stop: 'always', temperature: 'always', contextWindow: 131_072 },
  { pattern: /^gpt-[34]/, bytesPerToken: 4 },
  { pattern: /^gpt-/, ...effortLow },
  { pattern: /^o\d/, ...effortLow, contextWindow: 200_000 },
  { pattern: /^qwen-?3-coder/, fim: 'qwen', contextWindow: 262_144 },
  { pattern: /^(qwen[\d.-]*|code)-?(coder|qwen)/, fim: 'qwen', contextWindow: 32_768 },
  { pattern: /^qwen-?3/, thinkingOff: { chat_template_kwargs: { enable_thinking: false } } },
  { pattern: /^(starcoder|stable-code|granite.*code)/, fim: 'starcoder', contextWindow: 8192 },
  { pattern: /^code-?llama/, fim: 'codellama', contextWindow: 16_384 },
  { pattern: /^deepseek-coder/, fim: 'deepseek', contextWindow: 16_384 },
  { pattern: /^deepseek-v4/, thinkingOff: { thinking: { type: 'disabled' } } },
  { pattern: /^codestral/, fim: 'codestral', contextWindow: 256_000 },
  { pattern: /^mistral-medium-3[.-]5/, thinkingOff: { reasoning_effort: 'none' }, contextWindow: 262_144 },
  { pattern: /^mistral-(medium|small)/, thinkingOff: { reasoning_effort: 'none' } },
  { pattern: /^codegemma/, fim: 'codegemma', contextWindow: 8192 },
];

/**
 * With what a name has to begin with to fit the pattern at all: trying forty patterns would first compile them, which takes
 * 0.8 ms of the first suggestion.
 */
const candidates = rows.map((row) => ({ row, beginning: /^\^([a-z]*)/.exec(row.pattern.source)?.[1] ?? '' }));

/** `model` as a server names it; an owner before a slash (`Qwen/Qwen2.5-Coder-7B`) and upper case do not matter. */
export function modelFacts(model: string): ModelFacts {
  const name = model.slice(model.lastIndexOf('/') + 1).toLowerCase();
  const row = candidates.find(({ row, beginning }) => name.startsWith(beginning) && row.pattern.test(name))?.row;
  if (row === undefined) return unknownModel;
  const { pattern: _, ...facts } = row;
  return { ...unknownModel, ...facts };
}

/** For servers that do not count. */
export function estimatedTokens(
  text: string,
  { bytesPerToken }: ModelFacts,
): { readonly tokens: number; readonly exact: false } {
  return { tokens: Math.ceil(Buffer.byteLength(text) / bytesPerToken), exact: false };
}
