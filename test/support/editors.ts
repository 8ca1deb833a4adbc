/** Where the editors are that tests drive in a terminal, and what a test says that lacks one. */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

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

function programs(editor: string | undefined): EditorPrograms | undefined {
  const tmux = find('INKLING_TMUX', 'tmux');
  return editor === undefined || tmux === undefined ? undefined : { editor, tmux };
}

export const helix = programs(find('INKLING_HELIX', 'hx'));
export const emacs = programs(find('INKLING_EMACS', 'emacs'));

/** The title of a suite; of a skipped one it says how not to skip it. */
export function titled(what: string, found: EditorPrograms | undefined): string {
  return found === undefined ? `${what} (not here: run .ci/install-editors)` : what;
}
