/** Tells what a JSON object is to JSON-RPC, by its shape alone, and what to answer when it is nothing. */
import { ErrorCodes, type Message } from 'vscode-jsonrpc/node';

export interface RequestEnvelope {
  readonly kind: 'request';
  readonly id: string | number;
  readonly method: string;
  readonly params: unknown;
  readonly message: Message;
}

export interface NotificationEnvelope {
  readonly kind: 'notification';
  readonly method: string;
  readonly message: Message;
}

export type Envelope =
  | RequestEnvelope
  | NotificationEnvelope
  | { readonly kind: 'response'; readonly message: Message }
  /** To be answered with this error. */
  | {
      readonly kind: 'invalid-request';
      readonly id: string | number | null;
      readonly code: number;
      readonly message: string;
    }
  | { readonly kind: 'ignored'; readonly reason: string };

interface Candidate {
  readonly id?: unknown;
  readonly method?: unknown;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: unknown;
}

export function classifyMessage(value: object): Envelope {
  const candidate: Candidate = value;
  const message = value as Message;
  const { id, method, params } = candidate;
  if (method === undefined && ('result' in candidate || 'error' in candidate))
    return classifyResponse(candidate, message);
  if (typeof method !== 'string') return invalidRequest(id, ErrorCodes.InvalidRequest, 'The method must be a string.');
  if (id === undefined) return classifyNotification(method, params, message);
  if (!isId(id)) return invalidRequest(null, ErrorCodes.InvalidRequest, 'The id must be a string or a number.');
  if (!isStructured(params))
    return invalidRequest(id, ErrorCodes.InvalidParams, 'The params must be an object or an array.');
  return { kind: 'request', id, method, params, message: params === null ? withoutParams(value) : message };
}

/** The library hands null on to handlers that read it as an object; of a request without params it knows what to say. */
function withoutParams(value: { readonly params?: unknown }): Message {
  const { params: _none, ...rest } = value;
  return rest as Message;
}

/** The library takes a response without an id, or without a usable result or error, for a failure worth telling the user. */
function classifyResponse({ id, result, error }: Candidate, message: Message): Envelope {
  const isAnswer = result !== undefined || (typeof error === 'object' && error !== null);
  if (isId(id) && isAnswer) return { kind: 'response', message };
  return { kind: 'ignored', reason: 'a response without an id or a result' };
}

function classifyNotification(method: string, params: unknown, message: Message): Envelope {
  if (!isStructured(params)) return { kind: 'ignored', reason: 'a notification whose params are no object or array' };
  if (method === '$/cancelRequest' && !holds('id', params))
    return { kind: 'ignored', reason: 'a cancellation without an id' };
  if (method === '$/progress' && !holds('token', params))
    return { kind: 'ignored', reason: 'progress without a token' };
  return { kind: 'notification', method, message };
}

function invalidRequest(id: unknown, code: number, message: string): Envelope {
  return { kind: 'invalid-request', id: isId(id) ? id : null, code, message };
}

function isId(id: unknown): id is string | number {
  return typeof id === 'string' || typeof id === 'number';
}

function holds(name: 'id' | 'token', params: unknown): boolean {
  return typeof params === 'object' && params !== null && isId(Reflect.get(params, name));
}

/** JSON-RPC has objects and arrays; several clients send null where they have none. */
function isStructured(params: unknown): boolean {
  return params === undefined || typeof params === 'object';
}
