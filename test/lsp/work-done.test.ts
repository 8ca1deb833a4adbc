import { expect, test } from 'vitest';
import type { MessageConnection } from 'vscode-jsonrpc/node';
import type { Session } from '../../src/lsp/session.ts';
import { backgroundProgress } from '../../src/lsp/work-done.ts';

test('work that ends while its beginning is being written is ended for the editor too', async () => {
  const kinds: string[] = [];
  let written: () => void = () => undefined;
  let begin: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const connection: Pick<MessageConnection, 'sendProgress' | 'sendRequest'> = {
    sendRequest: async () => null as never,
    sendProgress(_type, _token, value) {
      const { kind } = value as { readonly kind: string };
      kinds.push(kind);
      if (kind !== 'begin') return Promise.resolve();
      begin();
      return new Promise((resolve) => {
        written = resolve;
      });
    },
  };
  const session = { connection, client: { workDoneProgress: true }, idle: async () => undefined, log: { debug() {} } };
  const work = backgroundProgress(() => session as unknown as Session).begin('Working', () => undefined);
  await begun;
  work.end();
  written();
  await expect.poll(() => kinds).toEqual(['begin', 'end']);
});
