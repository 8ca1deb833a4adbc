/** Failures as the protocol has them: a cancel as -32800, everything a user can act on as -32803 with its kind. */
import { ErrorCodes, ResponseError } from 'vscode-jsonrpc/node';
import { AiError, isCancellation } from '../../domain/ai-error.ts';
import { type AiErrorData, aiErrorData } from '../../domain/ai-error-data.ts';
import { LSPErrorCodes } from '../protocol.ts';

export function requestCancelled(reason: string): ResponseError<undefined> {
  return new ResponseError(LSPErrorCodes.RequestCancelled, reason);
}

export function invalidParams(message: string): ResponseError<undefined> {
  return new ResponseError(ErrorCodes.InvalidParams, message);
}

/** For chat, embeddings and commands; a completion never fails towards the editor. */
export function responseError(error: unknown, signal: AbortSignal): ResponseError<AiErrorData | undefined> {
  if (signal.aborted || isCancellation(error)) return requestCancelled('The request was cancelled.');
  if (!(error instanceof AiError))
    return new ResponseError(ErrorCodes.InternalError, 'Something went wrong in the server; its log says what.');
  return new ResponseError<AiErrorData>(LSPErrorCodes.RequestFailed, error.message, aiErrorData(error));
}
