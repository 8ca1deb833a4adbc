/** Answers of Anthropic's wire, whole and event by event, in our words. Shapes are looked at, never believed. */
import type { Usage } from '../../domain/usage.ts';
import { readEventValues } from '../http/event-values.ts';
import { identifier } from '../http/failure-error.ts';
import { listMember, member, numberMember, textMember } from '../http/json.ts';
import type { AnswerFormat, AnswerPart } from '../http/read-answer.ts';
import { mapFinishReason } from './map-finish-reason.ts';

/** Counts as the wire names them; later events say only what changed. */
type TokenCounts = Readonly<Partial<Record<(typeof countNames)[number], number>>>;

const countNames = ['input_tokens', 'cache_read_input_tokens', 'cache_creation_input_tokens', 'output_tokens'] as const;

/** What an event says; the counts are those of this event. */
type EventPart = Omit<AnswerPart, 'usage'> & { readonly counts?: TokenCounts };

/** As events, of which `message_stop` is the last, and as one whole. Of one answer only: counts add up. */
export function answerFormat(): AnswerFormat {
  let all: TokenCounts = {};
  const counted = (part: EventPart | undefined): AnswerPart | undefined => {
    if (part === undefined) return undefined;
    const { counts, ...rest } = part;
    all = { ...all, ...counts };
    const usage = usageOf(all);
    return { ...rest, ...(usage === undefined ? {} : { usage }) };
  };
  return {
    values: readEventValues,
    partOf: (value) => counted(eventPart(value)),
    isError: (value) => textMember(value, 'type') === 'error',
    isWhole: ({ last }) => last === true,
    wholeOf: (value) => counted(messagePart(value)),
  };
}

/** `undefined` for pings, thoughts and events that are yet to be invented. */
function eventPart(event: unknown): EventPart | undefined {
  const type = textMember(event, 'type');
  if (type === 'message_start') return { text: '', ...envelope(member(event, 'message')) };
  if (type === 'content_block_start') return textPart(member(event, 'content_block'), 'text');
  if (type === 'content_block_delta') return textPart(member(event, 'delta'), 'text_delta');
  if (type === 'message_delta') {
    return { text: '', ...ending(member(event, 'delta')), ...counts(member(event, 'usage')) };
  }
  return type === 'message_stop' ? { text: '', last: true } : undefined;
}

/** `undefined` where the value is no answer at all. */
function messagePart(message: unknown): EventPart | undefined {
  if (!Array.isArray(member(message, 'content'))) return undefined;
  const blocks = listMember(message, 'content').filter((block) => textMember(block, 'type') === 'text');
  const text = blocks.map((block) => textMember(block, 'text') ?? '').join('');
  return { text, ...envelope(message), ...ending(message) };
}

/** The input is everything that was read, from the cache or not. */
function usageOf(count: TokenCounts): Usage | undefined {
  if (count.input_tokens === undefined) return undefined;
  const read = count.cache_read_input_tokens;
  return {
    inputTokens: count.input_tokens + (read ?? 0) + (count.cache_creation_input_tokens ?? 0),
    outputTokens: count.output_tokens ?? 0,
    ...(read === undefined ? {} : { cachedInputTokens: read }),
  };
}

function textPart(block: unknown, type: string): EventPart | undefined {
  return textMember(block, 'type') === type ? { text: textMember(block, 'text') ?? '' } : undefined;
}

function envelope(message: unknown): Pick<EventPart, 'model' | 'counts'> {
  const model = textMember(message, 'model');
  return { ...(model === undefined || model === '' ? {} : { model }), ...counts(member(message, 'usage')) };
}

function ending(said: unknown): Pick<EventPart, 'finish' | 'refusal' | 'filter'> {
  const reason = textMember(said, 'stop_reason');
  if (reason === undefined) return {};
  const finish = mapFinishReason(reason);
  return { finish, ...(finish === 'filtered' ? refusal(member(said, 'stop_details')) : {}) };
}

/** That the model declined: in the service's own words for the user, and with the category where the wire names one. */
function refusal(details: unknown): Pick<EventPart, 'refusal' | 'filter'> {
  const category = identifier(textMember(details, 'category'));
  const filter = `the model declined to answer${category === undefined ? '' : ` (${category})`}`;
  return { refusal: textMember(details, 'explanation') || `Sorry, ${filter}.`, filter };
}

function counts(usage: unknown): Pick<EventPart, 'counts'> {
  const known = countNames.flatMap((name) => {
    const count = numberMember(usage, name);
    return count === undefined ? [] : [[name, count] as const];
  });
  return known.length === 0 ? {} : { counts: Object.fromEntries(known) };
}
