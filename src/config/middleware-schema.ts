/** The setting that lists who is told of provider calls. */
import * as z from 'zod/mini';
import { list, modulePlace, setting, type ValueKind } from './setting.ts';

type Entry =
  | { kind: 'log' }
  | { kind: 'openTelemetry'; content?: boolean }
  | { kind: 'module'; module: string; options?: Record<string, unknown>; content?: boolean };

const entry: ValueKind<Entry> = {
  schema: () =>
    z.discriminatedUnion('kind', [
      described(
        z.strictObject({ kind: z.literal('log') }),
        'One line in the log for each call: times, tokens and outcome, no text.',
      ),
      described(
        z.strictObject({ kind: z.literal('openTelemetry'), content: content() }),
        'A span and figures for each call, by the package `@opentelemetry/api`.',
      ),
      described(
        z.strictObject({
          kind: z.literal('module'),
          module: described(
            modulePlace.schema(),
            'The ES module: an absolute path or a `file:` URL. Said in the user file alone.',
          ),
          options: described(
            z.exactOptional(z.record(z.string().check(z.maxLength(128)), z.unknown())),
            'Given to the module as it is.',
          ),
          content: content(),
        }),
        "A module of the user's own, in a thread of its own.",
      ),
    ]),
  expected: 'an entry such as {"kind": "log"}',
};

function content() {
  return described(
    z.exactOptional(z.boolean()),
    'Whether it is also told what was asked and answered. Left out: false. Said in the user file alone.',
  );
}

function described<Schema extends z.ZodMiniType>(schema: Schema, description: string): Schema {
  z.globalRegistry.add(schema, { description });
  return schema;
}

export const middlewareSetting = setting(
  {
    ...list(entry, 'entries', 16),
    expected:
      'a list of at most 16 entries: {"kind": "log"}, {"kind": "openTelemetry"} or {"kind": "module", "module": PATH}',
    secrecy: 'options',
  },
  [],
  'Who is told of every call to a provider, outermost first: the log, OpenTelemetry, modules of your own. None of them can change a call.',
);
