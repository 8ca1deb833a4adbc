/** A language client over the standard streams of a child process, small enough to read: what the demo shows, any editor sees. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';

export interface LspClient {
  /** Rejects with the server's error, or when the server ends. */
  request(method: string, params: unknown): Promise<unknown>;
  notify(method: string, params: unknown): void;
  onNotification(listener: (method: string, params: unknown) => void): void;
  /** Asks the server to end, and ends it if it does not. */
  close(): Promise<void>;
}

interface Message {
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

interface Pending {
  readonly method: string;
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/** Code units of what the server wrote to its log that an error shows. */
const LAST_WORDS = 2_000;
/** Milliseconds the server has to end by itself. */
const FAREWELL = 1_000;

/** The child is killed when the signal aborts. */
export function startLspServer(
  command: readonly [string, ...string[]],
  signal: AbortSignal,
  environment: NodeJS.ProcessEnv = process.env,
): LspClient {
  const [program, ...argv] = command;
  const child = spawn(program, argv, { stdio: 'pipe', env: environment });
  const pending = new Map<number, Pending>();
  const listeners: ((method: string, params: unknown) => void)[] = [];
  let lastId = 0;
  let lastWords = '';
  let ended: Error | undefined;

  function send(message: object): void {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message });
    if (ended === undefined) child.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  }

  function receive(message: Message): void {
    if (message.method !== undefined && message.id !== undefined) send({ id: message.id, result: answerTo(message) });
    else if (message.method !== undefined) for (const tell of listeners) tell(message.method, message.params);
    else settle(message);
  }

  function settle({ id, result, error }: Message): void {
    const waiting = pending.get(Number(id));
    pending.delete(Number(id));
    if (error === undefined) waiting?.resolve(result);
    else waiting?.reject(new Error(`${waiting.method}: ${error.message}`));
  }

  function end(reason: string): void {
    ended ??= new Error(`The server ${reason}. ${lastWords.trim()}`.trim());
    for (const { reject } of pending.values()) reject(ended);
    pending.clear();
  }

  const kill = () => child.kill('SIGKILL');
  signal.addEventListener('abort', kill, { once: true });
  child.stdin.on('error', () => undefined);
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    lastWords = (lastWords + text).slice(-LAST_WORDS);
  });
  child.on('error', (error) => end(`could not be started: ${error.message}`));
  child.on('close', (code, by) => {
    signal.removeEventListener('abort', kill);
    end(code === null ? `was ended by ${by}` : `ended with code ${code}`);
  });
  readMessages(child.stdout, receive, () => {
    end('wrote something that is no message');
    kill();
  });

  return {
    request: (method, params) =>
      new Promise((resolve, reject) => {
        if (ended !== undefined) return reject(ended);
        lastId += 1;
        pending.set(lastId, { method, resolve, reject });
        send({ id: lastId, method, params });
      }),
    notify: (method, params) => send({ method, params }),
    onNotification: (listener) => void listeners.push(listener),
    async close() {
      if (ended !== undefined) return;
      const timer = setTimeout(kill, FAREWELL);
      const closed = once(child, 'close');
      this.request('shutdown', undefined).then(
        () => send({ method: 'exit' }),
        () => undefined,
      );
      await closed;
      clearTimeout(timer);
    },
  };
}

/** A client with no settings of its own that allows whatever it is asked for. */
function answerTo({ method, params }: Message): unknown {
  if (method !== 'workspace/configuration') return null;
  const { items } = params as { readonly items: readonly unknown[] };
  return items.map(() => null);
}

function readMessages(
  output: ChildProcessWithoutNullStreams['stdout'],
  receive: (message: Message) => void,
  fail: () => void,
): void {
  let rest = Buffer.alloc(0);
  output.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      const headerEnd = rest.indexOf('\r\n\r\n');
      if (headerEnd < 0) return;
      const length = Number(/Content-Length: (\d+)/i.exec(rest.toString('latin1', 0, headerEnd))?.[1]);
      if (Number.isNaN(length)) return fail();
      const end = headerEnd + 4 + length;
      if (rest.length < end) return;
      const message = parse(rest.toString('utf8', headerEnd + 4, end));
      if (message === undefined) return fail();
      receive(message);
      rest = rest.subarray(end);
    }
  });
}

function parse(body: string): Message | undefined {
  try {
    return JSON.parse(body) as Message;
  } catch {
    return undefined;
  }
}
