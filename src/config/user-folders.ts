/** Where this program keeps things of its user beside the settings. */
import { posix, win32 } from 'node:path';
import { type UserPlace, userFilePath } from './user-file.ts';

/** `keys` beside the settings file, wherever `--config` points. */
export function keysFolder(place: UserPlace): string {
  const paths = place.platform === 'win32' ? win32 : posix;
  return paths.join(paths.dirname(userFilePath(place)), 'keys');
}
