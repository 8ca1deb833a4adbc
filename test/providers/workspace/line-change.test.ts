import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AppliedEdit, TextSnapshot } from '../../../src/domain/text.ts';
import { lineChangeOf } from '../../../src/providers/workspace/line-change.ts';
import { TextBuffer } from '../../../src/util/text-buffer.ts';

const SEED = 20_261_120;

function linesOf(text: TextSnapshot): string[] {
  return Array.from({ length: text.lineCount }, (_, line) => text.lineAt(line));
}

test('replacing the named lines turns the text before into the text after', () => {
  const piece = fc.constantFrom('a', 'bb', '\n', '\r', '\r\n', ' ', '👍', '');
  const pieces = fc.array(piece, { maxLength: 25 }).map((parts) => parts.join(''));
  const edit = fc.tuple(fc.nat(), fc.nat(8), fc.array(piece, { maxLength: 4 }));
  fc.assert(
    fc.property(pieces, fc.array(edit, { minLength: 1, maxLength: 4 }), (start, edits) => {
      let text = start;
      const applied: AppliedEdit[] = [];
      for (const [place, length, inserted] of edits) {
        const from = place % (text.length + 1);
        const to = Math.min(text.length, from + length);
        applied.push({ start: from, end: to, text: inserted.join('') });
        text = text.slice(0, from) + inserted.join('') + text.slice(to);
      }
      const before = TextBuffer.from(start);
      const after = TextBuffer.from(text);
      const { startLine, oldEndLine, newEndLine } = lineChangeOf(before, after, applied);
      expect(startLine).toBeLessThanOrEqual(Math.min(oldEndLine, newEndLine));
      const old = linesOf(before);
      const lines = linesOf(after);
      expect([...old.slice(0, startLine), ...lines.slice(startLine, newEndLine), ...old.slice(oldEndLine)]).toEqual(
        lines,
      );
    }),
    { seed: SEED, numRuns: 4000 },
  );
});
