/** Every setting, once: its type, default, range and documentation. Everything else about settings comes out of this. */
import type { ProviderEntry } from '../domain/provider-entry.ts';
import { cacheSettings } from './cache-schema.ts';
import { exclusionPattern } from './exclusion-pattern.ts';
import { middlewareSetting } from './middleware-schema.ts';
import { providerEntry } from './provider-schema.ts';
import {
  flag,
  group,
  growingList,
  list,
  numberBetween,
  oneOf,
  orNull,
  proxyAddress,
  setting,
  table,
  text,
  wholeNumber,
} from './setting.ts';
import type { ValueOf } from './setting-tree.ts';

const milliseconds = (from: number, to: number) => wholeNumber(from, to, 'milliseconds');
const providerId = text('the id of a provider', 64);
const languageId = text('a language id of the editor, or "*"', 64);
const filePath = text('the path of a file', 4096);

/** What every layer may say. */
export const settingsTree = group('Settings of Inkling.', {
  provider: setting(
    providerId,
    'workspace',
    'The active provider: it answers whatever has no provider of its own. The default needs no key and no network.',
  ),
  completion: group('Suggestions while typing.', {
    enabled: setting(flag, true, 'Turns suggestions off altogether, explicit requests too.'),
    provider: setting(orNull(providerId), null, 'The provider that completes code; null is the active provider.'),
    fallback: setting(
      list(providerId, 'provider ids', 16),
      ['workspace'],
      'Asked in this order when the provider cannot answer. An empty list shows nothing instead.',
    ),
    trigger: setting(
      oneOf('automatic', 'manual'),
      'automatic',
      'Set `manual` to let only explicit requests reach a remote provider, for example to save cost. An editor that asks for the completion list does not say who wanted it: in one that shows suggestions only there, such as Helix, and in Eglot, `manual` leaves them all to the offline engine.',
    ),
    surface: setting(
      oneOf('auto', 'inline', 'list', 'both'),
      'auto',
      'Where suggestions appear: as ghost text, in the completion list, or both. `auto` is ghost text where the editor can show it.',
    ),
    maxLines: setting(
      wholeNumber(1, 200, 'lines'),
      12,
      'The longest suggestion. Set 1 for suggestions that end with the line.',
    ),
    maxTokens: setting(
      wholeNumber(1, 16_384, 'tokens'),
      256,
      'The most tokens a provider generates for one suggestion.',
    ),
    candidates: setting(
      wholeNumber(1, 10),
      1,
      'How many different suggestions to ask for. Each one costs its own tokens.',
    ),
    debounce: group('The pause after typing before a remote provider is asked. It adapts between these limits.', {
      min: setting(milliseconds(0, 10_000), 0, 'The shortest pause.'),
      max: setting(
        milliseconds(0, 10_000),
        400,
        'The longest pause. Raise it where the provider limits the rate of requests.',
      ),
    }),
    timeout: setting(milliseconds(50, 600_000), 5000, 'How long an automatic suggestion may take.'),
    manualTimeout: setting(milliseconds(50, 600_000), 20_000, 'How long an explicitly requested suggestion may take.'),
    latencyBudget: setting(
      orNull(milliseconds(0, 600_000)),
      null,
      'After how long the offline engine answers an automatic request instead, where it is in `completion.provider` or `completion.fallback` and sure enough; null waits. The provider goes on, and its answer shows at the next key that agrees. Set it where the provider is good but slow.',
    ),
    languages: group('In which languages suggestions are made.', {
      include: setting(list(languageId, 'language ids', 256), ['*'], 'Languages with suggestions; `*` is all of them.'),
      exclude: setting(
        growingList(languageId, 'language ids', 256),
        [],
        'Languages without suggestions. Every layer adds to this list.',
      ),
    }),
  }),
  chat: group('Chat and the actions that explain, fix and change code.', {
    provider: setting(orNull(providerId), null, 'The provider that chats; null is the active provider.'),
    fallback: setting(
      list(providerId, 'provider ids', 16),
      [],
      'Asked in this order when the provider cannot answer, as long as nothing of its answer was shown. A request that names its provider asks that one alone.',
    ),
    maxTokens: setting(wholeNumber(1, 1_000_000, 'tokens'), 4096, 'The most tokens of one answer.'),
    timeout: setting(milliseconds(1000, 3_600_000), 120_000, 'How long a whole answer may take.'),
    instructions: setting(
      text('instructions for the model', 20_000, 0),
      '',
      'Added to every conversation, for example the language to answer in.',
    ),
  }),
  context: group('What a provider is told about the code around the cursor.', {
    maxTokens: setting(
      wholeNumber(64, 200_000, 'tokens'),
      2048,
      'All of the context together. More makes remote suggestions slower and dearer.',
    ),
    prefixShare: setting(numberBetween(0, 1), 0.5, 'The share of the context for the text before the cursor.'),
    suffixShare: setting(
      numberBetween(0, 1),
      0.2,
      'The share of the context for the text after the cursor. What both shares leave goes to other documents.',
    ),
    otherDocuments: setting(flag, true, 'Whether similar parts of other open documents are added.'),
    recentEdits: setting(
      flag,
      true,
      'Whether models that take instructions are shown what you changed lately in open documents. Turn it off to keep prompts small, or where what you delete must not leave the machine.',
    ),
    diagnostics: setting(
      flag,
      true,
      'Whether models that take instructions are shown what compilers report near the cursor, as far as the editor says so. Turn it off where the reports mislead more than they help.',
    ),
    workspace: setting(flag, true, 'Whether the offline engine also learns from files that are not open.'),
  }),
  providers: table(
    'Provider entries by id. The built-in ids need no entry; name one only to change it.',
    providerEntry,
  ),
  resilience: group('What happens when a provider fails, for each provider on its own.', {
    retries: setting(
      wholeNumber(0, 5),
      2,
      'How often a failed call is tried again while nothing of its answer was shown.',
    ),
    retryBaseDelay: setting(
      milliseconds(10, 60_000),
      250,
      'The bound of the first wait; it doubles with each further one.',
    ),
    retryMaxDelay: setting(milliseconds(10, 600_000), 8000, 'The longest wait before another try.'),
    maxConcurrent: setting(
      wholeNumber(1, 64, 'calls'),
      4,
      'Calls to one provider at the same time; further ones wait their turn.',
    ),
    requestsPerMinute: setting(
      orNull(wholeNumber(1, 10_000, 'requests')),
      null,
      "The most requests a minute; null is as many as the provider takes. Set it to stay below a plan's limit.",
    ),
    breaker: group('A provider that keeps failing is left alone for a while.', {
      failures: setting(wholeNumber(1, 100), 5, 'Failures in a row after which it is left alone.'),
      resetAfter: setting(
        milliseconds(100, 600_000),
        30_000,
        'For how long, at first; at most 10 seconds where no other provider can answer.',
      ),
    }),
  }),
  cache: cacheSettings,
  privacy: group('What never leaves the machine.', {
    exclude: setting(
      growingList(exclusionPattern, 'patterns', 1000),
      [],
      'Files no provider on the network ever sees, as patterns of `.gitignore`. Added to built-in ones for keys and secrets; every layer adds to this list.',
    ),
    redactSecrets: setting(
      flag,
      true,
      'Whether text that looks like a key is replaced by a placeholder before anything is sent.',
    ),
  }),
  network: group('How the network is reached.', {
    proxy: setting(
      orNull(proxyAddress),
      null,
      'The proxy for requests to providers; null takes it from `HTTPS_PROXY` and `HTTP_PROXY`.',
    ),
    noProxy: setting(
      orNull(text('host names separated by commas', 4096)),
      null,
      'Hosts that are reached without the proxy; null takes them from `NO_PROXY`.',
    ),
    caFile: setting(
      orNull(filePath),
      null,
      'A PEM file of further certificate authorities, for networks whose proxy opens TLS.',
    ),
  }),
  log: group('The log. It never holds keys or the text of documents.', {
    level: setting(oneOf('error', 'warn', 'info', 'debug'), 'info', 'The least serious messages to log.'),
    file: setting(
      orNull(filePath),
      null,
      "Also log to this file, which only you may read then; null logs to the editor's own log, and what is wrong to standard error too. Said in the user file alone, or by `--log-file`.",
    ),
  }),
  audit: group('What changed: each setting that took another effect, and what was done to stored keys.', {
    enabled: setting(
      flag,
      true,
      'Whether one line is written for each change, with its time, layer, path, old and new value; keys as a fingerprint.',
    ),
    file: setting(
      orNull(filePath),
      null,
      'The file, which only you may read; null is `audit.jsonl` in the folder for state, for example `~/.local/state/inkling`. At 4 MB it becomes `FILE.1`. Said in the user file alone.',
    ),
  }),
  metrics: group('The figures of `inkling/stats` for other programs, as OpenMetrics text.', {
    port: setting(
      orNull(wholeNumber(1, 65_535)),
      null,
      'Serve them at `http://127.0.0.1:PORT/metrics`, to this machine alone; null serves nothing. `inkling stats` reads them. Of several servers the first one has the port.',
    ),
  }),
  middleware: middlewareSetting,
  profile: setting(
    orNull(text('the name of a profile', 64)),
    null,
    'The profile of the user file to apply. `--profile` and `INKLING_PROFILE` come first.',
  ),
});

const { profile: _, ...withoutProfile } = settingsTree.shape;

/** What the user file may say: the settings and `profiles`. */
export const userFileTree = group("The user's settings file of Inkling.", {
  ...settingsTree.shape,
  profiles: table(
    'Named sets of settings, laid over the rest of this file when selected.',
    group('Settings that apply when this profile is selected.', withoutProfile),
  ),
});

type DeepReadonly<Value> = Value extends readonly (infer Element)[]
  ? readonly DeepReadonly<Element>[]
  : Value extends object
    ? { readonly [Key in keyof Value]: DeepReadonly<Value[Key]> }
    : Value;

/** The settings in force: every value present, every provider entry complete, deeply frozen. */
export type Settings = DeepReadonly<Omit<ValueOf<typeof settingsTree>, 'providers'>> & {
  /** By id, without a prototype: `settings.providers[id]` is an entry or `undefined`. */
  readonly providers: Readonly<Record<string, ProviderEntry>>;
};
