/** The settings in force. Layers come in as anybody sends them; what goes out is valid, complete and frozen. */
import { checkReferences, checkRelations, type GoodReferences } from './checks.ts';
import { diffSettings, type SettingChange } from './diff.ts';
import { nest, toSettings } from './effective.ts';
import { issueKey, type LayerName, layerNames, type SettingsIssue, type SettingsLayer } from './issue.ts';
import { keepLastGood, type LayerState } from './last-good.ts';
import { defaultLayer, type EffectiveSettings, type Layer, mergeLayers } from './merge.ts';
import { applyProfile, profileNames } from './profile.ts';
import {
  completeProviderEntries,
  knownProviderIds,
  withholdForeignKeys,
  withholdForeignModules,
} from './provider-entries.ts';
import { type LayerReading, readLayer, type Said } from './read-layer.ts';
import { type Settings, settingsTree, userFileTree } from './schema.ts';
import { heldChoices } from './session-choice.ts';

export type { SettingsLayer } from './issue.ts';

export interface SettingsChange {
  /** What holds from now on, deeply frozen. */
  readonly settings: Settings;
  /** Effective changes, secrets as fingerprints; empty when the layer said nothing new. */
  readonly changes: readonly SettingChange[];
  /** What this change brought up and was not reported before: show these to the user, once. */
  readonly issues: readonly SettingsIssue[];
}

export interface SettingsStore {
  /**
   * Replaces all that the layer said before by `raw`, which may be anything. An invalid value is reported, and what the
   * layer last validly said there stays in force. What was chosen by command gives way where the layer now says otherwise.
   */
  setLayer(layer: SettingsLayer, raw: unknown): SettingsChange;
  /** The same for what the layer said all along and is only known now: nobody changed anything, so no choice gives way. */
  learnLayer(layer: SettingsLayer, raw: unknown): SettingsChange;
  /**
   * The layer could not be read, for example half a file: what it said before stays in force, and where it said nothing
   * yet, what can be used of `salvaged` counts.
   */
  rejectLayer(layer: SettingsLayer, issues: readonly SettingsIssue[], salvaged?: unknown): SettingsChange;
  settings(): Settings;
  /** What the layer validly says, in the shape of the settings; empty for a layer that says nothing. */
  layer(name: SettingsLayer): Readonly<Record<string, unknown>>;
  /** Everything that is wrong now, reported before or not. */
  issues(): readonly SettingsIssue[];
  /** The layer that a value comes from, by dotted path; `undefined` for paths that have no value. */
  originOf(path: string): LayerName | undefined;
  /** Every setting in force with its origin, by dotted path. */
  effective(): EffectiveSettings;
  /** The names that `profile` may have. */
  profiles(): readonly string[];
}

export interface SettingsStoreOptions {
  /** The profile that the command line or the environment selects: it goes before the setting. */
  readonly profile?: string | undefined;
}

interface StoreState {
  readonly layers: ReadonlyMap<SettingsLayer, LayerState>;
  /** The same as they count, weakest first. */
  readonly counted: readonly Layer[];
  readonly good: GoodReferences;
  readonly effective: EffectiveSettings;
  readonly settings: Settings;
  readonly issues: readonly SettingsIssue[];
}

export function createSettingsStore({ profile }: SettingsStoreOptions = {}): SettingsStore {
  let state = resolve(new Map(), undefined, profile);
  /** What is wrong before anybody spoke, such as a profile that is not there, nobody has been told. */
  let reported: ReadonlySet<string> = new Set();

  const learn = (name: SettingsLayer, layer: LayerState): SettingsChange =>
    enter(resolve(new Map([...state.layers, [name, layer]]), state, profile));

  const replace = (name: SettingsLayer, layer: LayerState): SettingsChange => {
    const saysNothing = layer.said.size === 0 && layer.issues.length === 0;
    if (saysNothing && !state.layers.has(name)) return enter(state);
    const next = resolve(new Map([...state.layers, [name, layer]]), state, profile);
    const session = next.layers.get('session');
    if (name === 'session' || session === undefined) return enter(next);
    const said = heldChoices(session.said, state.counted, next.counted);
    if (said.size === session.said.size) return enter(next);
    return enter(resolve(new Map([...next.layers, ['session', { ...session, said }]]), state, profile));
  };

  const enter = (next: StoreState): SettingsChange => {
    const before = state;
    state = next;
    const issues = state.issues.filter((issue) => !reported.has(issueKey(issue)));
    reported = new Set(state.issues.map(issueKey));
    return { settings: state.settings, changes: diffSettings(before.effective, state.effective), issues };
  };

  const saidBefore = (name: SettingsLayer) => state.layers.get(name)?.said;

  return {
    setLayer: (name, raw) => replace(name, keepLastGood(read(name, raw), saidBefore(name))),
    learnLayer: (name, raw) => learn(name, keepLastGood(read(name, raw), saidBefore(name))),
    rejectLayer: (name, issues, salvaged) =>
      replace(name, { said: saidBefore(name) ?? read(name, salvaged).said, issues }),
    settings: () => state.settings,
    layer: (name) => nest((saidBefore(name) ?? new Map<string, Said>()).values()),
    issues: () => state.issues,
    originOf: (path) => state.effective.get(path)?.layers.at(-1),
    effective: () => state.effective,
    profiles: () => profileNames(state.layers.get('user')?.said),
  };
}

function read(name: SettingsLayer, raw: unknown): LayerReading {
  return readLayer(name === 'user' ? userFileTree : settingsTree, raw, name);
}

/** Everything follows from what the layers say, and from what held before where they now contradict themselves. */
function resolve(
  states: ReadonlyMap<SettingsLayer, LayerState>,
  before: StoreState | undefined,
  selectedProfile: string | undefined,
): StoreState {
  const previous: EffectiveSettings = before?.effective ?? new Map();
  const spoken = layerNames.flatMap((name): Layer[] => {
    if (name === 'default') return [defaultLayer];
    const said = name === 'profile' ? undefined : states.get(name)?.said;
    return said ? [{ name, said }] : [];
  });
  const profiled = applyProfile(spoken, selectedProfile);
  const trusted = withholdForeignModules(profiled.layers);
  const guarded = withholdForeignKeys(trusted.layers);
  const candidate = mergeLayers(guarded.layers);
  const entryIssues = completeProviderEntries(candidate, previous);
  const references = checkReferences(guarded.layers, knownProviderIds(candidate), before?.good ?? new Map());
  // A second time, because which ids a reference may name was known only after the first.
  const effective = mergeLayers(references.layers);
  completeProviderEntries(effective, previous);
  const relationIssues = checkRelations(effective, previous);
  const issues = [
    ...[...states.values()].flatMap((state) => state.issues),
    ...profiled.issues,
    ...trusted.issues,
    ...guarded.issues,
    // An entry whose module was refused lacks one only because of that.
    ...entryIssues.filter(({ path }) => !trusted.issues.some((refused) => refused.path === path)),
    ...references.issues,
    ...relationIssues,
  ];
  return {
    layers: states,
    counted: references.layers,
    good: references.good,
    effective,
    settings: toSettings(effective),
    issues,
  };
}
