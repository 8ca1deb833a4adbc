/** What typing costs and when its suggestions come: a storm of keys, a human hand, and typing along a suggestion. */
import { type Desk, openDesk } from '../round-trip.ts';
import type { Row } from '../row.ts';
import { beyond, median, summary, within } from '../statistics.ts';
import { type Bench, type Debounce, noDebounce, remoteOptions, type SubjectName } from '../subjects.ts';
import { seededRandom } from '../texts.ts';
import { type Typed, type } from '../typing.ts';
import type { Answer } from '../upstream.ts';

/** A model that answers within 250 ms: 150 of them before the first of 20 parts. */
const model: Answer = {
  kind: 'paced',
  first: 150,
  every: 5,
  parts: Array.from({ length: 20 }, (_, at) => `part${at} `),
};
/** Milliseconds from pause to suggestion without any debounce, on an idle machine. What the machine adds, it adds to all. */
const UNDELAYED = 256;

export async function benchStorm(bench: Bench): Promise<Row[]> {
  const gaps = Array.from({ length: bench.quick ? 60 : 200 }, () => 30);
  const [floor, mine] = await inParallel(bench, gaps, [['floorRaw'], ['inkling']]);
  const last = mine.results.at(-1) ?? Number.NaN;
  return [
    { name: 'floor-raw: requests to the model', unit: 'requests', median: floor.calls, count: floor.keys },
    within(
      {
        name: 'Inkling: requests to the model',
        unit: 'requests',
        median: mine.calls,
        count: mine.keys,
        floor: floor.calls,
      },
      3,
    ),
    within({ name: 'Inkling: most open at once', unit: 'requests', median: mine.mostOpen, floor: floor.mostOpen }, 1),
    within({ name: 'Inkling: never answered', unit: 'requests', median: mine.unanswered, floor: floor.unanswered }, 0),
    within({ name: 'Inkling: answered stale', unit: 'requests', median: mine.stale, floor: floor.stale }, 0),
    beyond(
      { name: 'Inkling: last key → suggestion', unit: 'ms', median: last },
      floor.results.at(-1) ?? Number.NaN,
      85,
    ),
  ];
}

export async function benchHuman(bench: Bench): Promise<Row[]> {
  const random = seededRandom(20_261_120);
  const keys = bench.quick ? 48 : 120;
  const gaps = Array.from({ length: keys }, (_, key) => (key % 8 === 7 ? 450 + 450 * random() : 60 + 120 * random()));
  const [floor, mine, fast] = await inParallel(bench, gaps, [['floorRaw'], ['inkling'], ['inkling', noDebounce]]);
  const perKey = (typed: Typed) => typed.calls / typed.keys;
  const undelayed = median(floor.results);
  return [
    { name: 'floor-raw: requests per key', unit: 'requests', median: perKey(floor), count: floor.keys },
    summary('floor-raw: pause → suggestion', 'ms', floor.results),
    within({ name: 'Inkling: requests per key', unit: 'requests', median: perKey(mine), count: mine.keys }, 0.35),
    beyond(summary('Inkling: pause → suggestion', 'ms', mine.results), undelayed, 410 - UNDELAYED),
    beyond(
      summary('Inkling: pause → suggestion, beside the fixed debounce of as many requests', 'ms', mine.results),
      undelayed,
      Math.round(frontier(perKey(mine)) - UNDELAYED),
    ),
    within({ name: 'Inkling: answered stale', unit: 'requests', median: mine.stale, count: mine.keys }, 0),
    within({ name: 'Inkling: never answered', unit: 'requests', median: mine.unanswered, count: mine.keys }, 0),
    beyond(summary('Inkling without debounce: pause → suggestion', 'ms', fast.results), undelayed, 280 - UNDELAYED),
    within(
      { name: 'Inkling without debounce: answered stale', unit: 'requests', median: fast.stale, count: fast.keys },
      0,
    ),
  ];
}

/** What fixed debounces reach on this trace: requests per key, and milliseconds from pause to suggestion. */
const fixedDebounces = [
  [0.13, 456],
  [0.16, 431],
  [0.34, 406],
  [0.52, 381],
  [0.68, 356],
  [0.9, 331],
  [1, 256],
] as const;

/** Between two points the straight line counts. */
function frontier(requestsPerKey: number): number {
  const next = fixedDebounces.findIndex(([requests]) => requests >= requestsPerKey);
  const [fewer, more] = [fixedDebounces[next - 1], fixedDebounces[next]];
  if (more === undefined || fewer === undefined) return (more ?? fixedDebounces[0])[1];
  return fewer[1] + ((requestsPerKey - fewer[0]) / (more[0] - fewer[0])) * (more[1] - fewer[1]);
}

/** Everyone types the same at the same time: the machine is mostly idle, and minutes are saved. */
async function inParallel<Who extends readonly (readonly [SubjectName, Debounce?])[]>(
  bench: Bench,
  gaps: readonly number[],
  who: readonly [...Who],
): Promise<{ [Index in keyof Who]: Typed }> {
  const desks: Desk[] = [];
  for (const [name, debounce] of who) {
    const initializationOptions = (url: string) => remoteOptions(url, debounce);
    desks.push(await openDesk(bench, name, { answer: model, initializationOptions }));
  }
  const typed = await Promise.all(desks.map((desk) => type(desk, gaps)));
  for (const desk of desks) await desk.close();
  return typed as { [Index in keyof Who]: Typed };
}
