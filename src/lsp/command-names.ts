/** The commands by name, apart from what runs them: they are announced before any of that is loaded. */
export const commandNames = [
  'inkling.fix',
  'inkling.refactor',
  'inkling.document',
  'inkling.explainCode',
  'inkling.generateTests',
  'inkling.chat',
  'inkling.acceptCompletion',
  'inkling.selectProvider',
  'inkling.clearCache',
  'inkling.explainLast',
  'inkling.showContext',
  'inkling.showStats',
] as const;

export type CommandName = (typeof commandNames)[number];
