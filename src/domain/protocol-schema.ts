/**
 * Inkling's own requests and notifications, method by method: what the generated protocol reference and the checks of
 * parameters come out of. Import it on use, as the other schemas.
 */
import * as z from 'zod';

import {
  aiErrorDataSchema,
  capabilitiesSchema,
  chatMessageSchema,
  codeContextSchema,
  completionTraceSchema,
  finishReasonSchema,
  healthSchema,
  modelInfoSchema,
  positionSchema,
  rangeSchema,
  usageSchema,
} from './schema.ts';

/** From here, because whoever imports all of the schema library on its own keeps all of it in the bundle. */
export { prettifyError } from 'zod';

const uri = z.string().meta({ description: 'A document URI.' });
const textDocument = z.object({ uri });
const progressToken = z.union([z.string(), z.int()]);
const count = z.int().nonnegative();
const nothing = z.object({});

const latency = z
  .object({ p50: z.number().nullable(), p95: z.number().nullable() })
  .meta({ description: 'Milliseconds; null before the first one was measured.' });

export const chatParams = z.object({
  messages: z.array(chatMessageSchema).min(1),
  context: z.exactOptional(
    z.object({
      textDocument: z.exactOptional(textDocument),
      range: z.exactOptional(rangeSchema),
      files: z.exactOptional(z.array(uri).max(100)).meta({
        description: 'Read from disk where they are not open, if they lie inside the folders of the workspace.',
      }),
    }),
  ),
  provider: z.exactOptional(z.string()),
  model: z.exactOptional(z.string()),
  maxTokens: z.exactOptional(z.int().min(1)),
  temperature: z.exactOptional(z.number().min(0).max(2)),
  partialResultToken: z.exactOptional(progressToken).meta({
    description: 'Asks for the answer in parts: `$/progress` with `{ delta }` for each, in order.',
  }),
  workDoneToken: z.exactOptional(progressToken),
});

export const chatResult = z.object({
  message: z.object({ role: z.literal('assistant'), content: z.string() }),
  provider: z.string(),
  model: z.string(),
  finishReason: finishReasonSchema,
  usage: z.exactOptional(usageSchema),
  cached: z.boolean(),
});

export const providersResult = z.object({
  active: z.string(),
  completion: z.string(),
  chat: z.string(),
  providers: z.array(
    z.object({
      id: z.string(),
      kind: z.string(),
      model: z.string(),
      capabilities: capabilitiesSchema,
      health: healthSchema,
    }),
  ),
});

export const setProviderParams = z.object({
  provider: z.string().min(1),
  for: z.exactOptional(z.enum(['completion', 'chat'])),
});

export const contextParams = z.object({ textDocument, position: positionSchema });

const providerId = z.exactOptional(z.string().min(1)).meta({ description: 'The active chat provider where left out.' });

export const modelsParams = z.object({ provider: providerId });

export const modelsResult = z.object({ models: z.array(modelInfoSchema) });

export const embedParams = z.object({
  input: z.array(z.string()).min(1).max(2048),
  provider: providerId,
  model: z.exactOptional(z.string()),
});

export const embedResult = z.object({
  vectors: z.array(z.array(z.number())),
  model: z.string(),
  dimensions: count,
});

export const countTokensParams = z.object({
  text: z.string(),
  provider: providerId,
  model: z.exactOptional(z.string()),
});

export const countTokensResult = z.object({ tokens: count, exact: z.boolean() });

export const explainParams = z.object({
  textDocument: z.exactOptional(textDocument),
  position: z.exactOptional(positionSchema),
});

