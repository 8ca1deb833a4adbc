/** How two secrets are told apart without showing either. */

/** The first eight hexadecimal digits of the SHA-256: enough to see a change, too little to guess a key from. */
export function fingerprint(secret: string): string {
  // Not imported: every start would load it, and most have no secret to show.
  const { createHash } = process.getBuiltinModule('node:crypto');
  return createHash('sha256').update(secret).digest('hex').slice(0, 8);
}
