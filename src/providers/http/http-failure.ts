/** An HTTP error answer on its way to the adapter that knows what the vendor means by it. Never leaves `providers/`. */
import { AiError } from '../../domain/ai-error.ts';
import { readText } from './bounded-body.ts';
import { parseJson } from './json.ts';
import type { HeaderReader } from './retry-hints.ts';
import type { TransportResponse } from './transport.ts';

/** The message is constant: a body may repeat the key or the user's text, and SDKs read messages. */
export class HttpFailure extends Error {
  override readonly name = 'HttpFailure';
  readonly status: number;
  /** The body as JSON; `undefined` where it is none, such as a proxy's page. */
  readonly body: unknown;
  readonly header: HeaderReader;

  constructor(status: number, body: unknown, header: HeaderReader) {
    super('The server answered with an error.');
    this.status = status;
    this.body = body;
    this.header = header;
  }
}

/** The answer, or its error with the body read. */
export async function throwFailure(answer: TransportResponse): Promise<TransportResponse> {
  if (answer.status < 400) return answer;
  throw new HttpFailure(answer.status, parseJson(await readText(answer.body)), answer.header);
}

/** The failure or error of ours at the bottom of what an SDK threw. */
export function knownCause(thrown: unknown): AiError | HttpFailure | undefined {
  let error: unknown = thrown;
  for (let depth = 0; depth < 5 && error instanceof Error; depth++) {
    if (error instanceof AiError || error instanceof HttpFailure) return error;
    error = error.cause;
  }
  return undefined;
}
