/** Nothing but the transport reaches stdout. */
import { Console } from 'node:console';
import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { divert } from '../../../src/lsp/transport/stdout-guard.ts';

function open() {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const output = divert(stdout, stderr);
  const text = (stream: PassThrough): string => String(stream.read() ?? '');
  return { stdout, stderr, output, text };
}

describe('what is written to stdout', () => {
  test('by its own name arrives on stderr, with one note', () => {
    const { stdout, stderr, text } = open();
    stdout.write('stray\n');
    stdout.write(Buffer.from('again\n'));
    stdout.write('7a\n', 'latin1');
    expect(text(stdout)).toBe('');
    expect(text(stderr)).toMatch(/^\[inkling\] [^\n]*\nstray\nagain\n7a\n$/);
  });

  test('by a console arrives on stderr', () => {
    const { stdout, stderr, text } = open();
    new Console(stdout, stderr).log('stray %d', 1);
    expect(text(stdout)).toBe('');
    expect(text(stderr)).toContain('stray 1\n');
  });

  test('by the transport arrives on stdout', () => {
    const { stdout, stderr, output, text } = open();
    output.write('Content-Length: 2\r\n\r\n{}');
    expect(text(stdout)).toBe('Content-Length: 2\r\n\r\n{}');
    expect(text(stderr)).toBe('');
  });

  test('still calls back', async () => {
    const { stdout } = open();
    await new Promise((resolve) => stdout.write('stray', resolve));
    await new Promise((resolve) => stdout.write('stray', 'utf8', resolve));
  });
});

describe('the way to the real stdout', () => {
  test('passes on that the reader is slow', async () => {
    const { stdout, output } = open();
    const piece = Buffer.alloc(1024 * 1024);
    output.write(piece);
    expect(output.write(piece)).toBe(false);
    const drained = new Promise((resolve) => output.once('drain', resolve));
    stdout.resume();
    await drained;
  });

  test('fails as stdout does', async () => {
    const { stdout, output } = open();
    const failed = new Promise((resolve) => output.once('error', resolve));
    const error = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
    stdout.destroy(error);
    expect(await failed).toBe(error);
  });
});

test('a stderr that nobody reads any more is no failure', () => {
  const { stderr } = open();
  expect(() => stderr.emit('error', new Error('write EPIPE'))).not.toThrow();
});
