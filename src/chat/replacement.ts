/** From a model's answer to an edit: the code in it, at the depth of what it replaces, without the lines that stay. */

/** An edit of whole lines: `count` lines from `line` (0-based, in the replaced text) become `lines`. */
export interface LineEdit {
  readonly line: number;
  readonly count: number;
  readonly lines: readonly string[];
}

/** The first fenced block of an answer; the whole answer where there is no fence; `undefined` where there is no code. */
export function codeIn(answer: string): string | undefined {
  const fenced = /^([ \t]*)(`{3,}|~{3,})[^\n]*\n([\s\S]*?)^\1\2[ \t]*$/m.exec(answer);
  const code = fenced?.[3] ?? (/^[ \t]*(?:`{3,}|~{3,})/m.test(answer) ? undefined : answer);
  const text = code?.replace(/\r\n?/g, '\n').replace(/\n$/, '');
  return text === undefined || text.trim() === '' ? undefined : text;
}

/** `original` and `replacement` have `\n` line ends. `undefined` when they are the same. */
export function lineEdit(original: string, replacement: string): LineEdit | undefined {
  const before = original.split('\n');
  const after = atDepthOf(before, replacement.split('\n'));
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
  let end = 0;
  const most = Math.min(before.length, after.length) - start;
  while (end < most && before.at(-1 - end) === after.at(-1 - end)) end += 1;
  const lines = after.slice(start, after.length - end);
  const count = before.length - start - end;
  return count === 0 && lines.length === 0 ? undefined : { line: start, count, lines };
}

/** Models like to begin at the left margin: then the whole block moves to where the original stands. */
function atDepthOf(before: readonly string[], after: readonly string[]): readonly string[] {
  const wanted = commonIndentation(before);
  const given = commonIndentation(after);
  if (wanted === given || !wanted.startsWith(given)) return after;
  const missing = wanted.slice(given.length);
  return after.map((line) => (line.trim() === '' ? line : missing + line));
}

function commonIndentation(lines: readonly string[]): string {
  const indentations = lines.filter((line) => line.trim() !== '').map((line) => /^[ \t]*/.exec(line)?.[0] ?? '');
  return indentations.reduce((common, one) => sharedStart(common, one), indentations[0] ?? '');
}

function sharedStart(left: string, right: string): string {
  let length = 0;
  while (length < left.length && left[length] === right[length]) length += 1;
  return left.slice(0, length);
}
