/**
 * Keeps everything but LSP away from stdout, because one stray line there breaks the protocol for good.
 * It is the first import of server mode, so that no other module can write before it.
 */
import { Writable } from 'node:stream';

const NOTE = '[inkling] the lines below were written to stdout, which belongs to the editor:\n';

let realStdout: Writable | undefined;

/**
 * From now on whatever is written to `process.stdout`, by `console` too, goes to stderr.
 * Returns the way to the real stdout, for the transport alone; calling it again returns the same stream.
 */
export function installStdoutGuard(): Writable {
  realStdout ??= divert(process.stdout, process.stderr);
  return realStdout;
}

/** Makes `stdout.write` write to `stderr`, and returns a stream that still reaches `stdout`, with its errors and back-pressure. */
export function divert(stdout: Writable, stderr: Writable): Writable {
  const write: (chunk: Uint8Array, written: (error?: Error | null) => void) => boolean = stdout.write.bind(stdout);
  const output = new Writable({
    write(chunk: Uint8Array, _encoding, written) {
      write(chunk, written);
    },
  });
  stdout.on('error', (error) => output.destroy(error));
  stdout.on('close', () => output.destroy());
  // Whoever read stderr may have gone away; that must not end the server.
  stderr.on('error', () => {});
  stdout.write = noting(stderr);
  return output;
}

function noting(stderr: Writable): Writable['write'] {
  let isNoted = false;
  return (...written: unknown[]): boolean => {
    if (!isNoted) stderr.write(NOTE);
    isNoted = true;
    return Reflect.apply(stderr.write, stderr, written);
  };
}
