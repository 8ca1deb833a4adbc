/** The two plugins that make the program start from bytecode: one fingerprints the chunks, one records them at work. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Plugin, rolldown } from 'rolldown';
import { bytecodeFileName } from '../src/launch/bytecode-file.ts';

const PLACEHOLDER = '__INKLING_BUILD__';
/** Milliseconds after which a build goes on without bytecode. */
const PATIENCE = 20_000;

export interface BytecodePlugins {
  /** For the program's own bundle. */
  readonly fingerprint: Plugin;
  /** For the launcher, which is bundled after it. */
  readonly record: Plugin;
}

export function bytecodePlugins(): BytecodePlugins {
  let build = '';
  return {
    fingerprint: {
      name: 'fingerprint-chunks',
      generateBundle(_options, bundle) {
        const hash = createHash('sha256');
        for (const file of Object.values(bundle)) {
          if (file.type === 'chunk') hash.update(file.fileName).update(file.code);
        }
        build = hash.digest('hex').slice(0, 16);
      },
    },
    record: {
      name: 'record-bytecode',
      renderChunk: (code) => code.replaceAll(PLACEHOLDER, JSON.stringify(build)),
      async writeBundle({ dir }) {
        if (dir === undefined) return;
        const name = bytecodeFileName(build);
        const folder = resolve(dir);
        await record(folder, join(folder, name));
        const files = (await readdir(folder)).filter((file) => file.startsWith('bytecode-'));
        if (!files.includes(name)) this.warn('No bytecode was recorded; the program starts without it.');
        for (const file of files) if (file !== name) await rm(join(folder, file), { force: true });
      },
    },
  };
}

async function record(directory: string, target: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'inkling-bytecode-'));
  try {
    const recorder = await rolldown({ input: 'scripts/record-bytecode.ts', platform: 'node', logLevel: 'silent' });
    await recorder.write({ dir: folder, format: 'cjs', entryFileNames: 'record.cjs' });
    await workWith([join(folder, 'record.cjs'), directory, target], folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Plays the editor to the recorder until it has ended. */
function workWith(command: readonly string[], home: string): Promise<void> {
  return new Promise((resolve) => {
    const server = spawn(process.execPath, command, {
      env: { PATH: process.env['PATH'], HOME: home, XDG_CONFIG_HOME: home },
      stdio: ['pipe', 'pipe', 'ignore'],
      timeout: PATIENCE,
    });
    server.on('error', () => resolve());
    server.on('close', () => resolve());
    server.stdin.on('error', () => undefined);
    server.stdout.resume();
    server.stdout.once('data', () => {
      for (const message of work) server.stdin.write(frame(message));
    });
    server.stdin.write(frame(initialize));
  });
}

const uri = 'file:///example.ts';
/** Nothing listens there: the provider's code is what should run. */
const baseUrl = 'http://127.0.0.1:9/v1';
const initialize = {
  id: 1,
  method: 'initialize',
  params: {
    processId: null,
    rootUri: null,
    capabilities: { textDocument: { inlineCompletion: {} } },
    initializationOptions: {
      provider: 'example',
      providers: { example: { kind: 'openai-compatible', baseUrl, model: 'example', fim: 'qwen' } },
    },
  },
};
const work = [
  { method: 'initialized', params: {} },
  {
    method: 'textDocument/didOpen',
    params: { textDocument: { uri, languageId: 'typescript', version: 1, text: 'const first = 1;\nconst second = ' } },
  },
  {
    id: 2,
    method: 'textDocument/inlineCompletion',
    params: { textDocument: { uri }, position: { line: 1, character: 15 }, context: { triggerKind: 1 } },
  },
];

function frame(message: object): string {
  const body = JSON.stringify({ jsonrpc: '2.0', ...message });
  return `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}
