#!/usr/bin/env node
/** Where the process begins: runs the program with the bytecode the build recorded for this Node, or without where there is none. */
import { join } from 'node:path';
import { bytecodeFileName, openBytecode } from './bytecode-file.ts';
import { createChunkLoader } from './chunk-loader.ts';

/** Set by the build to a fingerprint of all chunks. */
declare const __INKLING_BUILD__: string;

const directory = import.meta.dirname;

function recordedBytecode(): ((chunk: string) => Buffer | undefined) | undefined {
  try {
    return openBytecode(join(directory, bytecodeFileName(__INKLING_BUILD__)));
  } catch {
    return undefined;
  }
}

const bytecodeOf = recordedBytecode();
if (bytecodeOf === undefined) process.getBuiltinModule('node:module').createRequire(import.meta.url)('./main.cjs');
else createChunkLoader({ directory, bytecodeOf })('main.cjs');
