/**
 * Sends requests of OpenAI's wire: by the vendor's SDK, but raw completions directly, because there milliseconds are
 * felt. Both give the same open answer and the same errors, and leave out what the model refused before.
 */
import type { EmbedRequest, ModelInfo } from '../../domain/ai-provider.ts';
import type { HealthTracker } from '../http/health.ts';
import { throwFailure } from '../http/http-failure.ts';
import { textMember } from '../http/json.ts';
import type { AnswerChunk } from '../http/read-answer.ts';
import { loadOnce, openResponse, sdkCall } from '../http/sdk-client.ts';
import { createWireCalls, type WireCall } from '../http/wire-calls.ts';
import { createRefusedParameters } from '../refused-parameters.ts';
import { createOpenAiClient } from './client.ts';
import type { ChatBody, WireBody } from './convert-request.ts';
import {
  answerFormat,
  type EmbeddingAnswer,
  embeddingAnswer,
  listedModels,
  saidContextWindow,
} from './convert-response.ts';
import type { Embeddings, RawEndpoint, TokenCountEndpoint } from './dialect.ts';
import { failureReport } from './map-error.ts';
import { type OpenAiDependencies, type WireOptions, wireHeaders } from './wire-options.ts';

const refusable = {
  droppable: [
    'stop',
    'temperature',
    'reasoning_effort',
    'thinking',
    'chat_template_kwargs',
    'stream_options',
    'store',
    'max_tokens',
    'max_completion_tokens',
  ],
  otherName: { max_tokens: 'max_completion_tokens', max_completion_tokens: 'max_tokens' },
};

export interface OpenAiWire {
  readonly health: HealthTracker;
  streamChat(body: ChatBody, signal: AbortSignal): AsyncIterable<AnswerChunk>;
  chat(body: ChatBody, signal: AbortSignal): Promise<AnswerChunk>;
  streamRaw(endpoint: RawEndpoint, body: WireBody, signal: AbortSignal): AsyncIterable<AnswerChunk>;
  embed(
    embeddings: Embeddings,
    request: EmbedRequest & { readonly model: string },
    signal: AbortSignal,
  ): Promise<EmbeddingAnswer>;
  /** As the server counts them, with what its chat format adds; `undefined` where it does not say. */
  countTokens(endpoint: TokenCountEndpoint, text: string, signal: AbortSignal): Promise<number | undefined>;
  /** What the list says of models is known from then on. */
  listModels(signal: AbortSignal): Promise<readonly ModelInfo[]>;
  /** Asks for what the server knows of the entry's model. */
  learnModel(signal: AbortSignal): Promise<void>;
  /** Opens a connection, and loads the SDK where completions need it, so that the first call finds both. */
  warmUp(): Promise<void>;
}

export function createOpenAiWire(options: WireOptions, dependencies: OpenAiDependencies): OpenAiWire {
  const { transport, clock } = dependencies;
  const { entry, baseUrl } = options;
  const provider = entry.id;
  const headers = () => wireHeaders(options, dependencies.apiKey);
  const calls = createWireCalls<WireBody>({
    ...dependencies,
    entry,
    keyVariable: options.keyRule.variable,
    check: headers,
    refusals: (onRefusal) => createRefusedParameters(refusable, onRefusal),
    report: failureReport,
  });
  const loadClient = loadOnce(() => createOpenAiClient({ provider, baseUrl, transport, headers }));

  const chatCall = (chat: ChatBody): WireCall<WireBody> => ({
    model: chat.model,
    body: chat,
    async send(accepted, signal) {
      const sdk = await loadClient();
      const body = { ...accepted, messages: chat.messages };
      return openResponse(await sdk.chat.completions.create(body, sdkCall(signal)).asResponse());
    },
  });
  const rawCall = ({ path }: RawEndpoint, body: WireBody): WireCall<WireBody> => ({
    model: body.model,
    body,
    async send(accepted, signal) {
      const url = `${baseUrl}${path}`;
      const text = JSON.stringify(accepted);
      return throwFailure(
        await transport.request({ provider, method: 'POST', url, headers: headers(), signal, body: text }),
      );
    },
  });
  /** Any other endpoint, whose answer comes in one piece: the answer as JSON. */
  const ask = (model: string, signal: AbortSignal, path: string, body?: object): Promise<unknown> =>
    calls.run(model, signal, async (own) => {
      const sdk = await loadClient();
      const sentAt = clock.now();
      const asked = body === undefined ? sdk.get(path, sdkCall(own)) : sdk.post(path, { body, ...sdkCall(own) });
      const { data, response } = await asked.withResponse();
      calls.health.allowances.heard((name) => response.headers.get(name) ?? undefined, sentAt);
      calls.health.answered();
      return data;
    });
  const learn = (listed: unknown): ModelInfo => {
    const id = textMember(listed, 'id') ?? '';
    const said = saidContextWindow(listed);
    const description = options.dialect.describe?.(listed);
    const facts = { ...(said === undefined ? {} : { contextWindow: said }), ...description?.facts };
    return options.models.learn(id, { ...description, facts });
  };

  return {
    health: calls.health,
    streamChat: (body, signal) =>
      calls.stream(chatCall({ ...body, stream: true, ...streamOptions(options.dialect) }), answerFormat, signal),
    chat: (body, signal) => calls.ask(chatCall(body), answerFormat, signal),
    streamRaw: (endpoint, body, signal) =>
      calls.stream(
        rawCall(endpoint, Object.assign({}, body, { stream: true }, streamOptions(endpoint))),
        answerFormat,
        signal,
      ),
    async embed({ fields }, { model, input }, signal) {
      const answer = await ask(model, signal, '/embeddings', { model, input, ...fields });
      return embeddingAnswer(answer, { provider, model, wanted: input.length });
    },
    async countTokens({ path, body, read }, text, signal) {
      return read(await ask(options.model, signal, path, body(options.model, text)));
    },
    listModels: async (signal) => listedModels(await ask(options.model, signal, '/models')).map(learn),
    async learnModel(signal) {
      learn(await ask(options.model, signal, `/models/${encodeURIComponent(options.model)}`));
    },
    async warmUp() {
      await Promise.all([transport.preconnect(options.baseUrl), options.fim === 'none' ? loadClient() : undefined]);
    },
  };
}

function streamOptions({ streamOptions: stream_options }: Pick<RawEndpoint, 'streamOptions'>): object {
  return stream_options === undefined ? {} : { stream_options };
}
