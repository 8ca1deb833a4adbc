/** Which calls are the same: a key over everything that can change an answer, and over nothing else. */
import type { ChatRequest } from '../domain/chat.ts';
import type { CompletionRequest } from '../domain/completion.ts';
import type { ProviderEntry } from '../domain/provider-entry.ts';
import { canonicalText } from './canonical-text.ts';

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
  const provider = canonicalText({ version, model, whoAnswers });
  /** Asked for twice in a row. No weak map: the collector of young objects takes what is in one for alive. */
  let last: { readonly request: object; readonly key: string } | undefined;

  function keyOf<Request extends object>(request: Request, textOf: (request: Request) => string): string {
    if (last?.request === request) return last.key;
    const text = `${provider}${textOf(request)}`;
    // In UTF-8 all halves of surrogate pairs would be one.
    const key = createHmac('sha256', secret).update(text, 'utf16le').digest('base64url');
    last = { request, key };
    return key;
  }

  return {
    completion: (request) => (isRepeatable(request) ? keyOf(request, textOfCompletion) : undefined),
    chat: (request) => (isRepeatable(request) ? keyOf(request, textOfChat) : undefined),
  };
}

/** Who sets a temperature asks for variety: such a request is never answered by an earlier answer. */
function isRepeatable({ temperature }: { readonly temperature?: number }): boolean {
  return temperature === undefined || temperature === 0;
}

/**
 * Where a workspace lies on this machine is told to nobody, so it changes no answer; the paths within it count. Members are
 * left out, and not copies made without them: V8 makes hidden classes for those anew each time.
 */
function textOfCompletion(request: CompletionRequest): string {
  const { context } = request;
  const snippets = context.snippets.map((snippet) => canonicalText(snippet, ['uri']));
  return `completion${canonicalText(request, ['context'])}${canonicalText(context, ['uri', 'snippets'])}${snippets.join()}`;
}

function textOfChat(request: ChatRequest): string {
  return `chat${canonicalText(request)}`;
}
