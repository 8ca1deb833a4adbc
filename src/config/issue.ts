/** What is wrong with a setting, where it was said, and the sentence a person reads about it. */

/** From weakest to strongest: a later one wins. */
export const layerNames = ['default', 'user', 'profile', 'initializationOptions', 'client', 'session'] as const;
/** `project` is no layer among the others: it only narrows what they come to. */
export type LayerName = (typeof layerNames)[number] | 'project';

/** The layers somebody outside sets; the profile is part of the user file, the defaults are the program's. */
export type SettingsLayer = Exclude<LayerName, 'default' | 'profile' | 'project'>;

export interface SettingsIssue {
  readonly layer: LayerName;
  /** Dotted, for example `completion.debounce.max`; empty for the layer as a whole. */
  readonly path: string;
  /** Completes the sentence "expected …". */
  readonly expected: string;
  /** What was found, as JSON or in words; masked where it may be a key. */
  readonly got: string;
}

export const layerTitles: Readonly<Record<LayerName, string>> = {
  default: 'the defaults',
  user: 'the user file',
  profile: 'the selected profile',
  initializationOptions: 'initializationOptions',
  client: "the editor's settings",
  session: 'this session',
  project: 'the project file',
};

/** One sentence for a message box, a log line or a terminal. */
export function describeIssue({ layer, path, expected, got }: SettingsIssue): string {
  const place = path === '' ? layerTitles[layer] : `${path} (${layerTitles[layer]})`;
  return `${place}: expected ${expected}; got ${got}.`;
}

/** Two issues are the same problem when this is the same. */
export function issueKey({ layer, path, expected, got }: SettingsIssue): string {
  return JSON.stringify([layer, path, expected, got]);
}
