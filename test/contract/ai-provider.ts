/**
 * What every provider behind a network keeps, whatever its wire: one suite, run by each provider through a harness that
 * knows how its wire says things. Whoever adds a provider adds a harness, not tests.
 */
import { afterEach, describe, expect, test } from 'vitest';
import { AiError, type AiErrorKind } from '../../src/domain/ai-error.ts';
import type { AiProvider } from '../../src/domain/ai-provider.ts';
import { chatRequest } from '../../src/domain/chat.ts';
import { completionRequest } from '../../src/domain/completion.ts';
import { contextAt } from '../support/code-context.ts';
import {
  type FakeExchange,
  type FakeProvider,
  type FakeRequest,
  type FakeResponder,
  startFakeProvider,
} from '../support/fake-provider.ts';

export interface AnswerOptions {
  /** Characters per delta. */
  readonly chunkSize?: number;
  readonly bytesPerWrite?: number;
  readonly usage?: { readonly inputTokens: number; readonly outputTokens: number };
  readonly finish?: 'stop' | 'length' | 'filtered';
}

export interface ProviderHarness {
  /** Makes the provider that speaks to this fake with this key. Called once for each test. */
  create(fake: FakeProvider, key: string): AiProvider | Promise<AiProvider>;
  /** Called after each test. */
  cleanUp(): Promise<unknown>;
  /** A good answer, streamed or whole as the request wants it. */
  answer(text: string, options?: AnswerOptions): FakeResponder;
  /** A stream that ends cleanly without the wire's terminal marker. */
  truncated(text: string): FakeResponder;
  /** A good beginning, then the wire's way of reporting an error inside a stream. */
  midStreamError(text: string): FakeResponder;
  /** A good beginning and a good end, and between them something that is not of this wire. */
  malformed(text: string): FakeResponder;
  /** An error answer with this status; `detail` stands wherever the wire has room for words. */
  error(status: number, detail: string, headers?: Record<string, string>): FakeResponder;
  /** The first delta of a stream that stays open. */
  begin(exchange: FakeExchange, text: string): Promise<void>;
  /** What the provider asks of its server before it can do its work, with its answer; such requests are not counted. */
  aside?(request: FakeRequest): FakeResponder | undefined;
  /** Legal things without meaning: comments, pings, unknown events. Absent where a wire has none. */
  noisy?(text: string): readonly (readonly [string, FakeResponder])[];
}

/** What a call comes to, seen alike for every method. */
interface Call {
  readonly name: string;
  run(provider: AiProvider, signal: AbortSignal): Promise<{ text: string; finishReason: string; usage: unknown }>;
}

/** What a stream gives, one delta at a time. */
interface StreamCall {
  readonly name: string;
  open(
    provider: AiProvider,
    signal: AbortSignal,
  ): AsyncIterable<{ delta: string; finish?: { reason: string; usage?: unknown } }>;
}

const question = chatRequest([{ role: 'user', content: 'Why?' }]);
const completion = completionRequest({ context: contextAt('const a = █;\n'), maxLines: 1000 });

const streams: readonly StreamCall[] = [
  { name: 'streamChat', open: (provider, signal) => provider.streamChat(question, signal) },
  {
    name: 'streamCode',
    open(provider, signal) {
      if (provider.streamCode === undefined) throw new Error('This provider streams no code.');
      return provider.streamCode(completion, signal);
    },
  },
];

const calls: readonly Call[] = [
  {
    name: 'chat',
    async run(provider, signal) {
      const { message, finishReason, usage } = await provider.chat(question, signal);
      return { text: message.content, finishReason, usage };
    },
  },
  {
    name: 'completeCode',
    async run(provider, signal) {
      const { candidates, finishReason, usage } = await provider.completeCode(completion, signal);
      return { text: candidates[0]?.text ?? '', finishReason, usage };
    },
  },
  ...streams.map(
    ({ name, open }): Call => ({
      name,
      async run(provider, signal) {
        let text = '';
        for await (const { delta, finish } of open(provider, signal)) {
          text += delta;
          if (finish !== undefined) return { text, finishReason: finish.reason, usage: finish.usage };
        }
        throw new Error('The stream ended without a finish.');
      },
    }),
  ),
];

const statusKinds: readonly (readonly [number, AiErrorKind])[] = [
  [400, 'invalidRequest'],
  [401, 'authentication'],
  [403, 'permission'],
  [404, 'notFound'],
  [408, 'timeout'],
  [429, 'rateLimited'],
  [500, 'server'],
  [502, 'server'],
  [503, 'overloaded'],
  [504, 'timeout'],
];

/** Of no vendor's shape: what only looks for such shapes would miss it. */
const canary = 'Canary7f3a9c0001Zq9w7Lk2';
const never = new AbortController().signal;

