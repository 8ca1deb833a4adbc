/** The requests that show what the server knows: providers, the context of a place, the reason of an answer, the figures. */
import type { CancellationToken } from 'vscode-languageserver/node';
import type { Session } from '../session.ts';
import { invalidParams } from '../to-lsp/response-error.ts';

export function registerInsight({ connection, assistant, answer }: Session): void {
  connection.onRequest('inkling/providers', (...sent) => answer(tokenOf(sent), () => assistant.providers()));

  connection.onRequest('inkling/setProvider', (raw: unknown, token) =>
    answer(token, async () => {
      const { setProviderParams } = await import('../../domain/protocol-schema.ts');
      const params = setProviderParams.safeParse(raw);
      if (!params.success) {
        throw invalidParams('inkling/setProvider takes { provider: string, for?: "completion" | "chat" }.');
      }
      return assistant.setProvider(params.data.provider, params.data.for);
    }),
  );

  connection.onRequest('inkling/context', (raw: unknown, token) =>
    answer(token, async () => {
      const { contextParams } = await import('../../domain/protocol-schema.ts');
      const params = contextParams.safeParse(raw);
      if (!params.success) throw invalidParams('inkling/context takes { textDocument: { uri }, position }.');
      const { textDocument, position } = params.data;
      const context = assistant.context(textDocument.uri, position);
      if (context === undefined) throw invalidParams(`${textDocument.uri} is not open.`);
      return context;
    }),
  );

  connection.onRequest('inkling/explain', (raw: unknown, token) =>
    answer(token, async () => {
      const { explainParams } = await import('../../domain/protocol-schema.ts');
      const params = explainParams.safeParse(raw ?? {});
      if (!params.success) throw invalidParams('inkling/explain takes { textDocument?: { uri }, position? }.');
      const { textDocument, position } = params.data;
      const filter = { ...(textDocument && { uri: textDocument.uri }), ...(position && { position }) };
      return { requests: assistant.explain(filter) };
    }),
  );

  connection.onRequest('inkling/stats', (...sent) => answer(tokenOf(sent), async () => assistant.stats()));
}

/** The token comes last; params before it only where the client sent any. */
function tokenOf(sent: readonly unknown[]): CancellationToken {
  return sent.at(-1) as CancellationToken;
}
