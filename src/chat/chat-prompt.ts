/** What a chat model is told before the conversation: who it is, the user's own instructions, and the code the editor points at. */
import { type ChatMessage, type ChatRequest, chatRequest } from '../domain/chat.ts';
import { fenced } from './fenced.ts';

/** A piece of a file that goes along with the question; already cleared of what may not leave the machine. */
export interface Attachment {
  /** Relative to its workspace root. */
  readonly path: string;
  readonly languageId: string;
  /** 1-based, both included. */
  readonly firstLine: number;
  readonly lastLine: number;
  readonly text: string;
  /** True for what the user selected, as against a whole file. */
  readonly selected: boolean;
}

export interface ChatPrompt {
  readonly messages: readonly ChatMessage[];
  readonly attachments: readonly Attachment[];
  /** The user's standing instructions; may be empty. */
  readonly instructions: string;
  readonly model?: string;
  readonly maxTokens?: number;
  readonly temperature?: number;
}

const ROLE = [
  'You are a programming assistant inside a text editor.',
  'Answer in Markdown. Put code in fenced blocks with the language named.',
  'Be short and exact; say so when you are not sure.',
].join(' ');

/** Stable parts come first and never change within a conversation, so that a provider's prompt cache can hit. */
export function buildChatRequest({ messages, attachments, instructions, ...options }: ChatPrompt): ChatRequest {
  const system = [ROLE, instructions.trim()].filter((part) => part !== '').join('\n\n');
  const context = attachments.map(renderAttachment).join('\n\n');
  return chatRequest(
    [
      { role: 'system', content: system },
      ...(context === ''
        ? []
        : [{ role: 'user' as const, content: `Here is the code I am looking at.\n\n${context}` }]),
      ...messages,
    ],
    options,
  );
}

function renderAttachment({ path, languageId, firstLine, lastLine, text, selected }: Attachment): string {
  const heading = selected ? `Selected lines ${firstLine}–${lastLine} of ${path}` : path;
  return `${heading}:\n${fenced(text, languageId)}`;
}
