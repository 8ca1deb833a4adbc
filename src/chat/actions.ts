/** What an editor's actions on code ask a chat model, one sentence each. Edits come back as code, the rest as Markdown. */
import type { ChatMessage } from '../domain/chat.ts';
import { fenced } from './fenced.ts';

export const editKinds = ['fix', 'refactor', 'document'] as const;
export const answerKinds = ['explainCode', 'generateTests'] as const;

export type EditKind = (typeof editKinds)[number];
export type AnswerKind = (typeof answerKinds)[number];
export type ActionKind = EditKind | AnswerKind;

export function isEditKind(kind: ActionKind): kind is EditKind {
  return (editKinds as readonly ActionKind[]).includes(kind);
}

const tasks: Readonly<Record<ActionKind, string>> = {
  fix: 'Fix what is wrong with the selected lines. Change nothing else.',
  refactor: 'Improve how the selected lines read without changing what they do.',
  document:
    'Add the documentation comment that the conventions of the language ask for. Leave the code itself as it is.',
  explainCode: 'Explain what the selected code does and why, for a programmer who is new to it.',
  generateTests: 'Write tests for the selected code with the test framework the project seems to use.',
};

const AS_CODE =
  'Answer with the new version of exactly the selected lines, in one fenced code block and nothing else. Keep their indentation.';

const EDITS =
  'What I changed lately, newest first; lines with "+" are new, lines with "-" are gone and must not come back:';

export interface ActionRequest {
  readonly kind: ActionKind;
  /** What the editor reports about the lines, for example compiler errors. */
  readonly diagnostics: readonly string[];
  /** What the user changed lately, as small diffs. */
  readonly recentEdits: readonly string[];
  /** The user's own words, where the editor has asked for them. */
  readonly instruction?: string;
}

/**
 * What was changed lately tells what broke and where the user is heading. An explanation, a comment and tests are about
 * the code as it is.
 */
const followsEdits: ReadonlySet<ActionKind> = new Set(['fix', 'refactor']);

export function actionMessage({ kind, diagnostics, recentEdits, instruction }: ActionRequest): ChatMessage {
  const reported = diagnostics.map((diagnostic) => `- ${diagnostic}`).join('\n');
  const edits = followsEdits.has(kind) ? recentEdits.join('\n\n') : '';
  const parts = [
    tasks[kind],
    instruction,
    reported === '' ? undefined : `The editor reports:\n${reported}`,
    edits === '' ? undefined : `${EDITS}\n\n${fenced(edits, 'diff')}`,
    isEditKind(kind) ? AS_CODE : undefined,
  ];
  return { role: 'user', content: parts.filter((part) => part !== undefined && part !== '').join('\n\n') };
}
