/** What is asked of a provider in this process: 6 KB of code around a cursor, and as much said in a chat. */
import { type ChatRequest, chatRequest } from '../src/domain/chat.ts';
import { type CompletionRequest, completionRequest } from '../src/domain/completion.ts';
import { contextAt } from '../test/support/code-context.ts';
import { beginningOfLine, oneLineAnswer, sourceText } from './texts.ts';

const before = sourceText(4_096);
const after = sourceText(2_048);

/** 17 parts that are one line, which no completion ends early. */
export const answerParts = oneLineAnswer;

/** The same content for the same number, in a new object each time. */
export function completionOf(number: number): CompletionRequest {
  return completionRequest({ context: contextAt(`${before}${beginningOfLine(number)}█\n${after}`) });
}

export function chatOf(number: number): ChatRequest {
  return chatRequest([
    { role: 'system', content: 'You are a helpful assistant for programmers.' },
    { role: 'user', content: `${before}${after}\nWhat does value${number} hold?` },
  ]);
}
