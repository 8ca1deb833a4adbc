/** What a change of settings really changed, printable: secrets are fingerprints. */
import { isDeepStrictEqual } from 'node:util';
import type { LayerName } from './issue.ts';
import { maskValue } from './mask.ts';
import type { EffectiveSetting, EffectiveSettings } from './merge.ts';

export interface SettingChange {
  readonly path: string;
  /** Where the new value comes from; for a value that is gone, where the old one came from. */
  readonly layer: LayerName;
  /** Masked; `undefined` where there was none. */
  readonly before: unknown;
  /** Masked; `undefined` where there is none any more. */
  readonly after: unknown;
}

/** Effective changes by path. A value that moved to another layer and stayed the same is no change. */
export function diffSettings(before: EffectiveSettings, after: EffectiveSettings): readonly SettingChange[] {
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort();
  return paths.flatMap((path) => {
    const [old, current] = [before.get(path), after.get(path)];
    if (isDeepStrictEqual(old?.value, current?.value)) return [];
    const layer = (current ?? old)?.layers.at(-1) ?? 'default';
    return [{ path, layer, before: printable(old), after: printable(current) }];
  });
}

function printable(setting: EffectiveSetting | undefined): unknown {
  return setting && maskValue(setting.value, setting.leaf.secrecy);
}
