/** Entries as a server may see them: unreadable, and worthless in any other place or from anybody else. */
export interface Seal {
  /** `place`: the key it is stored at. */
  seal(place: string, text: string): Buffer;
  /** `undefined` for what was not sealed by this key for this place, or was changed since. */
  open(place: string, sealed: Uint8Array): string | undefined;
}

const ALGORITHM = 'aes-256-gcm';
/** The first byte of an entry. */
const VERSION = 1;
/** NIST SP 800-38D, 8.2.2: random ones of 96 bits are safe for 2^32 entries of one key. */
const NONCE = 12;
const TAG = 16;
const HEAD = 1 + NONCE + TAG;

export function createSeal(key: Uint8Array): Seal {
  const { createCipheriv, createDecipheriv, randomBytes } = process.getBuiltinModule('node:crypto');
  return {
    seal(place, text) {
      const nonce = randomBytes(NONCE);
      const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG }).setAAD(Buffer.from(place));
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return Buffer.concat([Buffer.of(VERSION), nonce, cipher.getAuthTag(), body]);
    },
    open(place, sealed) {
      if (sealed.length < HEAD || sealed[0] !== VERSION) return undefined;
      const nonce = sealed.subarray(1, 1 + NONCE);
      const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG }).setAAD(Buffer.from(place));
      decipher.setAuthTag(sealed.subarray(1 + NONCE, HEAD));
      try {
        return Buffer.concat([decipher.update(sealed.subarray(HEAD)), decipher.final()]).toString('utf8');
      } catch {
        return undefined;
      }
    },
  };
}
