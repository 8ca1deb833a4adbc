/** `inkling keys`: keys in the system's keychain or an encrypted file, each for the address it was stored for. */
import { StoreUnavailable } from '../credentials/key-store.ts';
import { nearestName } from '../util/nearest-name.ts';
import { type ParsedArguments, UsageError } from './arguments.ts';
import { type Command, CommandFailure, type Surroundings } from './command.ts';
import { finishRotation, getKey, removeKey, rotateKey, setKey } from './key-actions.ts';
import { type KeyDesk, openKeyDesk } from './key-desk.ts';
import { listKeys } from './key-list.ts';

type Action = (name: string, desk: KeyDesk, input: ParsedArguments, surroundings: Surroundings) => Promise<number>;

const actions: Readonly<Record<string, Action>> = {
  set: setKey,
  get: getKey,
  list: (_name, desk, input, surroundings) => listKeys(desk, input, surroundings),
  rotate: (name, desk, input, surroundings) =>
    (input.has('finish') ? finishRotation : rotateKey)(name, desk, input, surroundings),
  remove: removeKey,
};

const names = Object.keys(actions);

/** Which action an option belongs to; with another one it is a mistake. */
const optionsOf: Readonly<Record<string, readonly string[]>> = {
  store: ['set'],
  reveal: ['get'],
  finish: ['rotate'],
  json: ['get', 'list'],
};

export const keys: Command = {
  usage: `${names.join('|')} [PROVIDER] [--store keychain|file] [--reveal] [--finish] [--json]`,
  help:
    'Stores keys of providers. The key is asked for without being shown, or read from a pipe; it is never an argument.' +
    " set: stores one in the system's keychain, or in an encrypted file where there is none, for the address that the" +
    ' provider has now, and it is sent nowhere else. get: shows its fingerprint; the key itself with --reveal. list: which' +
    ' providers have a key, from where, since when and for which address. rotate: puts a new key in front of the stored' +
    ' one, which is kept until the new one has worked; a server that runs changes to it when the old one is refused.' +
    ' remove: forgets it. The passphrase of the encrypted file is read from INKLING_PASSPHRASE or asked for.',
  options: {
    store: { type: 'string', value: 'STORE', help: 'with set: "keychain" or "file"; the keychain if left out' },
    reveal: { type: 'boolean', help: 'with get: print the key itself' },
    finish: { type: 'boolean', help: 'with rotate: drop the old key now' },
    json: { type: 'boolean', help: 'with get and list: as JSON' },
  },
  arguments: { least: 1, most: 2 },
  async run(input, surroundings) {
    const [action = '', provider] = input.positionals;
    const act = Object.hasOwn(actions, action) ? actions[action] : undefined;
    if (act === undefined) throw new UsageError(noSuchAction(action));
    for (const [option, owners] of Object.entries(optionsOf)) {
      if (input.has(option) && !owners.includes(action)) {
        throw new UsageError(`--${option} belongs to "keys ${owners.join('" and "keys ')}".`);
      }
    }
    if (action === 'list' && provider !== undefined) throw new UsageError('"keys list" lists all of them.');
    if (action !== 'list' && provider === undefined) throw new UsageError(`Missing: keys ${action} PROVIDER.`);
    const desk = await openKeyDesk(input, surroundings);
    try {
      return await inWords(() => act(provider ?? '', desk, input, surroundings), surroundings.signal);
    } finally {
      await desk.audit.flush();
    }
  },
};

function noSuchAction(action: string): string {
  const near = nearestName(action, names);
  return `There is no "keys ${action}".${near === undefined ? ` Known: ${names.join(', ')}.` : ` Did you mean "keys ${near}"?`}`;
}

/** A store that cannot be asked is the user's to mend: one sentence and no more. */
async function inWords(work: () => Promise<number>, signal: AbortSignal): Promise<number> {
  try {
    return await work();
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof StoreUnavailable) throw new CommandFailure(error.message);
    throw error;
  }
}
