/** How handlers of LSP's own messages are registered: what makes no sense is told from what they can work with. */
import type {
  CancellationToken,
  HandlerResult,
  MessageConnection,
  NotificationType,
  RequestType,
} from 'vscode-jsonrpc/node';
import type { Log } from '../domain/ports.ts';
import { describeMistake } from './shape.ts';
import { shapeOf } from './standard-params.ts';
import { invalidParams } from './to-lsp/response-error.ts';

/** Params that are not as LSP has them are answered with what was expected, and never reach the handler. */
export function onRequest<Params, Result>(
  connection: MessageConnection,
  type: RequestType<Params, Result, void>,
  handle: (params: Params, token: CancellationToken) => HandlerResult<Result, void>,
): void {
  const shape = shapeOf(type.method);
  connection.onRequest(type, (params, token): HandlerResult<Result, void> => {
    const mistake = shape(params);
    if (mistake !== undefined) throw invalidParams(describeMistake(type.method, mistake));
    return handle(params, token);
  });
}

/** Nobody waits for an answer: the first such params of a method are logged, and `onMistake` is told of all of them. */
export function onNotification<Params>(
  { connection, log }: { readonly connection: MessageConnection; readonly log: Log },
  { method }: NotificationType<Params>,
  handle: (params: Params) => void,
  onMistake: (params: unknown) => void = () => undefined,
): void {
  const shape = shapeOf(method);
  let isTold = false;
  // By the name alone: the library would complain of absent params by itself, each time.
  connection.onNotification(method, (params: unknown) => {
    const mistake = shape(params);
    if (mistake === undefined) return handle(params as Params);
    if (!isTold) log.warn(describeMistake(method, mistake), { ignored: 'this one and those like it' });
    isTold = true;
    onMistake(params);
  });
}
