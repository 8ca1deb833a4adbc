/** The requests that show what the server knows: providers and models, the context of a place, the reason of an answer, the figures. */
import type { Assistant } from '../../assistant/assistant.ts';
import { type MethodName, type ParamsOf, readParams } from '../params.ts';
import type { Session } from '../session.ts';
import { invalidParams } from '../to-lsp/response-error.ts';

export function registerInsight({ connection, assistant, answer }: Session): void {
  function on<Name extends MethodName>(
    method: Name,
    run: (params: ParamsOf<Name>, signal: AbortSignal) => Promise<unknown>,
  ): void {
    // The library calls a handler without params where the client sent none: the token always comes last.
    connection.onRequest(method, (...sent) => {
      const [token, raw] = sent.toReversed();
      return answer(token, async (signal) => run(await readParams(method, raw), signal));
    });
  }

  on('inkling/providers', (_params, signal) => assistant.discoverProviders(signal));
  on('inkling/setProvider', (params) => assistant.setProvider(params.provider, params.for));
  on('inkling/models', async ({ provider }, signal) => ({ models: await assistant.models(provider, signal) }));
  on('inkling/embed', async ({ provider, ...request }, signal) => {
    const { vectors, model, dimensions } = await assistant.embed(provider, request, signal);
    return { vectors, model, dimensions };
  });
  on('inkling/countTokens', ({ provider, text }, signal) => assistant.countTokens(provider, text, signal));
  on('inkling/context', async ({ textDocument, position }) => context(assistant, textDocument.uri, position));
  on('inkling/explain', async ({ textDocument, position }) => ({
    requests: assistant.explain({ ...(textDocument && { uri: textDocument.uri }), ...(position && { position }) }),
  }));
  on('inkling/stats', async () => assistant.stats());
}

async function context(assistant: Assistant, uri: string, position: ParamsOf<'inkling/context'>['position']) {
  const found = await assistant.context(uri, position);
  if (found === undefined) throw invalidParams(`${uri} is not open.`);
  return found;
}
