/** The vendors as they are measured: the model that is asked for, and the wire that answers. */
import type { FimForm } from '../src/domain/provider-entry.ts';
import { anthropicText } from '../test/support/fake-anthropic-wire.ts';
import { geminiText } from '../test/support/fake-gemini-wire.ts';
import { grokModel } from '../test/support/fake-grok-wire.ts';
import { llamaHealth, llamaModels, llamaProperties, llamaText } from '../test/support/fake-llama-cpp-wire.ts';
import { mistralAnswer, mistralModel, mistralModels } from '../test/support/fake-mistral-wire.ts';
import {
  fakeOllamaModel,
  isOllamaLoad,
  ollamaCard,
  ollamaLoaded,
  ollamaText,
} from '../test/support/fake-ollama-wire.ts';
import type { FakeResponder } from '../test/support/fake-provider.ts';
import { json, streamText, withModels } from '../test/support/fake-responders.ts';
import { answerParts } from './questions.ts';

export interface Vendor {
  readonly kind: string;
  readonly model?: string;
  readonly fim?: FimForm;
  /** Of the base address, after the origin. */
  readonly path: string;
  readonly respond: FakeResponder;
}

const text = answerParts.join('');
const size = Math.ceil(text.length / answerParts.length);
const options = { chunkSize: size, usage: { inputTokens: 1_500, outputTokens: answerParts.length } };

const xaiModel = 'grok-4.20-non-reasoning';

/** Answers by the path; what is not named is the call itself. */
function routed(routes: Readonly<Record<string, FakeResponder>>, otherwise: FakeResponder): FakeResponder {
  return (exchange) => (routes[exchange.request.path] ?? otherwise)(exchange);
}

export const vendors: readonly Vendor[] = [
  {
    kind: 'openai',
    model: 'gpt-6-luna',
    path: '/v1',
    respond: withModels(['gpt-6-luna'], streamText(text, options)),
  },
  {
    kind: 'anthropic',
    model: 'claude-haiku-5-5',
    path: '',
    respond: anthropicText(text, { chunkSize: size }),
  },
  {
    kind: 'gemini',
    model: 'gemini-3.5-flash-lite',
    path: '/v1beta',
    respond: geminiText(text, options),
  },
  {
    kind: 'mistral',
    model: 'codestral-latest',
    path: '/v1',
    respond: routed(
      { '/v1/models': mistralModels(mistralModel('codestral-latest', { fim: true })) },
      mistralAnswer(text, options),
    ),
  },
  {
    kind: 'grok',
    model: xaiModel,
    path: '/v1',
    respond: routed({ [`/v1/models/${xaiModel}`]: json(grokModel(xaiModel, 131_072)) }, streamText(text, options)),
  },
  {
    kind: 'ollama',
    model: fakeOllamaModel,
    path: '',
    respond: (exchange) => {
      const answer = isOllamaLoad(exchange.request) ? ollamaLoaded : ollamaText(text, options);
      return routed({ '/api/show': ollamaCard({ capabilities: ['completion', 'insert'] }) }, answer)(exchange);
    },
  },
  {
    kind: 'llama-cpp',
    path: '',
    respond: routed(
      { '/health': llamaHealth, '/props': llamaProperties(1), '/v1/models': llamaModels('fake-coder') },
      llamaText(text, options),
    ),
  },
  {
    kind: 'openai-compatible',
    model: 'bench-model',
    fim: 'qwen',
    path: '/v1',
    respond: withModels(['bench-model'], streamText(text, options)),
  },
];
