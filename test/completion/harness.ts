/** One completer with a document, a clock that stands still and a provider that writes what the test tells it to. */
import { createCompleter } from '../../src/completion/completer.ts';
import type { CompletionSettings } from '../../src/completion/gate.ts';
import type { CompletionOutcome } from '../../src/completion/outcome.ts';
import { createDocumentStore } from '../../src/documents/document-store.ts';
import type { StreamingProvider } from '../../src/domain/ai-provider.ts';
import type { CompletionChunk, CompletionRequest } from '../../src/domain/completion.ts';
import type { Log } from '../../src/domain/ports.ts';
import { createTraceLog } from '../../src/observability/explain.ts';
import { parseCursor } from '../support/cursor.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

export const uri = 'file:///project/example.ts';
export const silentLog: Log = { error() {}, warn() {}, info() {}, debug() {} };

const settings: CompletionSettings = {
  enabled: true,
  trigger: 'automatic',
  maxLines: 12,
  maxTokens: 256,
  candidates: 1,
  latencyBudget: null,
  debounce: { min: 0, max: 400 },
  languages: { include: ['*'], exclude: [] },
};

/** One call as the provider sees it. */
export interface Call {
  readonly request: CompletionRequest;
  readonly signal: AbortSignal;
  write(delta: string): void;
  finish(): void;
  fail(error: Error): void;
}

export interface HarnessOptions {
  readonly text: string;
  readonly local?: boolean;
  /** A provider in this process stands beside it, whose calls are `offlineCalls`. */
  readonly offline?: boolean;
  readonly settings?: Partial<CompletionSettings>;
}

export function createHarness({ text: marked, local = false, offline = false, settings: own = {} }: HarnessOptions) {
  const clock = createVirtualClock();
  const documents = createDocumentStore({ log: silentLog });
  const calls: Call[] = [];
  const offlineCalls: Call[] = [];
  const localProvider = local ? scriptedProvider(calls, true) : scriptedProvider(offlineCalls, true);
  const provider = scriptedProvider(calls, local);
  const traces = createTraceLog(clock);
  const initial = parseCursor(marked);
  let version = 1;
  let cursor = initial.offset;
  documents.open({ uri, languageId: 'typescript', version, text: initial.text });

  const completer = createCompleter({
    documents,
    clock,
    tracer: traces,
    runtime: () => ({
      settings: () => ({ ...settings, ...own }),
      provider: async () => provider,
      localProvider: () => (local || offline ? Promise.resolve(localProvider) : undefined),
      buildContext: (document, offset) => ({
        uri,
        path: 'example.ts',
        languageId: document.languageId,
        prefix: document.text.slice(0, offset),
        suffix: document.text.slice(offset),
        position: document.text.positionAt(offset),
        snippets: [],
        recentEdits: [],
        diagnostics: [],
        tokens: 0,
        redactions: 0,
      }),
    }),
  });

  function position() {
    const document = documents.get(uri);
    if (document === undefined) throw new Error('The document is closed.');
    return document.text.positionAt(cursor);
  }

  return {
    clock,
    calls,
    offlineCalls,
    completer,
    documents,
    lastTrace: () => traces.find({})[0],
    /** Asks at the cursor and lets everything settle that needs no time. */
    async ask(trigger: 'automatic' | 'explicit' = 'explicit', patience?: number, outlivesEdits = false) {
      const controller = new AbortController();
      let outcome: CompletionOutcome | undefined;
      const query = {
        uri,
        position: position(),
        trigger,
        outlivesEdits,
        ...(patience === undefined ? {} : { patience }),
      };
      const done = completer.complete(query, controller.signal).then((result) => {
        outcome = result;
        return result;
      });
      await clock.advance(0);
      return { done, outcome: () => outcome, cancel: () => controller.abort() };
    },
    /** Types at the cursor, as one edit per call. */
    type(typed: string) {
      const start = position();
      version += 1;
      documents.change(uri, version, [{ range: { start, end: start }, text: typed }]);
      cursor += typed.length;
    },
  };
}

function scriptedProvider(calls: Call[], local: boolean): StreamingProvider {
  async function* streamCode(request: CompletionRequest, signal: AbortSignal): AsyncIterable<CompletionChunk> {
    const queue: (CompletionChunk | Error)[] = [];
    let wake: () => void = () => undefined;
    const push = (item: CompletionChunk | Error) => {
      queue.push(item);
      wake();
    };
    signal.addEventListener('abort', () => wake());
    calls.push({
      request,
      signal,
      write: (delta) => push({ delta }),
      finish: () => push({ delta: '', finish: { reason: 'stop', model: 'scripted-1' } }),
      fail: push,
    });
    while (true) {
      signal.throwIfAborted();
      const item = queue.shift();
      if (item === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      } else if (item instanceof Error) {
        throw item;
      } else {
        yield item;
        if (item.finish !== undefined) return;
      }
    }
  }

  return {
    apiVersion: 1,
    name: 'scripted',
    model: 'scripted-1',
    local,
    capabilities: {
      streaming: true,
      codeCompletion: true,
      fim: true,
      chat: false,
      embeddings: false,
      tokenCounting: false,
      contextWindow: null,
    },
    streamCode,
    completeCode: () => Promise.reject(new Error('not asked for')),
    chat: () => Promise.reject(new Error('not asked for')),
    streamChat: () => {
      throw new Error('not asked for');
    },
  };
}
