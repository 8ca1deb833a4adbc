/** What the server adds to the model's time, warm, in a small document and in one of 10 MB. */

import { memoryOf } from '../process-usage.ts';
import { addedLatency, type Desk, documentUri, openDesk, repeat } from '../round-trip.ts';
import type { Row } from '../row.ts';
import { against, median, quantile, summary, within } from '../statistics.ts';
import type { Bench, SubjectName } from '../subjects.ts';

const TEN_MEGABYTES = 10_000_000;
/** Requests after which everybody is measured against the goals. */
const WARM_UP = 400;
/** Requests after which V8 has compiled what it is going to compile of Inkling; the floors are done much earlier. */
const ALL_COMPILED = 3_000;
/** Bytes; a prompt is bounded, however large its document. */
const LARGEST_PROMPT = 65_536;

export async function benchAddedLatency(bench: Bench): Promise<Row[]> {
  const blocks = bench.quick ? 2 : 5;
  const perBlock = bench.quick ? 60 : 100;
  const names = ['floorRaw', 'floorHttp', 'inkling'] as const;
  const desks = {
    floorRaw: await openDesk(bench, 'floorRaw'),
    floorHttp: await openDesk(bench, 'floorHttp'),
    inkling: await openDesk(bench, 'inkling'),
  };
  const ask = (name: (typeof names)[number], times: number) => repeat(times, () => addedLatency(desks[name]));
  const inTurn = async () => {
    const added: Record<(typeof names)[number], number[]> = { floorRaw: [], floorHttp: [], inkling: [] };
    for (let block = 0; block < blocks; block += 1) {
      for (const name of names) added[name].push(...(await ask(name, perBlock)));
    }
    return added;
  };
  for (const name of names) await ask(name, bench.quick ? perBlock : WARM_UP);
  const added = await inTurn();
  if (!bench.quick) for (const name of names) await ask(name, ALL_COMPILED - WARM_UP - blocks * perBlock);
  const later = await inTurn();
  const { connections, calls } = desks.inkling.upstream;
  for (const name of names) await desks[name].close();
  const mine = summary('Inkling: added', 'ms', added.inkling);
  const at = (share: number, label: string, limit: number): Row =>
    against(
      {
        name: `Inkling: added, ${label}`,
        unit: 'ms',
        median: quantile(added.inkling, share),
        count: added.inkling.length,
      },
      quantile(added.floorRaw, share),
      limit,
    );
  return [
    summary('floor-raw: added', 'ms', added.floorRaw),
    against(summary('floor-http: added', 'ms', added.floorHttp), median(added.floorRaw)),
    against(mine, median(added.floorRaw), 2),
    at(0.9, '90th percentile', 2.5),
    at(0.99, '99th percentile', 2),
    {
      ...within({ ...mine, name: 'Inkling: added, on this machine' }, 0.7),
      note: `${calls.length} calls over ${connections} connections`,
    },
    against(summary(`Inkling: added, after ${ALL_COMPILED} completions`, 'ms', later.inkling), median(later.floorRaw)),
  ];
}

export async function benchLargeDocument(bench: Bench): Promise<Row[]> {
  const edits = bench.quick ? 10 : 20;
  const floor = await measureLarge(bench, 'floorHttp', edits);
  const mine = await measureLarge(bench, 'inkling', edits);
  return [
    against({ name: 'open → first suggestion', unit: 'ms', median: mine.first, count: 1 }, floor.first),
    against(summary('added after an edit', 'ms', mine.added), median(floor.added), 1.5),
    within(summary('added after an edit, on this machine', 'ms', mine.added), 9),
    within(
      { name: 'sent to the model per request', unit: 'bytes', median: mine.bytes, floor: floor.bytes },
      LARGEST_PROMPT,
    ),
    against({ name: 'peak memory', unit: 'MB', median: mine.peak }, floor.peak, 1.3),
  ];
}

async function measureLarge(bench: Bench, name: SubjectName, edits: number) {
  const desk = await openDesk(bench, name, { size: TEN_MEGABYTES });
  const first = await firstSuggestion(desk);
  const added = await repeat(edits, () => addedLatency(desk));
  const bytes = Math.max(...desk.upstream.calls.map((call) => call.bytes));
  const { peak } = memoryOf(desk.client.pid);
  await desk.close();
  return { first, added, bytes, peak };
}

/** From the first keystroke in the document, which was opened just before, to a suggestion for it. */
async function firstSuggestion({ client, beginLine }: Desk): Promise<number> {
  const start = performance.now();
  const { at } = await client.complete(documentUri, beginLine(), 'automatic').reply;
  return at - start;
}
