/** The file that holds the bytecode of all chunks: an index and what it points into. Written by the build, read at every start. */
import { openSync, readSync } from 'node:fs';

const LENGTH_FIELD = 4;

type Index = Readonly<Record<string, readonly [start: number, length: number]>>;

/** Bytecode belongs to one build of the program, one version of Node and one kind of processor. */
export function bytecodeFileName(build: string): string {
  return `bytecode-${build}-${process.version}-${process.arch}.bin`;
}

export function encodeBytecode(chunks: ReadonlyMap<string, Buffer>): Buffer {
  const index: Record<string, readonly [number, number]> = {};
  let size = 0;
  for (const [chunk, bytecode] of chunks) {
    index[chunk] = [size, bytecode.length];
    size += bytecode.length;
  }
  const text = Buffer.from(JSON.stringify(index));
  const length = Buffer.alloc(LENGTH_FIELD);
  length.writeUInt32LE(text.length);
  return Buffer.concat([length, text, ...chunks.values()]);
}

/**
 * Looks chunks up in a file that `encodeBytecode` made. It stays open and is read in parts, because a start needs a third
 * of its megabyte. Throws for a file that is not there or is none of these. Of a file that was cut off V8 takes nothing.
 */
export function openBytecode(path: string): (chunk: string) => Buffer | undefined {
  const file = openSync(path, 'r');
  const length = readPart(file, 0, LENGTH_FIELD).readUInt32LE();
  const index = JSON.parse(readPart(file, LENGTH_FIELD, length).toString()) as Index;
  return (chunk) => {
    const place = index[chunk];
    return place && readPart(file, LENGTH_FIELD + length + place[0], place[1]);
  };
}

/** In memory of its own, since V8 copies bytecode that does not begin at a multiple of eight. */
function readPart(file: number, position: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(length);
  return bytes.subarray(0, readSync(file, bytes, 0, length, position));
}
