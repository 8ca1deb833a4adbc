/** Gemini's wire as Google sends it: `generateContent` streamed and whole, embeddings, counts, models and errors. */
import type { FakeExchange, FakeResponder } from './fake-provider.ts';

export const fakeGeminiModel = 'gemini-fake-1';

export interface GeminiTextOptions {
  /** Characters (UTF-16) per event. Default: the whole text in one. */
  readonly chunkSize?: number;
  /** Sends the body in writes of this many bytes. */
  readonly bytesPerWrite?: number;
  readonly finishReason?: string;
  readonly usage?: { readonly inputTokens: number; readonly outputTokens: number };
  /** What separates lines. Google sends `\r\n`. */
  readonly lineEnd?: '\n' | '\r\n' | '\r';
  /** Sent before each event. */
  readonly noise?: string;
  /** Thoughts, sent before the text. */
  readonly thoughts?: string;
}

/** Answers with this text, as a stream where the address asks for one, else as one JSON body. */
export function geminiText(text: string, options: GeminiTextOptions = {}): FakeResponder {
  return async (exchange) => {
    const { finishReason = 'STOP', usage, thoughts } = options;
    const thinking = thoughts === undefined ? [] : [{ text: thoughts, thought: true }];
    const ending = { finishReason, ...(usage === undefined ? {} : { usage }) };
    if (!isStreamed(exchange)) {
      await head(exchange, 'application/json; charset=UTF-8');
      await writeInPieces(exchange, JSON.stringify(geminiAnswer([...thinking, { text }], ending), null, 2), options);
      return exchange.close();
    }
    await head(exchange, 'text/event-stream');
    const size = options.chunkSize ?? Math.max(1, text.length);
    const parts = [...thinking];
    const answers: object[] = parts.map((part) => geminiAnswer([part]));
    for (let start = 0; start < text.length; start += size) {
      const last = start + size >= text.length;
      answers.push(geminiAnswer([{ text: text.slice(start, start + size) }], last ? ending : {}));
    }
    if (text === '') answers.push(geminiAnswer([], ending));
    const { lineEnd = '\r\n', noise = '' } = options;
    for (const answer of answers) {
      await writeInPieces(exchange, `${noise}data: ${JSON.stringify(answer)}${lineEnd}${lineEnd}`, options);
    }
    await exchange.close();
  };
}

/** One event of an open stream; with `ending` the last one. */
export async function geminiSend(
  exchange: FakeExchange,
  text: string,
  ending: { readonly finishReason?: string } = {},
): Promise<void> {
  if (!began.has(exchange)) {
    began.add(exchange);
    await head(exchange, 'text/event-stream');
  }
  await exchange.write(`data: ${JSON.stringify(geminiAnswer([{ text }], ending))}\r\n\r\n`);
}

/** These bodies as events, then the end of the HTTP message. */
export function geminiEvents(...bodies: readonly (object | string)[]): FakeResponder {
  return async (exchange) => {
    await head(exchange, 'text/event-stream');
    for (const body of bodies) {
      await exchange.write(`data: ${typeof body === 'string' ? body : JSON.stringify(body)}\r\n\r\n`);
    }
    await exchange.close();
  };
}

/** A prompt that is not answered. */
export function geminiBlocked(blockReason: string): object {
  return { promptFeedback: { blockReason }, usageMetadata: { promptTokenCount: 4, totalTokenCount: 4 }, modelVersion };
}

export interface GeminiErrorInit {
  readonly message?: string;
  readonly status?: string;
  readonly details?: readonly object[];
}

/** The body of an error, which is also what an event in the middle of a stream holds. */
export function geminiError(code: number, { message = `fake ${code}`, status, details }: GeminiErrorInit = {}): object {
  return { error: { code, message, status: status ?? statuses[code] ?? 'UNKNOWN', ...(details && { details }) } };
}

export const retryInfo = (retryDelay: string) => ({ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay });
export const errorInfo = (reason: string) => ({
  '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
  reason,
  domain: 'googleapis.com',
  metadata: { service: 'generativelanguage.googleapis.com' },
});
export const quotaFailure = (quotaId: string) => ({
  '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
  violations: [{ quotaMetric: 'generativelanguage.googleapis.com/generate_content_free_tier_requests', quotaId }],
});
export const badRequest = (field: string, description: string) => ({
  '@type': 'type.googleapis.com/google.rpc.BadRequest',
  fieldViolations: [{ field, description }],
});

const statuses: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
};

const modelVersion = fakeGeminiModel;

export interface GeminiEnding {
  readonly finishReason?: string;
  readonly usage?: { readonly inputTokens: number; readonly outputTokens: number };
}

/** One `GenerateContentResponse`. */
export function geminiAnswer(parts: readonly object[], { finishReason, usage }: GeminiEnding = {}): object {
  const { inputTokens = 5, outputTokens = 2 } = usage ?? {};
  return {
    candidates: [
      { content: { parts, role: 'model' }, ...(finishReason === undefined ? {} : { finishReason }), index: 0 },
    ],
    usageMetadata: {
      promptTokenCount: inputTokens,
      candidatesTokenCount: outputTokens,
      totalTokenCount: inputTokens + outputTokens,
    },
    modelVersion,
    responseId: 'fake-response',
  };
}

/** The answer of `:batchEmbedContents`. */
export function geminiEmbeddings(vectors: readonly (readonly number[])[]): object {
  return { embeddings: vectors.map((values) => ({ values })) };
}

/** The answer of `GET /models`, or one page of it. */
export function geminiModels(models: readonly object[], nextPageToken?: string): object {
  return { models, ...(nextPageToken === undefined ? {} : { nextPageToken }) };
}

export function geminiModel(name: string, methods: readonly string[], inputTokenLimit = 1_048_576): object {
  return {
    name: `models/${name}`,
    version: '001',
    displayName: name,
    inputTokenLimit,
    outputTokenLimit: 65_536,
    supportedGenerationMethods: methods,
    thinking: true,
  };
}

const began = new WeakSet<FakeExchange>();

function isStreamed({ request }: FakeExchange): boolean {
  return /:streamGenerateContent\?(.*&)?alt=sse(&|$)/.test(request.path);
}

function head(exchange: FakeExchange, type: string): Promise<void> {
  return exchange.head(200, { 'content-type': type });
}

async function writeInPieces(
  exchange: FakeExchange,
  text: string,
  { bytesPerWrite }: Pick<GeminiTextOptions, 'bytesPerWrite'>,
): Promise<void> {
  const bytes = Buffer.from(text);
  const size = bytesPerWrite ?? Math.max(1, bytes.length);
  for (let start = 0; start < bytes.length && !exchange.isClosed; start += size) {
    await exchange.write(bytes.subarray(start, start + size));
  }
}
