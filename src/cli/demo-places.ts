/** Where the demo types: a file that is here, and lines in it that are worth typing again, by what the text looks like. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { languageIdOf } from '../util/language-id.ts';
import { CommandFailure } from './command.ts';

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
  'src/assistant/assistant.ts',
  'clients/neovim/lua/inkling/ghost.lua',
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

/**
 * For each part of the file some lines that are like another one of it, the likest first: people repeat themselves, so the
 * demo looks there.
 */
export function usualLines(lines: readonly string[], parts: number, most: number): readonly (readonly number[])[] {
  const typeable = typeableLines(lines).map((line) => ({ line, tokens: tokensOf(lines[line] ?? '') }));
  const scored = typeable.map(({ line, tokens }) => {
    const likeness = typeable.map((other) => (other.line === line ? 0 : likenessOf(tokens, other.tokens)));
    return { line, score: Math.max(0, ...likeness) };
  });
  return Array.from({ length: parts }, (_, part) =>
    scored
      .slice((part * scored.length) / parts, ((part + 1) * scored.length) / parts)
      .sort((one, other) => other.score - one.score)
      .slice(0, most)
      .map(({ line }) => line),
  ).filter((candidates) => candidates.length > 0);
}

function tokensOf(line: string): readonly string[] {
  return line.match(/\w+|[^\s\w]/g) ?? [];
}

/** How much of the longer line the beginning and the end they share are, 0 to 1; a mere copy counts as nothing. */
function likenessOf(one: readonly string[], other: readonly string[]): number {
  const shorter = Math.min(one.length, other.length);
  let start = 0;
  while (start < shorter && one[start] === other[start]) start += 1;
  if (start === one.length && start === other.length) return 0;
  let end = 0;
  while (end < shorter - start && one.at(-1 - end) === other.at(-1 - end)) end += 1;
  return (start + end) / Math.max(one.length, other.length);
}

/** All of them, in an order that leaps through the file: any beginning of it is spread over the whole. */
export function spreadLines(lines: readonly string[]): readonly number[] {
  return typeableLines(lines)
    .map((line, index) => ({ line, rank: (index * GOLDEN_RATIO) % 1 }))
    .sort((one, other) => one.rank - other.rank)
    .map(({ line }) => line);
}

/** Its multiples, without their whole part, fall evenly between 0 and 1. */
const GOLDEN_RATIO = (Math.sqrt(5) - 1) / 2;
