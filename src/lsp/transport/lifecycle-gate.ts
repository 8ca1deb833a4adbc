/**
 * Stands between the reader and the library's connection and enforces the order that LSP prescribes: `initialize` first and once,
 * nothing after `shutdown` but `exit`. It also keeps away what the library would choke on. It never knows streams or handlers.
 */
import { ErrorCodes, type Message, type ResponseMessage } from 'vscode-jsonrpc/node';
import type { Log } from '../../domain/ports.ts';
import type { Stage } from './early-outbox.ts';
import { classifyMessage, type Envelope, type NotificationEnvelope, type RequestEnvelope } from './message-shape.ts';

/** Messages that may wait for the answer to `initialize`, from a client that does not. */
const MAX_HELD = 1000;

export interface LifecycleGateOptions {
  readonly log: Log;
  readonly forward: (message: Message) => void;
  readonly reply: (response: ResponseMessage) => void;
  /** The process that `initialize` named, or null. */
  readonly onProcessId: (processId: number | null) => void;
  readonly onExit: () => void;
}

export interface LifecycleGate {
  receive(message: object): void;
  /** Whether this message, which goes out, makes the session begin. */
  answersInitialize(message: Message): boolean;
  /** To be told of every message that goes out. */
  sent(message: Message): void;
  readonly stage: Stage;
  /** `asked` before its answer went out, `answered` after. */
  readonly shutdown: 'no' | 'asked' | 'answered';
}

type RequestId = string | number;
type Phase =
  | { readonly kind: 'new' }
  | { readonly kind: 'initializing'; readonly id: RequestId; readonly held: Envelope[] }
  | { readonly kind: 'running' }
  | { readonly kind: 'shut-down'; readonly id: RequestId; readonly isAnswered: boolean };

interface Refusal {
  readonly code: number;
  readonly message: string;
}

const NOT_INITIALIZED: Refusal = {
  code: ErrorCodes.ServerNotInitialized,
  message: 'The server is not initialized yet.',
};
const INITIALIZED: Refusal = { code: ErrorCodes.InvalidRequest, message: 'The server is already initialized.' };
const SHUT_DOWN: Refusal = { code: ErrorCodes.InvalidRequest, message: 'The server was shut down.' };
const NO_PARAMS: Refusal = { code: ErrorCodes.InvalidParams, message: 'initialize needs an object as its params.' };

export function createLifecycleGate(options: LifecycleGateOptions): LifecycleGate {
  const { log, forward } = options;
  let phase: Phase = { kind: 'new' };
  /** The reasons that were given. */
  const told = new Set<string>();

  function refuse(id: RequestId | null, error: Refusal): void {
    options.reply({ jsonrpc: '2.0', id, error });
  }

  function receiveRequest(request: RequestEnvelope): void {
    const refusal = refusalFor(phase, request);
    if (refusal !== undefined) {
      refuse(request.id, refusal);
    } else if (request.method === 'initialize') {
      initialize(request);
    } else {
      if (request.method === 'shutdown') phase = { kind: 'shut-down', id: request.id, isAnswered: false };
      forward(request.message);
    }
  }

  function initialize({ id, message, params }: RequestEnvelope): void {
    phase = { kind: 'initializing', id, held: [] };
    const { processId, capabilities, ...others } = isRecord(params) ? params : {};
    options.onProcessId(typeof processId === 'number' ? processId : null);
    const safeParams = { ...others, processId: null, capabilities: isRecord(capabilities) ? capabilities : {} };
    const safeMessage: Message & { params: unknown } = { ...message, params: safeParams };
    forward(safeMessage);
  }

  function receiveNotification({ method, message }: NotificationEnvelope): void {
    if (method === 'exit') options.onExit();
    else if (phase.kind === 'running' || (phase.kind === 'shut-down' && method === '$/cancelRequest')) forward(message);
    else log.debug('a notification came when none is allowed', { method });
  }

  function dispatch(envelope: Envelope): void {
    switch (envelope.kind) {
      case 'request':
        receiveRequest(envelope);
        break;
      case 'notification':
        receiveNotification(envelope);
        break;
      case 'response':
        forward(envelope.message);
        break;
      case 'invalid-request':
        log.warn('the editor sent an invalid request', { reason: envelope.message });
        refuse(envelope.id, { code: envelope.code, message: envelope.message });
        break;
      case 'ignored':
        // Once: a client that sends such a thing sends it at every key.
        log[told.has(envelope.reason) ? 'debug' : 'warn']('the editor sent a message that is none', {
          reason: envelope.reason,
        });
        told.add(envelope.reason);
        break;
    }
  }

  function hold(envelope: Envelope, held: Envelope[]): void {
    if (held.length < MAX_HELD) held.push(envelope);
    else if (envelope.kind === 'request') refuse(envelope.id, NOT_INITIALIZED);
  }

  function endInitializing(held: readonly Envelope[], answer: Message): void {
    // After a refused `initialize` the client may try again.
    phase = { kind: 'error' in answer ? 'new' : 'running' };
    for (const envelope of held) dispatch(envelope);
  }

  return {
    receive(message) {
      const envelope = classifyMessage(message);
      if (phase.kind === 'initializing' && mustWait(envelope)) hold(envelope, phase.held);
      else dispatch(envelope);
    },
    answersInitialize(message) {
      return phase.kind === 'initializing' && 'result' in message && 'id' in message && message.id === phase.id;
    },
    sent(message) {
      if (!('id' in message) || 'method' in message) return;
      if (phase.kind === 'initializing' && message.id === phase.id) endInitializing(phase.held, message);
      else if (phase.kind === 'shut-down' && message.id === phase.id) phase = { ...phase, isAnswered: true };
    },
    get stage() {
      return phase.kind === 'new' || phase.kind === 'initializing' ? phase.kind : 'initialized';
    },
    get shutdown() {
      if (phase.kind !== 'shut-down') return 'no';
      return phase.isAnswered ? 'answered' : 'asked';
    },
  };
}

function refusalFor(phase: Phase, { method, params }: RequestEnvelope): Refusal | undefined {
  if (phase.kind === 'shut-down') return SHUT_DOWN;
  if (method !== 'initialize') return phase.kind === 'new' ? NOT_INITIALIZED : undefined;
  if (phase.kind !== 'new') return INITIALIZED;
  return isRecord(params) ? undefined : NO_PARAMS;
}

/** While `initialize` is being answered the rest waits its turn, as if the client had waited; a second `initialize` is refused at once. */
function mustWait(envelope: Envelope): boolean {
  if (envelope.kind === 'request') return envelope.method !== 'initialize';
  return envelope.kind === 'notification' && envelope.method !== 'exit';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
