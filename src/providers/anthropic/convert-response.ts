/** Answers of Anthropic's wire, whole and event by event, in our words. Shapes are looked at, never believed. */
import type { FinishReason } from '../../domain/completion.ts';
import type { Usage } from '../../domain/usage.ts';
import { identifier } from '../http/failure-error.ts';
import { listMember, member, numberMember, textMember } from '../http/json.ts';
import { mapFinishReason } from './map-finish-reason.ts';

/** What a whole answer, or one event of a stream, says. */
export interface WirePart {
  /** New text; thoughts are none. */
  readonly text: string;
  readonly finish?: FinishReason;
  readonly refusal?: Refusal;
  readonly usage?: TokenCounts;
  readonly model?: string;
  /** True for the event after which nothing follows. */
  readonly last: boolean;
}

/** That the model declined. */
export interface Refusal {
  /** With the category where the wire names one: `the model declined to answer (cyber)`. */
  readonly summary: string;
  /** The service's own words for the user. */
  readonly explanation?: string;
}

/** Counts as the wire names them; later events say only what changed. */
export type TokenCounts = Readonly<Partial<Record<(typeof countNames)[number], number>>>;

const countNames = ['input_tokens', 'cache_read_input_tokens', 'cache_creation_input_tokens', 'output_tokens'] as const;

/** `undefined` for pings, thoughts and events that are yet to be invented. */
export function eventPart(event: unknown): WirePart | undefined {
  const type = textMember(event, 'type');
  if (type === 'message_start') {
    const message = member(event, 'message');
    return { text: '', ...envelope(message), last: false };
  }
  if (type === 'content_block_start') return textPart(member(event, 'content_block'), 'text');
  if (type === 'content_block_delta') return textPart(member(event, 'delta'), 'text_delta');
  if (type === 'message_delta') {
    return { text: '', ...ending(member(event, 'delta')), ...counts(member(event, 'usage')), last: false };
  }
  return type === 'message_stop' ? { text: '', last: true } : undefined;
}

/** `undefined` where the value is no answer at all. */
export function messagePart(message: unknown): WirePart | undefined {
  if (!Array.isArray(member(message, 'content'))) return undefined;
  const blocks = listMember(message, 'content').filter((block) => textMember(block, 'type') === 'text');
  const text = blocks.map((block) => textMember(block, 'text') ?? '').join('');
  return { text, ...envelope(message), ...ending(message), last: true };
}

/** The input is everything that was read, from the cache or not. */
export function usageOf(count: TokenCounts): Usage | undefined {
  if (count.input_tokens === undefined) return undefined;
  const read = count.cache_read_input_tokens;
  return {
    inputTokens: count.input_tokens + (read ?? 0) + (count.cache_creation_input_tokens ?? 0),
    outputTokens: count.output_tokens ?? 0,
    ...(read === undefined ? {} : { cachedInputTokens: read }),
  };
}

function textPart(block: unknown, type: string): WirePart | undefined {
  if (textMember(block, 'type') !== type) return undefined;
  return { text: textMember(block, 'text') ?? '', last: false };
}

function envelope(message: unknown): Pick<WirePart, 'model' | 'usage'> {
  const model = textMember(message, 'model');
  return { ...(model === undefined || model === '' ? {} : { model }), ...counts(member(message, 'usage')) };
}

function ending(said: unknown): Pick<WirePart, 'finish' | 'refusal'> {
  const reason = textMember(said, 'stop_reason');
  if (reason === undefined) return {};
  const finish = mapFinishReason(reason);
  return { finish, ...(finish === 'filtered' ? { refusal: refusal(member(said, 'stop_details')) } : {}) };
}

function refusal(details: unknown): Refusal {
  const category = identifier(textMember(details, 'category'));
  const explanation = textMember(details, 'explanation');
  return {
    summary: `the model declined to answer${category === undefined ? '' : ` (${category})`}`,
    ...(explanation === undefined || explanation === '' ? {} : { explanation }),
  };
}

function counts(usage: unknown): Pick<WirePart, 'usage'> {
  const known = countNames.flatMap((name) => {
    const count = numberMember(usage, name);
    return count === undefined ? [] : [[name, count] as const];
  });
  return known.length === 0 ? {} : { usage: Object.fromEntries(known) };
}
