/** What counts as a word when two pieces of code are compared: names, without what every program says. */

/** Matches a line end or a name. Letters beyond ASCII are taken whole, which is cheap and right for names. */
export const wordOrLineEnd =
  /\r\n?|\n|[A-Za-z_$\u0080-\u1fff\u2030-\ud7ff\uf900-\uffef][\w$\u0080-\u1fff\u2030-\ud7ff\uf900-\uffef]*/g;

/** Longer ones are data: hashes, encoded files. */
const MAX_LENGTH = 64;

const common: ReadonlySet<string> = new Set(
  (
    'abstract and any as assert async await auto bool boolean break byte case catch char class const constexpr continue ' +
    'def default defer del delete do double elif else elseif end enum error except export extends extern false final ' +
    'finally float fn for foreach from func function get global goto if impl implements import in include inline int ' +
    'interface into is it lambda let local long loop match mod module mut namespace new nil none not null number of ' +
    'operator or override package pass private protected pub public raise ref require return self set short signed ' +
    'sizeof static str string struct super switch template test the then this throw throws to trait true try type ' +
    'typedef typename typeof undefined union unsigned use using val value var virtual void volatile where while with yield'
  ).split(' '),
);

export function isTelling(word: string): boolean {
  return word.length > 1 && word.length <= MAX_LENGTH && !common.has(word.toLowerCase());
}

export function identifiersOf(text: string): Set<string> {
  const words = new Set<string>();
  for (const word of text.match(wordOrLineEnd) ?? []) if (isTelling(word)) words.add(word);
  return words;
}
