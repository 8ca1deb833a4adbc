/**
 * An editor made for measuring: every message is stamped as it is sent and as it is received. Apart from the test client,
 * which waits for events and knows no times.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Position {
  readonly line: number;
  readonly character: number;
}

export interface Reply {
  /** `performance.now()` when the whole frame was here. */
  readonly at: number;
  readonly result: unknown;
  /** The code of an error answer. */
  readonly error: number | undefined;
}

export interface SentRequest {
  readonly id: number;
  readonly sentAt: number;
  /** Rejects when the server ends before it. */
  readonly reply: Promise<Reply>;
}

export interface LspClient {
  readonly pid: number;
  /** `performance.now()` just before the process was spawned. */
  readonly spawnedAt: number;
  readonly exited: Promise<void>;
  request(method: string, params: unknown): SentRequest;
  /** Returns when it was sent. */
  notify(method: string, params: unknown): number;
  cancel(request: SentRequest): number;
  /** Calls back at every notification of this method. */
  onNotification(method: string, listener: (params: unknown) => void): void;
  open(uri: string, text: string): void;
  insert(uri: string, at: Position, text: string): void;
  complete(uri: string, at: Position, trigger: 'automatic' | 'explicit'): SentRequest;
  stop(): Promise<void>;
}

/** As LSP 3.18 numbers them. */
const triggerKinds = { explicit: 1, automatic: 2 } as const;

/** Starts the process and says nothing to it. */
export function spawnClient(command: readonly string[]): LspClient {
  const home = mkdtempSync(join(tmpdir(), 'inkling-bench-'));
  const spawnedAt = performance.now();
  const child = spawn(process.execPath, command, {
    env: { PATH: process.env['PATH'], HOME: home, XDG_CONFIG_HOME: home },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const waiting = new Map<number, { resolve(reply: Reply): void; reject(error: Error): void }>();
  const listeners = new Map<string, (params: unknown) => void>();
  const versions = new Map<string, number>();
  let lastId = 0;

  const exited = new Promise<void>((resolve) => {
    child.on('close', () => {
      rmSync(home, { recursive: true, force: true });
      for (const { reject } of waiting.values()) reject(new Error(`${command[0]} ended before it had answered.`));
      resolve();
    });
  });
  child.stdin.on('error', () => undefined);
  readFrames(child, (message, at) => {
    if (message.method === undefined) {
      waiting.get(message.id ?? -1)?.resolve({ at, result: message.result, error: message.error?.code });
      waiting.delete(message.id ?? -1);
    } else if (message.id === undefined) listeners.get(message.method)?.(message.params);
    else write({ jsonrpc: '2.0', id: message.id, result: null });
  });

  function write(message: object): number {
    const body = JSON.stringify(message);
    const frame = `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
    const sentAt = performance.now();
    if (child.stdin.writable) child.stdin.write(frame);
    return sentAt;
  }

  const notify = (method: string, params: unknown) => write({ jsonrpc: '2.0', method, params });

  function request(method: string, params: unknown): SentRequest {
    lastId += 1;
    const id = lastId;
    const reply = new Promise<Reply>((resolve, reject) => waiting.set(id, { resolve, reject }));
    // Whoever awaits it hears of a failure; a request that nobody awaits may be left behind.
    reply.catch(() => undefined);
    return { id, reply, sentAt: write({ jsonrpc: '2.0', id, method, params }) };
  }

  return {
    pid: child.pid ?? 0,
    spawnedAt,
    exited,
    request,
    notify,
    cancel: ({ id }) => notify('$/cancelRequest', { id }),
    onNotification: (method, listener) => void listeners.set(method, listener),
    open(uri, text) {
      versions.set(uri, 1);
      notify('textDocument/didOpen', { textDocument: { uri, languageId: 'typescript', version: 1, text } });
    },
    insert(uri, at, text) {
      const version = (versions.get(uri) ?? 0) + 1;
      versions.set(uri, version);
      const contentChanges = [{ range: { start: at, end: at }, text }];
      notify('textDocument/didChange', { textDocument: { uri, version }, contentChanges });
    },
    complete(uri, position, trigger) {
      const context = { triggerKind: triggerKinds[trigger] };
      return request('textDocument/inlineCompletion', { textDocument: { uri }, position, context });
    },
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await exited;
    },
  };
}

/** Goes through `initialize` and returns when its answer came; `initialized` is the caller's to send. */
export function initialize(client: LspClient, initializationOptions: unknown, root?: string): Promise<Reply> {
  return client.request('initialize', {
    processId: process.pid,
    clientInfo: { name: 'bench' },
    rootUri: root === undefined ? null : `file://${root}`,
    capabilities: {
      textDocument: { inlineCompletion: { dynamicRegistration: false } },
      window: { workDoneProgress: true },
    },
    initializationOptions,
  }).reply;
}

/** The offered texts of an inline completion, none of an error. */
export function offeredTexts({ result }: Reply): readonly string[] {
  const items: unknown = Array.isArray(result) ? result : (result as { items?: unknown } | undefined)?.items;
  return Array.isArray(items) ? items.map((item: { insertText?: unknown }) => String(item.insertText)) : [];
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly code: number };
}

function readFrames({ stdout }: ChildProcess, receive: (message: Message, at: number) => void): void {
  let buffer: Buffer = Buffer.alloc(0);
  stdout?.on('data', (chunk: Buffer) => {
    const at = performance.now();
    buffer = buffer.length === 0 ? chunk : Buffer.concat([buffer, chunk]);
    while (true) {
      const end = buffer.indexOf('\r\n\r\n');
      if (end === -1) return;
      const length = Number(/Content-Length: (\d+)/i.exec(buffer.toString('latin1', 0, end))?.[1]);
      if (buffer.length < end + 4 + length) return;
      const body = buffer.toString('utf8', end + 4, end + 4 + length);
      buffer = buffer.subarray(end + 4 + length);
      receive(JSON.parse(body) as Message, at);
    }
  });
}
