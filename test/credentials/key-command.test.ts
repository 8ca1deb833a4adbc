/** A program that prints a key: run as it is, in time, bounded, and nothing of what it says in any message. */
import { homedir } from 'node:os';
import { describe, expect, test } from 'vitest';
import { createKeyCommand } from '../../src/credentials/key-command.ts';
import { StoreUnavailable } from '../../src/credentials/key-store.ts';

const runKeyCommand = createKeyCommand();
const never = new AbortController().signal;
const canary = 'sk-canary-0123456789abcdef';
const node = (script: string, ...words: string[]) => [process.execPath, '-e', script, ...words];

test('what it prints, without the line break at its end', async () => {
  expect(await runKeyCommand(node(`console.log('${canary}')`), never)).toBe(canary);
});

test('no shell reads its words', async () => {
  const words = ['$(echo evil)', '; echo evil', '*'];
  const script = 'console.log(JSON.stringify(process.argv.slice(1)))';
  expect(JSON.parse(await runKeyCommand(node(script, ...words), never))).toEqual(words);
});

test('it runs in the user’s home and finds nobody at the keyboard', async () => {
  expect(await runKeyCommand(node('console.log(process.cwd())'), never)).toBe(homedir());
  expect(await runKeyCommand(node('process.stdin.on("end", () => console.log("alone")).resume()'), never)).toBe(
    'alone',
  );
});

describe('what goes wrong is said by the name of the program alone', () => {
  test.each<[string, readonly string[], string]>([
    ['it is not there', ['no-such-program-at-all', canary], 'was not found'],
    [
      'it fails',
      node(`console.log('${canary}'); console.error('${canary}'); process.exit(3)`),
      'ended with exit code 3',
    ],
    ['it prints nothing', node(`console.error('${canary}')`), 'printed nothing'],
    [
      'it prints without end',
      node(`for (;;) process.stdout.write('${canary}'.repeat(999))`),
      'printed more than any key is long',
    ],
  ])('%s', async (_, command, expected) => {
    const failure = await runKeyCommand(command, never).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(StoreUnavailable);
    expect(String(failure)).toContain(`The program "${command[0]}", which "apiKey" names, ${expected}.`);
    expect(String(failure)).not.toContain(canary);
  });

  test('who stops waiting ends it', async () => {
    const stop = new AbortController();
    const asked = runKeyCommand(node('setInterval(() => undefined, 1000)'), stop.signal).catch(
      (error: unknown) => error,
    );
    stop.abort(new Error('gone'));
    expect(String(await asked)).toBe('Error: gone');
  });

  test('one that does not end is ended', async () => {
    const asked = createKeyCommand(50)(
      node('process.on("SIGTERM", () => undefined); setInterval(() => undefined, 1000)'),
      never,
    );
    await expect(asked).rejects.toThrow('did not end within 0.05 s');
  });
});
