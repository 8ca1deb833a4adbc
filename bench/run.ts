/**
 * `npm run bench`: what Inkling costs, beside floors that are measured in the same run. Names of parts as arguments choose
 * some of them; `--quick` takes fewer samples; `--write` keeps the tables in `bench/results.md`; `--program FILE` measures
 * another build than `dist/`.
 */
import { writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { benchContext } from './context.ts';
import { benchOfflineEngine } from './offline-engine.ts';
import { benchAddedLatency, benchLargeDocument } from './parts/added-latency.ts';
import { benchCache } from './parts/cache.ts';
import { benchCancel } from './parts/cancel.ts';
import { benchMemory } from './parts/memory.ts';
import { benchOffline } from './parts/offline.ts';
import { benchStartUp } from './parts/start-up.ts';
import { benchFirstLine, benchReuse } from './parts/suggestions.ts';
import { benchHuman, benchStorm } from './parts/typing.ts';
import { benchVendors } from './parts/vendors.ts';
import { benchWrappers } from './parts/wrappers.ts';
import { printTable } from './print-table.ts';
import type { Row } from './row.ts';
import type { Bench, Programs } from './subjects.ts';

interface Part {
  readonly title: string;
  readonly run: (bench: Bench) => Promise<Row[]>;
}

const parts: Readonly<Record<string, Part>> = {
  'start-up': { title: 'Start-up', run: benchStartUp },
  added: { title: "Latency added to the model's, warm", run: benchAddedLatency },
  large: { title: 'A document of 10 MB, beside floor-http', run: benchLargeDocument },
  cancel: { title: 'Cancelling', run: benchCancel },
  storm: { title: 'Keys every 30 ms, and a model that takes 250 ms', run: benchStorm },
  human: { title: 'A human hand, and a model that takes 250 ms', run: benchHuman },
  reuse: { title: 'Suggestions that are known already', run: benchReuse },
  'first-line': { title: 'The first line of 17, from a model that takes 1.2 s', run: benchFirstLine },
  memory: { title: 'Memory and processor, beside floor-http', run: benchMemory },
  vendors: { title: "Each vendor's adapter, beside a bare fetch of the same bytes", run: benchVendors },
  wrappers: { title: 'The wrappers around a provider that takes no time', run: benchWrappers },
  offline: { title: 'The offline engine in the server, while it indexes and after', run: benchOffline },
  engine: { title: 'The offline engine by itself', run: benchOfflineEngine },
  context: { title: 'What the model is told, by itself', run: benchContext },
  // Last: a Redis client makes every string of the process slower to read.
  cache: { title: 'Answers that are kept', run: benchCache },
};

export interface Place {
  readonly root: string;
  readonly programs: Programs;
}

/** Returns the exit code: 0, or 2 for a part that does not exist. Goals that are not reached are shown, and fail nothing. */
export async function run(argv: readonly string[], { root, programs }: Place): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      program: { type: 'string', default: programs.inkling },
    },
  });
  const unknown = positionals.filter((name) => parts[name] === undefined);
  if (unknown.length > 0) {
    process.stderr.write(`No such part: ${unknown.join(', ')}. There are ${Object.keys(parts).join(', ')}.\n`);
    return 2;
  }
  const bench: Bench = { root, programs: { ...programs, inkling: resolve(values.program) }, quick: values.quick };
  const tables: string[] = [];
  for (const [name, part] of Object.entries(parts)) {
    if (positionals.length > 0 && !positionals.includes(name)) continue;
    const table = printTable({ title: part.title, rows: await part.run(bench) });
    process.stdout.write(`${table}\n`);
    tables.push(table);
  }
  if (values.write) await writeFile(join(root, 'bench/results.md'), report(tables));
  return 0;
}

function report(tables: readonly string[]): string {
  const [processor] = cpus();
  const where = `${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, ${cpus().length} × ${processor?.model ?? 'unknown'}, load ${loadavg()[1]?.toFixed(1)}`;
  return `# Measured

${where}. Medians of one run. The machine's load moves the absolute figures; the ratios to the floors, which were measured
in turn with Inkling, hold. Made by \`npm run bench -- --write\`.

${tables.join('\n')}`;
}
