/**
 * A key that has to be asked for: a stored one, or one that a program prints. It is asked for when a call first needs it,
 * kept in memory, and asked for again when the provider refuses it. Apart from where keys come from, which knows no time.
 */
import { AiError } from '../domain/ai-error.ts';
import type { Clock, Log } from '../domain/ports.ts';
import type { ProviderEntry } from '../domain/provider-entry.ts';
import type { Secret } from '../domain/secret.ts';
import { fingerprint } from '../util/fingerprint.ts';
import type { EntryKey, KeyDescription, KeyEvent, KeyPatience } from './entry-key.ts';
import type { RunKeyCommand } from './key-command.ts';
import type { StoredKeyRecord } from './key-index.ts';
import { StoreUnavailable } from './key-store.ts';
import { type DistantPlace, destinationOf, refuseKeyInTheOpen, toSecret } from './resolve-api-key.ts';
import type { StoredKeys } from './stored-keys.ts';

export interface DistantKeyTools {
  readonly clock: Clock;
  readonly log: Log;
  /** Loaded when it is first needed. */
  stored(): Promise<StoredKeys>;
  readonly runCommand: RunKeyCommand;
  onEvent(event: KeyEvent): void;
  /** Another key was stored after the provider refused the one before: it may be asked again. */
  onRenewed(provider: string): void;
}

interface KnownKey {
  readonly key: Secret;
  readonly source: string;
  /** Where it is the newest of two, for as long as nobody saw it work. */
  readonly unproved?: { readonly name: string; readonly newest: string };
}

/**
 * `expected`: there is one to ask for. `none`: nothing is stored. `failed`: whoever has it could not be asked, or it may
 * not be sent.
 */
type KeyState =
  | { readonly kind: 'unknown' | 'expected' }
  | { readonly kind: 'none'; readonly at: number }
  | ({ readonly kind: 'known' } & KnownKey)
  | { readonly kind: 'failed'; readonly error: AiError; readonly at: number };

/** Milliseconds an automatic completion waits for a key, and the others at most; the first is not felt. */
const TYPING_PATIENCE = 250;
const ASKING_PATIENCE = 12_000;
/** Milliseconds after which it is looked again whether a key was stored, and an unavailable keychain is asked again unasked. */
const LOOK_AGAIN = 1_000;
const ASK_AGAIN = 300_000;
/** Milliseconds between two looks whether another key was stored, after the provider refused the only one. */
const WATCH = 5_000;
/** Asking is not one call's: it goes on when that call ends. */
const forever = new AbortController().signal;

