/** What a project may say of itself: a few settings, and of each only what narrows. Whoever opens a folder trusts it with no more. */
import * as z from 'zod/mini';
import { settingsTree } from './schema.ts';
import { group, optional, text, type ValueKind } from './setting.ts';
import type { LeafNode } from './setting-tree.ts';

const { completion, context, privacy } = settingsTree.shape;

const off: ValueKind<boolean> = {
  schema: () => z.literal(false),
  expected: 'false (a project switches completion off, never on)',
};

/** As the user may say it, without a default: what a project does not say stays as it is. */
function narrower<Value>(leaf: LeafNode<Value>, description: string): LeafNode<Value> {
  return { ...leaf, description, defaultValue: undefined };
}

export const projectTree = group("A project's settings of Inkling: what they say narrows the user's own.", {
  completion: group('Suggestions while typing.', {
    enabled: optional(off, 'Turns suggestions off in this project, explicit requests too.'),
    languages: group('In which languages suggestions are made.', {
      exclude: narrower(completion.shape.languages.shape.exclude, 'Further languages without suggestions.'),
    }),
  }),
  chat: group('Chat and the actions that explain, fix and change code.', {
    instructions: optional(
      text('instructions for the model', 20_000, 0),
      "Added to conversations about this project, after the user's own.",
    ),
  }),
  context: group('What a provider is told about the code around the cursor.', {
    maxTokens: narrower(
      context.shape.maxTokens,
      "All of the context together, where that is less than the user's own.",
    ),
    prefixShare: narrower(context.shape.prefixShare, 'The share of the context for the text before the cursor.'),
    suffixShare: narrower(
      context.shape.suffixShare,
      'The share of the context for the text after the cursor, as far as the other share leaves it.',
    ),
  }),
  privacy: group('What never leaves the machine.', {
    exclude: narrower(
      privacy.shape.exclude,
      'Further files no provider on the network ever sees, as patterns of `.gitignore` from the folder of this file.',
    ),
  }),
});
