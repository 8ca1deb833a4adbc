/**
 * Recorded answers of every wire, cut at every byte: the whole text or an error, never a part that looks whole, never a
 * character that nobody wrote, never a wait without end.
 */
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { AiError } from '../../src/domain/ai-error.ts';
import type { StreamingProvider } from '../../src/domain/ai-provider.ts';
import { chatRequest } from '../../src/domain/chat.ts';
import { completionRequest } from '../../src/domain/completion.ts';
import type { ProviderEntry } from '../../src/domain/provider-entry.ts';
import { withBothForms } from '../../src/providers/adapt-streaming.ts';
import { createAnthropicProvider } from '../../src/providers/anthropic/anthropic-provider.ts';
import { createGeminiProvider } from '../../src/providers/gemini/gemini-provider.ts';
import { createHttpTransport, type HttpTransport } from '../../src/providers/http/transport.ts';
import { createLlamaCppProvider } from '../../src/providers/llama-cpp/llama-cpp-provider.ts';
import { createMistralProvider } from '../../src/providers/mistral/mistral-provider.ts';
import { createOllamaProvider } from '../../src/providers/ollama/ollama-provider.ts';
import { createOpenAiCompatibleProvider, createOpenAiProvider } from '../../src/providers/openai/openai-provider.ts';
import { contextAt } from '../support/code-context.ts';
import { type Stage, sceneOf } from '../support/fault-scenes.ts';
import { providerDependencies } from '../support/provider-dependencies.ts';
import { chunk, head, lastChunk, type RawRequest, type RawServer, startRawServer } from '../support/raw-server.ts';
import { type RawWire, rawWires } from '../support/raw-wires.ts';

const makers = {
  openai: createOpenAiProvider,
  'openai-compatible': createOpenAiCompatibleProvider,
  anthropic: createAnthropicProvider,
  gemini: createGeminiProvider,
  mistral: createMistralProvider,
  ollama: createOllamaProvider,
  'llama-cpp': createLlamaCppProvider,
} as const;

/** Short, and cut where it hurts: characters of two, three and four bytes, one that joins two, a quote and a line end that JSON escapes. */
const parts = ['naïve("€5", 日', '本😀👩‍💻);\n  x'];
const text = parts.join('');

/** How a body ends where it is cut: by a reset after what was sent, properly, with the connection; or not at all, the rest comes. */
const endings = ['by a reset', 'as if it were whole', 'with the connection', 'after a pause'] as const;

const never = new AbortController().signal;
const calls = [
  {
    name: 'chat',
    open: (provider: StreamingProvider) => provider.streamChat(chatRequest([{ role: 'user', content: 'Why?' }]), never),
  },
  {
    name: 'completion',
    open: (provider: StreamingProvider) =>
      provider.streamCode(completionRequest({ context: contextAt('const a = █;\n'), maxLines: 1000 }), never),
  },
] as const;

let raw: RawServer;
beforeAll(async () => {
  raw = await startRawServer();
});
afterAll(() => raw.close());

type Ending = (typeof endings)[number];

function answer(wire: RawWire, request: RawRequest): Buffer {
  const deltas = parts.map((part) => wire.delta(request, part)).join('');
  return Buffer.from(wire.begin(request) + deltas + wire.end(request));
}

async function send({ wire, connection }: Stage, whole: Buffer, cut: number, ending: Ending): Promise<void> {
  const body = whole.subarray(0, cut);
  if (ending === 'with the connection') {
    const unmeasured = `HTTP/1.1 200 OK\r\ncontent-type: ${wire.contentType}\r\nconnection: close\r\n\r\n`;
    await connection.write(Buffer.concat([Buffer.from(unmeasured), body]));
    connection.end();
    return;
  }
  await connection.write(Buffer.concat([Buffer.from(head(wire.contentType)), chunk(body)]));
  if (ending === 'by a reset' && cut < whole.length) {
    connection.reset();
    return;
  }
  const goesOn = ending === 'after a pause';
  // Two turns of the event loop, in the second of which the other side reads what is there.
  for (let turn = 0; goesOn && turn < 2; turn += 1) await new Promise(setImmediate);
  const rest = goesOn ? whole.subarray(cut) : Buffer.alloc(0);
  await connection.write(Buffer.concat([chunk(rest), Buffer.from(lastChunk)]));
}

function create(wire: RawWire, address: string, transport: HttpTransport): StreamingProvider {
  const entry = { id: 'cut', ...wire.entry(address) } as unknown as ProviderEntry;
  const make = makers[entry.kind as keyof typeof makers];
  return withBothForms(make(entry, { ...providerDependencies('key'), transport }));
}

async function read(stream: AsyncIterable<{ readonly delta: string; readonly finish?: object }>) {
  let said = '';
  let finished = false;
  try {
    for await (const { delta, finish } of stream) {
      said += delta;
      finished ||= finish !== undefined;
    }
    return { said, finished };
  } catch (error) {
    return { said, finished, error };
  }
}

/** What is wrong with what came of a cut answer; `undefined` where nothing is. */
function wrong({ said, finished, error }: Awaited<ReturnType<typeof read>>, whole: string): string | undefined {
  if (said.includes('\uFFFD')) return 'a character nobody wrote';
  if (!whole.startsWith(said)) return 'another text';
  if (error === undefined) return finished && said === whole ? undefined : 'a part that looks whole';
  if (finished) return 'an error after its end';
  return error instanceof AiError && /^(network|server)$/.test(error.kind) ? undefined : `the failure ${String(error)}`;
}

/** What is wrong with an answer that came whole, in two pieces. */
function broken({ said, finished, error }: Awaited<ReturnType<typeof read>>, whole: string): string | undefined {
  if (error !== undefined) return `the failure ${String(error)}`;
  return finished && said === whole ? undefined : 'another text';
}

const cases = rawWires.flatMap((wire) =>
  calls.flatMap(({ name, open }) =>
    endings.map((ending) => ({ title: `${wire.name}: a ${name} that ends ${ending}`, wire, open, ending })),
  ),
);

test.each(cases)('$title, after every byte', { timeout: 60_000 }, async ({ wire, open, ending }) => {
  const transport = createHttpTransport({ environment: () => undefined });
  onTestFinished(() => transport.dispose());
  let recorded: Buffer = Buffer.alloc(0);
  let cut = Number.POSITIVE_INFINITY;
  const play = (stage: Stage) => {
    recorded = answer(wire, stage.request);
    return send(stage, recorded, Math.min(cut, recorded.length), ending);
  };
  const provider = create(wire, raw.play('cut', sceneOf(wire, play)), transport);
  const { said: whole, finished } = await read(open(provider));
  expect({ whole, finished }).toEqual({ whole: text, finished: true });
  for (cut = 0; cut < recorded.length; cut += 1) {
    const outcome = await read(open(provider));
    const what = ending === 'after a pause' ? broken(outcome, whole) : wrong(outcome, whole);
    if (what !== undefined)
      expect.fail(`After ${cut} of ${recorded.length} bytes: ${what} (${JSON.stringify(outcome)})`);
  }
});
