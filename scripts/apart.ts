/** A plugin: the schema library twice, because of one copy every start would load what only the larger form of it needs. */
import { readFile } from 'node:fs/promises';
import type { Plugin } from 'rolldown';

const COPY = '?whole';

/** `zod`, and whatever it imports, apart from `zod/mini`, which settings are checked with before `initialize` is answered. */
export function apart(): Plugin {
  return {
    name: 'apart',
    async resolveId(source, importer, options) {
      const fromCopy = importer?.endsWith(COPY) === true;
      if (source !== 'zod' && !fromCopy) return null;
      const found = await this.resolve(source, fromCopy ? importer.slice(0, -COPY.length) : importer, {
        ...options,
        skipSelf: true,
      });
      // The library says so itself, but not of files by another name.
      return found === null ? null : { ...found, id: found.id + COPY, moduleSideEffects: false };
    },
    async load(id) {
      return id.endsWith(COPY) ? readFile(id.slice(0, -COPY.length), 'utf8') : null;
    },
  };
}
