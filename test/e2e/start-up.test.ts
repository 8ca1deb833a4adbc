/** The program starts whatever became of the bytecode beside it, from a folder that nobody may write to too. */
import {
  chmodSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type LspClient, startLspServer } from '../../src/cli/lsp-client.ts';
import { program } from '../support/server.ts';

/** A copy of the built program, with the path of its bytecode. */
function copyOfProgram() {
  const home = mkdtempSync(join(tmpdir(), 'inkling-start-'));
  onTestFinished(() => {
    chmodSync(join(home, 'dist'), 0o755);
    rmSync(home, { recursive: true, force: true });
  });
  const directory = join(home, 'dist');
  cpSync(dirname(program), directory, { recursive: true });
  const bytecode = readdirSync(directory).filter((name) => name.startsWith('bytecode-'));
  expect(bytecode).toHaveLength(1);
  return { home, directory, bytecode: join(directory, bytecode[0] ?? '') };
}

function serverOf(directory: string, home: string): LspClient {
  const environment = { PATH: process.env['PATH'], HOME: home, XDG_CONFIG_HOME: home };
  const command = [process.execPath, join(directory, 'inkling.cjs'), '--stdio'] as const;
  return startLspServer(command, AbortSignal.timeout(15_000), environment);
}

async function firstAnswer(directory: string, home: string): Promise<unknown> {
  const server = serverOf(directory, home);
  const answer = await server.request('initialize', { processId: null, rootUri: null, capabilities: {} });
  await server.close();
  return answer;
}

test.each<[string, (bytecode: string) => void]>([
  ['is there', () => undefined],
  ['is gone', (bytecode) => rmSync(bytecode)],
  ['is empty', (bytecode) => writeFileSync(bytecode, '')],
  ['is something else', (bytecode) => writeFileSync(bytecode, 'no bytecode at all'.repeat(1000))],
  ['was cut off', (bytecode) => truncateSync(bytecode, 100_000)],
])('where the bytecode %s', async (_, change) => {
  const { home, directory, bytecode } = copyOfProgram();
  change(bytecode);
  chmodSync(directory, 0o555);
  expect(await firstAnswer(directory, home)).toMatchObject({ serverInfo: { name: 'inkling' } });
});

test('a program that lacks a part ends and says why', async () => {
  const { home, directory } = copyOfProgram();
  const missing = readdirSync(directory).find((name) => name.startsWith('open-session-')) ?? 'none';
  rmSync(join(directory, missing));
  const server = serverOf(directory, home);
  await server.request('initialize', { processId: null, rootUri: null, capabilities: {} });
  await expect(server.request('shutdown', undefined)).rejects.toThrow(
    /The server ended with code 1\. .*The session could not be opened\..*open-session-/s,
  );
});

test('every chunk is ASCII, which is how it is read', () => {
  const chunks = readdirSync(dirname(program)).filter((name) => name.endsWith('.cjs'));
  expect(chunks.length).toBeGreaterThan(10);
  const others = chunks.filter((name) => readFileSync(join(dirname(program), name)).some((byte) => byte > 0x7f));
  expect(others).toEqual([]);
});