export function testAiProvider(name: string, harness: ProviderHarness): void {
  describe(`${name} keeps the contract of providers`, () => {
    let fake: FakeProvider;
    afterEach(async () => {
      await harness.cleanUp();
      await fake.close();
    });
    const start = async (respond?: FakeResponder): Promise<AiProvider> => {
      const { aside } = harness;
      fake = await startFakeProvider({ ...(respond && { respond }), ...(aside && { aside }) });
      return harness.create(fake, canary);
    };

    describe.each(calls)('$name', ({ run }) => {
      test('gives the text, the reason it ended and the usage', async () => {
        const usage = { inputTokens: 7, outputTokens: 3 };
        const provider = await start(harness.answer('foo(bar)', { usage, finish: 'length' }));
        const result = await run(provider, never);
        expect(result).toMatchObject({ text: 'foo(bar)', finishReason: 'length', usage });
        expect(fake.requests).toHaveLength(1);
      });

      test('aborted before the call sends nothing', async () => {
        const provider = await start(harness.answer('x'));
        expect((await failure(run(provider, AbortSignal.abort()))).kind).toBe('cancelled');
        expect(fake.requests).toHaveLength(0);
      });

      test('aborted before the headers closes the connection', async () => {
        const provider = await start();
        const abort = new AbortController();
        const failed = failure(run(provider, abort.signal));
        const request = await fake.nextRequest();
        abort.abort();
        expect((await failed).kind).toBe('cancelled');
        await request.closed;
      });

      test.each(statusKinds)('takes status %i for %s, and says who answered', async (status, kind) => {
        const provider = await start(harness.error(status, 'words', { 'retry-after': '2' }));
        const error = await failure(run(provider, never));
        expect(error).toMatchObject({ kind, status, retryAfter: 2000, provider: provider.name });
        expect(error.message.length).toBeGreaterThan(10);
        expect(fake.requests).toHaveLength(1);
      });

      test('a socket that dies is a network error', async () => {
        const provider = await start((exchange) => exchange.die());
        expect((await failure(run(provider, never))).kind).toBe('network');
      });

      test('a web page instead of an answer is an error', async () => {
        const provider = await start(async (exchange) => {
          await exchange.head(200, { 'content-type': 'text/html' });
          await exchange.write('<html>Please log in</html>');
          await exchange.close();
        });
        expect((await failure(run(provider, never))).kind).toMatch(/^(server|network)$/);
      });

      test('an answer without end is given up after 8 MB', async () => {
        const provider = await start(async (exchange) => {
          await exchange.head();
          const piece = Buffer.from(': x\n\n'.repeat(20_000));
          while (!exchange.isClosed) await exchange.write(piece);
        });
        expect((await failure(run(provider, never))).kind).toBe('server');
        await fake.requests[0]?.closed;
      });

      test('the key is in no error, wherever the server repeats it', async () => {
        for (const [status] of statusKinds) {
          const provider = await start(
            harness.error(status, canary, { 'x-request-id': canary, 'retry-after': canary }),
          );
          expect(everythingOf(await failure(run(provider, never)))).not.toContain(canary);
          await harness.cleanUp();
          await fake.close();
        }
      });
    });

    describe.each(streams)('$name', ({ open }) => {
      test('gives the parts in order, the end with the last one only', async () => {
        // What comes in one piece may be passed on as one part; that parts come as they are written is tested below.
        const provider = await start(harness.answer('one two three', { chunkSize: 4 }));
        const chunks = await all(open(provider, never));
        expect(chunks.map(({ delta }) => delta).join('')).toBe('one two three');
        expect(chunks.map(({ finish }) => finish !== undefined)).toEqual(
          chunks.map((_, at) => at === chunks.length - 1),
        );
      });

      test.each([1, 2, 3, 7])('survives writes of %i bytes, in the middle of characters too', async (bytesPerWrite) => {
        const text = 'naïve €5 “日本” 😀👩‍💻 x';
        const provider = await start(harness.answer(text, { bytesPerWrite, chunkSize: text.length }));
        expect((await all(open(provider, never))).map(({ delta }) => delta).join('')).toBe(text);
      });

      test('aborted in the middle rejects and closes the connection', async () => {
        const provider = await start();
        const abort = new AbortController();
        const chunks = open(provider, abort.signal)[Symbol.asyncIterator]();
        const first = chunks.next();
        const request = await fake.nextRequest();
        await harness.begin(fake.control(request), 'begin');
        expect((await first).value).toMatchObject({ delta: 'begin' });
        const next = failure(chunks.next());
        abort.abort();
        expect((await next).kind).toBe('cancelled');
        await request.closed;
      });

      test('left by break closes the connection', async () => {
        const provider = await start();
        const stream = open(provider, never);
        const leaving = (async () => {
          for await (const { delta } of stream) return delta;
          return undefined;
        })();
        const request = await fake.nextRequest();
        await harness.begin(fake.control(request), 'begin');
        expect(await leaving).toBe('begin');
        await request.closed;
      });

      test('cut off without its terminal marker is an error, with what came before it', async () => {
        const provider = await start(harness.truncated('almost'));
        const seen: string[] = [];
        const error = await failure(all(open(provider, never), seen));
        expect(error.kind).toBe('network');
        expect(seen.join('')).toBe('almost');
      });

      test('a socket that dies in the middle is a network error', async () => {
        const provider = await start(async (exchange) => {
          await harness.begin(exchange, 'begin');
          exchange.die();
        });
        expect((await failure(all(open(provider, never)))).kind).toBe('network');
      });

      test('an error inside the stream is an error', async () => {
        const provider = await start(harness.midStreamError('begin'));
        expect((await failure(all(open(provider, never)))).kind).toMatch(/^(server|overloaded)$/);
      });

      test('nonsense inside the stream is an error', async () => {
        const provider = await start(harness.malformed('begin'));
        expect((await failure(all(open(provider, never)))).kind).toMatch(/^(server|network)$/);
      });

      test.runIf(harness.noisy !== undefined)('noise that the wire allows changes nothing', async () => {
        for (const [kind, responder] of harness.noisy?.('a b') ?? []) {
          const provider = await start(responder);
          const chunks = await all(open(provider, never));
          expect({ kind, text: chunks.map(({ delta }) => delta).join('') }).toEqual({ kind, text: 'a b' });
          await harness.cleanUp();
          await fake.close();
        }
      });

      test('a reader that stops stops the server', async () => {
        const provider = await start();
        const chunks = open(provider, never)[Symbol.asyncIterator]();
        const first = chunks.next();
        const exchange = fake.control(await fake.nextRequest());
        await harness.begin(exchange, 'x');
        await first;
        const taken = await writeUntilStuck(exchange, 64 * 1024 * 1024);
        expect(taken).toBeLessThan(16 * 1024 * 1024);
        await chunks.return?.();
        await exchange.request.closed;
      });
    });

    test('one connection serves calls that end well', async () => {
      const provider = await start(harness.answer('x'));
      for (const { run } of calls) {
        await run(provider, never);
        await new Promise(setImmediate);
      }
      expect(new Set(fake.requests.map(({ connection }) => connection)).size).toBe(1);
    });

    test('a redirect is refused and the key does not travel', async () => {
      const other = await startFakeProvider({ respond: harness.answer('x') });
      try {
        const provider = await start(async (exchange) => {
          await exchange.head(307, { location: `${other.url}/chat/completions` });
          await exchange.close();
        });
        for (const { run } of calls) expect((await failure(run(provider, never))).message).toContain(other.origin);
        expect(other.requests).toEqual([]);
      } finally {
        await other.close();
      }
    });
  });
}

