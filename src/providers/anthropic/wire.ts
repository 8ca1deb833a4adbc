/**
 * Sends requests of Anthropic's wire by the vendor's SDK, and gives open answers and errors of ours. Messages go by the
 * SDK's plain `post`: its own method for them writes warnings about models to the console.
 */
import type { Anthropic } from '@anthropic-ai/sdk';
import type { AiError } from '../../domain/ai-error.ts';
import type { ModelInfo } from '../../domain/ai-provider.ts';
import { createHealthTracker, type HealthTracker } from '../http/health.ts';
import { numberMember } from '../http/json.ts';
import type { OpenAnswer } from '../http/open-answer.ts';
import { createRefusedParameters } from '../refused-parameters.ts';
import { createAnthropicClient } from './client.ts';
import { type MessagesBody, withRoomForThoughts } from './convert-request.ts';
import { mapThrown } from './map-error.ts';
import { type AnthropicDependencies, type AnthropicOptions, anthropicHeaders } from './options.ts';
import { type ReadContext, readWireAnswer, readWireStream, type WireChunk } from './read-stream.ts';

/** How many parameters one call may lose before its error is believed. */
const mostRefusals = 3;
const refusable = {
  droppable: ['temperature', 'top_p', 'top_k', 'thinking', 'output_config', 'stop_sequences', 'service_tier', 'speed'],
};
/** As many as the service gives at once. */
const modelsPerPage = 1000;
const mostPages = 10;

export interface AnthropicWire {
  readonly health: HealthTracker;
  stream(body: MessagesBody, signal: AbortSignal): AsyncIterable<WireChunk>;
  ask(body: MessagesBody, signal: AbortSignal): Promise<WireChunk>;
  /** As the server counts them, with what its chat format adds. */
  countTokens(text: string, signal: AbortSignal): Promise<number>;
  listModels(signal: AbortSignal): Promise<readonly ModelInfo[]>;
  /** Resolves a short name too; rejects with `AiError` of kind `notFound` where there is no such model. */
  lookUp(model: string, signal: AbortSignal): Promise<ModelInfo>;
  /** Opens a connection and loads the SDK, so that the first call finds both. */
  warmUp(): Promise<void>;
}

export function createAnthropicWire(options: AnthropicOptions, dependencies: AnthropicDependencies): AnthropicWire {
  const { transport, clock, log } = dependencies;
  const { baseUrl, models } = options;
  const provider = options.entry.id;
  const health = createHealthTracker(clock);
  const headers = () => anthropicHeaders(options, dependencies.apiKey);
  const refused = createRefusedParameters(refusable, (parameter, model) =>
    log.warn('The model refuses a parameter; it is left out from now on.', { provider, model, parameter }),
  );
  let client: Promise<Anthropic> | undefined;
  const loadClient = (): Promise<Anthropic> => {
    client ??= createAnthropicClient({ provider, baseUrl, transport, headers });
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
  /** Runs a call whose every failure is one of ours. */
  const call = async <Answer>(
    model: string,
    signal: AbortSignal,
    run: (sdk: Anthropic) => Promise<Answer>,
  ): Promise<Answer> => {
    try {
      signal.throwIfAborted();
      headers();
      const sdk = await loadClient();
      signal.throwIfAborted();
      return await run(sdk);
    } catch (error) {
      throw failed(error, model, signal);
    }
  };
  /** It can be closed without aborting the caller's signal. */
  const open = (body: MessagesBody, signal: AbortSignal): Promise<OpenAnswer> =>
    call(body.model, signal, async (sdk) => {
      const own = new AbortController();
      const inner = AbortSignal.any([signal, own.signal]);
      for (let refusals = 0; ; refusals++) {
        const accepted = withRoomForThoughts(refused.without(body), body);
        try {
          const answer = await sdk.post('/v1/messages', { body: accepted, signal: inner }).asResponse();
          const header = (name: string) => answer.headers.get(name) ?? undefined;
          health.answered(header);
          return { header, body: answer.body ?? nothing(), close: () => own.abort() };
        } catch (error) {
          if (refusals >= mostRefusals || !refused.learn(error, accepted)) throw error;
        }
      }
    });

  return {
    health,
    async *stream(body, signal) {
      const answer = await open({ ...body, stream: true }, signal);
      try {
        yield* readWireStream(answer, context(body.model, signal));
      } catch (error) {
        throw failed(error, body.model, signal);
      }
    },
    async ask(body, signal) {
      const answer = await open(body, signal);
      try {
        return await readWireAnswer(answer, context(body.model, signal));
      } catch (error) {
        throw failed(error, body.model, signal);
      }
    },
    countTokens: (text, signal) =>
      call(options.model, signal, async (sdk) => {
        const body = { model: options.model, messages: [{ role: 'user' as const, content: text }] };
        return numberMember(await sdk.messages.countTokens(body, { signal }), 'input_tokens') ?? 0;
      }),
    listModels: (signal) =>
      call(options.model, signal, async (sdk) => {
        const listed: ModelInfo[] = [];
        let page = await sdk.models.list({ limit: modelsPerPage }, { signal });
        for (let pages = 1; ; pages++) {
          listed.push(...page.data.map(models.learn));
          if (pages >= mostPages || !page.hasNextPage()) return listed;
          page = await page.getNextPage();
        }
      }),
    lookUp: (model, signal) =>
      call(model, signal, async (sdk) => {
        const description = await sdk.models.retrieve(model, {}, { signal });
        // By the name it was asked for: the answer may carry the full name of a short one.
        return models.learn({ ...description, id: model });
      }),
    async warmUp() {
      await Promise.all([transport.preconnect(baseUrl), loadClient()]);
    },
  };
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
