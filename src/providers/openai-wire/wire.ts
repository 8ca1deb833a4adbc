/**
 * Sends requests of OpenAI's wire: chat and embeddings by the vendor's SDK, raw completions directly, because there
 * milliseconds are felt. Both give the same open answer and the same errors, and leave out what the model refused before.
 */
import type { OpenAI } from 'openai';
import type { AiError } from '../../domain/ai-error.ts';
import type { EmbedRequest, ModelInfo } from '../../domain/ai-provider.ts';
import { createHealthTracker, type HealthTracker } from '../http/health.ts';
import { throwFailure } from '../http/http-failure.ts';
import { member, numberMember, textMember } from '../http/json.ts';
import type { OpenAnswer } from '../http/open-answer.ts';
import { modelFacts } from '../models.ts';
import { createRefusedParameters } from '../refused-parameters.ts';
import { createOpenAiClient } from './client.ts';
import type { ChatBody, WireBody } from './convert-request.ts';
import { mapThrown } from './map-error.ts';
import { type ReadContext, readWireAnswer, readWireStream, type WireChunk } from './read-stream.ts';
import { type Dialect, type OpenAiDependencies, type WireOptions, wireHeaders } from './wire-options.ts';

/** How many parameters one call may lose before its error is believed. */
const mostRefusals = 3;
const refusable = {
  droppable: [
    'stop',
    'temperature',
    'reasoning_effort',
    'thinking',
    'chat_template_kwargs',
    'output_config',
    'stream_options',
    'store',
    'max_tokens',
    'max_completion_tokens',
  ],
  otherName: { max_tokens: 'max_completion_tokens', max_completion_tokens: 'max_tokens' },
};

export interface OpenAiWire {
  readonly health: HealthTracker;
  streamChat(body: ChatBody, signal: AbortSignal): AsyncIterable<WireChunk>;
  chat(body: ChatBody, signal: AbortSignal): Promise<WireChunk>;
  streamRaw(body: WireBody, signal: AbortSignal): AsyncIterable<WireChunk>;
  embed(request: EmbedRequest & { readonly model: string }, signal: AbortSignal): Promise<EmbeddingAnswer>;
  /** As the server counts them, with what its chat format adds. */
  countTokens(text: string, signal: AbortSignal): Promise<number>;
  listModels(signal: AbortSignal): Promise<readonly ModelInfo[]>;
  /** Opens a connection, and loads the SDK where completions need it, so that the first call finds both. */
  warmUp(): Promise<void>;
}

export interface EmbeddingAnswer {
  readonly vectors: readonly (readonly number[])[];
  readonly model: string;
  readonly inputTokens: number | undefined;
}

/** An open answer before anybody may close it. */
type Answered = Omit<OpenAnswer, 'close'>;
type Send<Body> = (body: Body, signal: AbortSignal) => Promise<Answered>;

