/** What is resident at the start, after much work and with many documents, and the processor time of a completion. */
import { memoryOf, processorTimeOf } from '../process-usage.ts';
import { addedLatency, openDesk, pause, repeat } from '../round-trip.ts';
import type { Row } from '../row.ts';
import { against, within } from '../statistics.ts';
import { type Bench, noDebounce, remoteOptions, type SubjectName, startSubject } from '../subjects.ts';
import { sourceText } from '../texts.ts';

const DOCUMENTS = 200;
const DOCUMENT_SIZE = 4_096;
/** Milliseconds after `initialized` at which the beginning is over. */
const SETTLED = 400;

export async function benchMemory(bench: Bench): Promise<Row[]> {
  const completions = bench.quick ? 300 : 1000;
  const floor = await measure(bench, 'floorHttp', completions);
  const mine = await measure(bench, 'inkling', completions);
  const offline = await measureOffline(bench);
  const perCompletion = {
    name: 'processor time per completion',
    unit: 'ms',
    median: mine.processor,
    count: completions,
  };
  return [
    { name: 'offline engine, at the start', unit: 'MB', median: offline },
    against({ name: 'at the start', unit: 'MB', median: mine.start }, floor.start, 1.25),
    against({ name: `after ${completions} completions`, unit: 'MB', median: mine.worked }, floor.worked, 1.3),
    against(
      { name: `with ${DOCUMENTS} documents of 4 KB more`, unit: 'MB', median: mine.withDocuments },
      floor.withDocuments,
    ),
    within(
      {
        name: 'per open document of 4 KB',
        unit: 'KB',
        median: mine.perDocument,
        count: DOCUMENTS,
        floor: floor.perDocument,
      },
      25,
    ),
    against(perCompletion, floor.processor, 2),
    within({ ...perCompletion, name: 'processor time per completion, on this machine' }, 1),
  ];
}

async function measure(bench: Bench, name: SubjectName, completions: number) {
  const desk = await openDesk(bench, name, { initializationOptions: (url) => remoteOptions(url, noDebounce) });
  const { client } = desk;
  await pause(SETTLED);
  const start = memoryOf(client.pid).resident;
  await repeat(50, () => addedLatency(desk));
  const before = processorTimeOf(client.pid);
  await repeat(completions, () => addedLatency(desk));
  const processor = (processorTimeOf(client.pid) - before) / completions;
  const worked = memoryOf(client.pid).resident;
  for (let number = 0; number < DOCUMENTS; number += 1) {
    client.open(`file:///bench/document${number}.ts`, `// ${number}\n${sourceText(DOCUMENT_SIZE)}`);
  }
  await addedLatency(desk);
  await pause(SETTLED);
  const withDocuments = memoryOf(client.pid).resident;
  await desk.close();
  return { start, worked, processor, withDocuments, perDocument: ((withDocuments - worked) * 1024) / DOCUMENTS };
}

async function measureOffline(bench: Bench): Promise<number> {
  const client = await startSubject(bench, 'inkling', {});
  await pause(SETTLED);
  const { resident } = memoryOf(client.pid);
  await client.stop();
  return resident;
}
