/**
 * Sends requests of Anthropic's wire by the vendor's SDK, and gives open answers and errors of ours. Messages go by the
 * SDK's plain `post`: its own method for them writes warnings about models to the console.
 */
import type { ModelInfo } from '../../domain/ai-provider.ts';
import { foreignAnswer } from '../http/foreign-answer.ts';
import type { HealthTracker } from '../http/health.ts';
import { numberMember } from '../http/json.ts';
import type { AnswerChunk } from '../http/read-answer.ts';
import { loadOnce, openResponse, sdkCall } from '../http/sdk-client.ts';
import { createWireCalls, type WireCall } from '../http/wire-calls.ts';
import { createRefusedParameters } from '../refused-parameters.ts';
import { createAnthropicClient } from './client.ts';
import { type MessagesBody, withRoomForThoughts } from './convert-request.ts';
import { answerFormat } from './convert-response.ts';
import { describeClaudeModel } from './describe-model.ts';
import { failureReport } from './map-error.ts';
import { type AnthropicDependencies, type AnthropicOptions, anthropicHeaders, keyRule } from './options.ts';

const refusable = {
  droppable: ['temperature', 'top_p', 'top_k', 'thinking', 'output_config', 'stop_sequences', 'service_tier', 'speed'],
};
/** As many as the service gives at once. */
const modelsPerPage = 1000;
const mostPages = 10;

export interface AnthropicWire {
  readonly health: HealthTracker;
  stream(body: MessagesBody, signal: AbortSignal): AsyncIterable<AnswerChunk>;
  ask(body: MessagesBody, signal: AbortSignal): Promise<AnswerChunk>;
  /** As the server counts them, with what its chat format adds. */
  countTokens(text: string, signal: AbortSignal): Promise<number>;
  listModels(signal: AbortSignal): Promise<readonly ModelInfo[]>;
  /** Resolves a short name too; rejects with `AiError` of kind `notFound` where there is no such model. */
  lookUp(model: string, signal: AbortSignal): Promise<ModelInfo>;
  /** Opens a connection and loads the SDK, so that the first call finds both. */
  warmUp(): Promise<void>;
}

export function createAnthropicWire(options: AnthropicOptions, dependencies: AnthropicDependencies): AnthropicWire {
  const { transport } = dependencies;
  const { entry, baseUrl, models } = options;
  const headers = () => anthropicHeaders(options, dependencies.apiKey);
  const calls = createWireCalls<MessagesBody>({
    ...dependencies,
    entry,
    keyVariable: keyRule.variable,
    check: headers,
    refusals: (onRefusal) => createRefusedParameters(refusable, onRefusal),
    report: failureReport,
  });
  const loadClient = loadOnce(() => createAnthropicClient({ provider: entry.id, baseUrl, transport, headers }));
  const messages = (asked: MessagesBody): WireCall<MessagesBody> => ({
    model: asked.model,
    body: asked,
    async send(accepted, signal) {
      const sdk = await loadClient();
      const body = withRoomForThoughts(accepted, asked);
      return openResponse(await sdk.post('/v1/messages', { body, ...sdkCall(signal) }).asResponse());
    },
  });

  return {
    health: calls.health,
    stream: (body, signal) => calls.stream(messages({ ...body, stream: true }), answerFormat(), signal),
    ask: (body, signal) => calls.ask(messages(body), answerFormat(), signal),
    countTokens: (text, signal) =>
      calls.run(options.model, signal, async (own) => {
        const sdk = await loadClient();
        const body = { model: options.model, messages: [{ role: 'user' as const, content: text }] };
        const tokens = numberMember(await sdk.messages.countTokens(body, sdkCall(own)), 'input_tokens');
        if (tokens === undefined) throw foreignAnswer(entry.id);
        return tokens;
      }),
    listModels: (signal) =>
      calls.run(options.model, signal, async (own) => {
        const sdk = await loadClient();
        const listed: ModelInfo[] = [];
        let page = await sdk.models.list({ limit: modelsPerPage }, sdkCall(own));
        for (let pages = 1; ; pages++) {
          listed.push(...page.data.map((listed) => models.learn(listed.id, describeClaudeModel(listed))));
          if (pages >= mostPages || !page.hasNextPage()) return listed;
          page = await page.getNextPage();
        }
      }),
    lookUp: (model, signal) =>
      calls.run(model, signal, async (own) => {
        const sdk = await loadClient();
        const description = await sdk.models.retrieve(model, {}, sdkCall(own));
        // By the name it was asked for: the answer may carry the full name of a short one.
        return models.learn(model, describeClaudeModel(description));
      }),
    async warmUp() {
      await Promise.all([transport.preconnect(baseUrl), loadClient()]);
    },
  };
}
