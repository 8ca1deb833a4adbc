/**
 * Finds llama.cpp's server where the settings name no address: its default port was 8080 for years and is becoming 9931.
 * Other programs like port 8080 too, so that nothing is sent before the one that answers has said what it is.
 */
import { AiError } from '../../domain/ai-error.ts';
import { rootAddress } from '../http/root-address.ts';
import type { HttpTransport } from '../http/transport.ts';

/** The old port first: what runs today mostly has it. */
export const defaultAddresses: readonly string[] = ['http://127.0.0.1:8080', 'http://127.0.0.1:9931'];

export interface ServerAddress {
  /** Rejects with `AiError`: `network` when none of the addresses is one, `cancelled` when the signal is aborted. */
  get(signal: AbortSignal): Promise<string>;
  /** The server did not answer: it may have been started anew elsewhere. */
  forget(): void;
}

export function createServerAddress(
  provider: string,
  fixed: string | undefined,
  transport: HttpTransport,
  candidates: readonly string[] = defaultAddresses,
): ServerAddress {
  const named = fixed === undefined ? undefined : rootAddress(fixed);
  let found: string | undefined;
  return {
    async get(signal) {
      const known = named ?? found;
      if (known !== undefined) return known;
      const others: string[] = [];
      for (const address of candidates) {
        const who = await whoAnswers(provider, address, transport, signal);
        if (who === 'llama.cpp') {
          found = address;
          return address;
        }
        if (who === 'another') others.push(address);
      }
      const another = others.length === 0 ? '' : `: on ${portsOf(others)} it is another program`;
      const advice = `Start llama-server, or set providers.${provider}.baseUrl.`;
      throw new AiError(
        'network',
        provider,
        `No llama.cpp server answers on port ${portsOf(candidates)} of this machine${another}. ${advice}`,
      );
    },
    forget() {
      found = undefined;
    },
  };
}

/** Asks without a key: `/health` wants none, and names the program in a header whatever it answers. */
async function whoAnswers(
  provider: string,
  address: string,
  transport: HttpTransport,
  signal: AbortSignal,
): Promise<'llama.cpp' | 'another' | 'nobody'> {
  const headers = { accept: 'application/json', 'user-agent': 'inkling-language-server' };
  try {
    const answer = await transport.request({ provider, method: 'GET', url: `${address}/health`, headers, signal });
    for await (const _ of answer.body);
    return /^llama\.cpp\b/i.test(answer.header('server') ?? '') ? 'llama.cpp' : 'another';
  } catch (error) {
    if (signal.aborted) throw error;
    return 'nobody';
  }
}

function portsOf(addresses: readonly string[]): string {
  return addresses.map((address) => new URL(address).port).join(' or ');
}
