/** How a document is named to a model: by its path below the workspace root, never by where that root lies. */
import { placeOf, slashedPath } from './document-place.ts';

export interface RootedPath {
  /** As it was given. */
  readonly root: string;
  /** Below that root, with `/`. */
  readonly path: string;
}

/** The path below the nearest root that holds it, or the last segment where none does. */
export function relativePath(uri: string, roots: readonly string[]): string {
  const path = placeOf(uri).path ?? '';
  return pathsBelow(path, roots)[0]?.path ?? path.slice(path.lastIndexOf('/') + 1);
}

/** All roots that hold the path (as `placeOf` gives it), the nearest first. Windows paths are compared without case. */
export function pathsBelow(path: string, roots: readonly string[]): RootedPath[] {
  const found: RootedPath[] = [];
  for (const root of roots) {
    const base = normaliseRoot(root);
    const isWindows = /^[a-z]:|^\/\//.test(base);
    const start = path.slice(0, base.length);
    const isBelow = isWindows ? start.toLowerCase() === base.toLowerCase() : start === base;
    if (isBelow && path.length > base.length) found.push({ root, path: path.slice(base.length) });
  }
  return found.sort((left, right) => left.path.length - right.path.length);
}

/** Ends with `/`, so that `/a/bc` does not lie below `/a/b`. */
function normaliseRoot(root: string): string {
  const base = slashedPath(root);
  return base.endsWith('/') ? base : `${base}/`;
}
