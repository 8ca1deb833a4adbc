/** The user's settings file: where it is, how it is read, and what is wrong with it. */
import { posix, win32 } from 'node:path';
import type { SettingsIssue } from './issue.ts';
import { exclusionsOf, parseSettings } from './parse-settings.ts';
import type { SettingsChange, SettingsStore } from './store.ts';
import type { UserFileSystem } from './user-file-system.ts';

/** Larger files are refused: no settings are this long, and they are read at start-up. Bytes. */
const LARGEST_FILE = 1024 * 1024;

export interface UserFile {
  /** Absolute. */
  readonly path: string;
  /** `absent`: there is none, which is fine. `unusable`: it is there and `issues` say what is wrong. */
  readonly state: 'read' | 'absent' | 'unusable';
  /** What the file says; `undefined` where it could not be read. */
  readonly raw: unknown;
  /** What an unusable file excludes from leaving the machine, as far as it can be read: it holds until the file is usable. */
  readonly exclusions?: unknown;
  readonly issues: readonly SettingsIssue[];
  /** Sentences about a file that works and should still be changed, for example because others can read keys in it. */
  readonly warnings: readonly string[];
}

export interface UserFilePlace {
  /** From `--config`; such a file has to exist. */
  readonly flag?: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  /** The user's home directory. */
  readonly home: string;
  readonly workingDirectory: string;
}

/** The user and the machine, as far as they say where files are. */
export type UserPlace = Omit<UserFilePlace, 'flag'>;

/** `$XDG_CONFIG_HOME/inkling/config.json`, by default in `~/.config`; `%APPDATA%\inkling\config.json` on Windows. */
export function userFilePath({ flag, environment, platform, home, workingDirectory }: UserFilePlace): string {
  const paths = platform === 'win32' ? win32 : posix;
  if (flag !== undefined) return paths.resolve(workingDirectory, flag);
  const variable = environment[platform === 'win32' ? 'APPDATA' : 'XDG_CONFIG_HOME'];
  const fallback = platform === 'win32' ? paths.join(home, 'AppData', 'Roaming') : paths.join(home, '.config');
  // The XDG specification: a relative path in the variable is invalid and has to be ignored.
  const directory = variable !== undefined && paths.isAbsolute(variable) ? variable : fallback;
  return paths.join(directory, 'inkling', 'config.json');
}

/** Reads the file. Never rejects but for an aborted signal: what goes wrong is in `issues`. */
export async function readUserFile(
  place: UserFilePlace,
  files: UserFileSystem,
  signal: AbortSignal,
): Promise<UserFile> {
  const path = userFilePath(place);
  const unusable = (expected: string, got: string): UserFile => ({
    path,
    state: 'unusable',
    raw: undefined,
    issues: [{ layer: 'user', path: '', expected: `${expected} in ${path}`, got }],
    warnings: [],
  });
  try {
    const file = await files.read(path, LARGEST_FILE, signal);
    if (file === 'absent' && place.flag === undefined)
      return { path, state: 'absent', raw: undefined, issues: [], warnings: [] };
    if (file === 'absent') return unusable('a settings file, as --config names one,', 'no such file');
    if (file === 'too large') return unusable('at most 1 MB of settings', 'a larger file');
    const { raw, mistake } = parseSettings(file.text);
    if (mistake !== undefined) return { ...unusable('JSON with comments', mistake), exclusions: exclusionsOf(raw) };
    return { path, state: 'read', raw, issues: [], warnings: permissionWarnings(path, file.mode, raw, place.platform) };
  } catch (error) {
    signal.throwIfAborted();
    return unusable('a readable settings file', error instanceof Error ? error.message : String(error));
  }
}

/** Puts the file into the store; a file that cannot be used leaves in force what it said before. */
export function applyUserFile(store: SettingsStore, file: UserFile): SettingsChange {
  if (file.state === 'unusable') return store.rejectLayer('user', file.issues, file.exclusions);
  return store.setLayer('user', file.raw);
}

function permissionWarnings(path: string, mode: number, raw: unknown, platform: NodeJS.Platform): string[] {
  const readableByOthers = (mode & 0o077) !== 0;
  if (platform === 'win32' || !readableByOthers || !holdsPlainKey(raw)) return [];
  return [
    `${path} holds a key and can be read by other users. Run "chmod 600" on it, or better keep the key in an environment variable: "apiKey": {"env": "NAME"}.`,
  ];
}

/** True when any `apiKey` in the file is the key itself. */
function holdsPlainKey(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([name, inner]) =>
    name === 'apiKey' ? typeof inner === 'string' && inner !== '' : holdsPlainKey(inner),
  );
}
