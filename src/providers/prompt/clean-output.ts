/**
 * Takes what models put around a completion off it while it streams: fences, tags, the beginning of the line said once
 * more. A marker may arrive in pieces, so text that could still become one is held back. How the text is cut is the same
 * however it was cut into deltas. Apart from the prompts because markers of every form end here.
 */
import type { CompletionChunk } from '../../domain/completion.ts';

export interface OutputCleanerOptions {
  /** What ends the text wherever it occurs; it and what follows is dropped. */
  readonly closers: readonly string[];
  /** Lines after which the text is ended, counted from the first that is not blank. */
  readonly maxLines: number;
  /** Present for answers of chat models, which wrap what they say. */
  readonly wrapped?: {
    readonly openingTag: string;
    /** Text before the cursor on its line. */
    readonly linePrefix: string;
    /** Drop line ends at the end: true where the text after the cursor begins a line of its own. */
    readonly trimEnd: boolean;
  };
}

export interface OutputCleaner {
  /** What can be shown now, of this and what was held back. */
  push(delta: string): string;
  /** What was held back, when nothing more comes. */
  end(): string;
  /** True once the text is at its end and the rest is not worth waiting for. */
  readonly done: boolean;
}

const fence = '```';
/** A beginning that is not understood within so many characters is taken as it is. */
const longestOpening = 4096;

export function createOutputCleaner(options: OutputCleanerOptions): OutputCleaner {
  const { wrapped } = options;
  let closers = options.closers;
  let opening = wrapped !== undefined;
  let pending = '';
  /** The line end before the first line is there for a closing fence to match; it is not part of the text. */
  let virtualLineEnd = false;
  const lines = createLineLimit(options.maxLines);

  const open = (final: boolean): boolean => {
    if (wrapped === undefined) return true;
    const opened = unwrap(pending, wrapped.openingTag, wrapped.linePrefix, final || pending.length > longestOpening);
    if (opened === undefined) return false;
    opening = false;
    pending = opened.text;
    if (opened.fenced) {
      closers = [...closers, `\n${fence}`];
      pending = `\n${pending}`;
      virtualLineEnd = true;
    }
    return true;
  };
  const release = (final: boolean): string => {
    const end = firstOf(pending, closers);
    let length = end ?? pending.length;
    if (end === undefined && !final) length -= heldBack(pending, closers);
    if (wrapped?.trimEnd === true) length = beforeTrailingLineEnds(pending, length);
    let text = pending.slice(0, length);
    pending = pending.slice(length);
    if (virtualLineEnd && text !== '') {
      text = text.slice(1);
      virtualLineEnd = false;
    }
    if (end !== undefined) cleaner.done = true;
    const cut = lines.take(text);
    if (lines.full) cleaner.done = true;
    return cut;
  };

  // No getters here and below: V8 keeps what one leads to, here a whole call, until a full garbage collection.
  const cleaner = {
    done: false,
    push(delta: string) {
      if (cleaner.done) return '';
      pending += delta;
      if (opening && !open(false)) return '';
      return release(false);
    },
    end() {
      if (cleaner.done) return '';
      if (opening) open(true);
      const text = release(true);
      cleaner.done = true;
      return text;
    },
  };
  return cleaner;
}

/** Cleans the chunks of a stream. Leaves it, which closes its connection, once the text is at its end; `ending` says so. */
export async function* cleanStream(
  chunks: AsyncIterable<CompletionChunk>,
  cleaner: OutputCleaner,
  ending: Omit<NonNullable<CompletionChunk['finish']>, 'reason'>,
): AsyncGenerator<CompletionChunk, void, undefined> {
  for await (const { delta, finish } of chunks) {
    const text = cleaner.push(delta);
    if (finish !== undefined) {
      yield { delta: text + cleaner.end(), finish };
      return;
    }
    if (cleaner.done) {
      yield { delta: text, finish: { reason: 'stop', ...ending } };
      return;
    }
    if (text !== '') yield { delta: text };
  }
}

/** The text inside, or `undefined` while more is needed to say where it begins. */
function unwrap(
  head: string,
  openingTag: string,
  linePrefix: string,
  final: boolean,
): { text: string; fenced: boolean } | undefined {
  let rest = head;
  let fenced = false;
  for (;;) {
    const inside = rest.trimStart();
    if (!final && (inside === '' || openingTag.startsWith(inside) || fence.startsWith(inside))) return undefined;
    if (inside.startsWith(openingTag)) {
      rest = inside.slice(openingTag.length);
    } else if (inside.startsWith(fence) && !fenced) {
      const lineEnd = inside.indexOf('\n');
      if (lineEnd < 0 && !final) return undefined;
      fenced = true;
      rest = lineEnd < 0 ? '' : inside.slice(lineEnd + 1);
    } else {
      break;
    }
  }
  const text = withoutEcho(withoutFormattingLineEnds(rest, linePrefix), linePrefix, final);
  return text === undefined ? undefined : { text, fenced };
}

/** A line end at the start is real after something that opens a block; else the model merely set its answer on a new line. */
function withoutFormattingLineEnds(text: string, linePrefix: string): string {
  const lead = text.slice(0, text.length - text.trimStart().length);
  const lastLineEnd = lead.lastIndexOf('\n');
  if (lastLineEnd < 0 || /[{([:;,>]\s*$/.test(linePrefix)) return text;
  return text.slice(lastLineEnd + 1);
}

/** `undefined` while what came is a beginning of the line's own beginning. */
function withoutEcho(text: string, linePrefix: string, final: boolean): string | undefined {
  if (text.startsWith('\n')) return text;
  const echoes = linePrefix.trim().length >= 3 ? [linePrefix, linePrefix.trimStart()] : [];
  if (linePrefix !== '' && linePrefix.trim() === '') echoes.push(linePrefix);
  for (const echo of echoes) {
    if (text.startsWith(echo)) return text.slice(echo.length);
    if (!final && echo.startsWith(text)) return undefined;
  }
  return text;
}

function firstOf(text: string, markers: readonly string[]): number | undefined {
  const found = markers.map((marker) => text.indexOf(marker)).filter((index) => index >= 0);
  return found.length === 0 ? undefined : Math.min(...found);
}

/** How many characters at the end could be the beginning of a marker. */
function heldBack(text: string, markers: readonly string[]): number {
  let most = 0;
  for (const marker of markers) {
    for (let length = Math.min(marker.length - 1, text.length); length > most; length--) {
      if (text.endsWith(marker.slice(0, length))) most = length;
    }
  }
  return most;
}

/** Where the blank end that begins with a line end begins; plain blanks at the end of a line may be wanted. */
function beforeTrailingLineEnds(text: string, length: number): number {
  const kept = text.slice(0, length).trimEnd().length;
  const lineEnd = text.slice(0, length).indexOf('\n', kept);
  return lineEnd < 0 ? length : lineEnd;
}

function createLineLimit(maxLines: number) {
  let begun = false;
  let lineEnds = 0;
  const limit = {
    full: false,
    /** The part of the text that still fits; ends before the line end that is one too many. */
    take(text: string): string {
      for (let index = 0; index < text.length; index++) {
        const isLineEnd = text[index] === '\n';
        if (!isLineEnd && text[index] !== ' ' && text[index] !== '\t') begun = true;
        if (!isLineEnd || !begun) continue;
        lineEnds++;
        if (lineEnds < maxLines) continue;
        limit.full = true;
        return text.slice(0, index);
      }
      return text;
    },
  };
  return limit;
}
