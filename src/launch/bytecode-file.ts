/** The file that holds the bytecode of all chunks: an index and what it points into. Written by the build, read at every start. */

/** V8 copies bytecode that does not lie at a multiple of this many bytes. */
const ALIGNMENT = 8;
const LENGTH_FIELD = 4;

type Index = Readonly<Record<string, readonly [start: number, length: number]>>;

/** Bytecode belongs to one build of the program, one version of Node and one kind of processor. */
export function bytecodeFileName(build: string): string {
  return `bytecode-${build}-${process.version}-${process.arch}.bin`;
}

export function encodeBytecode(chunks: ReadonlyMap<string, Buffer>): Buffer {
  const index: Record<string, readonly [number, number]> = {};
  const parts: Buffer[] = [];
  let size = 0;
  for (const [chunk, bytecode] of chunks) {
    index[chunk] = [size, bytecode.length];
    const padding = Buffer.alloc(aligned(bytecode.length) - bytecode.length);
    parts.push(bytecode, padding);
    size += bytecode.length + padding.length;
  }
  const text = Buffer.from(JSON.stringify(index));
  const head = Buffer.alloc(aligned(LENGTH_FIELD + text.length));
  head.writeUInt32LE(text.length);
  text.copy(head, LENGTH_FIELD);
  return Buffer.concat([head, ...parts]);
}

/** Looks chunks up in what `encodeBytecode` made. Throws for anything else. */
export function decodeBytecode(file: Buffer): (chunk: string) => Buffer | undefined {
  const length = file.readUInt32LE();
  const index = JSON.parse(file.toString('utf8', LENGTH_FIELD, LENGTH_FIELD + length)) as Index;
  const start = aligned(LENGTH_FIELD + length);
  return (chunk) => {
    const place = index[chunk];
    return place && file.subarray(start + place[0], start + place[0] + place[1]);
  };
}

function aligned(size: number): number {
  return Math.ceil(size / ALIGNMENT) * ALIGNMENT;
}
