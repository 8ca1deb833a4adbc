/** xAI's wire where it differs from OpenAI's: errors in sentences, and models that say which efforts they take. */
import type { FakeResponder } from './fake-provider.ts';
import { errorStatus } from './fake-responders.ts';

/** xAI's errors: both members are text. */
export function grokError(
  status: number,
  error = 'The request was refused.',
  headers: Readonly<Record<string, string>> = {},
  code = 'invalid-argument',
): FakeResponder {
  return errorStatus(status, { code, error }, headers);
}

/** The same in the middle of a stream. */
export function grokMidStreamError(
  text: string,
  error = 'The model is overloaded',
  code = 'unavailable',
): FakeResponder {
  return async (exchange) => {
    await exchange.send(text);
    await exchange.event({ code, error });
    await exchange.close();
  };
}

/** What one model is answered with; without `efforts` it says nothing about them. */
export function grokModel(id: string, contextLength: number, efforts?: readonly string[]): object {
  return {
    id,
    object: 'model',
    created: 1,
    owned_by: 'xai',
    context_length: contextLength,
    ...(efforts === undefined
      ? {}
      : { capabilities: { reasoning_effort: efforts }, default_reasoning_effort: efforts[0] ?? null }),
  };
}

/** The answer of the tokenizer: every token spelled out. */
export function grokTokens(count: number): object {
  const token = (index: number) => ({ token_id: index, string_token: 'x', token_bytes: [120] });
  return { token_ids: Array.from({ length: count }, (_, index) => token(index)) };
}
