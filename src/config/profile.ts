/** Profiles: which one is selected, and its settings as a layer of their own. */
import type { SettingsIssue } from './issue.ts';
import { printValue } from './mask.ts';
import type { Layer } from './merge.ts';
import type { Said } from './read-layer.ts';

/** The profile chosen outside the settings: `--profile` before `INKLING_PROFILE`; empty text chooses none. */
export function chooseProfile(flag: string | undefined, environment: string | undefined): string | undefined {
  return flag || environment || undefined;
}

/** The profiles that the user file describes. */
export function profileNames(said: ReadonlyMap<string, Said> = new Map()): readonly string[] {
  return [...new Set([...said.values()].flatMap(({ path }) => (path[0] === 'profiles' && path[1] ? [path[1]] : [])))];
}

/** Takes the profiles out of the user layer and puts the selected one directly above it. */
export function applyProfile(
  layers: readonly Layer[],
  selected: string | undefined,
): { readonly layers: readonly Layer[]; readonly issues: readonly SettingsIssue[] } {
  const user = layers.find((layer) => layer.name === 'user');
  const setting = layers.findLast((layer) => layer.said.has('profile') && layer.said.get('profile')?.value !== null);
  const name = selected ?? setting?.said.get('profile')?.value;
  const known = profileNames(user?.said);
  const isKnown = typeof name === 'string' && known.includes(name);
  const issues = typeof name !== 'string' || isKnown ? [] : [unknownProfile(setting, name, known)];
  return {
    layers: layers.flatMap((layer) => {
      if (layer.name !== 'user') return [layer];
      const own: Layer = {
        name: 'user',
        said: new Map([...layer.said].filter(([, { path }]) => path[0] !== 'profiles')),
      };
      return isKnown ? [own, profileLayer(layer, name)] : [own];
    }),
    issues,
  };
}

function profileLayer(user: Layer, name: string): Layer {
  const said = new Map<string, Said>();
  for (const entry of user.said.values()) {
    if (entry.path[0] !== 'profiles' || entry.path[1] !== name) continue;
    const path = entry.path.slice(2);
    said.set(path.join('.'), { ...entry, path });
  }
  return { name: 'profile', said };
}

function unknownProfile(layer: Layer | undefined, name: string, known: readonly string[]): SettingsIssue {
  const names = known.length === 0 ? 'the user file has none' : `known: ${known.map((one) => `"${one}"`).join(', ')}`;
  return {
    layer: layer?.name ?? 'profile',
    path: 'profile',
    expected: `the name of a profile in the user file (${names})`,
    got: printValue(name, undefined),
  };
}
