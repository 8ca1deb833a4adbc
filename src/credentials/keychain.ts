/**
 * The keychain of the operating system: macOS's, Windows' credential manager, the Secret Service on Linux. The native
 * package behind it is loaded by the first question. Apart because everything about it may fail, hang or be missing.
 */
import { createRequire } from 'node:module';
import type { Clock } from '../domain/ports.ts';
import { type KeyStore, StoreUnavailable } from './key-store.ts';

/** What of the native package is used. */
export interface KeychainEntry {
  getPassword(signal?: AbortSignal): Promise<string | null | undefined>;
  setPassword(password: string, signal?: AbortSignal): Promise<void>;
  deletePassword(signal?: AbortSignal): Promise<unknown>;
}
export type OpenEntry = (service: string, account: string) => KeychainEntry;

export interface KeychainOptions {
  readonly clock: Clock;
  /** Milliseconds one question may take; 5,000 where nobody says. A locked keychain asks its user, and answers when they come back. */
  readonly patience?: number;
  /** Throws where the package is not installed. */
  readonly load?: () => OpenEntry;
  /** Called when a question is answered after it was given up, as when somebody unlocks the keychain at leisure. */
  onLateAnswer?(): void;
}

const USUAL_PATIENCE = 5_000;
const SERVICE = 'inkling-language-server';

export function createKeychain({ clock, load = loadPackage, onLateAnswer, ...options }: KeychainOptions): KeyStore {
  const patience = options.patience ?? USUAL_PATIENCE;
  let opened: OpenEntry | undefined;

  function entry(account: string): KeychainEntry {
    opened ??= load();
    return opened(SERVICE, account);
  }

  /** Whatever is thrown means that the keychain cannot be asked, never that it holds nothing. */
  async function ask<Answer>(
    account: string,
    signal: AbortSignal,
    question: (entry: KeychainEntry, own: AbortSignal) => Promise<Answer>,
  ): Promise<Answer> {
    signal.throwIfAborted();
    const own = new AbortController();
    let givenUp = false;
    let timer: ReturnType<Clock['setTimeout']> | undefined;
    let stop: () => void = () => undefined;
    try {
      const answer = question(entry(account), own.signal);
      const noticed = () => {
        if (givenUp) onLateAnswer?.();
      };
      answer.then(noticed, noticed);
      const limit = new Promise<never>((_, reject) => {
        timer = clock.setTimeout(() => reject(new Error(`it did not answer within ${patience / 1000} s`)), patience);
        stop = () => reject(signal.reason);
        signal.addEventListener('abort', stop, { once: true });
      });
      return await Promise.race([answer, limit]);
    } catch (error) {
      givenUp = true;
      signal.throwIfAborted();
      throw unavailable(error);
    } finally {
      clock.clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      // What has not begun never begins; what waits for the user goes on waiting.
      own.abort();
    }
  }

  return {
    name: 'keychain',
    read: async (account, signal) => (await ask(account, signal, (one, own) => one.getPassword(own))) ?? undefined,
    async write(account, value, signal) {
      await ask(account, signal, (one, own) => one.setPassword(value, own));
      const kept = await ask(account, signal, (one, own) => one.getPassword(own));
      if (kept !== value) throw unavailable(new Error('it did not keep what was stored'));
    },
    async remove(account, signal) {
      await ask(account, signal, (one, own) => one.deletePassword(own));
    },
  };
}

/** The sentence of the keychain itself is in the brackets: it names causes, such as a prompt that was dismissed. */
function unavailable(error: unknown): StoreUnavailable {
  const cause = error instanceof Error ? error.message.replaceAll(/\s+/g, ' ').trim() : String(error);
  return new StoreUnavailable(`The system's keychain is not available (${cause.slice(0, 200)}).`);
}

/**
 * By `require`, which finds it from where the program lies, never from a workspace. Pinned: the package's second choice on
 * Linux is the kernel's keyring, which every program of the user can read and a restart empties.
 */
function loadPackage(): OpenEntry {
  const { AsyncEntry } = requirePackage();
  return (service, account) => new AsyncEntry(service, account, { linux: { store: 'secret-service' } });
}

function requirePackage(): typeof import('@napi-rs/keyring') {
  try {
    return createRequire(import.meta.url)('@napi-rs/keyring');
  } catch {
    throw new Error('its package @napi-rs/keyring is not installed or does not run here');
  }
}
