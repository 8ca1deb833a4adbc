/** The schemas say what the types say, and what is written as JSON is read back the same. */
import fc from 'fast-check';
import { expect, expectTypeOf, test } from 'vitest';
import type * as z from 'zod';
import type { ChatParams, ChatResult, ProvidersReport, StatsReport } from '../../src/assistant/assistant.ts';
import { AiError, aiErrorKinds } from '../../src/domain/ai-error.ts';
import { type AiErrorData, aiErrorData, aiErrorFromData } from '../../src/domain/ai-error-data.ts';
import type { AiCapabilities, ProviderHealth } from '../../src/domain/ai-provider.ts';
import type { ChatRequest, ChatResponse, ChatResponseChunk } from '../../src/domain/chat.ts';
import type { CodeContext } from '../../src/domain/code-context.ts';
import type { CompletionRequest, CompletionResponse } from '../../src/domain/completion.ts';
import type { CompletionTrace } from '../../src/domain/completion-trace.ts';
import type * as protocol from '../../src/domain/protocol-schema.ts';
import * as schema from '../../src/domain/schema.ts';
import type { Usage } from '../../src/domain/usage.ts';

const seed = 20_261_202;

type DeepReadonly<Value> = Value extends readonly (infer Element)[]
  ? readonly DeepReadonly<Element>[]
  : Value extends object
    ? { readonly [Key in keyof Value]: DeepReadonly<Value[Key]> }
    : Value;
type Parsed<Schema extends z.ZodType> = DeepReadonly<z.output<Schema>>;

test('a schema has every field of its type and no other', () => {
  expectTypeOf<Parsed<typeof schema.usageSchema>>().toEqualTypeOf<Usage>();
  expectTypeOf<Parsed<typeof schema.capabilitiesSchema>>().toEqualTypeOf<AiCapabilities>();
  expectTypeOf<Parsed<typeof schema.healthSchema>>().toEqualTypeOf<ProviderHealth>();
  expectTypeOf<Parsed<typeof schema.codeContextSchema>>().toEqualTypeOf<CodeContext>();
  expectTypeOf<Parsed<typeof schema.completionRequestSchema>>().toEqualTypeOf<DeepReadonly<CompletionRequest>>();
  expectTypeOf<Parsed<typeof schema.completionResponseSchema>>().toEqualTypeOf<CompletionResponse>();
  expectTypeOf<Parsed<typeof schema.chatRequestSchema>>().toEqualTypeOf<DeepReadonly<ChatRequest>>();
  expectTypeOf<Parsed<typeof schema.chatResponseSchema>>().toEqualTypeOf<ChatResponse>();
  expectTypeOf<Parsed<typeof schema.chatResponseChunkSchema>>().toEqualTypeOf<ChatResponseChunk>();
  expectTypeOf<Parsed<typeof schema.aiErrorDataSchema>>().toEqualTypeOf<AiErrorData>();
  expectTypeOf<Parsed<typeof schema.completionTraceSchema>>().toEqualTypeOf<CompletionTrace>();
});

test('what the program answers is what the protocol promises', () => {
  expectTypeOf<
    Omit<Parsed<typeof protocol.chatParams>, 'partialResultToken' | 'workDoneToken'>
  >().toExtend<ChatParams>();
  expectTypeOf<ChatResult>().toExtend<Parsed<typeof protocol.chatResult>>();
  expectTypeOf<ProvidersReport>().toExtend<Parsed<typeof protocol.providersResult>>();
  expectTypeOf<StatsReport>().toExtend<Parsed<typeof protocol.statsResult>>();
});

const text = fc.string({ unit: 'binary', maxLength: 40 });
const count = fc.nat(10_000);
const share = fc.double({ min: 0, max: 1, noNaN: true }).map((value) => value + 0);
const finishReason = fc.constantFrom('stop', 'length', 'filtered');
const position = fc.record({ line: count, character: count });
const usage = fc.record(
  { inputTokens: count, outputTokens: count, cachedInputTokens: count },
  { requiredKeys: ['inputTokens', 'outputTokens'] },
);
const extension = fc.dictionary(
  text.filter((name) => name !== '__proto__'),
  fc.oneof(text, count, fc.boolean(), fc.array(text, { maxLength: 2 })),
);
const temperature = fc.constantFrom(0, 0.2, 1, 2);
const snippet = fc.record({
  uri: text,
  path: text,
  range: fc.record({ start: position, end: position }),
  text,
  reason: fc.constant('similar'),
  score: share,
});
const codeContext = fc.record(
  {
    uri: text,
    path: text,
    languageId: text,
    prefix: text,
    suffix: text,
    position,
    snippets: fc.array(snippet, { maxLength: 3 }),
    recentEdits: fc.array(text, { maxLength: 3 }),
    diagnostics: fc.array(text, { maxLength: 3 }),
    tokens: count,
    redactions: count,
    excluded: text,
  },
  {
    requiredKeys: [
      'uri',
      'path',
      'languageId',
      'prefix',
      'suffix',
      'position',
      'snippets',
      'recentEdits',
      'diagnostics',
      'tokens',
      'redactions',
    ],
  },
);

