/** What one set of settings makes of everything: built anew by each change, and kept to by whoever began under it. */
import type { Runtime } from '../assistant/assistant.ts';
import type { AnswerSharing } from '../cache/answer-sharing.ts';
import type { CompletionRuntime } from '../completion/attempt.ts';
import type { Settings } from '../config/schema.ts';
import type { ContextBuilder, ContextSettings } from '../context/build-context.ts';
import type { TakeExcerpt } from '../context/excerpt.ts';
import { redact } from '../context/redact.ts';
import type { DocumentStore } from '../documents/document-store.ts';
import type { StreamingProvider } from '../domain/ai-provider.ts';
import { withFallback } from '../resilience/fallback.ts';
import type { Composer } from './compose.ts';
import { planContext } from './context-plan.ts';

/** What the façade takes of it, and what the rooms below take besides. */
export interface AppRuntime extends Runtime {
  readonly completion: CompletionRuntime;
  readonly context: ContextSettings;
}

export interface RuntimeParts {
  readonly composer: Composer;
  readonly sharing: AnswerSharing;
  readonly documents: DocumentStore;
  readonly contexts: ContextBuilder;
  readonly excerpt: TakeExcerpt;
  /** The settings as the project of a root narrows them; `undefined` where it says nothing. */
  readonly narrowed: (root: string) => Settings | undefined;
  /** The only root, where there is one alone: what a chat is about that names no document. */
  soleRoot(): string | undefined;
}

export function buildRuntime(now: Settings, parts: RuntimeParts): AppRuntime {
  const { composer, sharing, documents, contexts, excerpt, narrowed, soleRoot } = parts;
  const below = (root: string | undefined) => (root === undefined ? undefined : narrowed(root)) ?? now;
  const at = (uri: string) => below(contexts.rootOf(uri));
  const plan = planContext(now, at);
  const completing = [now.completion.provider ?? now.provider, ...now.completion.fallback];
  const chatting = [now.chat.provider ?? now.provider, ...now.chat.fallback];
  const lists = { completion: sharing.forList(), chat: sharing.forList(), named: sharing.forList() };
  const completer = onceMade(() => composer.list(completing, now, lists.completion));

  return {
    active: now.provider,
    context: plan.whole,
    chat: now.chat,
    instructions: (uri) => (uri === undefined ? below(soleRoot()) : at(uri)).chat.instructions,
    provider: (id) => composer.one(id, now, true),
    chatWith: (id) => composer.chatList([id], now, lists.named),
    chatByDefault: () => composer.chatList(chatting, now, lists.chat),
    health: (id) => composer.guard(id)?.health(),
    resilience: (id) => ({ retries: composer.retries(id), breaker: composer.guard(id)?.breaker() ?? 'closed' }),
    async buildContext(uri, position) {
      const provider = await completer().catch(() => undefined);
      const document = documents.get(uri);
      // The offline engine reads the documents themselves: shown is what a model would be told.
      const told = provider?.local === true ? undefined : provider;
      return document && contexts.build(document, document.text.offsetAt(position), plan.of(uri, told));
    },
    recentWork(uri, range) {
      const document = documents.get(uri);
      return {
        edits: contexts.recentEdits(uri, plan.whole),
        problems: document === undefined ? [] : contexts.problemsIn(document, range, plan.whole),
      };
    },
    attach: (uri, range) => excerpt(uri, range, plan.whole),
    redacted: (text) => (now.privacy.redactSecrets ? redact(text).text : text),
    completion: {
      settings: (uri) => at(uri).completion,
      provider: completer,
      localProvider() {
        const local = completing.find((id) => now.providers[id]?.kind === 'workspace');
        if (local === undefined) return undefined;
        return composer.one(local, now, true).then((provider) => withFallback([provider]));
      },
      buildContext: (document, offset, provider) => contexts.build(document, offset, plan.of(document.uri, provider)),
    },
  };
}

/** Made at the first call; a making that failed is tried again. */
function onceMade(make: () => Promise<StreamingProvider>): () => Promise<StreamingProvider> {
  let made: Promise<StreamingProvider> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}
