/** Reads the params of our own methods. The schemas are loaded with the first of them: editors that only complete never pay for it. */
import type { output } from 'zod';
import type { protocolMethods } from '../domain/protocol-schema.ts';
import { invalidParams } from './to-lsp/response-error.ts';

type Methods = typeof protocolMethods;
export type MethodName = keyof Methods;
export type ParamsOf<Name extends MethodName> = output<Methods[Name]['params']>;

/** Rejects with an error that names what is wrong. Absent params count as empty ones. */
export async function readParams<Name extends MethodName>(method: Name, raw: unknown): Promise<ParamsOf<Name>> {
  const { prettifyError, protocolMethods } = await import('../domain/protocol-schema.ts');
  const params = protocolMethods[method].params.safeParse(raw ?? {});
  if (!params.success) throw invalidParams(`${method}: ${prettifyError(params.error)}`);
  return params.data as ParamsOf<Name>;
}
