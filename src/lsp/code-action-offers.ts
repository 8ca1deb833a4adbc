/** The code actions as editors list them, apart from what offers them: their kinds are announced before that is loaded. */
import type { ActionKind } from '../assistant/act.ts';
import { CodeActionKind } from './protocol.ts';

export interface CodeActionOffer {
  readonly action: ActionKind;
  readonly title: string;
  readonly kind: string;
}

/** Editors group and filter by kind; ours sit below the standard ones. */
export const codeActionOffers: readonly CodeActionOffer[] = [
  { action: 'fix', title: 'Inkling: fix this', kind: `${CodeActionKind.QuickFix}.inkling` },
  { action: 'refactor', title: 'Inkling: improve this', kind: `${CodeActionKind.RefactorRewrite}.inkling` },
  { action: 'document', title: 'Inkling: document this', kind: `${CodeActionKind.RefactorRewrite}.inkling` },
  { action: 'explainCode', title: 'Inkling: explain this', kind: `${CodeActionKind.Refactor}.inkling` },
  { action: 'generateTests', title: 'Inkling: write tests for this', kind: `${CodeActionKind.Refactor}.inkling` },
];

export const codeActionKinds: readonly string[] = [...new Set(codeActionOffers.map(({ kind }) => kind))];
