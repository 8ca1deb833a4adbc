/**
 * Loads the program's chunks as `require` would, but with the bytecode of an earlier run, so that starting does not
 * compile half a megabyte first. Apart from the launcher because the build records that bytecode with the same loader.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { constants, Script } from 'node:vm';

export interface ChunkLoaderOptions {
  /** Where the chunks lie. */
  readonly directory: string;
  /** V8's bytecode for a chunk; what was made for another text or another V8 is ignored by V8. */
  readonly bytecodeOf: (chunk: string) => Buffer | undefined;
  readonly onCompiled?: (chunk: string, script: Script) => void;
}

interface LoadedModule {
  exports: unknown;
}

/** Returns a function that loads a chunk by its file name, once, and gives back what it exports. Throws as `require` does. */
export function createChunkLoader({
  directory,
  bytecodeOf,
  onCompiled,
}: ChunkLoaderOptions): (chunk: string) => unknown {
  const loaded = new Map<string, LoadedModule>();

  function requireFromChunk(id: string): unknown {
    return id.startsWith('./') ? load(id.slice(2)) : (process.getBuiltinModule(id) ?? requirePackage(id));
  }

  /** What is installed beside the program. */
  function requirePackage(id: string): unknown {
    // Not imported: making such a `require` loads 0.5 ms of Node, and a start needs none.
    const { createRequire } = process.getBuiltinModule('node:module');
    return createRequire(join(directory, 'main.cjs'))(id);
  }

  function load(chunk: string): unknown {
    const known = loaded.get(chunk);
    if (known !== undefined) return known.exports;
    const module: LoadedModule = { exports: {} };
    loaded.set(chunk, module);
    const filename = join(directory, chunk);
    const script = compile(chunk, filename);
    onCompiled?.(chunk, script);
    script.runInThisContext().call(module.exports, module.exports, requireFromChunk, module, filename, directory);
    return module.exports;
  }

  function compile(chunk: string, filename: string): Script {
    const cachedData = bytecodeOf(chunk);
    // The build writes ASCII: read as what it is, a text takes half the memory and no decoding.
    const source = readFileSync(filename, 'latin1');
    return new Script(`(function (exports, require, module, __filename, __dirname) {${source}\n})`, {
      filename,
      importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
      ...(cachedData === undefined ? {} : { cachedData }),
    });
  }

  return load;
}
