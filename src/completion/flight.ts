/** One call to a provider that is under way: its text so far, and who closes it. Its stream outlives a request by at most the hold. */
import type { AiProvider, StreamingProvider } from '../domain/ai-provider.ts';
import type { CompletionRequest, FinishReason } from '../domain/completion.ts';
import type { Clock, TimerHandle } from '../domain/ports.ts';
import type { DocumentSnapshot } from '../domain/text.ts';
import { createCallController } from '../util/call-signal.ts';
import { type Anchor, typedSince } from './anchor.ts';
import { shapeCompletion } from './shape.ts';
import type { Surroundings } from './surroundings.ts';

/** An editor cancels before it sends the edit that made it cancel; milliseconds a stream waits for that edit. */
export const HOLD = 30;
/** A completion is a few lines; a model that writes on and on is closed here (UTF-16 code units). */
const LONGEST_ANSWER = 32_768;

export interface Answer {
  /** Shaped to the document; only texts that are worth offering. */
  readonly texts: readonly string[];
  readonly provider: string;
  readonly model: string;
  readonly note?: string;
}

export interface Flight {
  readonly anchor: Anchor;
  readonly automatic: boolean;
  /** True for a provider in this process. */
  readonly local: boolean;
  readonly answer: Promise<Answer>;
  /** True while what was typed at the anchor up to `offset` is a beginning of what has been written so far. */
  agrees(document: DocumentSnapshot, offset: number): boolean;
  /** The same, and true as well while nothing has been written yet and text was only added at the anchor. */
  mayAgree(document: DocumentSnapshot, offset: number): boolean;
  /** Closes the provider's connection after the hold, unless somebody adopts the flight before. */
  hold(): void;
  adopt(): void;
  abort(): void;
}

export interface FlightPlan {
  readonly provider: StreamingProvider;
  readonly request: CompletionRequest;
  readonly anchor: Anchor;
  readonly around: Surroundings;
  readonly clock: Clock;
  onFirstToken(): void;
}

export function startFlight(plan: FlightPlan): Flight {
  const controller = createCallController();
  const progress = { text: '', ended: false };
  let holding: TimerHandle | undefined;

  const answer = (
    plan.request.candidates > 1 ? askForCandidates(plan, controller) : stream(plan, controller, progress)
  ).finally(() => {
    progress.ended = true;
    plan.clock.clearTimeout(holding);
  });
  // Whoever waits hears of a failure; a flight nobody waits for any more fails silently.
  answer.catch(() => undefined);

  function compare(document: DocumentSnapshot, offset: number, whileSilent: boolean): boolean {
    if (controller.signal.aborted) return false;
    const typed = typedSince(plan.anchor, document, offset);
    if (typed === undefined) return false;
    if (progress.text === '' && !progress.ended) return whileSilent || typed === '';
    return progress.text.startsWith(typed) || (!progress.ended && typed.startsWith(progress.text));
  }

  return {
    anchor: plan.anchor,
    automatic: plan.request.trigger === 'automatic',
    local: plan.provider.local,
    answer,
    agrees: (document, offset) => compare(document, offset, false),
    mayAgree: (document, offset) => compare(document, offset, true),
    hold() {
      holding ??= plan.clock.setTimeout(() => controller.abort(), HOLD);
    },
    adopt() {
      plan.clock.clearTimeout(holding);
      holding = undefined;
    },
    abort() {
      plan.clock.clearTimeout(holding);
      controller.abort();
    },
  };
}

async function stream(
  { provider, request, around, onFirstToken }: FlightPlan,
  controller: AbortController,
  progress: { text: string },
): Promise<Answer> {
  let raw = '';
  let writer: Finish | undefined;
  let finish: Finish | undefined;
  for await (const chunk of provider.streamCode(request, controller.signal)) {
    if (chunk.begins !== undefined) {
      raw = '';
      writer = chunk.begins;
    }
    if (raw === '' && chunk.delta !== '') onFirstToken();
    raw += chunk.delta;
    if (chunk.finish !== undefined) finish = chunk.finish;
    const shaped = shapeCompletion(raw, around, chunk.finish !== undefined);
    progress.text = shaped.text;
    // Leaving the loop closes the stream: the model stops writing what nobody would see.
    if (shaped.settled || raw.length > LONGEST_ANSWER) break;
  }
  controller.signal.throwIfAborted();
  if (finish?.reason === 'filtered') return filtered(provider, finish);
  return { texts: progress.text === '' ? [] : [progress.text], ...answeredBy(provider, finish ?? writer) };
}

async function askForCandidates(
  { provider, request, around, onFirstToken }: FlightPlan,
  controller: AbortController,
): Promise<Answer> {
  const response = await provider.completeCode(request, controller.signal);
  controller.signal.throwIfAborted();
  if (response.finishReason === 'filtered') return filtered(provider, response);
  onFirstToken();
  const texts = response.candidates.map(({ text }) => shapeCompletion(text, around, true).text);
  return { texts: [...new Set(texts)].filter((text) => text !== ''), ...answeredBy(provider, response) };
}

interface Finish {
  readonly provider?: string;
  readonly model: string;
  readonly reason?: FinishReason;
  readonly note?: string;
}

/** What a filter broke off only looks like code that ends there: nothing of it is offered. */
function filtered(provider: AiProvider, finish: Finish): Answer {
  const how = finish.note === undefined ? '' : ` (${finish.note})`;
  return {
    texts: [],
    ...answeredBy(provider, finish),
    note: `A filter of the provider broke the answer off.${how}`,
  };
}

/** A stream that was closed early has no finish: then it was whoever began to write, or the provider's own model. */
function answeredBy(provider: AiProvider, finish: Finish | undefined): Omit<Answer, 'texts'> {
  return {
    provider: finish?.provider ?? provider.name,
    model: finish?.model ?? provider.model,
    ...(finish?.note === undefined ? {} : { note: finish.note }),
  };
}
