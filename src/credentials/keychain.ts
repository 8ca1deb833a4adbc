/**
 * The keychain of the operating system as a store of keys: macOS's, Windows' credential manager, the Secret Service on
 * Linux. Apart from how it is asked, because whoever asks it has to be answered in time, whatever it does.
 */
import type { Clock } from '../domain/ports.ts';
import { type AskKeychain, askKeychain, type KeychainQuestion } from './ask-keychain.ts';
import { type KeyStore, StoreUnavailable } from './key-store.ts';

export interface KeychainOptions {
  readonly clock: Clock;
  /** Milliseconds one question may take; 5,000 where nobody says. A locked keychain asks its user, and answers when they come back. */
  readonly patience?: number;
  /** A test's own; the system's where it is left out. */
  readonly ask?: AskKeychain;
  /**
   * Called when a question is answered after it was given up, as when somebody unlocks the keychain at leisure. Without it
   * a question that is given up is ended.
   */
  onLateAnswer?(): void;
}

const USUAL_PATIENCE = 5_000;
/** Milliseconds for which a question that was given up may still be answered: its user is perhaps looking for a password. */
const LEISURE = 120_000;

export function createKeychain({ clock, ask = askKeychain, onLateAnswer, ...options }: KeychainOptions): KeyStore {
  const patience = options.patience ?? USUAL_PATIENCE;

  /** Whatever goes wrong means that the keychain cannot be asked, never that it holds nothing. */
  async function question(asked: KeychainQuestion, signal: AbortSignal): Promise<string | null> {
    signal.throwIfAborted();
    const own = new AbortController();
    const answer = ask(asked, own.signal);
    let timer: ReturnType<Clock['setTimeout']> | undefined;
    let stop: () => void = () => undefined;
    const limit = new Promise<'late'>((resolve, reject) => {
      timer = clock.setTimeout(() => resolve('late'), patience);
      stop = () => reject(signal.reason);
      signal.addEventListener('abort', stop, { once: true });
    });
    try {
      const first = await Promise.race([answer.then((value) => ({ value })), limit]);
      if (first !== 'late') return first.value;
    } catch (error) {
      own.abort();
      signal.throwIfAborted();
      throw unavailable(error);
    } finally {
      clock.clearTimeout(timer);
      signal.removeEventListener('abort', stop);
    }
    if (onLateAnswer === undefined) own.abort();
    const end = clock.setTimeout(() => own.abort(), LEISURE);
    answer.then(onLateAnswer, () => undefined).finally(() => clock.clearTimeout(end));
    throw unavailable(new Error(`it did not answer within ${patience / 1000} s`));
  }

  return {
    name: 'keychain',
    read: async (account, signal) => (await question({ question: 'read', account }, signal)) ?? undefined,
    async write(account, value, signal) {
      const kept = await question({ question: 'write', account, value }, signal);
      if (kept !== value) throw unavailable(new Error('it did not keep what was stored'));
    },
    async remove(account, signal) {
      await question({ question: 'remove', account }, signal);
    },
  };
}

/** The sentence of the keychain itself is in the brackets: it names causes, such as a prompt that was dismissed. */
function unavailable(error: unknown): StoreUnavailable {
  const cause = error instanceof Error ? error.message.replaceAll(/\s+/g, ' ').trim() : String(error);
  return new StoreUnavailable(`The system's keychain is not available (${cause.slice(0, 200)}).`);
}
