/** What another program, a compiler above all, says is wrong with some text, as the editor passes it on. */
import type { Range } from './text.ts';

export interface Problem {
  readonly range: Range;
  readonly message: string;
  /** Who says so, for example `ts`. */
  readonly source?: string;
}
