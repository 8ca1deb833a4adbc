/** The tables as people read them: aligned for a terminal, and the same text is valid Markdown. */
import type { Row, Table } from './row.ts';

const headings = ['what', 'median', 'p90', 'p99', 'unit', 'n', 'floor', 'ratio', 'goal', ''] as const;
/** All columns but the name, the unit, the goal and the mark are numbers. */
const numeric: ReadonlySet<number> = new Set([1, 2, 3, 5, 6, 7]);

export function printTable({ title, rows }: Table): string {
  const cells = [headings, ...rows.map(cellsOf)];
  const widths = headings.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0), 3));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => pad(cell, widths[column] ?? 0, numeric.has(column))).join(' | ')} |`;
  const rule = widths.map((width, column) => (numeric.has(column) ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)));
  const notes = rows.flatMap(({ name, note }) => (note === undefined ? [] : [`- ${name}: ${note}`]));
  const [head = [], ...body] = cells;
  return [
    `## ${title}`,
    '',
    line(head),
    line(rule),
    ...body.map(line),
    ...(notes.length > 0 ? ['', ...notes] : []),
    '',
  ].join('\n');
}

function cellsOf(row: Row): readonly string[] {
  const { name, median, p90, p99, unit, count, floor, ratio, goal } = row;
  return [
    name,
    figure(median),
    figure(p90),
    figure(p99),
    unit,
    count === undefined ? '' : String(count),
    figure(floor),
    ratio === undefined ? '' : ratio.toFixed(2),
    goal?.text ?? '',
    goal === undefined ? '' : goal.reached ? '✓' : '✗',
  ];
}

/** Three significant digits, never an exponent. */
function figure(value: number | undefined): string {
  if (value === undefined) return '';
  if (!Number.isFinite(value)) return '–';
  if (Number.isInteger(value)) return String(value);
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toFixed(digits);
}

function pad(cell: string, width: number, right: boolean): string {
  return right ? cell.padStart(width) : cell.padEnd(width);
}
