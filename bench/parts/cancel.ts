/** From `$/cancelRequest` to the closed connection, and to the answer of the request. */
import { closedAfter, type Desk, documentUri, openDesk, pause } from '../round-trip.ts';
import type { Row } from '../row.ts';
import { against, atMost, median, summary, within } from '../statistics.ts';
import type { Bench, SubjectName } from '../subjects.ts';
import { oneLineAnswer } from '../texts.ts';

const CANCELLED = -32800;
/** Milliseconds an automatic completion's stream may wait for the edit that explains the cancel. */
const HOLD = 30;
/** Milliseconds before a cancel, so that everything before it has settled. */
const SETTLE = 4;

interface Cancels {
  readonly close: number[];
  readonly reply: number[];
  /** Requests that were not answered as cancelled. */
  wronglyAnswered: number;
}

export async function benchCancel(bench: Bench): Promise<Row[]> {
  const rounds = bench.quick ? 20 : 40;
  const floorDesk = await openCancelDesk(bench, 'floorRaw');
  const desk = await openCancelDesk(bench, 'inkling');
  const floor = emptyCancels();
  const explicit = emptyCancels();
  const automatic = emptyCancels();
  for (let round = -5; round < rounds; round += 1) {
    const isWarmUp = round < 0;
    // Half are cancelled while the model thinks, half while it writes.
    const parts = round % 2 === 0 ? [] : oneLineAnswer.slice(0, 4);
    await cancelOnce(floorDesk, 'explicit', parts, isWarmUp ? emptyCancels() : floor);
    await cancelOnce(desk, 'explicit', parts, isWarmUp ? emptyCancels() : explicit);
    await cancelOnce(desk, 'automatic', parts, isWarmUp ? emptyCancels() : automatic);
  }
  const leaked = await cancelAtOnce(desk, rounds);
  await floorDesk.close();
  await desk.close();
  const cancels = 2 * rounds;
  return [
    summary('floor-raw: cancel → connection closed', 'ms', floor.close),
    against(summary('Inkling, explicit: cancel → connection closed', 'ms', explicit.close), median(floor.close), 2),
    within(summary('Inkling, explicit: cancel → connection closed, on this machine', 'ms', explicit.close), 0.6),
    {
      ...summary('Inkling, automatic: cancel → connection closed', 'ms', automatic.close),
      goal: atMost(median(automatic.close), HOLD + 3, 'ms'),
      note: `held ${HOLD} ms for the edit that explains the cancel`,
    },
    summary('floor-raw: cancel → answer', 'ms', floor.reply),
    against(summary('Inkling, explicit: cancel → answer', 'ms', explicit.reply), median(floor.reply), 3),
    against(summary('Inkling, automatic: cancel → answer', 'ms', automatic.reply), median(floor.reply), 3),
    within(
      {
        name: 'Inkling: not answered as cancelled',
        unit: 'requests',
        median: explicit.wronglyAnswered + automatic.wronglyAnswered,
        count: cancels,
      },
      0,
    ),
    within(
      { name: 'Inkling: cancelled at once, and left open upstream', unit: 'requests', median: leaked, count: rounds },
      0,
    ),
  ];
}

const emptyCancels = (): Cancels => ({ close: [], reply: [], wronglyAnswered: 0 });

const openCancelDesk = (bench: Bench, name: SubjectName): Promise<Desk> =>
  openDesk(bench, name, { answer: { kind: 'hang', parts: [] } });

async function cancelOnce(
  { client, upstream, beginLine }: Desk,
  trigger: 'explicit' | 'automatic',
  parts: readonly string[],
  cancels: Cancels,
): Promise<void> {
  upstream.answerWith({ kind: 'hang', parts });
  const arrived = upstream.nextCall();
  const request = client.complete(documentUri, beginLine(), trigger);
  const call = await arrived;
  await pause(SETTLE);
  const cancelledAt = client.cancel(request);
  const reply = await request.reply;
  await call.over;
  cancels.reply.push(reply.at - cancelledAt);
  cancels.close.push(closedAfter(call, cancelledAt) ?? Number.NaN);
  if (reply.error !== CANCELLED) cancels.wronglyAnswered += 1;
}

/** Requests that are cancelled in the same breath must leave nothing open upstream. */
async function cancelAtOnce({ client, upstream, beginLine }: Desk, rounds: number): Promise<number> {
  const before = upstream.calls.length;
  for (let round = 0; round < rounds; round += 1) {
    const request = client.complete(documentUri, beginLine(), 'explicit');
    client.cancel(request);
    await request.reply;
  }
  await pause(50);
  return upstream.calls.slice(before).filter((call) => call.abortedAt === undefined).length;
}