export function createDistantKey(entry: ProviderEntry, place: DistantPlace, tools: DistantKeyTools): EntryKey {
  const { clock, log } = tools;
  let state: KeyState = place.distant === 'command' ? { kind: 'expected' } : { kind: 'unknown' };
  let asking: Promise<void> | undefined;
  let renewing: Promise<void> | undefined;
  let watching: ReturnType<Clock['setTimeout']> | undefined;
  let isDisposed = false;

  const failure = (message: string) => new AiError('notConfigured', entry.id, message);

  function fail(error: unknown): void {
    const told = error instanceof AiError ? error : failure(inWords(error));
    if (state.kind !== 'failed' || state.error.message !== told.message) {
      log.warn('The key of a provider cannot be had.', { provider: entry.id, reason: told.message });
    }
    state = { kind: 'failed', error: told, at: clock.now() };
  }

  function inWords(error: unknown): string {
    if (!(error instanceof StoreUnavailable)) return `The key of provider "${entry.id}" cannot be read.`;
    return `The key of provider "${entry.id}" cannot be read. ${error.message} An explicit request asks again.`;
  }

  async function record(name: string): Promise<StoredKeyRecord | undefined> {
    const found = await (await tools.stored()).find(name, forever);
    if (found === undefined || found.origin === destinationOf(entry)) return found;
    throw failure(
      `The key stored as "${name}" is for ${found.origin}, and provider "${entry.id}" points to ${destinationOf(entry) ?? 'no address'}. ` +
        `It is sent nowhere else: to store one for this address, run "inkling keys set ${name}".`,
    );
  }

  /** From what stands in a file beside the settings: no keychain is asked. */
  async function look(): Promise<void> {
    if (place.distant === 'command' || state.kind === 'known') return;
    try {
      state = (await record(place.name)) === undefined ? { kind: 'none', at: clock.now() } : { kind: 'expected' };
    } catch (error) {
      fail(error);
    }
  }

  /** `undefined` where nothing is stored any more. Rejects with `StoreUnavailable` or `AiError`. */
  async function fetch(): Promise<KnownKey | undefined> {
    refuseKeyInTheOpen(entry);
    if (place.distant === 'command') {
      const source = `the program "${place.command[0]}"`;
      return { key: toSecret(entry, await tools.runCommand(place.command, forever), source), source };
    }
    const { name } = place;
    if ((await record(name)) === undefined) return undefined;
    const found = await (await tools.stored()).read(name, forever);
    if (found === undefined) return undefined;
    const source = sourceOf(found.record);
    const key = toSecret(entry, found.key.reveal(), source);
    const { previous, fingerprint: newest } = found.record;
    return { key, source, ...(previous && { unproved: { name, newest } }) };
  }

  async function ask(): Promise<void> {
    try {
      const found = await fetch();
      state = found === undefined ? { kind: 'none', at: clock.now() } : { kind: 'known', ...found };
    } catch (error) {
      fail(error);
    }
  }

  async function settle(patience: KeyPatience): Promise<void> {
    if (state.kind === 'unknown') await look();
    if (state.kind === 'none' && clock.now() - state.at >= LOOK_AGAIN) await look();
    const isTired = state.kind === 'failed' && patience === 'typing' && clock.now() - state.at < ASK_AGAIN;
    if (state.kind === 'known' || state.kind === 'none' || isTired) return;
    asking ??= ask().finally(() => {
      asking = undefined;
    });
    await asking;
  }

  /** What the store or the program says now, and the key before where that is the one refused. */
  async function renew(refused: Secret): Promise<void> {
    try {
      const current = await fetch();
      const found = current !== undefined && isSame(current.key, refused) ? await fetchPrevious() : current;
      if (found === undefined || isSame(found.key, refused)) return;
      state = { kind: 'known', ...found };
      log.info('The provider refused the key; another one takes its place.', { provider: entry.id });
      tools.onEvent({ action: 'switched', provider: entry.id, fingerprint: fingerprint(found.key.reveal()) });
    } catch (error) {
      log.warn('No other key could be asked for.', { provider: entry.id, reason: inWords(error) });
    }
  }

  /** Nobody calls a provider that refuses its key, so nobody would notice that its user has stored another one. */
  function watch(name: string, refused: string): void {
    if (isDisposed) return;
    watching = clock.setTimeout(async () => {
      watching = undefined;
      const found = await record(name).catch(() => undefined);
      if (isDisposed || state.kind !== 'known' || fingerprint(state.key.reveal()) !== refused) return;
      if (found === undefined || found.fingerprint === refused) return watch(name, refused);
      state = { kind: 'expected' };
      tools.onRenewed(entry.id);
    }, WATCH);
  }

  async function fetchPrevious(): Promise<KnownKey | undefined> {
    if (place.distant === 'command') return undefined;
    const found = await (await tools.stored()).readPrevious(place.name, forever);
    return found && { key: found.key, source: `${sourceOf(found.record)}, the one before the rotation` };
  }

  async function finish({ name, newest }: NonNullable<KnownKey['unproved']>): Promise<void> {
    try {
      if (!(await (await tools.stored()).finish(name, newest, forever))) return;
      log.info('The new key works; the one before was dropped.', { provider: entry.id });
      tools.onEvent({ action: 'finished', provider: entry.id, fingerprint: newest });
    } catch (error) {
      log.info('The key before the rotation could not be dropped.', { provider: entry.id, reason: String(error) });
    }
  }

  function describeNow(): KeyDescription {
    if (state.kind === 'known') return { source: state.source };
    if (state.kind === 'failed') return { refused: state.error.message };
    if (place.distant === 'command') return { source: `the program "${place.command[0]}"` };
    return place.needed ? { refused: place.missing } : { missing: place.missing };
  }

  return {
    now() {
      if (state.kind === 'known') return state.key;
      if (state.kind === 'failed') throw state.error;
      if (state.kind === 'expected') throw failure(`The key of provider "${entry.id}" is being asked for. Try again.`);
      if (place.distant === 'stored' && place.needed) throw failure(place.missing);
      return undefined;
    },
    async describe(signal) {
      await within(settle('asking'), ASKING_PATIENCE, clock, signal);
      return describeNow();
    },
    distant: {
      look,
      async glance() {
        await look();
        if (state.kind !== 'expected' || place.distant === 'command') return describeNow();
        const found = await (await tools.stored()).find(place.name, forever).catch(() => undefined);
        return found === undefined ? describeNow() : { source: sourceOf(found) };
      },
      async ready(patience, signal) {
        if (state.kind === 'known') return;
        await within(settle(patience), patience === 'typing' ? TYPING_PATIENCE : ASKING_PATIENCE, clock, signal);
      },
      async refused(key) {
        if (state.kind === 'known' && !isSame(state.key, key)) return true;
        renewing ??= renew(key).finally(() => {
          renewing = undefined;
        });
        await renewing;
        if (state.kind === 'known' && !isSame(state.key, key)) return true;
        if (place.distant === 'stored' && watching === undefined) watch(place.name, fingerprint(key.reveal()));
        return false;
      },
      worked(key) {
        if (state.kind !== 'known' || state.unproved === undefined || !isSame(state.key, key)) return;
        const { unproved, ...known } = state;
        state = known;
        void finish(unproved);
      },
      health() {
        if (state.kind === 'expected') return { state: 'ready' };
        return state.kind === 'failed' ? { state: 'unconfigured', message: state.error.message } : undefined;
      },
      advice() {
        const source = state.kind === 'known' ? ` from ${state.source}` : '';
        const remedy = place.distant === 'stored' ? ` Store another one: inkling keys set ${place.name}` : '';
        return `${entry.id} does not accept the key${source}.${remedy}`;
      },
      askAgain() {
        if (state.kind === 'failed') state = { kind: 'expected' };
      },
      dispose() {
        isDisposed = true;
        clock.clearTimeout(watching);
      },
    },
  };
}

/** For people, behind "from". */
export function sourceOf({ store, since }: StoredKeyRecord): string {
  const place = store === 'keychain' ? "the system's keychain" : 'the encrypted file of keys';
  return `${place}, stored ${since.slice(0, 10)}`;
}

function isSame(one: Secret, other: Secret): boolean {
  return one.reveal() === other.reveal();
}

/** Resolves when the work is done or the time is over, whatever comes first. Rejects when the signal is aborted. */
async function within(work: Promise<void>, milliseconds: number, clock: Clock, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  let timer: ReturnType<Clock['setTimeout']> | undefined;
  let stop: () => void = () => undefined;
  const limit = new Promise<void>((resolve, reject) => {
    timer = clock.setTimeout(resolve, milliseconds);
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    await Promise.race([work, limit]);
  } finally {
    clock.clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}
