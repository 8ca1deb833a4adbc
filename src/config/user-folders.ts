/** Where this program keeps things of its user: stored keys beside the settings, and what it writes down by itself. */
import { posix, win32 } from 'node:path';
import { type UserPlace, userFilePath } from './user-file.ts';

/** `keys` beside the settings file, wherever `--config` points. */
export function keysFolder(place: UserPlace): string {
  const paths = place.platform === 'win32' ? win32 : posix;
  return paths.join(paths.dirname(userFilePath(place)), 'keys');
}

/** `$XDG_STATE_HOME/inkling`, by default in `~/.local/state`; `~/Library/Application Support` and `%LOCALAPPDATA%` elsewhere. */
function stateFolder({ environment, platform, home }: UserPlace): string {
  const paths = platform === 'win32' ? win32 : posix;
  const fallbacks: Partial<Record<NodeJS.Platform, readonly string[]>> = {
    win32: ['AppData', 'Local'],
    darwin: ['Library', 'Application Support'],
  };
  const variable = environment[platform === 'win32' ? 'LOCALAPPDATA' : 'XDG_STATE_HOME'];
  const fallback = paths.join(home, ...(fallbacks[platform] ?? ['.local', 'state']));
  return paths.join(variable !== undefined && paths.isAbsolute(variable) ? variable : fallback, 'inkling');
}

/** Where changes are written down unless the settings say otherwise. */
export function usualAuditFile(place: UserPlace): string {
  return (place.platform === 'win32' ? win32 : posix).join(stateFolder(place), 'audit.jsonl');
}
