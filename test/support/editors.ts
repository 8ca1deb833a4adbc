/** Where the editors are that tests drive in a terminal, what a test says that lacks one, and what an editor finds of ours. */
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { builtProgram } from './command-line.ts';

const tools = process.env['INKLING_TOOLS'] ?? join(homedir(), '.cache', 'inkling-tools');

/** The one that `variable` names, or the one .ci/install-editors leaves. */
function find(variable: string, name: string): string | undefined {
  const named = process.env[variable];
  if (named !== undefined && named !== '') return named;
  const installed = join(tools, 'editors', 'bin', name);
  return existsSync(installed) ? installed : undefined;
}

export interface EditorPrograms {
  readonly editor: string;
  readonly tmux: string;
}

/** For whatever else is driven in a terminal. */
export const tmux = find('INKLING_TMUX', 'tmux');

function programs(editor: string | undefined): EditorPrograms | undefined {
  return editor === undefined || tmux === undefined ? undefined : { editor, tmux };
}

export const helix = programs(find('INKLING_HELIX', 'hx'));
export const emacs = programs(find('INKLING_EMACS', 'emacs'));

/** The title of a suite; of a skipped one it says how not to skip it. */
export function titled(what: string, found: EditorPrograms | string | undefined): string {
  return found === undefined ? `${what} (not here: run .ci/install-editors)` : what;
}

/** Puts a program `inkling` into a folder of its own below this one, and gives back a PATH that begins with it. */
export async function pathWithInkling(folder: string): Promise<string> {
  const programs = join(folder, 'bin');
  await mkdir(programs, { recursive: true });
  const launcher = `#!/bin/sh\nexec '${process.execPath}' '${builtProgram}' "$@"\n`;
  await writeFile(join(programs, 'inkling'), launcher, { mode: 0o755 });
  return `${programs}:${process.env['PATH'] ?? ''}`;
}

/** The set-up that the manual of an editor shows first in this language. */
export async function manualSetup(editor: string, language: string): Promise<string> {
  const manual = fileURLToPath(new URL(`../../clients/${editor}/README.md`, import.meta.url));
  const block = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'ms').exec(await readFile(manual, 'utf8'))?.[1];
  if (block === undefined) throw new Error(`${manual} has no set-up.`);
  return block;
}
