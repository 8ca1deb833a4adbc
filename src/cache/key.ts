/** Which calls are the same: a key over everything that can change an answer, and over nothing else. */
import type { ChatRequest } from '../domain/chat.ts';
import type { CodeContext } from '../domain/code-context.ts';
import type { CompletionRequest } from '../domain/completion.ts';
import type { ProviderEntry } from '../domain/provider-entry.ts';
import { canonicalJson } from './canonical-json.ts';

/** The keys of one provider's calls. `undefined`: this request wants a new answer each time. */
export interface AnswerKeys {
  completion(request: CompletionRequest): string | undefined;
  chat(request: ChatRequest): string | undefined;
}

export interface AnswerKeyOptions {
  /** Whoever has another one has other keys, and nobody can tell a request from its key. */
  readonly secret: Uint8Array;
  /** Of the program: what is made of a request, its prompts above all, may differ from one to the next. */
  readonly version: string;
  readonly entry: ProviderEntry;
  /** The model that answers when the request names none. */
  readonly model: string;
}

/** A key is 43 characters of base64url: an HMAC-SHA-256. Computed once for a request object, which never changes, as long as no other comes between. */
export function createAnswerKeys({ secret, version, entry, model }: AnswerKeyOptions): AnswerKeys {
  const { apiKey: _, timeout: __, ...whoAnswers } = entry;
  // Loaded on use: a start-up that answers nothing needs none of it.
  const { createHmac } = process.getBuiltinModule('node:crypto');
  const provider = canonicalJson({ version, model, whoAnswers });
  /** Asked for twice in a row. No weak map: the collector of young objects takes what is in one for alive. */
  let last: { readonly request: object; readonly key: string } | undefined;

  function keyOf(request: object, content: () => object): string {
    if (last?.request === request) return last.key;
    const text = `${provider}\n${canonicalJson(content())}`;
    const key = createHmac('sha256', secret).update(text).digest('base64url');
    last = { request, key };
    return key;
  }

  return {
    completion(request) {
      if (!isRepeatable(request)) return undefined;
      return keyOf(request, () => ({ completion: { ...request, context: withoutAddresses(request.context) } }));
    },
    chat: (request) => (isRepeatable(request) ? keyOf(request, () => ({ chat: request })) : undefined),
  };
}

/** Who sets a temperature asks for variety: such a request is never answered by an earlier answer. */
function isRepeatable({ temperature }: { readonly temperature?: number }): boolean {
  return temperature === undefined || temperature === 0;
}

/** Where a workspace lies on this machine is told to nobody, so it changes no answer; the paths within it count. */
function withoutAddresses({ uri: _, ...context }: CodeContext): object {
  return { ...context, snippets: context.snippets.map(({ uri: __, ...snippet }) => snippet) };
}
