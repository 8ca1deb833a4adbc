/**
 * A model server for measuring: `/completions` of the OpenAI wire, streamed, with every event of a call stamped. Apart
 * from the tests' fake provider, which can do much more and takes longer to do it.
 */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Call {
  /** `performance.now()` when the whole request was here. */
  readonly receivedAt: number;
  /** Bytes of the request's body. */
  readonly bytes: number;
  /** Just before the first part of the answer was written. */
  firstByteAt?: number;
  /** Just before the first part with the end of a line was written. */
  firstNewlineAt?: number;
  /** Just before the end of the answer was written. */
  lastByteAt?: number;
  /** When the client closed the connection before the answer had ended. */
  abortedAt?: number;
  /** How many parts of the answer were written. */
  parts: number;
  /** Resolves when the call is over, whoever ended it. */
  readonly over: Promise<void>;
}

export type Answer =
  | { readonly kind: 'at-once'; readonly parts: readonly string[] }
  /** Milliseconds before the first part and between parts. */
  | { readonly kind: 'paced'; readonly parts: readonly string[]; readonly first: number; readonly every: number }
  /** Says no more than the parts, and never ends. */
  | { readonly kind: 'hang'; readonly parts: readonly string[] };

export interface Upstream {
  /** The base address, as a provider entry takes it. */
  readonly url: string;
  /** Every completion asked for so far, oldest first. */
  readonly calls: readonly Call[];
  readonly connections: number;
  answerWith(answer: Answer): void;
  /** The next call to come. */
  nextCall(): Promise<Call>;
  close(): Promise<void>;
}

export async function startUpstream(initial: Answer): Promise<Upstream> {
  const calls: Call[] = [];
  const waiting: ((call: Call) => void)[] = [];
  let answer = initial;
  let connections = 0;

  const server = createServer((request, response) => {
    const body: Buffer[] = [];
    request.on('data', (part: Buffer) => body.push(part));
    request.on('error', () => undefined);
    request.on('end', () => {
      if (request.method !== 'POST') return void response.writeHead(404).end();
      const call = begin(
        response,
        body.reduce((sum, part) => sum + part.length, 0),
      );
      calls.push(call);
      waiting.shift()?.(call);
      speak(call, response, answer);
    });
  });
  // Longer than any part takes: the server under test decides when a connection is given up.
  server.keepAliveTimeout = 120_000;
  server.on('connection', (socket) => {
    connections += 1;
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    calls,
    get connections() {
      return connections;
    },
    answerWith(next) {
      answer = next;
    },
    nextCall: () => new Promise((resolve) => waiting.push(resolve)),
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function begin(response: ServerResponse, bytes: number): Call {
  const call: Call = {
    receivedAt: performance.now(),
    bytes,
    parts: 0,
    over: new Promise((resolve) => {
      response.on('close', () => {
        if (!response.writableFinished) call.abortedAt = performance.now();
        resolve();
      });
    }),
  };
  return call;
}

function speak(call: Call, response: ServerResponse, answer: Answer): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.flushHeaders();
  if (answer.kind === 'paced') pace(call, response, answer);
  else sayAtOnce(call, response, answer);
}

function sayAtOnce(call: Call, response: ServerResponse, answer: Exclude<Answer, { kind: 'paced' }>): void {
  const text = answer.parts.map(frame).join('');
  call.firstByteAt = performance.now();
  call.parts = answer.parts.length;
  if (answer.kind === 'at-once') {
    call.lastByteAt = call.firstByteAt;
    response.end(text + ending);
  } else if (text !== '') response.write(text);
}

function pace(
  call: Call,
  response: ServerResponse,
  { parts, first, every }: Answer & { readonly kind: 'paced' },
): void {
  const say = () => {
    const part = parts[call.parts];
    if (part !== undefined) {
      call.firstByteAt ??= performance.now();
      if (part.includes('\n')) call.firstNewlineAt ??= performance.now();
      response.write(frame(part));
      call.parts += 1;
    }
    if (call.parts < parts.length) {
      timer = setTimeout(say, every);
      return;
    }
    call.lastByteAt = performance.now();
    response.end(ending);
  };
  let timer = setTimeout(say, first);
  response.on('close', () => clearTimeout(timer));
}

const envelope = { id: 'cmpl-bench', object: 'text_completion', created: 1, model: 'bench-model' };

function frame(text: string): string {
  return `data: ${JSON.stringify({ ...envelope, choices: [{ index: 0, text, finish_reason: null, logprobs: null }] })}\n\n`;
}

const last = { ...envelope, choices: [{ index: 0, text: '', finish_reason: 'stop', logprobs: null }] };
const ending = `data: ${JSON.stringify(last)}\n\ndata: [DONE]\n\n`;
