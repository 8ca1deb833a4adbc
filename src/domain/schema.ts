/**
 * The words of the domain as schemas: for what comes from outside the program, and for the generated protocol reference.
 * Apart from the types because loading a schema library takes tens of milliseconds: import this file on use, and from no
 * other file of the domain.
 */
import * as z from 'zod';
import { aiErrorKinds } from './ai-error.ts';
import type { AiCapabilities, ProviderHealth } from './ai-provider.ts';
import type { ChatMessage, ChatRequest, ChatResponse, ChatResponseChunk } from './chat.ts';
import type { CodeContext } from './code-context.ts';
import type { CompletionRequest, CompletionResponse, FinishReason } from './completion.ts';
import type { CompletionTrace } from './completion-trace.ts';
import type { Position, Range } from './text.ts';
import type { Usage } from './usage.ts';

const count = z.int().nonnegative();
const optionalText = z.exactOptional(z.string());
const extension = z.exactOptional(z.record(z.string(), z.unknown()));
const temperature = z.exactOptional(z.number().min(0).max(2));

export const positionSchema = z
  .object({ line: count, character: count })
  .meta({ description: 'Line and UTF-16 character, both 0-based.' }) satisfies z.ZodType<Position>;

export const rangeSchema = z
  .object({ start: positionSchema, end: positionSchema })
  .meta({ description: 'Half-open: `end` is not included.' }) satisfies z.ZodType<Range>;

export const usageSchema = z
  .object({ inputTokens: count, outputTokens: count, cachedInputTokens: z.exactOptional(count) })
  .meta({ description: "What a call cost, in the provider's own tokens." }) satisfies z.ZodType<Usage>;

export const finishReasonSchema = z.enum(['stop', 'length', 'filtered']).meta({
  description: "Ended by itself, at the token limit, or by the provider's filter.",
}) satisfies z.ZodType<FinishReason>;

export const capabilitiesSchema = z.object({
  streaming: z.boolean(),
  codeCompletion: z.boolean(),
  fim: z.boolean(),
  chat: z.boolean(),
  embeddings: z.boolean(),
  tokenCounting: z.boolean(),
  contextWindow: count
    .nullable()
    .meta({ description: 'Tokens of prompt and answer together; null where it is unknown.' }),
}) satisfies z.ZodType<AiCapabilities>;

export const modelInfoSchema = z.object({
  id: z.string(),
  contextWindow: z.exactOptional(z.int().positive()),
  capabilities: z.exactOptional(capabilitiesSchema.partial()),
});

export const healthSchema = z.object({
  state: z.enum(['ready', 'degraded', 'open', 'unconfigured', 'unreachable']),
  message: optionalText,
  retryAt: z.exactOptional(z.number()).meta({ description: 'Unix milliseconds.' }),
}) satisfies z.ZodType<ProviderHealth>;

export const codeContextSchema = z.object({
  uri: z.string(),
  path: z.string().meta({ description: 'Relative to its workspace root with `/`.' }),
  languageId: z.string(),
  prefix: z.string().meta({ description: 'Text directly before the cursor.' }),
  suffix: z.string().meta({ description: 'Text directly after the cursor.' }),
  position: positionSchema,
  snippets: z.array(
    z.object({
      uri: z.string(),
      path: z.string(),
      range: rangeSchema,
      text: z.string(),
      reason: z.literal('similar'),
      score: z.number().meta({ description: '0 to 1, higher is nearer.' }),
    }),
  ),
  recentEdits: z.array(z.string()).meta({
    description:
      'What was changed lately away from the cursor, newest first: small diffs, each below the path of its document. Empty for a model that only fills in the middle.',
  }),
  diagnostics: z.array(z.string()).meta({
    description: 'What the editor reports as wrong, nearest first: `line: message (source)`. Likewise.',
  }),
  tokens: z.number().nonnegative().meta({ description: 'Estimated tokens of all of it.' }),
  redactions: count.meta({ description: 'Secrets replaced by placeholders.' }),
  excluded: optionalText.meta({ description: 'Why nothing of this document may leave the machine.' }),
}) satisfies z.ZodType<CodeContext>;

export const completionRequestSchema = z.object({
  context: codeContextSchema,
  shape: z.enum(['line', 'block']),
  maxLines: count,
  maxTokens: count,
  candidates: count,
  trigger: z.enum(['automatic', 'explicit']),
  temperature,
  extension,
}) satisfies z.ZodType<CompletionRequest>;

export const completionResponseSchema = z.object({
  candidates: z.array(z.object({ text: z.string(), score: z.exactOptional(z.number()) })),
  model: z.string(),
  provider: optionalText,
  finishReason: finishReasonSchema,
  usage: z.exactOptional(usageSchema),
  note: optionalText,
  cached: z.exactOptional(z.boolean()),
}) satisfies z.ZodType<CompletionResponse>;

export const chatMessageSchema = z.object({
  role: z.enum(['system', 'user', 'assistant']),
  content: z.string(),
}) satisfies z.ZodType<ChatMessage>;

export const chatRequestSchema = z.object({
  messages: z.array(chatMessageSchema),
  model: optionalText,
  maxTokens: z.exactOptional(count),
  temperature,
  extension,
}) satisfies z.ZodType<ChatRequest>;

export const chatResponseSchema = z.object({
  message: z.object({ role: z.literal('assistant'), content: z.string() }),
  model: z.string(),
  provider: optionalText,
  finishReason: finishReasonSchema,
  usage: z.exactOptional(usageSchema),
  cached: z.exactOptional(z.boolean()),
}) satisfies z.ZodType<ChatResponse>;

export const chatResponseChunkSchema = z.object({
  delta: z.string(),
  finish: z.exactOptional(
    z.object({
      reason: finishReasonSchema,
      model: z.string(),
      provider: optionalText,
      usage: z.exactOptional(usageSchema),
      cached: z.exactOptional(z.boolean()),
    }),
  ),
}) satisfies z.ZodType<ChatResponseChunk>;

/** What an `AiError` is in JSON: the `data` of a failed request. */
export const aiErrorDataSchema = z.object({
  kind: z.enum(aiErrorKinds),
  provider: z.string(),
  message: z.string().meta({ description: 'Says what to do next; never holds a key.' }),
  status: z.exactOptional(z.int()).meta({ description: 'HTTP status, where there was one.' }),
  retryAfter: z
    .exactOptional(z.number().nonnegative())
    .meta({ description: 'Milliseconds to wait before asking again.' }),
  requestId: optionalText.meta({ description: "The provider's own id of the request." }),
});

export const completionTraceSchema = z.object({
  id: z.int(),
  uri: z.string(),
  position: positionSchema,
  version: z.int().nullable(),
  trigger: z.enum(['automatic', 'explicit']),
  startedAt: z.number().meta({ description: 'Unix milliseconds.' }),
  stages: z.array(
    z.object({
      stage: z.enum([
        'gate',
        'reuse',
        'adopt',
        'debounce',
        'context',
        'request',
        'first token',
        'budget',
        'answer',
        'check',
      ]),
      at: z.number().meta({ description: 'Milliseconds since the start.' }),
      detail: optionalText,
    }),
  ),
  outcome: z.exactOptional(z.enum(['offered', 'nothing', 'pending', 'superseded', 'cancelled', 'failed'])),
  reason: optionalText,
  provider: optionalText,
  model: optionalText,
  total: z.exactOptional(z.number()).meta({ description: 'Milliseconds from the request to its answer.' }),
}) satisfies z.ZodType<CompletionTrace>;
