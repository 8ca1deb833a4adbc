/** Cuts what a model wrote to what belongs at the cursor: one line or one block, nothing that already follows, the document's indentation. */

import type { Surroundings } from './surroundings.ts';

export interface Shaped {
  /** Empty when nothing is left to offer. */
  readonly text: string;
  /** True when more text from the model could not change the result: the stream can be closed. */
  readonly settled: boolean;
}

/** `raw` is all the model has written so far; `ended` when it has stopped writing. Line ends become `\n`. */
export function shapeCompletion(raw: string, around: Surroundings, ended: boolean): Shaped {
  const started = inDocumentIndentation(
    withoutEchoedIndentation(raw.replace(/\r\n?/g, '\n'), around.linePrefix),
    around.above,
  );
  if (started.trim() === '') return { text: '', settled: ended || leavesTheLine(started, around) };
  const cut = around.shape === 'line' ? cutLine(started) : cutBlock(started, around);
  const settled = ended || cut.length < started.length;
  const own = withoutRepeatedLines(cut.text, around.below);
  return { text: own.trimEnd(), settled };
}

/** On an empty line a model tends to begin with a line break or to write the indentation again. */
function withoutEchoedIndentation(raw: string, linePrefix: string): string {
  if (linePrefix.trim() !== '') return raw;
  const text = raw.replace(/^(?:[ \t]*\n)+/, '');
  return linePrefix !== '' && text.startsWith(linePrefix) ? text.slice(linePrefix.length) : text;
}

/** Only white space so far, and already past the one line that was asked for. */
function leavesTheLine(text: string, around: Surroundings): boolean {
  return around.shape === 'line' && around.linePrefix.trim() !== '' && text.includes('\n');
}

interface Cut {
  readonly text: string;
  /** Code units of the input that were looked at; less than the input when something was cut off. */
  readonly length: number;
}

function cutLine(text: string): Cut {
  const newline = text.indexOf('\n');
  return newline === -1 ? { text, length: text.length } : { text: text.slice(0, newline), length: newline };
}

/**
 * Takes lines while they belong to the block the cursor is in: indented at least as deep as the cursor's line, and where
 * that line opened a block, up to and with the line that closes it.
 */
function cutBlock(text: string, around: Surroundings): Cut {
  const lines = text.split('\n');
  const base = indentation(around.linePrefix);
  const opensBlock = /[{([:]\s*$/.test(around.linePrefix + (lines[0] ?? ''));
  const floor = opensBlock && around.linePrefix.trim() !== '' ? base + 1 : base;
  let kept = 1;
  for (; kept < lines.length; kept += 1) {
    const line = lines[kept] ?? '';
    const last = kept === lines.length - 1;
    if (kept >= around.maxLines) break;
    if (line.trim() === '') {
      if (!last && (lines[kept + 1] ?? '').trim() === '') break;
      continue;
    }
    const depth = indentation(line);
    if (depth >= floor) continue;
    // The last line may still be growing: without its line break its indentation can be trusted, its end cannot.
    if (floor > base && depth === base && isClosing(line) && !last) kept += 1;
    else if (floor > base && depth === base && isClosing(line)) return { text, length: text.length };
    break;
  }
  const own = lines.slice(0, kept).join('\n');
  return { text: own, length: own.length };
}

function isClosing(line: string): boolean {
  return /^\s*(?:[)\]}]|end\b|fi\b|done\b|esac\b)/.test(line);
}

function indentation(line: string): number {
  let width = 0;
  for (const unit of line) {
    if (unit === ' ') width += 1;
    else if (unit === '\t') width += 4;
    else break;
  }
  return width;
}

/** Drops the end of the completion that the document already has below the cursor. */
function withoutRepeatedLines(text: string, below: readonly string[]): string {
  const next = below.filter((line) => line.trim() !== '');
  const lines = text.split('\n');
  while (lines.length > 1 && lines.at(-1)?.trim() === '') lines.pop();
  for (let count = Math.min(lines.length, next.length); count > 0; count -= 1) {
    const tail = lines.slice(lines.length - count);
    const sameText = tail.every((line, index) => line.trim() === next[index]?.trim());
    if (!sameText) continue;
    // One line that is only a closing bracket repeats what follows only at the same depth.
    const single = count === 1 && lines.length > 1 && isClosing(tail[0] ?? '');
    if (single && indentation(tail[0] ?? '') !== indentation(next[0] ?? '')) continue;
    return lines.slice(0, lines.length - count).join('\n');
  }
  return text;
}

/** Writes the leading white space of every further line the way the document does, where the two clearly differ. */
function inDocumentIndentation(text: string, above: string): string {
  if (!text.includes('\n')) return text;
  const tabs = (above.match(/^\t+/gm) ?? []).length;
  const spaces = above.match(/^ {2,}(?=\S)/gm) ?? [];
  if (tabs > spaces.length) {
    const unit = smallest((text.match(/\n( +)(?=\S)/g) ?? []).map((run) => run.length - 1));
    if (unit === 0) return text;
    return text.replace(/\n( +)(?=\S)/g, (_, run: string) => `\n${'\t'.repeat(Math.round(run.length / unit))}`);
  }
  if (spaces.length > tabs) {
    const unit = ' '.repeat(Math.min(8, smallest(spaces.map((run) => run.length))));
    return text.replace(/\n(\t+)/g, (_, run: string) => `\n${unit.repeat(run.length)}`);
  }
  return text;
}

function smallest(widths: readonly number[]): number {
  return widths.length === 0 ? 0 : widths.reduce((least, width) => Math.min(least, width));
}
