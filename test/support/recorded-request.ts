/** A request as a fixture can hold it: what changes from run to run is named instead. */
import type { FakeRequest } from './fake-provider.ts';

/** `what` says in one sentence what the fixture shows. */
export function recordedRequest(what: string, request: FakeRequest | undefined): string {
  if (request === undefined) throw new Error('Nothing was sent.');
  const headers = Object.entries(request.headers)
    .map(([name, value]) => `${name}: ${name === 'host' ? 'HOST' : value}`)
    .filter((line) => !line.startsWith('content-length'))
    .sort();
  const body = request.text === '' ? '' : `\n\n${JSON.stringify(JSON.parse(request.text), null, 2)}`;
  return `# ${what}\n${request.method} ${request.path}\n${headers.join('\n')}${body}\n`;
}