export async function failure(promise: Promise<unknown>): Promise<AiError> {
  const outcome: unknown = await promise.then(
    (value) => ({ value }),
    (reason: unknown) => reason,
  );
  if (outcome instanceof AiError) return outcome;
  throw new Error(`Not an AiError: ${JSON.stringify(outcome) ?? String(outcome)}`, { cause: outcome });
}

async function all<Chunk extends { delta: string }>(
  stream: AsyncIterable<Chunk>,
  seen: string[] = [],
): Promise<Chunk[]> {
  const chunks: Chunk[] = [];
  for await (const chunk of stream) {
    chunks.push(chunk);
    seen.push(chunk.delta);
  }
  return chunks;
}

/** Bytes the socket took before it took no more for two hundred turns of the event loop. */
async function writeUntilStuck(exchange: FakeExchange, most: number): Promise<number> {
  const piece = Buffer.from(': x\n\n'.repeat(13_000));
  let taken = 0;
  while (taken < most) {
    const written = exchange.write(piece).then(() => true);
    const stuck = (async () => {
      for (let turn = 0; turn < 200; turn++) await new Promise(setImmediate);
      return false;
    })();
    if (!(await Promise.race([written, stuck]))) break;
    taken += piece.length;
  }
  return taken;
}

/** Every text an error carries, its own and those of its causes, hidden members included. */
function everythingOf(error: unknown, depth = 0): string {
  if (typeof error !== 'object' || error === null || depth > 6) return String(error);
  return Object.getOwnPropertyNames(error)
    .map((name) => everythingOf(Reflect.get(error, name), depth + 1))
    .join('\n');
}
