import { expect, test } from 'vitest';
import { type ActionKind, actionMessage } from '../../src/chat/actions.ts';

const edits = ['src/tax.ts:\n-const rate = 0.2;\n+const rate = settings.rate;', 'README.md:\n+```sh'];

test.each(['fix', 'refactor'] as const)('%s is told what was changed lately, in a fence that holds it', (kind) => {
  const { content } = actionMessage({ kind, diagnostics: [], recentEdits: edits });
  expect(content).toContain(
    `lines with "-" are gone and must not come back:\n\n\`\`\`\`diff\n${edits.join('\n\n')}\n\`\`\`\`\n`,
  );
});

test.each(['document', 'explainCode', 'generateTests'] satisfies ActionKind[])(
  '%s is about the code as it is',
  (kind) => {
    expect(actionMessage({ kind, diagnostics: [], recentEdits: edits }).content).not.toContain('rate');
  },
);
