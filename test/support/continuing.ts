/** A fake model that knows one text by heart: whatever of it stands before the cursor, it goes on with the rest. */

import type { FakeExchange, FakeResponder } from './fake-provider.ts';
import { streamText } from './fake-responders.ts';

export function continuing(text: string): FakeResponder {
  return (exchange) => streamText(restOf(text, exchange))(exchange);
}

/** What is missing of the text at the end of the prompt. */
export function restOf(text: string, { request }: FakeExchange): string {
  const prompt = String(request.body['prompt']);
  let written = text.length;
  while (written > 0 && !prompt.endsWith(text.slice(0, written))) written -= 1;
  return text.slice(written);
}
