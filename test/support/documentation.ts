/** The code blocks of a page of the manual, so that tests can hold the page to what it shows. */
import { readFileSync } from 'node:fs';

/** In the order of the page, each without its fences. */
export function codeBlocks(page: string, language: string): readonly string[] {
  const text = readFileSync(new URL(`../../docs/${page}`, import.meta.url), 'utf8');
  return [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].flatMap(([, said, code = '']) =>
    said === language ? [code] : [],
  );
}
