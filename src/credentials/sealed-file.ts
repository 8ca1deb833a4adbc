/**
 * Keys in an encrypted file, for machines without a keychain. Sealed by a passphrase it is as safe as that; sealed by a
 * key file beside it, it only keeps keys from being read by accident: who can read both files has the keys.
 */
import type { CipherGCMTypes } from 'node:crypto';
import { type KeyStore, StoreUnavailable } from './key-store.ts';
import type { PrivateFolder } from './private-folder.ts';

export type SealedBy = 'passphrase' | 'keyFile';

export interface SealedFileOptions {
  readonly folder: PrivateFolder;
  /** The passphrase of the file that is there; `undefined` where nobody says it. Asked once. */
  passphrase(signal: AbortSignal): Promise<string | undefined>;
  /** For a file that is yet to be made: its passphrase, or `undefined` for a key file. */
  newPassphrase(signal: AbortSignal): Promise<string | undefined>;
}

interface SealedFile {
  readonly version: 1;
  readonly sealedBy: SealedBy;
  /** Base64; of scrypt. */
  readonly salt: string;
  /** Sealed nothing, which tells a wrong passphrase from a damaged entry. */
  readonly check: string;
  /** By account, base64. */
  readonly entries: Readonly<Record<string, string>>;
}

export const SEALED_FILE = 'sealed.json';
const KEY_FILE = 'sealing-key';
/** No account has this name. */
const CHECK = '';
const CIPHER: CipherGCMTypes = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** A quarter of a second of one processor, and 128 MB (RFC 7914 §2: 128·N·r bytes). */
const SCRYPT = { N: 2 ** 17, r: 8, p: 1, maxmem: 192 * 1024 * 1024 };

export function createSealedFile({ folder, passphrase, newPassphrase }: SealedFileOptions): KeyStore {
  /** Of the file with this salt: deriving it is made to take long. */
  let derived: { readonly salt: string; readonly key: Uint8Array } | undefined;

  async function load(signal: AbortSignal): Promise<SealedFile | undefined> {
    const text = await folder.read(SEALED_FILE, signal);
    return text === undefined ? undefined : parse(text, folder.path);
  }

  async function keyOf(file: SealedFile, signal: AbortSignal): Promise<Uint8Array> {
    if (derived?.salt === file.salt) return derived.key;
    const key = file.sealedBy === 'keyFile' ? await keyFromFile(signal) : await keyFromPassphrase(file, signal);
    if (open(key, CHECK, file.check) !== '') throw wrongKey(file, folder.path);
    derived = { salt: file.salt, key };
    return key;
  }

  async function keyFromFile(signal: AbortSignal): Promise<Uint8Array> {
    const text = await folder.read(KEY_FILE, signal);
    const key = Buffer.from(text ?? '', 'base64');
    if (key.length === KEY_BYTES) return key;
    throw new StoreUnavailable(
      `${folder.path} has lost its ${KEY_FILE}: the keys in it cannot be read. Store them again.`,
    );
  }

  async function keyFromPassphrase({ salt }: SealedFile, signal: AbortSignal): Promise<Uint8Array> {
    const said = await passphrase(signal);
    if (said !== undefined) return derive(said, salt);
    throw new StoreUnavailable(
      `The stored keys are sealed by a passphrase. Set INKLING_PASSPHRASE where the editor is started.`,
    );
  }

  async function create(signal: AbortSignal): Promise<SealedFile> {
    const { randomBytes } = process.getBuiltinModule('node:crypto');
    const salt = randomBytes(16).toString('base64');
    const said = await newPassphrase(signal);
    const key = said === undefined ? randomBytes(KEY_BYTES) : await derive(said, salt);
    if (said === undefined) await folder.write(KEY_FILE, Buffer.from(key).toString('base64'), signal);
    derived = { salt, key };
    const sealedBy = said === undefined ? 'keyFile' : 'passphrase';
    return { version: 1, sealedBy, salt, check: seal(key, CHECK, ''), entries: {} };
  }

  const save = (file: SealedFile, signal: AbortSignal) =>
    folder.write(SEALED_FILE, `${JSON.stringify(file, null, 2)}\n`, signal);

  async function read(account: string, signal: AbortSignal): Promise<string | undefined> {
    const file = await load(signal);
    const sealed = file?.entries[account];
    if (file === undefined || sealed === undefined) return undefined;
    const value = open(await keyOf(file, signal), account, sealed);
    if (value !== undefined) return value;
    throw new StoreUnavailable(`${folder.path} holds a damaged key. Store it again.`);
  }

  return {
    name: 'file',
    read,
    async write(account, value, signal) {
      const file = (await load(signal)) ?? (await create(signal));
      const sealed = seal(await keyOf(file, signal), account, value);
      await save({ ...file, entries: { ...file.entries, [account]: sealed } }, signal);
      if ((await read(account, signal)) !== value) throw new StoreUnavailable(`${folder.path} did not keep the key.`);
    },
    async remove(account, signal) {
      const file = await load(signal);
      if (file?.entries[account] === undefined) return;
      const { [account]: _, ...entries } = file.entries;
      await save({ ...file, entries }, signal);
    },
  };
}

function derive(passphrase: string, salt: string): Promise<Uint8Array> {
  const { scrypt } = process.getBuiltinModule('node:crypto');
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize('NFC'), Buffer.from(salt, 'base64'), KEY_BYTES, SCRYPT, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}

/** What is sealed for one account opens for no other: its name is authenticated with it. */
function seal(key: Uint8Array, account: string, value: string): string {
  const { createCipheriv, randomBytes } = process.getBuiltinModule('node:crypto');
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce).setAAD(Buffer.from(account));
  const text = Buffer.concat([cipher.update(value, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64');
}

/** `undefined` where it was sealed otherwise. */
function open(key: Uint8Array, account: string, sealed: string): string | undefined {
  const { createDecipheriv } = process.getBuiltinModule('node:crypto');
  const bytes = Buffer.from(sealed, 'base64');
  if (bytes.length < NONCE_BYTES + TAG_BYTES) return undefined;
  const [nonce, tag, text] = [
    bytes.subarray(0, NONCE_BYTES),
    bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES),
    bytes.subarray(NONCE_BYTES + TAG_BYTES),
  ];
  try {
    const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(account)).setAuthTag(tag);
    return Buffer.concat([decipher.update(text), decipher.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}

function wrongKey({ sealedBy }: SealedFile, path: string): StoreUnavailable {
  return new StoreUnavailable(
    sealedBy === 'passphrase'
      ? `The passphrase does not open the keys in ${path}.`
      : `The ${KEY_FILE} in ${path} does not open the keys beside it. Store them again.`,
  );
}

function parse(text: string, path: string): SealedFile {
  const damaged = new StoreUnavailable(
    `${path} holds a damaged file of keys: remove ${SEALED_FILE} and store them again.`,
  );
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw damaged;
  }
  if (typeof value !== 'object' || value === null) throw damaged;
  const { version, sealedBy, salt, check, entries } = value as Partial<Record<keyof SealedFile, unknown>>;
  const isKnown = version === 1 && (sealedBy === 'passphrase' || sealedBy === 'keyFile');
  if (!isKnown || typeof salt !== 'string' || typeof check !== 'string') throw damaged;
  if (typeof entries !== 'object' || entries === null) throw damaged;
  const texts = Object.entries(entries).filter((pair): pair is [string, string] => typeof pair[1] === 'string');
  return { version, sealedBy, salt, check, entries: Object.fromEntries(texts) };
}
