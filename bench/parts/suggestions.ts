/** What is answered without waiting for the whole model: the same place again, typing along a suggestion, the first line of many. */
import { type LspClient, offeredTexts } from '../lsp-client.ts';
import { type Desk, documentUri, openDesk, pause, repeat } from '../round-trip.ts';
import type { Row } from '../row.ts';
import { against, median, summary, within } from '../statistics.ts';
import { type Bench, noDebounce, remoteOptions, startSubject } from '../subjects.ts';
import { longAnswer, oneLineAnswer } from '../texts.ts';

const KEYS = 25;

export async function benchReuse(bench: Bench): Promise<Row[]> {
  const echo = await startSubject(bench, 'echo', {});
  // The default debounce: an answer that is known waits for nothing.
  const desk = await openDesk(bench, 'inkling', { initializationOptions: (url) => remoteOptions(url) });
  const rounds = bench.quick ? 100 : 300;
  const place = desk.beginLine();
  const again = () => timeCompletion(desk.client, place);
  await again();
  const asked = desk.upstream.calls.length;
  const hits: number[] = [];
  const trips: number[] = [];
  for (let round = -50; round < rounds; round += 1) {
    const trip = await timeCompletion(echo, { line: 0, character: 0 });
    const hit = await again();
    if (round >= 0) {
      trips.push(trip.took);
      hits.push(hit.took);
    }
  }
  const repeated = desk.upstream.calls.length - asked;
  const along = await typeThrough(desk);
  await desk.close();
  await echo.stop();
  return [
    summary('vscode-languageserver echo: round trip', 'ms', trips),
    against(summary('Inkling: the same place again', 'ms', hits), median(trips), 5),
    within(summary('Inkling: the same place again, on this machine', 'ms', hits), 0.5),
    within(
      {
        name: 'Inkling: the same place again, requests to the model',
        unit: 'requests',
        median: repeated,
        count: rounds,
      },
      0,
    ),
    against(summary('Inkling: typing along a suggestion', 'ms', along.took), median(trips), 5),
    within(
      {
        name: 'Inkling: typing along a suggestion, requests to the model',
        unit: 'requests',
        median: along.calls,
        count: KEYS,
      },
      1,
    ),
    within(
      { name: 'Inkling: typing along a suggestion, keys without one', unit: 'keys', median: along.empty, count: KEYS },
      0,
    ),
  ];
}

interface Timed {
  readonly took: number;
  readonly offers: number;
}

async function timeCompletion(client: LspClient, place: { line: number; character: number }): Promise<Timed> {
  const request = client.complete(documentUri, place, 'automatic');
  const reply = await request.reply;
  return { took: reply.at - request.sentAt, offers: offeredTexts(reply).length };
}

/** Shows a suggestion and types its first 25 characters, with a request after each. */
async function typeThrough({ client, upstream, beginLine }: Desk) {
  const from = upstream.calls.length;
  let place = beginLine();
  await timeCompletion(client, place);
  const timed: Timed[] = [];
  for (const letter of oneLineAnswer.join('').slice(0, KEYS)) {
    client.insert(documentUri, place, letter);
    place = { ...place, character: place.character + 1 };
    timed.push(await timeCompletion(client, place));
  }
  return {
    took: timed.map(({ took }) => took),
    empty: timed.filter(({ offers }) => offers === 0).length,
    calls: upstream.calls.length - from,
  };
}

/** A model that writes 17 lines, 10 ms a part, where only the first line is wanted. */
export async function benchFirstLine(bench: Bench): Promise<Row[]> {
  const rounds = bench.quick ? 3 : 5;
  const answer = { kind: 'paced', first: 50, every: 10, parts: longAnswer } as const;
  const initializationOptions = (url: string) => remoteOptions(url, noDebounce);
  const floorDesk = await openDesk(bench, 'floorRaw', { answer, initializationOptions });
  const desk = await openDesk(bench, 'inkling', { answer, initializationOptions });
  // The first of all loads and connects.
  await timeFirstLine(desk);
  const [floor, mine] = await Promise.all([
    repeat(rounds, () => timeFirstLine(floorDesk)),
    repeat(rounds, () => timeFirstLine(desk)),
  ]);
  await floorDesk.close();
  await desk.close();
  const answered = (timed: readonly FirstLine[]) => timed.map(({ took }) => took);
  return [
    summary('floor-raw: request → suggestion', 'ms', answered(floor)),
    against(summary('Inkling: request → suggestion', 'ms', answered(mine)), median(answered(floor)), 1 / 15),
    within(
      summary(
        'Inkling: first line end → suggestion',
        'ms',
        mine.map(({ afterNewline }) => afterNewline),
      ),
      2,
    ),
    within(
      {
        name: 'Inkling: parts written before the model was stopped',
        unit: 'parts',
        median: median(mine.map(({ parts }) => parts)),
        floor: longAnswer.length,
      },
      4,
    ),
  ];
}

interface FirstLine {
  readonly took: number;
  readonly afterNewline: number;
  readonly parts: number;
}

async function timeFirstLine({ client, upstream, beginLine }: Desk): Promise<FirstLine> {
  const arrived = upstream.nextCall();
  const request = client.complete(documentUri, beginLine(), 'automatic');
  const call = await arrived;
  const reply = await request.reply;
  await call.over;
  await pause(5);
  if (offeredTexts(reply).length === 0) throw new Error(`Nothing was offered (${JSON.stringify(reply)}).`);
  return {
    took: reply.at - request.sentAt,
    afterNewline: reply.at - (call.firstNewlineAt ?? Number.NaN),
    parts: call.parts,
  };
}
