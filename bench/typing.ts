/** A hand at the keyboard: each key is an edit, a cancel of the request before and a new request, as editors send them. */
import { offeredTexts, type SentRequest } from './lsp-client.ts';
import { type Desk, documentUri, pause } from './round-trip.ts';
import type { Upstream } from './upstream.ts';

export interface Typed {
  readonly keys: number;
  /** Calls that reached the model, how many of them were closed early, and the most that were open at once. */
  readonly calls: number;
  readonly aborted: number;
  readonly mostOpen: number;
  readonly unanswered: number;
  /** Suggestions that came for a text that was no longer there. */
  readonly stale: number;
  /** Milliseconds from each key that was followed by a long pause to its suggestion, `NaN` where none came. */
  readonly results: readonly number[];
}

/** Longer than a request takes: what is not answered by then never will be (milliseconds). */
const PATIENCE = 1_500;
/** A gap of at least this long is a pause: the hand waits for a suggestion (milliseconds). */
const PAUSE = 400;

/** Types one key after each gap; the last key is waited for. */
export async function type({ client, upstream, beginLine }: Desk, gaps: readonly number[]): Promise<Typed> {
  const from = upstream.calls.length;
  let place = beginLine();
  let earlier: SentRequest | undefined;
  let newest = -1;
  let unanswered = gaps.length;
  let stale = 0;
  const results = new Map<number, number>();
  const start = performance.now();
  let due = 0;
  for (const [key, gap] of gaps.entries()) {
    client.insert(documentUri, place, letters[key % letters.length] ?? 'q');
    place = { ...place, character: place.character + 1 };
    if (earlier !== undefined) client.cancel(earlier);
    newest = key;
    const request = client.complete(documentUri, place, 'automatic');
    void request.reply.then((reply) => {
      unanswered -= 1;
      if (offeredTexts(reply).length === 0) return;
      if (key === newest) results.set(key, reply.at - request.sentAt);
      else stale += 1;
    });
    earlier = request;
    due += gap;
    await pause(start + due - performance.now());
  }
  await Promise.race([earlier?.reply, pause(PATIENCE)]);
  await pause(50);
  const waitedFor = gaps.flatMap((gap, key) => (gap >= PAUSE || key === gaps.length - 1 ? [key] : []));
  return {
    keys: gaps.length,
    ...callsSince(upstream, from),
    unanswered,
    stale,
    results: waitedFor.map((key) => results.get(key) ?? Number.NaN),
  };
}

/** No answer of the model begins with these, so no suggestion agrees with what is typed. */
const letters = 'qwxzvkjq';

function callsSince(upstream: Upstream, from: number) {
  const calls = upstream.calls.slice(from);
  const events = calls.flatMap((call) => [
    { at: call.receivedAt, change: 1 },
    { at: call.abortedAt ?? call.lastByteAt ?? Number.POSITIVE_INFINITY, change: -1 },
  ]);
  let open = 0;
  let mostOpen = 0;
  for (const { change } of events.sort((one, other) => one.at - other.at || one.change - other.change)) {
    open += change;
    mostOpen = Math.max(mostOpen, open);
  }
  return { calls: calls.length, aborted: calls.filter((call) => call.abortedAt !== undefined).length, mostOpen };
}