export const statsResult = z.object({
  providers: z.record(
    z.string(),
    z.object({
      requests: count,
      cancellations: count,
      errors: z.record(z.string(), count).meta({ description: 'By kind of error.' }),
      retries: count.meta({ description: 'Calls that were tried again.' }),
      breaker: z
        .enum(['closed', 'open', 'halfOpen', 'locked'])
        .meta({ description: 'closed: it is asked. locked: not before the settings change, its key was refused.' }),
      inputTokens: count,
      outputTokens: count,
      firstToken: latency,
      total: latency,
    }),
  ),
  suggestions: z.object({
    offered: count,
    shown: count.meta({ description: 'Only editors that say so are counted.' }),
    accepted: count,
    acceptedCharacters: count,
    kept: z.object({ after30Seconds: count, after2Minutes: count }).meta({
      description:
        'Accepted suggestions that were still there: less than a third of their characters had been changed. Of a document closed before, what was there when it was closed.',
    }),
  }),
  cache: z.object({
    hits: count.meta({ description: 'Answered without asking a provider.' }),
    misses: count,
    joined: count.meta({ description: 'Calls that found an identical one under way.' }),
    entries: count,
    bytes: count,
    evictions: count.meta({ description: 'Left out to make room.' }),
    expired: count.meta({ description: 'Found too old.' }),
    hitLatency: latency,
    shared: z
      .object({
        state: z.enum(['up', 'down']),
        hits: count,
        rejected: count.meta({ description: 'Entries nobody of the team had written, or that were damaged.' }),
        failures: count.meta({ description: 'Commands that failed or took too long.' }),
      })
      .nullable()
      .meta({ description: "The team's cache on Redis or Valkey; null where there is none." }),
  }),
});

export const statusParams = z.object({
  busy: z.boolean(),
  kind: z.enum(['Normal', 'Warning', 'Error', 'Inactive']),
  message: z.string(),
  provider: z.string().meta({ description: 'The id of the provider that completes.' }),
  command: z
    .exactOptional(z.object({ title: z.string(), command: z.string() }))
    .meta({ description: 'For `workspace/executeCommand`: what says more, where something is wrong.' }),
});

interface Method {
  readonly description: string;
  readonly params: z.ZodType;
  /** Absent for notifications. */
  readonly result?: z.ZodType;
}

/** By method name. Every request may also fail with {@link aiErrorDataSchema} as the error's `data`. */
export const protocolMethods = {
  'inkling/chat': { description: 'Asks the chat provider.', params: chatParams, result: chatResult },
  'inkling/providers': {
    description: 'The configured providers and how they are.',
    params: nothing,
    result: providersResult,
  },
  'inkling/setProvider': {
    description: 'Switches the provider of this session.',
    params: setProviderParams,
    result: providersResult,
  },
  'inkling/context': {
    description: 'Exactly what a completion at this place would tell its provider.',
    params: contextParams,
    result: codeContextSchema,
  },
  'inkling/explain': {
    description: 'What happened to the latest completion requests, newest first; without a document, to the last one.',
    params: explainParams,
    result: z.object({ requests: z.array(completionTraceSchema) }),
  },
  'inkling/models': { description: 'The models a provider lists.', params: modelsParams, result: modelsResult },
  'inkling/embed': { description: 'Vectors of texts, in their order.', params: embedParams, result: embedResult },
  'inkling/countTokens': {
    description: 'How many tokens a text has; `exact` is false for an estimate.',
    params: countTokensParams,
    result: countTokensResult,
  },
  'inkling/stats': { description: 'Counters of this session.', params: nothing, result: statsResult },
  didChangeStatus: {
    description:
      'From the server, only on change. How it is at first stands in the answer to `initialize`, as `capabilities.experimental.inkling.status`.',
    params: statusParams,
  },
} as const satisfies Record<string, Method>;

/** The whole protocol as one JSON Schema (draft 7): `params`, `result` and `data` of errors under `definitions`. */
export function protocolJsonSchema(): z.core.JSONSchema.JSONSchema {
  const definitions = Object.entries(protocolMethods).flatMap(([name, method]: [string, Method]) => [
    [`${name} params`, toJson(method.params, method.description)] as const,
    ...(method.result ? [[`${name} result`, toJson(method.result, method.description)] as const] : []),
  ]);
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: "Inkling's protocol",
    description: 'Requests and notifications beside those of the Language Server Protocol.',
    definitions: {
      ...Object.fromEntries(definitions),
      'error data': toJson(aiErrorDataSchema, 'The `data` of an error answered to any of the requests.'),
    },
  };
}

function toJson(schema: z.ZodType, description: string): z.core.JSONSchema.JSONSchema {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io: 'input', target: 'draft-7' });
  return { description, ...json };
}
