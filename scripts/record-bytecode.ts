/**
 * Run by the build in a process of its own: starts the language server from its chunks, and when the server ends, writes
 * V8's bytecode of everything that ran. Arguments: the folder, the file to write.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Script } from 'node:vm';
import { encodeBytecode } from '../src/launch/bytecode-file.ts';
import { createChunkLoader } from '../src/launch/chunk-loader.ts';

const [, , directory = '', target = ''] = process.argv;

const scripts = new Map<string, Script>();
process.on('exit', () => {
  const bytecode = [...scripts].map(([chunk, script]) => [chunk, script.createCachedData()] as const);
  writeFileSync(target, encodeBytecode(new Map(bytecode)));
});
process.argv.splice(2, 2, '--stdio');
createChunkLoader({
  directory,
  bytecodeOf: () => undefined,
  onCompiled(chunk, script) {
    if (!importsAtRunTime(chunk)) scripts.set(chunk, script);
  },
})('main.cjs');

/** On Node 20 an `import()` in a function that came from bytecode has lost its loader and rejects. */
function importsAtRunTime(chunk: string): boolean {
  return /(?<![\w.$])import\(/.test(readFileSync(join(directory, chunk), 'utf8'));
}