export function createOpenAiWire(options: WireOptions, dependencies: OpenAiDependencies): OpenAiWire {
  const { transport, clock, log } = dependencies;
  const provider = options.entry.id;
  const health = createHealthTracker(clock);
  const headers = () => wireHeaders(options, dependencies.apiKey);
  const refused = createRefusedParameters(refusable, (parameter, model) =>
    log.warn('The model refuses a parameter; it is left out from now on.', { provider, model, parameter }),
  );
  let client: Promise<OpenAI> | undefined;
  const loadClient = (): Promise<OpenAI> => {
    client ??= createOpenAiClient({ provider, baseUrl: options.baseUrl, transport, headers });
    return client;
  };

  const context = (model: string, signal: AbortSignal): ReadContext => ({
    options,
    model,
    signal,
    clock,
    wallClock: clock.wallClock(),
  });
  const failed = (thrown: unknown, model: string, signal: AbortSignal): AiError => {
    const error = mapThrown(thrown, signal, context(model, signal));
    health.failed(error);
    return error;
  };
  /** Runs a call whose every failure is one of ours; it can be closed without aborting the caller's signal. */
  const call = async <Answer>(
    model: string,
    signal: AbortSignal,
    run: (inner: AbortSignal, close: () => void) => Promise<Answer>,
  ): Promise<Answer> => {
    const own = new AbortController();
    try {
      signal.throwIfAborted();
      headers();
      return await run(AbortSignal.any([signal, own.signal]), () => own.abort());
    } catch (error) {
      throw failed(error, model, signal);
    }
  };
  const open = <Body extends WireBody>(body: Body, signal: AbortSignal, send: Send<Body>): Promise<OpenAnswer> =>
    call(body.model, signal, async (inner, close) => {
      for (let refusals = 0; ; refusals++) {
        const accepted = refused.without(body);
        try {
          const answer = await send(accepted, inner);
          health.answered(answer.header);
          return { ...answer, close };
        } catch (error) {
          if (refusals >= mostRefusals || !refused.learn(error, accepted)) throw error;
        }
      }
    });
  const stream = async function* <Body extends WireBody>(body: Body, signal: AbortSignal, send: Send<Body>) {
    const answer = await open(body, signal, send);
    try {
      yield* readWireStream(answer, context(body.model, signal));
    } catch (error) {
      throw failed(error, body.model, signal);
    }
  };

  const sendChat: Send<ChatBody> = async (body, signal) => {
    const sdk = await loadClient();
    const answer = await sdk.chat.completions.create(body, { signal }).asResponse();
    return { header: (name) => answer.headers.get(name) ?? undefined, body: answer.body ?? nothing() };
  };
  const sendRaw: Send<WireBody> = async (body, signal) => {
    const url = `${options.baseUrl}/completions`;
    const request = { provider, method: 'POST', url, headers: headers(), body: JSON.stringify(body), signal } as const;
    return throwFailure(await transport.request(request));
  };

  return {
    health,
    streamChat: (body, signal) =>
      stream({ ...body, stream: true, ...streamOptions(options.dialect) }, signal, sendChat),
    async chat(body, signal) {
      const answer = await open(body, signal, sendChat);
      try {
        return await readWireAnswer(answer, context(body.model, signal));
      } catch (error) {
        throw failed(error, body.model, signal);
      }
    },
    streamRaw: (body, signal) =>
      stream({ ...body, stream: true, stream_options: { include_usage: true } }, signal, sendRaw),
    embed: (request, signal) =>
      call(request.model, signal, async (inner) => {
        const body = { model: request.model, input: [...request.input], encoding_format: 'float' as const };
        const { data, response } = await (await loadClient()).embeddings.create(body, { signal: inner }).withResponse();
        health.answered((name) => response.headers.get(name) ?? undefined);
        const sorted = [...data.data].sort((one, other) => one.index - other.index);
        return {
          vectors: sorted.map(({ embedding }) => embedding),
          model: textMember(data, 'model') ?? request.model,
          inputTokens: numberMember(member(data, 'usage'), 'prompt_tokens'),
        };
      }),
    countTokens: (text, signal) =>
      call(options.model, signal, async (inner) => {
        const body = { model: options.model, input: text };
        const counted = await (await loadClient()).responses.inputTokens.count(body, { signal: inner });
        return numberMember(counted, 'input_tokens') ?? 0;
      }),
    listModels: (signal) =>
      call(options.model, signal, async (inner) => {
        const { data: page, response } = await (await loadClient()).models.list({ signal: inner }).withResponse();
        health.answered((name) => response.headers.get(name) ?? undefined);
        return page.data.map(modelInfo);
      }),
    async warmUp() {
      await Promise.all([transport.preconnect(options.baseUrl), options.fim === 'none' ? loadClient() : undefined]);
    },
  };
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

function streamOptions({ streamOptions: stream_options }: Dialect): object {
  return stream_options === undefined ? {} : { stream_options };
}

/** Servers add what they know: vLLM `max_model_len`, others `context_length` or `context_window`. */
function modelInfo(model: unknown): ModelInfo {
  const id = textMember(model, 'id') ?? '';
  const names = ['max_model_len', 'context_length', 'context_window', 'max_context_length'];
  const said = names.map((name) => numberMember(model, name)).find((size) => size !== undefined);
  const contextWindow = said ?? modelFacts(id).contextWindow;
  return contextWindow === null ? { id } : { id, contextWindow };
}
