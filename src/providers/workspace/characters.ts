/** Which UTF-16 units are word, space or operator: the one table that the lexer and the cursor's query must share. */

export const OPERATOR = 0;
export const WORD = 1;
export const SPACE = 2;

const ascii = new Uint8Array(128);
for (let unit = 0; unit < 128; unit++) {
  const character = String.fromCharCode(unit);
  if (/[\w$]/.test(character)) ascii[unit] = WORD;
  else if (unit <= 0x20 || unit === 0x7f) ascii[unit] = SPACE;
}

/** The class of a UTF-16 unit. Whatever is outside ASCII and not white space belongs to words. */
export function classOf(unit: number): number {
  if (unit < 128) return ascii[unit] as number;
  return isWideSpace(unit) ? SPACE : WORD;
}

function isWideSpace(unit: number): boolean {
  if (unit < 0x1680) return unit === 0x85 || unit === 0xa0;
  if (unit <= 0x200a) return unit === 0x1680 || unit >= 0x2000;
  return unit === 0x2028 || unit === 0x2029 || unit === 0x202f || unit === 0x205f || unit === 0x3000 || unit === 0xfeff;
}
