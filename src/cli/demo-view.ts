/** How the demo looks: a small framed view of code in which one line is typed, with the time each key took. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Keystroke } from './demo-session.ts';
import { type Terminal, truncate } from './terminal.ts';

const WIDEST = 80;
/** Lines of code shown above the typed one. */
const ABOVE = 2;
/** Keys shown; of more only the last. */
const MOST_ROWS = 6;
/** Milliseconds between rows, so that a person sees typing; nobody waits where no person watches. */
const PAUSE = 45;

export interface TypedPlace {
  readonly file: string;
  readonly lines: readonly string[];
  /** 0-based. */
  readonly line: number;
  readonly keystrokes: readonly Keystroke[];
}

/** Whether Tab gives the line as the file holds it. */
export function isCompleted({ lines, line, keystrokes }: TypedPlace): boolean {
  const last = keystrokes.at(-1);
  return last?.ghost !== undefined && last.before + last.ghost === lines[line];
}

/** What Tab writes at the end of a line that is right. */
export function keysSaved(place: TypedPlace): number {
  return isCompleted(place) ? (place.keystrokes.at(-1)?.ghost?.length ?? 0) : 0;
}

export interface OfferCount {
  /** Keys after which something was offered. */
  readonly keys: number;
  /** Different offers that go on as the file does, if not always to the end of the line; and those that do not. */
  readonly right: number;
  readonly wrong: number;
}

/** An offer that stays while it is typed along is one offer. */
export function countOffers({ lines, line, keystrokes }: TypedPlace): OfferCount {
  const offered = keystrokes.map(({ before, ghost }) => (ghost === undefined ? undefined : before + ghost));
  const different = offered.filter((text, index) => text !== undefined && text !== offered[index - 1]);
  const right = different.filter((text) => lines[line]?.startsWith(text ?? '')).length;
  return {
    keys: offered.filter((text) => text !== undefined).length,
    right,
    wrong: different.length - right,
  };
}

export async function showPlace(place: TypedPlace, terminal: Terminal, signal: AbortSignal): Promise<void> {
  const view = createView(terminal);
  terminal.print(view.border(place.file, '╭', '╮'));
  for (let line = Math.max(0, place.line - ABOVE); line < place.line; line += 1) {
    const code = truncate(place.lines[line] ?? '', view.codeWidth + TIME_WIDTH);
    terminal.print(view.row(`${line + 1}`, code, code.length, ''));
  }
  const shown = place.keystrokes.slice(-MOST_ROWS);
  if (shown.length < place.keystrokes.length) terminal.print(view.row('⋮', '', 0, ''));
  for (const keystroke of shown) {
    if (terminal.isInteractive) await pause(PAUSE, undefined, { signal });
    const { code, length } = typed(keystroke, terminal, view.codeWidth);
    terminal.print(view.row(`${place.line + 1}`, code, length, milliseconds(keystroke.milliseconds)));
  }
  terminal.print(view.border(verdict(place), '╰', '╯'));
}

const NUMBER_WIDTH = 3;
const TIME_WIDTH = 8;

function createView(terminal: Terminal) {
  const width = Math.min(terminal.columns, WIDEST) - 1;
  const dim = (text: string) => terminal.style('dim', text);
  return {
    codeWidth: width - NUMBER_WIDTH - TIME_WIDTH - '│   │'.length - 1,
    border(text: string, left: string, right: string): string {
      const inner = truncate(text, width - 6);
      return `${dim(`${left}─ `)}${inner}${dim(` ${'─'.repeat(width - inner.length - 5)}${right}`)}\n`;
    },
    /** `length`: characters of the code without its styles. */
    row(number: string, code: string, length: number, time: string): string {
      const gap = ' '.repeat(Math.max(0, width - NUMBER_WIDTH - '│   │ '.length - length - time.length));
      return `${dim(`│ ${number.padStart(NUMBER_WIDTH)}  `)}${code}${gap}${dim(`${time} │`)}\n`;
    },
  };
}

/** The line with the cursor in it and what is offered behind. */
function typed({ before, ghost }: Keystroke, terminal: Terminal, width: number): { code: string; length: number } {
  const start = truncate(before, width - 2);
  const offered = terminal.hasColors || ghost === undefined ? (ghost ?? '') : `‹${ghost}›`;
  const end = truncate(offered, width - 1 - start.length);
  const shown = end === '' ? '' : terminal.style('dim', terminal.style('italic', end));
  return { code: `${start}${terminal.style('cyan', CURSOR)}${shown}`, length: start.length + 1 + end.length };
}

export const CURSOR = '▏';

function verdict(place: TypedPlace): string {
  const keys = count(place.keystrokes.length, 'key');
  if (isCompleted(place)) {
    return `✓ ${keys} typed, ${keysSaved(place)} saved: Tab gives the line as its author wrote it`;
  }
  const { right, wrong } = countOffers(place);
  if (right + wrong === 0) return `– ${keys} typed and nothing offered: not sure enough here`;
  return `– ${keys} typed; ${count(right, 'offer')} as its author went on, ${wrong} not`;
}

export function milliseconds(value: number): string {
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ms`;
}

export function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? '' : 's'}`;
}
