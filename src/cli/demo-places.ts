/** Where the demo types: a file that is here, and lines in it that are worth typing again. Chosen by rule, never by what is offered. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommandFailure } from './command.ts';
import { languageIdOf } from './language-id.ts';

export interface DemoFile {
  /** Absolute. */
  readonly path: string;
  /** Below the package. */
  readonly name: string;
  readonly languageId: string;
  readonly text: string;
}

/** The first is there in a checkout, the others in an installed package. */
const candidates = [
  'src/lsp/handlers/insight.ts',
  'clients/neovim/lua/inkling/command.lua',
  'clients/neovim/lua/inkling/init.lua',
  'README.md',
];

export function demoFile(root: string): DemoFile {
  const name = candidates.find((candidate) => existsSync(join(root, candidate)));
  if (name === undefined) throw new CommandFailure(`${root} holds no file to show: this installation is incomplete.`);
  const path = join(root, name);
  return { path, name, languageId: languageIdOf(path), text: readFileSync(path, 'utf8').replaceAll('\r\n', '\n') };
}

/** So long that there is something to save, so short that a terminal shows it (code units, without indentation). */
const SHORTEST = 24;
const LONGEST = 64;

/** 0-based numbers of lines of code. */
export function typeableLines(lines: readonly string[]): readonly number[] {
  return lines.flatMap((line, index) => {
    const text = line.trim();
    const isComment = /^(?:\/\/|\/\*|\*|--|#|<!--)/.test(text);
    return text.length >= SHORTEST && text.length <= LONGEST && !isComment ? [index] : [];
  });
}

/** From each part of the file the line whose beginning is most usual in it: people repeat themselves, so the demo does. */
export function usualLines(lines: readonly string[], parts: number): readonly number[] {
  const typeable = typeableLines(lines);
  const beginnings = typeable.map((line) => beginningOf(lines[line] ?? ''));
  const chosen: number[] = [];
  const seen = new Set<string>();
  for (let part = 0; part < parts; part += 1) {
    let best: number | undefined;
    let bestCount = 0;
    const end = ((part + 1) * typeable.length) / parts;
    for (let index = Math.ceil((part * typeable.length) / parts); index < end; index += 1) {
      const beginning = beginnings[index] ?? '';
      const count = beginnings.filter((other) => other === beginning).length;
      if (seen.has(beginning) || count <= bestCount) continue;
      best = index;
      bestCount = count;
    }
    if (best === undefined) continue;
    seen.add(beginnings[best] ?? '');
    chosen.push(typeable[best] ?? 0);
  }
  return chosen;
}

/** The first two words. */
function beginningOf(line: string): string {
  return (line.match(/\w+/g) ?? []).slice(0, 2).join(' ');
}

/** The others, in an order that leaps through the file: any beginning of it is spread over the whole. */
export function otherLines(lines: readonly string[], used: readonly number[]): readonly number[] {
  const rest = typeableLines(lines).filter((line) => !used.includes(line));
  const rank = (index: number) => (index * GOLDEN_RATIO) % 1;
  return rest
    .map((line, index) => ({ line, rank: rank(index) }))
    .sort((one, other) => one.rank - other.rank)
    .map(({ line }) => line);
}

/** Its multiples, without their whole part, fall evenly between 0 and 1. */
const GOLDEN_RATIO = (Math.sqrt(5) - 1) / 2;