const written: [string, z.ZodType, fc.Arbitrary<unknown>][] = [
  ['Usage', schema.usageSchema, usage],
  ['CodeContext', schema.codeContextSchema, codeContext],
  [
    'CompletionRequest',
    schema.completionRequestSchema,
    fc.record(
      {
        context: codeContext,
        shape: fc.constantFrom('line', 'block'),
        maxLines: count,
        maxTokens: count,
        candidates: count,
        trigger: fc.constantFrom('automatic', 'explicit'),
        temperature,
        extension,
      },
      { requiredKeys: ['context', 'shape', 'maxLines', 'maxTokens', 'candidates', 'trigger'] },
    ),
  ],
  [
    'CompletionResponse',
    schema.completionResponseSchema,
    fc.record(
      {
        candidates: fc.array(fc.record({ text, score: share }, { requiredKeys: ['text'] }), { maxLength: 3 }),
        model: text,
        provider: text,
        finishReason,
        usage,
        note: text,
      },
      { requiredKeys: ['candidates', 'model', 'finishReason'] },
    ),
  ],
  [
    'ChatRequest',
    schema.chatRequestSchema,
    fc.record(
      {
        messages: fc.array(fc.record({ role: fc.constantFrom('system', 'user', 'assistant'), content: text }), {
          maxLength: 3,
        }),
        model: text,
        maxTokens: count,
        temperature,
        extension,
      },
      { requiredKeys: ['messages'] },
    ),
  ],
  [
    'ChatResponse',
    schema.chatResponseSchema,
    fc.record(
      {
        message: fc.record({ role: fc.constant('assistant'), content: text }),
        model: text,
        provider: text,
        finishReason,
        usage,
      },
      { requiredKeys: ['message', 'model', 'finishReason'] },
    ),
  ],
  [
    'ChatResponseChunk',
    schema.chatResponseChunkSchema,
    fc.record(
      {
        delta: text,
        finish: fc.record(
          { reason: finishReason, model: text, provider: text, usage },
          { requiredKeys: ['reason', 'model'] },
        ),
      },
      { requiredKeys: ['delta'] },
    ),
  ],
];

test.each(written)('%s is read back as it was written', (_, schemaOfIt, values) => {
  fc.assert(
    fc.property(values, (value) => {
      const plain = JSON.parse(JSON.stringify(value));
      expect(schemaOfIt.parse(plain)).toEqual(plain);
      expect(JSON.stringify(schemaOfIt.parse(plain))).toBe(JSON.stringify(value));
    }),
    { seed, numRuns: 100 },
  );
});

test('an AiError crosses a wire', () => {
  const data = fc.record(
    {
      kind: fc.constantFrom(...aiErrorKinds),
      provider: text,
      message: text,
      status: fc.integer({ min: 100, max: 599 }),
      retryAfter: count,
      requestId: text,
    },
    { requiredKeys: ['kind', 'provider', 'message'] },
  );
  fc.assert(
    fc.property(data, ({ kind, provider, message, ...init }) => {
      const error = new AiError(kind, provider, message, { ...init, cause: 'secret' });
      const wire = JSON.stringify(aiErrorData(error));
      expect(wire).not.toContain('secret');
      const back = aiErrorFromData(schema.aiErrorDataSchema.parse(JSON.parse(wire)));
      expect(back).toBeInstanceOf(AiError);
      expect({ ...aiErrorData(back), retryable: back.retryable }).toEqual({
        ...aiErrorData(error),
        retryable: error.retryable,
      });
    }),
    { seed, numRuns: 200 },
  );
});

test('what is not of the protocol is refused', () => {
  expect(schema.chatMessageSchema.safeParse({ role: 'tool', content: '' }).success).toBe(false);
  expect(schema.usageSchema.safeParse({ inputTokens: -1, outputTokens: 0 }).success).toBe(false);
  expect(schema.positionSchema.safeParse({ line: 0.5, character: 0 }).success).toBe(false);
});
