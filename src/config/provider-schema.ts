/** The settings of one provider entry. What a vendor's entry starts from is in the table of vendors. */
import * as z from 'zod/mini';
import { fimForms } from '../domain/provider-entry.ts';
import {
  baseAddress,
  entryName,
  flag,
  group,
  modulePlace,
  numberBetween,
  oneOf,
  optional,
  orNull,
  text,
  type ValueKind,
  wholeNumber,
} from './setting.ts';
import { providerKinds } from './vendors.ts';

const variableName = () => z.string().check(z.maxLength(128), z.regex(/^[A-Za-z_][A-Za-z0-9_]*$/));

const words = () => z.array(z.string().check(z.minLength(1), z.maxLength(4096))).check(z.minLength(1), z.maxLength(64));

const apiKey: ValueKind<string | { env: string } | { stored: string } | { command: string[] }> = {
  schema: () =>
    z.union([
      z.string().check(z.minLength(1), z.maxLength(4096)),
      z.strictObject({ env: variableName() }),
      z.strictObject({ stored: entryName.schema() }),
      z.strictObject({ command: words() }),
    ]),
  expected: '{"env": "NAME"}, {"stored": "NAME"} or {"command": ["PROGRAM", "ARGUMENT"]}, or the key itself',
  secrecy: 'key',
};

const headers: ValueKind<Record<string, string>> = {
  schema: () =>
    z.record(
      z.string().check(z.maxLength(128), z.regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/)),
      z.string().check(z.maxLength(4096), z.regex(/^[\t\x20-\x7e]*$/)),
    ),
  expected: 'an object of HTTP header names and their values (ASCII text)',
  secrecy: 'values',
};

const requestOptions: ValueKind<Record<string, unknown>> = {
  schema: () => z.record(z.string().check(z.maxLength(128)), z.unknown()),
  expected: "an object of fields for the provider's request body",
  secrecy: 'values',
};

const duration: ValueKind<string> = {
  schema: () => z.string().check(z.maxLength(32), z.regex(/^(-?\d+|(\d+(\.\d+)?(ms|h|m|s))+)$/)),
  expected: 'a duration such as "30m", a number of seconds such as "600", or "-1" for ever',
};

const versionDate: ValueKind<string> = {
  schema: () => z.string().check(z.regex(/^\d{4}-\d{2}-\d{2}$/)),
  expected: 'a date such as "2023-06-01"',
};

const upperCaseName = () => z.string().check(z.maxLength(128), z.regex(/^[A-Z][A-Z_]*$/));

const safetySettings: ValueKind<{ category: string; threshold: string }[]> = {
  schema: () =>
    z.array(z.strictObject({ category: upperCaseName(), threshold: upperCaseName() })).check(z.maxLength(20)),
  expected: 'a list such as [{"category": "HARM_CATEGORY_DANGEROUS_CONTENT", "threshold": "BLOCK_ONLY_HIGH"}]',
  list: true,
};

const capability = (what: string) => optional(flag, `Overrides what is known of the model: ${what}.`);

export const providerEntry = group('One provider: how to reach a model and what it can do.', {
  kind: optional(
    oneOf(...providerKinds),
    'Which wire the entry speaks. Implied for the built-in ids, required for every other.',
  ),
  model: optional(text("a model's name", 256), 'The model that answers. Required for `openai-compatible`.'),
  baseUrl: optional(
    baseAddress,
    'The address that paths like `/chat/completions` are added to. Required for `openai-compatible`.',
  ),
  apiKey: optional(
    apiKey,
    "Where the key is: in an environment variable, stored by `inkling keys`, or printed by a program, which is run without a shell, has five seconds, and is taken from the user file alone. Left out: the vendor's own environment variable, which is sent to the vendor's own address alone, then the key that `inkling keys set ID` stored, which is sent to the address it was stored for.",
  ),
  headers: optional(headers, 'Further HTTP headers of every request of this entry.'),
  timeout: optional(
    wholeNumber(100, 3_600_000, 'milliseconds'),
    "How long one call may take. The tighter of this and the feature's own limit holds.",
  ),
  maxTokens: optional(wholeNumber(1, 1_000_000, 'tokens'), 'The most tokens one answer of this entry may have.'),
  temperature: optional(numberBetween(0, 2), "Sampling temperature. Left out: the vendor's default."),
  contextWindow: optional(
    wholeNumber(256, 100_000_000, 'tokens'),
    'Tokens of prompt and answer together. Left out: what is known of the model.',
  ),
  capabilities: group('What the model can do, where the built-in knowledge of it is wrong.', {
    streaming: capability('answers arrive in parts'),
    codeCompletion: capability('it completes code'),
    fim: capability('it is told natively what follows the cursor'),
    chat: capability('it chats'),
    embeddings: capability('it makes embeddings'),
    tokenCounting: capability('it counts tokens'),
    contextWindow: optional(
      orNull(wholeNumber(256, 100_000_000, 'tokens')),
      'Tokens of prompt and answer together; null where it is unknown.',
    ),
  }),
  requestOptions: optional(requestOptions, "Merged into the provider's request body as it is."),
  organization: optional(text('an organization id', 256), 'OpenAI: the organization the usage is billed to.'),
  project: optional(text('a project id', 256), 'OpenAI: the project the usage is billed to.'),
  reasoningEffort: optional(
    text('a reasoning effort the model knows, for example "low"', 32),
    "How long a reasoning model thinks before a chat answer. Left out: the model's default.",
  ),
  fim: optional(
    oneOf(...fimForms),
    'How a compatible server is told what follows the cursor: by the tokens of a model family, by the `suffix` field, or `none`. Left out: by the name of the model.',
  ),
  module: optional(
    modulePlace,
    'The ES module of an entry of kind `module`: an absolute path or a `file:` URL. It is code that runs, so it is taken from the user file alone.',
  ),
  keepAlive: optional(duration, 'Ollama: how long the model stays in memory when nobody asks it. Left out: "30m".'),
  anthropicVersion: optional(
    versionDate,
    'Anthropic: the API version a gateway wants, for example "2023-06-01". With a version older than 2026-10-21 the key goes into `x-api-key`, and `temperature` is sent to models that take it. Left out: "2026-10-21".',
  ),
  safetySettings: optional(
    safetySettings,
    "Gemini: which answers it keeps back, as `category` and `threshold` in the words of its API. Left out: the API's defaults.",
  ),
});
