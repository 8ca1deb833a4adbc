/** What was asked and answered, as the conventions for generative AI write it. Apart because it is the text of the user. */
import type { FinishReason } from '../../domain/completion.ts';
import type { ProviderCall } from '../../domain/wrap-provider.ts';

/** Most characters of one text in a span; collectors refuse what is larger than a few hundred KB in all. */
const LONGEST = 32_768;

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

export function outputMessages(text: string, reason: FinishReason | undefined): string {
  return JSON.stringify([{ role: 'assistant', parts: [part(text)], ...(reason && { finish_reason: reason }) }]);
}

function part(text: string) {
  return { type: 'text', content: text.slice(0, LONGEST) };
}
