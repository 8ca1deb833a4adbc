/** The offline engine as a provider like any other: it answers with no key and no network, and never chats. */
import { AiError, cancelled } from '../../domain/ai-error.ts';
import { type AiProvider, aiProviderApiVersion } from '../../domain/ai-provider.ts';
import type { CodeContext } from '../../domain/code-context.ts';
import { type CompletionRequest, type CompletionResponse, completionResponse } from '../../domain/completion.ts';
import type { ProviderDependencies, ProviderEntry } from '../../domain/provider-entry.ts';
import { learnDocuments } from './document-learner.ts';
import { realPathOfUri } from './document-path.ts';
import { createWorkspaceEngine } from './engine.ts';
import { type BuildIndex, buildIndexInPlace } from './index-build.ts';
import { createIndexKeeper } from './index-keeper.ts';
import { buildIndexInThread } from './index-thread.ts';
import { DEFAULT_THRESHOLD, EAGER_THRESHOLD, type SilentReason } from './offer.ts';
import type { StaticIndex } from './static-index.ts';
import { warmUp } from './warm-up.ts';

export interface WorkspaceDependencies
  extends Pick<ProviderDependencies, 'clock' | 'log' | 'documents' | 'roots' | 'progress'> {
  /** The bundled `index-worker`; without one the index is built in the calling thread, which it blocks. */
  readonly workerPath?: string | undefined;
}

/** What the engine is, where others name a model. */
const MODEL = 'workspace';

/** Milliseconds that taking over a new index may block at a time. */
const SLICE = 3;

/** Why nothing is offered, in the words of `inkling/explain`. */
const NOTES: Readonly<Record<SilentReason, string>> = {
  'unknown-document':
    'The document is not learnt: it is not open, too large, or its name says that it may hold secrets.',
  'outside-document': 'The position is outside the document.',
  'long-line': 'The cursor is too far along a very long line.',
  'inside-word': 'The cursor is inside a word.',
  'no-match': 'Nothing like this was found in the open documents and the workspace.',
  unsure: 'No continuation is probable enough.',
  'line-complete': 'The line seems to be complete.',
  'repeats-line': 'The continuation would repeat the line beside it.',
  'too-short': 'What would be offered is typed faster than read.',
};

/** Makes the provider; it learns the open documents at once and the workspace's files from `initialize` on. */
export function createWorkspaceProvider(entry: ProviderEntry, dependencies: WorkspaceDependencies): AiProvider {
  const { clock, log, documents, roots, progress, workerPath } = dependencies;
  const build: BuildIndex = workerPath === undefined ? buildIndexInPlace : buildIndexInThread(workerPath);
  const lifetime = new AbortController();
  const engine = createWorkspaceEngine(realPathOfUri);
  const keeper = createIndexKeeper({
    clock,
    log,
    progress,
    build,
    crawl: () => ({ roots: roots.roots, near: documents.recent().map(({ uri }) => realPathOfUri(uri)) }),
    onIndex: takeOver,
  });
  const stopLearning = learnDocuments({ documents, engine, log, onSave: () => keeper.noteSave() });
  const stopFollowing = roots.onChange(() => void keeper.rebuild());

  const chatless = (): AiError =>
    new AiError(
      'unsupported',
      entry.id,
      'The offline engine completes code but cannot chat. Set `chat.provider` to a provider with a model.',
    );

  /** In short steps: a request that arrives meanwhile is answered between two of them. */
  async function takeOver(index: StaticIndex | undefined): Promise<void> {
    let end = clock.now() + SLICE;
    for (const _ of engine.setIndexInSteps(index)) {
      if (clock.now() < end) continue;
      await new Promise((resolve) => setImmediate(resolve));
      if (lifetime.signal.aborted) return;
      end = clock.now() + SLICE;
    }
  }

  function dispose(): void {
    lifetime.abort();
    keeper.dispose();
    stopFollowing();
    stopLearning();
    engine.setIndex(undefined);
  }

  return {
    apiVersion: aiProviderApiVersion,
    name: entry.id,
    model: MODEL,
    local: true,
    capabilities: {
      streaming: false,
      codeCompletion: true,
      fim: true,
      chat: false,
      embeddings: false,
      tokenCounting: false,
      contextWindow: null,
    },
    async initialize(signal) {
      if (signal.aborted) return;
      signal.addEventListener('abort', dispose, { once: true });
      // First, and alone: two threads that are not compiled yet would slow each other down, and the user's first requests.
      await warmUp(clock, lifetime.signal);
      await keeper.rebuild();
    },
    async completeCode(request, signal) {
      if (signal.aborted) throw cancelled(entry.id);
      return complete(request);
    },
    chat: () => Promise.reject(chatless()),
    streamChat: () => failingStream(chatless()),
    listModels: () => Promise.resolve([{ id: MODEL }]),
    checkHealth: () => Promise.resolve(health()),
    lastHealth: health,
    dispose: () => Promise.resolve(dispose()),
  };

  function health(): { state: 'ready' } | { state: 'degraded'; message: string } {
    const { failure } = keeper;
    return failure === undefined ? { state: 'ready' } : { state: 'degraded', message: failure };
  }

  function complete({ context, trigger }: CompletionRequest): CompletionResponse {
    const { uri, position } = context;
    if (isOutdated(context, documents.get(uri)?.text.lineAt(position.line))) {
      return answer([], 'The document has changed since.');
    }
    const threshold = trigger === 'explicit' ? EAGER_THRESHOLD : DEFAULT_THRESHOLD;
    const suggestion = engine.suggest({ uri, ...position, threshold });
    if (suggestion.kind === 'silent') return answer([], NOTES[suggestion.reason]);
    const { text, score, isWholeLine } = suggestion;
    return answer([{ text, score }], isWholeLine ? 'Rest of a similar line.' : 'What similar lines have in common.');
  }
}

function answer(candidates: CompletionResponse['candidates'], note: string): CompletionResponse {
  return completionResponse({ candidates, model: MODEL, note });
}

/** Whether the line at the cursor is no longer the one that was asked about; what was redacted cannot be compared. */
function isOutdated({ prefix, position, redactions, excluded }: CodeContext, line: string | undefined): boolean {
  if (line === undefined || redactions > 0 || excluded !== undefined) return false;
  const asked = prefix.slice(prefix.lastIndexOf('\n') + 1);
  return !line.slice(0, position.character).endsWith(asked);
}

function failingStream(error: AiError): AsyncIterable<never> {
  return { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }) };
}
