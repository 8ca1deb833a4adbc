/** Documents of the floors: one plain string each, edited by searching for line ends. */

export interface Position {
  readonly line: number;
  readonly character: number;
}

export interface ContentChange {
  readonly range?: { readonly start: Position; readonly end: Position };
  readonly text: string;
}

const documents = new Map<string, string>();

export function open(uri: string, text: string): void {
  documents.set(uri, text);
}

export function change(uri: string, changes: readonly ContentChange[]): void {
  let text = documents.get(uri) ?? '';
  for (const { range, text: inserted } of changes) {
    if (range === undefined) text = inserted;
    else text = text.slice(0, offsetAt(text, range.start)) + inserted + text.slice(offsetAt(text, range.end));
  }
  documents.set(uri, text);
}

/** What is sent of the text around a place: 4 KB before it and 2 KB after. */
export function textAround(uri: string, position: Position): { readonly prefix: string; readonly suffix: string } {
  const text = documents.get(uri) ?? '';
  const offset = offsetAt(text, position);
  return { prefix: text.slice(Math.max(0, offset - 4096), offset), suffix: text.slice(offset, offset + 2048) };
}

function offsetAt(text: string, { line, character }: Position): number {
  let start = 0;
  for (let passed = 0; passed < line; passed += 1) {
    const end = text.indexOf('\n', start);
    if (end === -1) return text.length;
    start = end + 1;
  }
  return start + character;
}
