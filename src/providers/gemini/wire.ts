/** Sends requests to Gemini's API. Every call has its own end, its own errors and the memory of what the model refused. */
import { AiError } from '../../domain/ai-error.ts';
import type { ModelInfo } from '../../domain/ai-provider.ts';
import { platformSignal } from '../../util/call-signal.ts';
import type { HealthTracker } from '../http/health.ts';
import type { AnswerChunk } from '../http/read-answer.ts';
import { loadOnce, openResponse } from '../http/sdk-client.ts';
import { createWireCalls, type WireCall } from '../http/wire-calls.ts';
import { createGeminiClient, type GeminiClient } from './client.ts';
import type { GeminiBody } from './convert-request.ts';
import { answerFormat } from './convert-response.ts';
import { type GeminiDependencies, type GeminiOptions, geminiHeaders, keyRule } from './gemini-options.ts';
import { failureReport } from './map-error.ts';
import { modelInfo } from './model-info.ts';
import { createRefusedFields } from './refused-fields.ts';

/** The most texts one request may embed. */
const embedBatch = 100;
/** A list that does not end is not read to its end. Google has some hundred models, a page has a thousand. */
const mostPages = 5;

export interface GeminiWire {
  readonly health: HealthTracker;
  stream(body: GeminiBody, signal: AbortSignal): AsyncIterable<AnswerChunk>;
  generate(body: GeminiBody, signal: AbortSignal): Promise<AnswerChunk>;
  embed(input: readonly string[], model: string, signal: AbortSignal): Promise<readonly (readonly number[])[]>;
  countTokens(text: string, signal: AbortSignal): Promise<number>;
  listModels(signal: AbortSignal): Promise<readonly ModelInfo[]>;
  /** Rejects with `AiError` of kind `notFound` when there is no such model. */
  getModel(signal: AbortSignal): Promise<ModelInfo>;
  /** Opens a connection and loads the SDK, so that the first call finds both. */
  warmUp(): Promise<void>;
}

export function createGeminiWire(options: GeminiOptions, dependencies: GeminiDependencies): GeminiWire {
  const { transport } = dependencies;
  const { entry, baseUrl, model } = options;
  const provider = entry.id;
  const headers = () => geminiHeaders(options, dependencies.apiKey);
  const calls = createWireCalls<GeminiBody>({
    ...dependencies,
    entry,
    keyVariable: keyRule.variable,
    check(asked) {
      headers();
      checkName(asked, provider);
    },
    refusals: createRefusedFields,
    report: failureReport,
  });
  const loadClient = loadOnce(() => createGeminiClient({ provider, baseUrl, transport, headers }));
  const format = answerFormat(provider);
  const generate = (body: GeminiBody, streamed: boolean): WireCall<GeminiBody> => ({
    model: body.model,
    body,
    send: async (accepted, signal) => openResponse(await (await loadClient()).generate(accepted, streamed, signal)),
  });
  const call = <Answer>(
    asked: string,
    signal: AbortSignal,
    run: (models: GeminiClient['models'], own: AbortSignal) => Promise<Answer>,
  ): Promise<Answer> => calls.run(asked, signal, async (own) => run((await loadClient()).models, own));

  return {
    health: calls.health,
    stream: (body, signal) => calls.stream(generate(body, true), format, signal),
    generate: (body, signal) => calls.ask(generate(body, false), format, signal),
    embed: (input, asked, signal) =>
      call(asked, signal, async (models, own) => {
        const vectors: (readonly number[])[] = [];
        for (let start = 0; start < input.length; start += embedBatch) {
          // As contents: of plain texts the SDK makes one text for some models.
          const contents = input.slice(start, start + embedBatch).map((text) => ({ parts: [{ text }] }));
          const answered = await models.embedContent({
            model: asked,
            contents,
            config: { abortSignal: platformSignal(own) },
          });
          vectors.push(...(answered.embeddings ?? []).map(({ values = [] }) => values));
        }
        if (vectors.length !== input.length) throw new TypeError('Another number of vectors than texts.');
        return vectors;
      }),
    countTokens: (text, signal) =>
      call(model, signal, async (models, own) => {
        const contents = [{ role: 'user', parts: [{ text }] }];
        const { totalTokens } = await models.countTokens({
          model,
          contents,
          config: { abortSignal: platformSignal(own) },
        });
        if (totalTokens === undefined) throw new TypeError('No number of tokens.');
        return totalTokens;
      }),
    listModels: (signal) =>
      call(model, signal, async (models, own) => {
        const list: ModelInfo[] = [];
        let from: { pageToken?: string } = {};
        for (let pages = 0; pages < mostPages; pages++) {
          const pager = await models.list({ config: { pageSize: 1000, ...from, abortSignal: platformSignal(own) } });
          list.push(...pager.page.map(modelInfo));
          const pageToken = pager.params.config?.pageToken;
          if (pageToken === undefined || pageToken === '') break;
          from = { pageToken };
        }
        return list;
      }),
    getModel: (signal) =>
      call(model, signal, async (models, own) =>
        modelInfo(await models.get({ model, config: { abortSignal: platformSignal(own) } })),
      ),
    async warmUp() {
      await Promise.all([transport.preconnect(baseUrl), loadClient()]);
    },
  };
}

/** The name becomes part of an address; the SDK would refuse it with a sentence that says nothing. */
function checkName(model: string, provider: string): void {
  if (/^[\w.-]+(\/[\w.-]+)*$/.test(model) && !model.includes('..')) return;
  throw new AiError(
    'notFound',
    provider,
    `${provider} knows no such model: a name has letters, digits, dots and hyphens.`,
  );
}
