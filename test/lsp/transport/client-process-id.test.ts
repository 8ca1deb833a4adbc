/** `--clientProcessId` never reaches the library. */
import { expect, test } from 'vitest';
import { takeClientProcessId } from '../../../src/lsp/transport/client-process-id.ts';

test.each<[string[], number | undefined, string[]]>([
  [['node', 'inkling', '--stdio'], undefined, ['node', 'inkling', '--stdio']],
  [['node', 'inkling', '--clientProcessId=12', '--stdio'], 12, ['node', 'inkling', '--stdio']],
  [['node', 'inkling', '--clientProcessId', '12', '--stdio'], 12, ['node', 'inkling', '--stdio']],
  [['node', 'inkling', '--stdio', '--clientProcessId'], undefined, ['node', 'inkling', '--stdio']],
  [['node', 'inkling', '--clientProcessId=x'], undefined, ['node', 'inkling']],
  [['node', 'inkling', '--clientProcessId=-1'], undefined, ['node', 'inkling']],
])('%j', (argv, processId, rest) => {
  expect(takeClientProcessId(argv)).toBe(processId);
  expect(argv).toEqual(rest);
});
