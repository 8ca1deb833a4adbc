/** A real llama.cpp server with a small model, on a free port of loopback. Apart from the tests because finding it is not what they test. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** What a test without the server says it needs. */
export const howToGetLlamaServer =
  'no llama-server here: run .ci/install-llama-server, or name it in INKLING_LLAMA_SERVER and a model in INKLING_LLAMA_MODEL';

export interface LlamaProgram {
  readonly program: string;
  /** A GGUF file. */
  readonly model: string;
}

export interface LlamaServer {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  /** GET or POST of the server's own wire. */
  ask(path: string, body?: object): Promise<unknown>;
  stop(): Promise<void>;
}

/** What the environment names, else what .ci/install-llama-server leaves. */
export function findLlamaServer(): LlamaProgram | undefined {
  const tools = process.env['INKLING_TOOLS'] ?? join(homedir(), '.cache', 'inkling-tools');
  const program = process.env['INKLING_LLAMA_SERVER'] || join(tools, 'llama-server', 'bin', 'llama-server');
  const model = process.env['INKLING_LLAMA_MODEL'] || join(tools, 'llama-server', 'model.gguf');
  return existsSync(program) && existsSync(model) ? { program, model } : undefined;
}

/** Resolves when the model is loaded. */
export async function startLlamaServer(
  { program, model }: LlamaProgram,
  parameters: readonly string[],
  key: string,
): Promise<LlamaServer> {
  const own = ['--model', model, '--host', '127.0.0.1', '--port', '0', '--api-key', key];
  const child = spawn(program, [...own, ...parameters], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const origin = await addressOf(child);
  return {
    origin,
    async ask(path, body) {
      const answer = await fetch(`${origin}${path}`, {
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
      });
      return answer.json();
    },
    async stop() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** The address it says it listens on, which it says when the model is loaded. */
function addressOf(child: ChildProcess): Promise<string> {
  let said = '';
  return new Promise((resolve, reject) => {
    const read = (part: Buffer) => {
      said += part.toString();
      const address = /listening on (http:\/\/[\d.]+:\d+)/.exec(said)?.[1];
      if (address !== undefined) resolve(address);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('error', reject);
    child.once('close', (code) => reject(new Error(`llama-server ended with ${code}:\n${said}`)));
  });
}
