/** Every wire as the bytes of its parts, so that a test can cut, mix and spoil them. The question decides the shape. */
import type { RawRequest } from './raw-server.ts';

export interface RawWire {
  readonly name: string;
  /** The settings entry that speaks this wire at this address. */
  entry(address: string): Readonly<Record<string, unknown>>;
  /** The answer to what is asked beside the question itself: which models there are, whether one is loaded. */
  aside(request: RawRequest): object | undefined;
  readonly contentType: string;
  /** What opens a stream before any text. */
  begin(request: RawRequest): string;
  delta(request: RawRequest, text: string): string;
  end(request: RawRequest, filtered?: boolean): string;
  /** An event that is not of the wire. */
  readonly malformed: string;
  /** The error in the middle of a stream that began well. */
  readonly streamError: string;
  /** The body of an error answer. */
  error(problem: Problem): object;
  /** True where the wire has a word for an answer that a filter ended. */
  readonly filters: boolean;
}

export const problems = {
  limited: 429,
  failed: 500,
  overloaded: 503,
  tooLong: 400,
  unauthorized: 401,
} as const;

export type Problem = keyof typeof problems;

const key = 'key-of-the-test-0123456789';
const event = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`;
const nothing = () => undefined;

const raw = ({ path }: RawRequest) => /(?<!chat|fim)\/completions$/.test(path);

const openAiError = (problem: Problem) => ({
  error: {
    message: 'The server said no.',
    type: { ...types, tooLong: 'invalid_request_error' }[problem],
    code: problem === 'tooLong' ? 'context_length_exceeded' : null,
    param: null,
  },
});

const types = {
  limited: 'rate_limit_error',
  failed: 'server_error',
  overloaded: 'overloaded_error',
  unauthorized: 'authentication_error',
} as const;

function openAiChunk(request: RawRequest, text: string | undefined, finish: string | null): string {
  const choice = raw(request)
    ? { index: 0, text: text ?? '', finish_reason: finish }
    : { index: 0, delta: text === undefined ? {} : { content: text }, finish_reason: finish };
  return event({ id: 'c1', object: 'chunk', model: 'wire-1', choices: [choice] });
}

const openAiStream = {
  aside: nothing,
  contentType: 'text/event-stream',
  begin: () => '',
  delta: (request: RawRequest, text: string) => openAiChunk(request, text, null),
  end: (request: RawRequest, filtered = false) =>
    `${openAiChunk(request, undefined, filtered ? 'content_filter' : 'stop')}data: [DONE]\n\n`,
  malformed: 'data: {"choices":[{"delta":\n\n',
  streamError: event({ error: { message: 'The server had an error.', type: 'server_error', code: null } }),
  error: openAiError,
  filters: true,
};

const openAi: RawWire = {
  ...openAiStream,
  name: 'OpenAI',
  entry: (address) => ({ kind: 'openai', model: 'gpt-6-luna', baseUrl: `${address}/v1`, apiKey: key }),
};

const compatible: RawWire = {
  ...openAiStream,
  name: 'OpenAI-compatible with fill-in-the-middle',
  entry: (address) => ({ kind: 'openai-compatible', model: 'coder', fim: 'qwen', baseUrl: `${address}/v1` }),
};

const mistral: RawWire = {
  ...openAiStream,
  name: 'Mistral',
  entry: (address) => ({ kind: 'mistral', model: 'codestral-latest', baseUrl: `${address}/v1`, apiKey: key }),
  streamError: event({ object: 'error', message: 'Internal', type: 'internal_server_error', code: '3000' }),
  error: (problem) => ({
    object: 'error',
    message: problem === 'tooLong' ? 'Prompt contains too many tokens' : 'The server said no.',
    type: 'invalid_request_error',
    param: null,
    code: '1500',
    raw_status_code: problems[problem],
  }),
};

const named = (type: string, fields: object = {}) => `event: ${type}\n${event({ type, ...fields })}`;
const anthropicError = (type: string, message: string) => ({ type: 'error', error: { type, message } });

const anthropic: RawWire = {
  name: 'Anthropic',
  entry: (address) => ({ kind: 'anthropic', model: 'claude-haiku-5-5', baseUrl: address, apiKey: key }),
  aside: nothing,
  contentType: 'text/event-stream',
  begin: () =>
    named('message_start', {
      message: { id: 'm1', type: 'message', role: 'assistant', model: 'wire-1', content: [], usage: anthropicUsage },
    }) + named('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
  delta: (_, text) => named('content_block_delta', { index: 0, delta: { type: 'text_delta', text } }),
  end: (_, filtered = false) =>
    named('content_block_stop', { index: 0 }) +
    named('message_delta', {
      delta: { stop_reason: filtered ? 'refusal' : 'end_turn', stop_sequence: null },
      usage: { output_tokens: 2 },
    }) +
    named('message_stop'),
  malformed: 'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"del\n\n',
  streamError: named('error', { error: { type: 'overloaded_error', message: 'Overloaded' } }),
  error: (problem) =>
    problem === 'tooLong'
      ? anthropicError('invalid_request_error', 'prompt is too long: 300000 tokens > 200000 maximum')
      : anthropicError({ ...types, failed: 'api_error' }[problem], 'The server said no.'),
  filters: true,
};

const anthropicUsage = { input_tokens: 1, output_tokens: 1 };

const geminiChunk = (parts: readonly object[], finish?: string) =>
  `data: ${JSON.stringify({
    candidates: [{ content: { parts, role: 'model' }, ...(finish && { finishReason: finish }), index: 0 }],
    usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1 },
    modelVersion: 'wire-1',
  })}\r\n\r\n`;
const geminiStatuses = {
  limited: 'RESOURCE_EXHAUSTED',
  failed: 'INTERNAL',
  overloaded: 'UNAVAILABLE',
  tooLong: 'INVALID_ARGUMENT',
  unauthorized: 'UNAUTHENTICATED',
} as const;

const gemini: RawWire = {
  name: 'Gemini',
  entry: (address) => ({
    kind: 'gemini',
    model: 'gemini-3.5-flash-lite',
    baseUrl: `${address}/v1beta`,
    apiKey: key,
  }),
  aside: ({ method }) => (method === 'GET' ? { models: [] } : undefined),
  contentType: 'text/event-stream',
  begin: () => '',
  delta: (_, text) => geminiChunk([{ text }]),
  end: (_, filtered = false) => geminiChunk([], filtered ? 'SAFETY' : 'STOP'),
  malformed: 'data: {"candidates":[{"con\r\n\r\n',
  streamError: `data: ${JSON.stringify({ error: { code: 503, message: 'Busy', status: 'UNAVAILABLE' } })}\r\n\r\n`,
  error: (problem) => ({
    error: {
      code: problems[problem],
      message:
        problem === 'tooLong'
          ? 'The input token count (2000000) exceeds the maximum number of tokens allowed (1048576).'
          : 'The server said no.',
      status: geminiStatuses[problem],
    },
  }),
  filters: true,
};

const line = (value: object) => `${JSON.stringify({ model: 'wire-1', ...value })}\n`;
const generates = ({ path }: RawRequest) => path === '/api/generate';
const ollamaText = (request: RawRequest, text: string) =>
  generates(request) ? { response: text } : { message: { role: 'assistant', content: text } };

const ollama: RawWire = {
  name: 'Ollama',
  entry: (address) => ({ kind: 'ollama', model: 'qwen2.5-coder:1.5b', baseUrl: address }),
  aside(request) {
    if (request.path === '/api/show') return { template: '{{ .Prompt }}{{ .Suffix }}', capabilities: ['insert'] };
    if (request.path === '/api/tags') return { models: [] };
    const loads = generates(request) && !('prompt' in JSON.parse(request.body));
    return loads ? { model: 'wire-1', response: '', done: true, done_reason: 'load' } : undefined;
  },
  contentType: 'application/x-ndjson',
  begin: () => '',
  delta: (request, text) => line({ ...ollamaText(request, text), done: false }),
  end: (request) => line({ ...ollamaText(request, ''), done: true, done_reason: 'stop', eval_count: 1 }),
  malformed: '{"model":"wire-1","resp\n',
  streamError: '{"error":"an error was encountered while running the model"}\n',
  error: (problem) => ({
    error: problem === 'tooLong' ? 'input exceeds the context length' : 'the server said no',
  }),
  filters: false,
};

const infills = ({ path }: RawRequest) => path === '/infill';
const llamaTypes = {
  limited: 'rate_limit_error',
  failed: 'server_error',
  overloaded: 'unavailable_error',
  tooLong: 'exceed_context_size_error',
  unauthorized: 'authentication_error',
} as const;

const llamaCpp: RawWire = {
  ...openAiStream,
  name: 'llama.cpp',
  entry: (address) => ({ kind: 'llama-cpp', baseUrl: address }),
  aside({ path }) {
    if (path === '/props') return { total_slots: 1, default_generation_settings: { n_ctx: 4096 }, model_path: 'm' };
    return path === '/health' ? { status: 'ok' } : undefined;
  },
  delta: (request, text) =>
    infills(request) ? event({ content: text, stop: false }) : openAiChunk(request, text, null),
  end: (request) =>
    infills(request)
      ? event({ content: '', stop: true, stop_type: 'eos', model: 'wire-1', tokens_evaluated: 1 })
      : openAiStream.end(request),
  malformed: 'data: {"content":"\n\n',
  streamError: event({ error: { code: 500, message: 'slot failed', type: 'server_error' } }),
  error: (problem) => ({
    error: { code: problems[problem], message: 'The server said no.', type: llamaTypes[problem] },
  }),
  filters: false,
};

export const rawWires: readonly RawWire[] = [openAi, compatible, anthropic, gemini, mistral, ollama, llamaCpp];
