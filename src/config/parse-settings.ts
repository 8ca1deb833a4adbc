/** Reads the text of a settings file, the user's or a project's: JSON with comments. */
import { getNodeValue, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';

/** One mistake makes many: the first one is where to look. */
export function parseSettings(text: string): { readonly raw: unknown; readonly mistake: string | undefined } {
  const withoutMark = text.replace(/^\uFEFF/, '');
  const errors: ParseError[] = [];
  const tree = parseTree(withoutMark, errors, { allowTrailingComma: true, allowEmptyContent: true });
  // By way of the tree, because there `__proto__` stays a name like any other and can be reported.
  const [first] = errors;
  return { raw: tree && getNodeValue(tree), mistake: first && describeError(withoutMark, first) };
}

/** Half an address is dangerous to use and half an exclusion is not, so that alone is taken from a broken file. */
export function exclusionsOf(raw: unknown): unknown {
  const section = (name: string) => (typeof raw === 'object' && raw !== null ? Reflect.get(raw, name) : undefined);
  const { privacy, completion } = { privacy: section('privacy'), completion: section('completion') };
  const languages =
    typeof completion === 'object' && completion !== null ? Reflect.get(completion, 'languages') : undefined;
  return { privacy, completion: { languages } };
}

function describeError(text: string, { error, offset }: ParseError): string {
  const before = text.slice(0, offset).split(/\r\n|\r|\n/);
  const code = printParseErrorCode(error);
  const plain = code.replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
  return `${found[code] ?? plain} at ${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
}

/** What was found in place of what the library expected; completes "got …". */
const found: Readonly<Record<string, string>> = {
  InvalidSymbol: 'what is no JSON (names and text stand in double quotes)',
  PropertyNameExpected: 'no name in double quotes',
  ValueExpected: 'no value',
  ColonExpected: 'no colon',
  CommaExpected: 'no comma',
  CloseBraceExpected: 'no closing brace',
  CloseBracketExpected: 'no closing bracket',
  EndOfFileExpected: 'more behind the end',
  UnexpectedEndOfComment: 'a comment without an end',
  UnexpectedEndOfString: 'text without an end',
};
