/** The error for what answers in a provider's place: a captive portal, a proxy's page, or another program at that address. */
import { AiError } from '../../domain/ai-error.ts';
import type { HeaderReader } from './retry-hints.ts';

/** A page with one of these says nothing about key or model. Others may: a gateway asks for its password by a page, too. */
const pageStatuses: ReadonlySet<number | undefined> = new Set([400, 403, 404, 405]);

/** `header` and `status` of the answer, where they are known, say what it was. */
export function foreignAnswer(provider: string, header?: HeaderReader, status?: number): AiError {
  const reason = status === undefined ? '' : ` (${status})`;
  const message = `What answers at the address of ${provider} is not its API${whatOf(header)}. Check baseUrl, and whether a proxy or login page stands between.${reason}`;
  return new AiError('server', provider, message, { ...(status !== undefined && { status }), retryable: false });
}

/** Whether an error answer is a page: APIs answer in JSON. */
export function isPage(status: number | undefined, header: HeaderReader): boolean {
  return pageStatuses.has(status) && /html|xml/.test(typeOf(header));
}

const words: readonly (readonly [RegExp, string])[] = [
  [/html/, 'a web page'],
  [/xml/, 'XML'],
  [/json/, 'other JSON'],
  [/^text\/plain/, 'plain text'],
];

function whatOf(header: HeaderReader | undefined): string {
  if (header === undefined) return '';
  const what = words.find(([pattern]) => pattern.test(typeOf(header)))?.[1];
  if (what === undefined) return '';
  // The name alone, and only letters: what comes from there is not to be trusted.
  const server = /^[A-Za-z][A-Za-z.-]{1,30}(?![\w+])/.exec(header('server') ?? '')?.[0];
  return ` but ${what}${server === undefined ? '' : ` by ${server}`}`;
}

function typeOf(header: HeaderReader): string {
  return (header('content-type') ?? '').toLowerCase();
}
