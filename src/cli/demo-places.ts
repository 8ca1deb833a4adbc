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

/** From each part of the file the line that is most like another one of it: people repeat themselves, so the demo does. */
export function usualLines(lines: readonly string[], parts: number): readonly number[] {
  const typeable = typeableLines(lines).map((line) => ({ line, tokens: tokensOf(lines[line] ?? '') }));
  const scored = typeable.map(({ line, tokens }) => {
    const likeness = typeable.map((other) => (other.line === line ? 0 : likenessOf(tokens, other.tokens)));
    return { line, beginning: tokens.slice(0, 2).join(' '), score: Math.max(0, ...likeness) };
  });
  const chosen: { readonly line: number; readonly beginning: string }[] = [];
  for (let part = 0; part < parts; part += 1) {
    const own = scored.slice((part * scored.length) / parts, ((part + 1) * scored.length) / parts);
    // Each place shows something else.
    const fresh = own.filter(({ beginning }) => !chosen.some((earlier) => earlier.beginning === beginning));
    const [best] = (fresh.length > 0 ? fresh : own).sort((one, other) => other.score - one.score);
    if (best !== undefined) chosen.push(best);
  }
  return chosen.map(({ line }) => line);
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
