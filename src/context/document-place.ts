/** What a document's address says: its scheme and its decoded path. Apart because addresses come from outside and lie. */

export interface DocumentPlace {
  /** In lower case, for example `file`. */
  readonly scheme: string;
  /**
   * With `/` between segments, `.` and `..` resolved, a Windows drive in lower case (`c:/x`), a host as `//host/x`.
   * Absent where an escape hides a separator or a NUL: such a path means different things to different programs.
   */
  readonly path?: string;
}

/** The scheme alone, which is asked for at every keystroke. */
export function schemeOf(uri: string): string {
  const scheme = /^[a-z][a-z0-9+.-]*(?=:)/i.exec(uri)?.[0].toLowerCase() ?? '';
  // One letter is the drive of a path that was never made an address.
  return scheme.length <= 1 ? 'file' : scheme;
}

export function placeOf(uri: string): DocumentPlace {
  const match = /^([a-z][a-z0-9+.-]+):(?:\/\/([^/?#]*))?([^?#]*)/i.exec(uri);
  const scheme = schemeOf(uri);
  if (match === null) return withPath('file', normalise('', uri.split('/')));
  const host = scheme === 'file' && match?.[2]?.toLowerCase() === 'localhost' ? '' : (match?.[2] ?? '');
  const segments = (match?.[3] ?? '').split('/').map(decode);
  if (segments.some((segment) => /[/\0]/.test(segment))) return { scheme };
  return withPath(scheme, normalise(scheme === 'file' ? host : '', segments));
}

/** A path of this machine in the form of `DocumentPlace.path`. A backslash is a separator only where there are drives. */
export function slashedPath(path: string): string {
  if (!/^[A-Za-z]:|^\\\\/.test(path)) return path;
  return path.replaceAll('\\', '/').replace(/^[A-Z]:/, (drive) => drive.toLowerCase());
}

function withPath(scheme: string, path: string): DocumentPlace {
  return { scheme, path };
}

/** Segment by segment, because an escaped slash is no separator. What is no valid escape stays as it is. */
function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function normalise(host: string, segments: readonly string[]): string {
  const isWindows = host !== '' || /^\/?[a-z]:/i.test(segments.join('/'));
  const kept: string[] = [];
  for (const segment of isWindows ? segments.flatMap((part) => part.split('\\')) : segments) {
    if (segment === '..') kept.pop();
    else if (segment !== '' && segment !== '.') kept.push(segment);
  }
  const path = kept.join('/');
  if (host !== '') return `//${host}/${path}`;
  if (isWindows) return path.replace(/^[A-Z]:/, (drive) => drive.toLowerCase());
  return segments[0] === '' ? `/${path}` : path;
}
