/** A code context from a text with the cursor drawn into it as `█`. */
import type { CodeContext } from '../../src/domain/code-context.ts';

export function contextAt(text: string, init: Partial<CodeContext> = {}): CodeContext {
  const [prefix = '', suffix = ''] = text.split('█');
  const before = prefix.split('\n');
  return {
    uri: 'file:///project/src/a.ts',
    path: 'src/a.ts',
    languageId: 'typescript',
    prefix,
    suffix,
    position: { line: before.length - 1, character: before.at(-1)?.length ?? 0 },
    snippets: [],
    recentEdits: [],
    diagnostics: [],
    tokens: Math.ceil(text.length / 4),
    redactions: 0,
    ...init,
  };
}
