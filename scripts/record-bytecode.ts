/**
 * Run by the build in a process of its own: starts the language server from its chunks, and once an editor has opened a
 * file and asked for a completion, writes V8's bytecode of everything that ran by then. Arguments: the folder, the file to write.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Script } from 'node:vm';
import { encodeBytecode } from '../src/launch/bytecode-file.ts';
import { createChunkLoader } from '../src/launch/chunk-loader.ts';

const [, , directory = '', target = ''] = process.argv;
/** Milliseconds in which the server has started, answered and warmed up. */
const WORKING_TIME = 1_500;

const scripts = new Map<string, Script>();
process.argv.splice(2, 2, '--stdio');
createChunkLoader({
  directory,
  bytecodeOf: () => undefined,
  onCompiled(chunk, script) {
    if (!importsAtRunTime(chunk)) scripts.set(chunk, script);
  },
})('main.cjs');

setTimeout(() => {
  writeFileSync(
    target,
    encodeBytecode(new Map([...scripts].map(([chunk, script]) => [chunk, script.createCachedData()]))),
  );
  process.exit(0);
}, WORKING_TIME);

/** On Node 20 an `import()` in a function that came from bytecode has lost its loader and rejects. */
function importsAtRunTime(chunk: string): boolean {
  return /(?<![\w.$])import\(/.test(readFileSync(join(directory, chunk), 'utf8'));
}
