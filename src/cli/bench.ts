/** `inkling bench`: how long each configured provider takes to begin and to end an answer, here and now. */
import { randomUUID } from 'node:crypto';
import type { Settings } from '../config/schema.ts';
import { nearestName } from '../util/nearest-name.ts';
import { type ParsedArguments, UsageError } from './arguments.ts';
import { type BenchRow, measureProvider } from './bench-provider.ts';
import { type Command, exitCode, type Surroundings } from './command.ts';
import { type CliApp, createWorkingApp } from './create-cli-app.ts';
import { isMentioned } from './doctor-provider.ts';
import { clean, printableJson, type Terminal, wrap } from './terminal.ts';

const USUAL_RUNS = 5;
const MOST_RUNS = 100;

export const bench: Command = {
  usage: '[PROVIDER]… [--runs N] [--json]',
  help:
    'Measures a completion and a chat with each configured provider, or with those that are named: the time to the first' +
    ' token, the whole time, and the tokens of the answer by that time, each as the median of N requests (5 unless' +
    ' --runs says otherwise). All of them are then asked again, which shows what the cache saves. Costs the tokens of' +
    ' these requests, at most 256 for each answer. Exit code 1 when nothing could be measured.',
  options: {
    runs: { type: 'string', value: 'N', help: `requests of each kind, 1 to ${MOST_RUNS}` },
    json: { type: 'boolean', help: 'print the figures as JSON' },
  },
  arguments: { least: 0, most: Number.POSITIVE_INFINITY },
  async run(input, surroundings) {
    const runs = readRuns(input);
    const app = await createWorkingApp(input, surroundings);
    try {
      const rows = await measureAll(chosen(input, app), runs, app, surroundings, input.has('json'));
      if (input.has('json')) surroundings.terminal.print(printableJson({ runs, rows }));
      return rows.some(({ measured }) => measured > 0) ? exitCode.done : exitCode.failed;
    } finally {
      await app.assistant.dispose();
    }
  },
};

function readRuns(input: ParsedArguments): number {
  const text = input.text('runs') ?? String(USUAL_RUNS);
  const runs = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (runs >= 1 && runs <= MOST_RUNS) return runs;
  throw new UsageError(`--runs is a number from 1 to ${MOST_RUNS}, not "${text}".`);
}

/** Those that are named, else those that the settings mention or use. */
function chosen(input: ParsedArguments, app: CliApp): readonly string[] {
  const settings: Settings = app.assistant.settings();
  const { provider, completion, chat, providers } = settings;
  const known = Object.keys(providers);
  for (const name of input.positionals) {
    if (known.includes(name)) continue;
    const near = nearestName(name, known);
    throw new UsageError(`There is no provider "${name}".${near === undefined ? '' : ` Did you mean "${near}"?`}`);
  }
  if (input.positionals.length > 0) return [...new Set(input.positionals)];
  const used = new Set([completion.provider ?? provider, chat.provider ?? provider]);
  return known.filter((id) => used.has(id) || isMentioned(id, app));
}

async function measureAll(
  ids: readonly string[],
  runs: number,
  { assistant }: CliApp,
  { terminal, signal }: Surroundings,
  quiet: boolean,
): Promise<readonly BenchRow[]> {
  const rows: BenchRow[] = [];
  const width = Math.max('provider'.length, ...ids.map((id) => id.length));
  const mark = randomUUID().slice(0, 6);
  if (!quiet) terminal.print(`${heading(width, runs, terminal)}\n`);
  for (const id of ids) {
    for await (const row of measureProvider(id, assistant, { runs, mark, signal })) {
      rows.push(row);
      if (!quiet) terminal.print(lineOf(row, width, runs, terminal));
    }
  }
  if (!quiet && rows.some(({ estimated }) => estimated)) {
    terminal.print(
      `${terminal.style('dim', '≈ The provider did not count the tokens: four characters are taken for one.')}\n`,
    );
  }
  return rows;
}

function heading(width: number, runs: number, terminal: Terminal): string {
  const names = cells('provider', 'request', 'first token', 'total', 'tokens/s', width);
  return `${terminal.style('bold', names)}  ${runs === 1 ? 'of 1 run' : `median of ${runs} runs`}`;
}

function lineOf(row: BenchRow, width: number, runs: number, terminal: Terminal): string {
  const { provider, request, measured, firstToken, total, tokensPerSecond, estimated, failure } = row;
  const shown = request.startsWith('cached ') ? `${request.slice('cached '.length)}, cached` : request;
  const reason = clean(failure ?? '');
  if (measured === 0) {
    const indent = ' '.repeat(width + 2);
    const lines = wrap(`– ${reason}`, terminal.columns - width - 23).join(`\n${indent}${' '.repeat(20)}`);
    return `${provider.padEnd(width)}  ${shown.padEnd(20)}${lines}\n`;
  }
  const speed = tokensPerSecond === null ? '–' : `${estimated ? '≈' : ''}${figure(tokensPerSecond)}`;
  const line = cells(provider, shown, milliseconds(firstToken), milliseconds(total), speed, width);
  return `${line}${measured < runs ? `  ${measured} of ${runs}: ${reason}` : ''}\n`;
}

function cells(provider: string, request: string, first: string, total: string, speed: string, width: number): string {
  return `${provider.padEnd(width)}  ${request.padEnd(18)}${first.padStart(12)}${total.padStart(11)}${speed.padStart(10)}`;
}

function milliseconds(value: number | null): string {
  return value === null ? '–' : `${figure(value)} ms`;
}

/** Three significant digits. */
function figure(value: number): string {
  return value >= 100 ? String(Math.round(value)) : value.toFixed(value >= 10 ? 1 : 2);
}
