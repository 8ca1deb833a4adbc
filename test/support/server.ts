/** The built server as an editor sees it: a child process that speaks LSP over stdio. Everything is awaited, nothing is slept for. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const program = fileURLToPath(new URL('../../dist/inkling.cjs', import.meta.url));

// biome-ignore lint/suspicious/noExplicitAny: what a server answers is checked by the assertions of each test
export type Json = any;

export interface ResponseFailure {
  readonly code: number;
  readonly message: string;
  readonly data?: Json;
}

export interface PendingRequest {
  readonly id: number;
  /** Rejects with a `ResponseFailure`. */
  readonly response: Promise<Json>;
  /** Resolves to the failure; rejects when the request succeeds. */
  readonly failure: Promise<ResponseFailure>;
  cancel(): void;
}

export interface StartOptions {
  readonly arguments?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly capabilities?: object;
  readonly clientName?: string;
  readonly initializationOptions?: unknown;
  /** A folder path; none where it is left out. */
  readonly root?: string;
  readonly processId?: number | null;
}

export interface TestServer {
  readonly child: ChildProcessWithoutNullStreams;
  /** The result of `initialize`. */
  readonly initialized: Json;
  /** Ids of requests in the order their answers came. */
  readonly answered: readonly number[];
  readonly notifications: readonly { readonly method: string; readonly params: Json }[];
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  stderr(): string;
  request(method: string, params?: unknown): PendingRequest;
  notify(method: string, params?: unknown): void;
  /** Bytes as they are, past every framing. */
  raw(bytes: string | Buffer): void;
  /** Answers requests of the server; without a handler they are answered `null`. */
  handle(method: string, handler: (params: Json) => unknown): void;
  /** The first notification, past or future, that fits and was not returned before. */
  nextNotification(method: string, fits?: (params: Json) => boolean): Promise<Json>;
  open(uri: string, text: string, languageId?: string): void;
  /** Replaces a range, or the whole text where none is given, as the next version. */
  change(uri: string, text: string, range?: Json): void;
  stop(): Promise<void>;
}

export const inlineCapabilities = { textDocument: { inlineCompletion: { dynamicRegistration: false } } };

/** Starts the server and goes through `initialize` and `initialized`. */
export async function startServer(options: StartOptions = {}): Promise<TestServer> {
  const server = spawnServer(options);
  server.initialized = await server.request('initialize', {
    processId: options.processId === undefined ? process.pid : options.processId,
    clientInfo: { name: options.clientName ?? 'test' },
    rootUri: options.root === undefined ? null : `file://${options.root}`,
    capabilities: options.capabilities ?? inlineCapabilities,
    initializationOptions: options.initializationOptions ?? null,
  }).response;
  server.notify('initialized', {});
  return server;
}

/** Starts the process and says nothing to it. */
export function spawnServer(options: StartOptions = {}): TestServer & { initialized: Json } {
  const home = mkdtempSync(join(tmpdir(), 'inkling-test-'));
  const child = spawn(process.execPath, [program, ...(options.arguments ?? ['--stdio'])], {
    // Its temporary files too: a server that is killed leaves them.
    env: { PATH: process.env['PATH'], HOME: home, XDG_CONFIG_HOME: home, TMPDIR: home, ...options.environment },
    stdio: 'pipe',
  });
  const waiting = new Map<number, { resolve(value: Json): void; reject(failure: ResponseFailure): void }>();
  const handlers = new Map<string, (params: Json) => unknown>();
  const notifications: { method: string; params: Json }[] = [];
  const unseen: { method: string; params: Json }[] = [];
  const listeners = new Set<() => void>();
  const answered: number[] = [];
  const versions = new Map<string, number>();
  let stderr = '';
  let lastId = 0;

  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  child.stdin.on('error', () => undefined);
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.on('close', (code, signal) => {
      rmSync(home, { recursive: true, force: true });
      for (const { reject } of waiting.values()) reject({ code: 0, message: `The server ended. ${stderr}` });
      resolve({ code, signal });
    });
  });
  readFrames(child.stdout, receive);

  function receive(message: Json): void {
    if (message.method === undefined) {
      const request = waiting.get(message.id);
      waiting.delete(message.id);
      answered.push(message.id);
      if (message.error !== undefined) request?.reject(message.error);
      else request?.resolve(message.result);
    } else if (message.id !== undefined) {
      const result = handlers.get(message.method)?.(message.params) ?? null;
      write({ jsonrpc: '2.0', id: message.id, result });
    } else {
      const notification = { method: message.method, params: message.params };
      notifications.push(notification);
      unseen.push(notification);
      for (const listener of [...listeners]) listener();
    }
  }

  function write(message: object): void {
    const body = JSON.stringify(message);
    raw(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  }

  function raw(bytes: string | Buffer): void {
    if (child.stdin.writable) child.stdin.write(bytes);
  }

  function notify(method: string, params?: unknown): void {
    write({ jsonrpc: '2.0', method, params });
  }

  return {
    child,
    initialized: undefined,
    answered,
    notifications,
    exited,
    stderr: () => stderr,
    request(method, params) {
      lastId += 1;
      const id = lastId;
      const response = new Promise<Json>((resolve, reject) => waiting.set(id, { resolve, reject }));
      response.catch(() => undefined);
      write({ jsonrpc: '2.0', id, method, params });
      return {
        id,
        response,
        get failure() {
          return response.then(
            (result) => Promise.reject(new Error(`${method} succeeded: ${JSON.stringify(result)}`)),
            (failure: ResponseFailure) => failure,
          );
        },
        cancel: () => notify('$/cancelRequest', { id }),
      };
    },
    notify,
    raw,
    handle: (method, handler) => void handlers.set(method, handler),
    nextNotification(method, fits = () => true) {
      return new Promise((resolve) => {
        const look = () => {
          const index = unseen.findIndex((one) => one.method === method && fits(one.params));
          if (index === -1) return;
          listeners.delete(look);
          resolve(unseen.splice(index, 1)[0]?.params);
        };
        listeners.add(look);
        look();
      });
    },
    open(uri, text, languageId = 'typescript') {
      versions.set(uri, 1);
      notify('textDocument/didOpen', { textDocument: { uri, languageId, version: 1, text } });
    },
    change(uri, text, range) {
      const version = (versions.get(uri) ?? 0) + 1;
      versions.set(uri, version);
      const change = range === undefined ? { text } : { range, text };
      notify('textDocument/didChange', { textDocument: { uri, version }, contentChanges: [change] });
    },
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await exited;
    },
  };
}

function readFrames(stream: NodeJS.ReadableStream, receive: (message: Json) => void): void {
  let buffer = Buffer.alloc(0);
  stream.on('data', (chunk: Buffer) => {
    buffer = Buffer.concat([buffer, chunk]);
    while (true) {
      const end = buffer.indexOf('\r\n\r\n');
      if (end === -1) return;
      const length = Number(/Content-Length: (\d+)/.exec(buffer.toString('latin1', 0, end))?.[1]);
      if (Number.isNaN(length)) throw new Error(`Not LSP on stdout: ${buffer.toString('utf8', 0, 200)}`);
      if (buffer.length < end + 4 + length) return;
      const body = buffer.toString('utf8', end + 4, end + 4 + length);
      buffer = buffer.subarray(end + 4 + length);
      receive(JSON.parse(body));
    }
  });
}
