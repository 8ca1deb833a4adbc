/** What a team's key is used for, each by a key of its own: telling which calls are the same, and sealing what is stored. */
export interface TeamKeys {
  /** For the keys of answers. */
  readonly naming: Uint8Array;
  /** For AES-256-GCM. */
  readonly sealing: Uint8Array;
}

/** A shorter one could be guessed by whoever reads the server. Characters. */
export const SHORTEST_TEAM_KEY = 32;

/** Derived by HKDF-SHA-256 (RFC 5869): one can be known without the other. */
export function teamKeys(teamKey: string): TeamKeys {
  const { hkdfSync } = process.getBuiltinModule('node:crypto');
  const derive = (use: string) => new Uint8Array(hkdfSync('sha256', teamKey, 'inkling', use, 32));
  return { naming: derive('names of answers, 1'), sealing: derive('sealed answers, 1') };
}
