/** How the doctor's findings look: a mark, a name, a sentence that fits the terminal. */
import type { Surroundings } from './command.ts';
import { clean, wrap } from './terminal.ts';

/** `absent`: neither good nor bad, only not there. */
export type Verdict = 'good' | 'bad' | 'absent';

export interface DoctorReport {
  heading(text: string): void;
  line(verdict: Verdict, name: string, text: string): void;
}

/** Where the text of a line begins, behind its mark and name. */
const TEXT_COLUMN = 15;

export function createReport({ terminal }: Surroundings): DoctorReport {
  const marks = { good: ['green', '✓'], bad: ['red', '✗'], absent: ['gray', '–'] } as const;
  let isFirst = true;
  return {
    heading(text) {
      terminal.print(`${isFirst ? '' : '\n'}${terminal.style('bold', clean(text))}\n`);
      isFirst = false;
    },
    line(verdict, name, text) {
      const [color, mark] = marks[verdict];
      const words = wrap(clean(text), terminal.columns - TEXT_COLUMN).join(`\n${' '.repeat(TEXT_COLUMN)}`);
      terminal.print(`  ${terminal.style(color, mark)} ${name.padEnd(11)}${words}\n`);
    },
  };
}
