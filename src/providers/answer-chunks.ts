/** What wires read, as parts of a chat or of a completion. Apart because the difference is the same for every vendor: a refusal is an answer of a chat, but no code. */
import type { ChatResponseChunk } from '../domain/chat.ts';
import type { CompletionChunk } from '../domain/completion.ts';
import type { AnswerChunk } from './http/read-answer.ts';

/** A refusal comes after what was said, if anything was. */
export async function* asChat(chunks: AsyncIterable<AnswerChunk>): AsyncGenerator<ChatResponseChunk, void, undefined> {
  let gap = '';
  for await (const { text, refusal, finish } of chunks) {
    if (text !== '') gap = '\n\n';
    const delta = refusal === undefined ? text : `${text}${gap}${refusal}`;
    if (refusal !== undefined) gap = '';
    yield { delta, ...(finish === undefined ? {} : { finish }) };
  }
}

/** `noteOf` says for `explain` how the completion was made. */
export async function* asCompletion(
  chunks: AsyncIterable<AnswerChunk>,
  noteOf?: (last: AnswerChunk) => string,
): AsyncGenerator<CompletionChunk, void, undefined> {
  for await (const chunk of chunks) {
    const { text, finish } = chunk;
    const note = noteOf === undefined ? {} : { note: noteOf(chunk) };
    yield { delta: text, ...(finish === undefined ? {} : { finish: { ...finish, ...note } }) };
  }
}

/** The same completion; its end says which form of prompt was used, and why. */
export async function* noted(
  chunks: AsyncIterable<CompletionChunk>,
  note: string,
): AsyncGenerator<CompletionChunk, void, undefined> {
  for await (const { delta, finish } of chunks) {
    yield finish === undefined ? { delta } : { delta, finish: Object.assign({}, finish, { note }) };
  }
}
