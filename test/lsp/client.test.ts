/** What is read of `initialize`, whatever else of it makes no sense. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readClient } from '../../src/lsp/client.ts';
import { requests } from '../../src/lsp/protocol.ts';
import { shapeOf } from '../../src/lsp/standard-params.ts';
import { mutationsOf } from '../support/mutations.ts';

const item = { snippetSupport: true, insertTextModeSupport: { valueSet: [1, 2] } };
const initialize = {
  processId: 1,
  clientInfo: { name: 'editor', version: '1' },
  rootUri: 'file:///w',
  workspaceFolders: [{ uri: 'file:///w', name: 'w' }],
  capabilities: {
    textDocument: {
      inlineCompletion: null,
      completion: { dynamicRegistration: true, completionItem: item },
      codeAction: { resolveSupport: { properties: ['edit'] } },
    },
    workspace: {
      configuration: true,
      didChangeConfiguration: { dynamicRegistration: true },
      didChangeWatchedFiles: { dynamicRegistration: true },
      workspaceFolders: true,
      workspaceEdit: { documentChanges: true },
    },
    window: { workDoneProgress: true },
  },
};

test('every capability is found', () => {
  const { name, takesLateLists, asksOnce, alwaysSelects, insertsVerbatim, ...can } = readClient(initialize as never);
  expect(name).toBe('editor');
  expect([takesLateLists, asksOnce, alwaysSelects, insertsVerbatim]).toEqual([false, false, false, false]);
  expect(Object.values(can)).toEqual(Object.values(can).map(() => true));
});

test('params that the door lets in can be read', () => {
  const shape = shapeOf(requests.initialize.method);
  let read = 0;
  const property = fc.property(mutationsOf(initialize), (params) => {
    if (shape(params) !== undefined) return;
    read += 1;
    expect(typeof readClient(params).name).toBe('string');
  });
  fc.assert(property, { seed: 20_261_120, numRuns: 3_000 });
  expect(read).toBeGreaterThan(1_000);
});
