/** Sends requests to Gemini's API. Every call has its own end, its own errors and the memory of what the model refused. */
import { AiError } from '../../domain/ai-error.ts';
import type { ModelInfo } from '../../domain/ai-provider.ts';
import { createHealthTracker, type HealthTracker } from '../http/health.ts';
import type { OpenAnswer } from '../http/open-answer.ts';
import { createGeminiClient, type GeminiClient } from './client.ts';
import type { GeminiBody } from './convert-request.ts';
import { type GeminiDependencies, type GeminiOptions, geminiHeaders } from './gemini-options.ts';
import { mapThrown } from './map-error.ts';
import { modelInfo } from './model-info.ts';
import { type GeminiChunk, type ReadContext, readStream, readWhole } from './read-answer.ts';
import { createRefusedFields } from './refused-fields.ts';

/** How many fields one call may lose before its error is believed. */
const mostRefusals = 3;
/** The most texts one request may embed. */
const embedBatch = 100;
/** A list that does not end is not read to its end. Google has some hundred models, a page has a thousand. */
const mostPages = 5;

export interface GeminiWire {
  readonly health: HealthTracker;
  stream(body: GeminiBody, signal: AbortSignal): AsyncIterable<GeminiChunk>;
  generate(body: GeminiBody, signal: AbortSignal): Promise<GeminiChunk>;
  embed(input: readonly string[], model: string, signal: AbortSignal): Promise<readonly (readonly number[])[]>;
  countTokens(text: string, signal: AbortSignal): Promise<number>;
  listModels(signal: AbortSignal): Promise<readonly ModelInfo[]>;
  /** Rejects with `AiError` of kind `notFound` when there is no such model. */
  getModel(signal: AbortSignal): Promise<ModelInfo>;
  /** Opens a connection and loads the SDK, so that the first call finds both. */
  warmUp(): Promise<void>;
}

export function createGeminiWire(options: GeminiOptions, dependencies: GeminiDependencies): GeminiWire {
  const { transport, clock, log } = dependencies;
  const { baseUrl, model } = options;
  const provider = options.entry.id;
  const health = createHealthTracker(clock);
  const headers = () => geminiHeaders(options, dependencies.apiKey);
  const refused = createRefusedFields((field, refusing) =>
    log.warn('The model refuses a field; it is lowered or left out from now on.', { provider, model: refusing, field }),
  );
  let client: Promise<GeminiClient> | undefined;
  const loadClient = (): Promise<GeminiClient> => {
    client ??= createGeminiClient({ provider, baseUrl, transport, headers });
    return client;
  };

  const context = (asked: string, signal: AbortSignal): ReadContext => ({
    options,
    model: asked,
    signal,
    clock,
    wallClock: clock.wallClock(),
  });
  const failed = (thrown: unknown, asked: string, signal: AbortSignal): AiError => {
    const error = mapThrown(thrown, signal, context(asked, signal));
    health.failed(error);
    return error;
  };
  const send = async (body: GeminiBody, streamed: boolean, signal: AbortSignal): Promise<Response> => {
    signal.throwIfAborted();
    headers();
    checkName(body.model, provider);
    const sdk = await loadClient();
    for (let refusals = 0; ; refusals++) {
      const accepted = refused.without(body);
      try {
        return await sdk.generate(accepted, streamed, signal);
      } catch (error) {
        if (refusals >= mostRefusals || !refused.learn(error, accepted)) throw error;
      }
    }
  };
  /** The chunks of an answer. However they are left, the connection ends with them unless the answer was read whole. */
  const answer = async function* (
    body: GeminiBody,
    signal: AbortSignal,
    streamed: boolean,
  ): AsyncGenerator<GeminiChunk, void, undefined> {
    const own = new AbortController();
    const close = () => own.abort();
    try {
      const { headers: head, body: bytes } = await send(body, streamed, AbortSignal.any([signal, own.signal]));
      const open: OpenAnswer = { header: (name) => head.get(name) ?? undefined, body: bytes ?? nothing(), close };
      health.answered(open.header);
      if (streamed) yield* readStream(open, context(body.model, signal));
      else yield await readWhole(open, context(body.model, signal));
    } catch (error) {
      throw failed(error, body.model, signal);
    } finally {
      close();
    }
  };
  /** A call whose every failure is one of ours. */
  const call = async <Answer>(
    asked: string,
    signal: AbortSignal,
    run: (models: GeminiClient['models']) => Promise<Answer>,
  ): Promise<Answer> => {
    try {
      signal.throwIfAborted();
      headers();
      checkName(asked, provider);
      return await run((await loadClient()).models);
    } catch (error) {
      throw failed(error, asked, signal);
    }
  };

  return {
    health,
    stream: (body, signal) => answer(body, signal, true),
    async generate(body, signal) {
      let whole: GeminiChunk = { text: '' };
      for await (const chunk of answer(body, signal, false)) whole = chunk;
      return whole;
    },
    embed: (input, asked, signal) =>
      call(asked, signal, async (models) => {
        const vectors: (readonly number[])[] = [];
        for (let start = 0; start < input.length; start += embedBatch) {
          // As contents: of plain texts the SDK makes one text for some models.
          const contents = input.slice(start, start + embedBatch).map((text) => ({ parts: [{ text }] }));
          const answered = await models.embedContent({
            model: asked,
            contents,
            config: { abortSignal: apart(signal) },
          });
          vectors.push(...(answered.embeddings ?? []).map(({ values = [] }) => values));
        }
        if (vectors.length !== input.length) throw new TypeError('Another number of vectors than texts.');
        return vectors;
      }),
    countTokens: (text, signal) =>
      call(model, signal, async (models) => {
        const contents = [{ role: 'user', parts: [{ text }] }];
        const { totalTokens } = await models.countTokens({ model, contents, config: { abortSignal: apart(signal) } });
        if (totalTokens === undefined) throw new TypeError('No number of tokens.');
        return totalTokens;
      }),
    listModels: (signal) =>
      call(model, signal, async (models) => {
        const list: ModelInfo[] = [];
        let from: { pageToken?: string } = {};
        for (let pages = 0; pages < mostPages; pages++) {
          const pager = await models.list({ config: { pageSize: 1000, ...from, abortSignal: apart(signal) } });
          list.push(...pager.page.map(modelInfo));
          const pageToken = pager.params.config?.pageToken;
          if (pageToken === undefined || pageToken === '') break;
          from = { pageToken };
        }
        return list;
      }),
    getModel: (signal) =>
      call(model, signal, async (models) =>
        modelInfo(await models.get({ model, config: { abortSignal: apart(signal) } })),
      ),
    async warmUp() {
      await Promise.all([transport.preconnect(baseUrl), loadClient()]);
    },
  };
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

/** The SDK never takes its listener off: of a signal that several requests are made under, each gets one of its own. */
function apart(signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal]);
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
