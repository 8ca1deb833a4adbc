/** What prompts of every kind say about the world around the cursor. Apart so that they say it alike. */
import type { CodeContext } from '../../domain/code-context.ts';

/** One part of the surroundings: where it is from and what it says. */
export interface ContextPart {
  readonly title: string;
  readonly text: string;
}

/** What other files say. */
export function fileParts(context: CodeContext): readonly ContextPart[] {
  return context.snippets.map(({ path, text }) => ({ title: path, text }));
}

/**
 * Other files, problems and recent edits; the parts that change least come first. Problems name their lines, so the
 * cursor's is named with them.
 */
export function contextParts(context: CodeContext): readonly ContextPart[] {
  const parts: ContextPart[] = [...fileParts(context)];
  if (context.diagnostics.length > 0) parts.push({ title: 'problems', text: problems(context) });
  if (context.recentEdits.length > 0) parts.push({ title: 'recent edits', text: context.recentEdits.join('\n\n') });
  return parts;
}

function problems({ diagnostics, position }: CodeContext): string {
  return [`the cursor is on line ${position.line + 1}`, ...diagnostics].join('\n');
}

/** The text between the start of the cursor's line and the cursor. */
export function linePrefix(context: CodeContext): string {
  return context.prefix.slice(context.prefix.lastIndexOf('\n') + 1);
}

const byComment: Readonly<Record<string, string>> = {
  '#': 'python ruby shellscript shell bash sh zsh fish yaml toml perl r elixir julia makefile dockerfile powershell nix cmake',
  '--': 'lua sql haskell elm ada vhdl',
  ';': 'lisp scheme clojure commonlisp emacs-lisp ini asm',
  '%': 'latex tex erlang matlab prolog',
  '"': 'vim',
};
const lineComments = new Map(
  Object.entries(byComment).flatMap(([comment, ids]) => ids.split(' ').map((id): [string, string] => [id, comment])),
);

/** What begins a line comment; `//` where the language is not known, which most are that are not listed. */
export function lineComment(languageId: string): string {
  return lineComments.get(languageId) ?? '//';
}

/** How the file is indented, as far as the text before the cursor shows it. */
export function indentation(context: CodeContext): string {
  const indents = context.prefix.match(/^[ \t]+(?=\S)/gm) ?? [];
  if (indents.length === 0) return 'unknown';
  if (indents.some((indent) => indent.startsWith('\t'))) return 'tabs';
  const widths = indents.map((indent) => indent.length).filter((width) => width > 1);
  return widths.length === 0 ? 'unknown' : `${Math.min(...widths)} spaces`;
}
