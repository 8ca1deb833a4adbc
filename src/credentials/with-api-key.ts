/**
 * A provider whose key has to be asked for: each call waits for the key, and is made once more where the provider refused
 * one key and there is another. Nothing stands around a provider whose key is at hand.
 */
import { AiError } from '../domain/ai-error.ts';
import type { AiProvider } from '../domain/ai-provider.ts';
import type { Secret } from '../domain/secret.ts';
import { type ProviderCall, wrapProvider } from '../domain/wrap-provider.ts';
import type { DistantKey, EntryKey, KeyPatience } from './entry-key.ts';

export function withApiKey(inner: AiProvider, key: EntryKey): AiProvider {
  const { distant } = key;
  return distant === undefined ? inner : withDistantKey(inner, key, distant);
}

function withDistantKey(inner: AiProvider, key: EntryKey, distant: DistantKey): AiProvider {
  /** The provider itself says what it thinks of having none. */
  function current(): Secret | undefined {
    try {
      return key.now();
    } catch {
      return undefined;
    }
  }

  /** Resolves where the call is worth another try; rejects with what it failed with. */
  async function recover(error: unknown, used: Secret | undefined): Promise<void> {
    if (used === undefined || !isKeyRefused(error)) throw error;
    if (!(await distant.refused(used))) throw inWords(error, distant);
  }

  const wrapped = wrapProvider(inner, {
    async unary(call, signal, run) {
      await distant.ready(patienceOf(call), signal);
      const used = current();
      try {
        const answer = await run(signal);
        if (used !== undefined) distant.worked(used);
        return answer;
      } catch (error) {
        await recover(error, used);
        return run(signal).catch((again: unknown) => {
          throw isKeyRefused(again) ? inWords(again, distant) : again;
        });
      }
    },
    async *stream(call, signal, open) {
      await distant.ready(patienceOf(call), signal);
      const used = current();
      let begun = false;
      try {
        for await (const chunk of open(signal)) {
          if (!begun && used !== undefined) distant.worked(used);
          begun = true;
          yield chunk;
        }
        return;
      } catch (error) {
        if (begun) throw error;
        await recover(error, used);
      }
      try {
        yield* open(signal);
      } catch (again) {
        throw isKeyRefused(again) ? inWords(again, distant) : again;
      }
    },
  });
  const { initialize, lastHealth } = wrapped;
  return {
    ...wrapped,
    ...(initialize && {
      async initialize(signal: AbortSignal) {
        await distant.ready('asking', signal);
        await initialize(signal);
      },
    }),
    ...(lastHealth && { lastHealth: () => distant.health() ?? lastHealth() }),
  };
}

function patienceOf(call: ProviderCall): KeyPatience {
  return call.feature === 'completion' && call.request.trigger === 'automatic' ? 'typing' : 'asking';
}

function isKeyRefused(error: unknown): error is AiError {
  return error instanceof AiError && error.kind === 'authentication';
}

/** Whose key it was: the provider itself only knows of settings and variables. */
function inWords(error: AiError, distant: DistantKey): AiError {
  const { kind, provider, status, requestId } = error;
  const message = `${distant.advice()}${status === undefined ? '' : ` (${status})`}`;
  return new AiError(kind, provider, message, {
    ...(status === undefined ? {} : { status }),
    ...(requestId === undefined ? {} : { requestId }),
  });
}
