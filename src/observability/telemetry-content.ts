/** What was asked and answered, as the conventions for generative AI write it. Apart because it is the text of the user. */
import type { ChatResponse } from '../domain/chat.ts';
import type { CompletionResponse, FinishReason } from '../domain/completion.ts';
import type { Usage } from '../domain/usage.ts';
import type { ProviderCall } from '../domain/wrap-provider.ts';

/** What came of a call. */
export interface Said {
  readonly text?: string;
  readonly reason?: FinishReason;
  readonly model?: string;
  readonly usage?: Usage;
}

/** Most characters of one text in a span; collectors refuse what is larger than a few hundred KB in all. */
const LONGEST = 32_768;

type Answer = Partial<ChatResponse & CompletionResponse> & { readonly reason?: FinishReason };

/** A whole answer of any call, or the end of a stream. */
export function endingOf(answer: unknown): Said {
  const { reason, finishReason, model, usage, message, candidates } = answer as Answer;
  const ended = reason ?? finishReason;
  const text = message?.content ?? candidates?.[0]?.text;
  return {
    ...(text !== undefined && { text }),
    ...(ended !== undefined && { reason: ended }),
    ...(model !== undefined && { model }),
    ...(usage !== undefined && { usage }),
  };
}

/** JSON. Of a completion what is before and after the cursor. */
export function inputMessages(call: ProviderCall): string {
  switch (call.feature) {
    case 'chat':
      return JSON.stringify(call.request.messages.map(({ role, content }) => ({ role, parts: [part(content)] })));
    case 'completion': {
      const { prefix, suffix } = call.request.context;
      return JSON.stringify([{ role: 'user', parts: [part(prefix), part(suffix)] }]);
    }
    case 'other':
      return '[]';
  }
}

export function outputMessages({ text = '', reason }: Said): string {
  return JSON.stringify([{ role: 'assistant', parts: [part(text)], ...(reason && { finish_reason: reason }) }]);
}

function part(text: string) {
  return { type: 'text', content: text.slice(0, LONGEST) };
}
