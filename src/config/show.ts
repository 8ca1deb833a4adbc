/** The settings in force for people and scripts: each value with where it comes from, secrets masked. */
import { type LayerName, layerTitles } from './issue.ts';
import { maskValue, printValue } from './mask.ts';
import type { EffectiveSetting, EffectiveSettings } from './merge.ts';

export interface ShownSetting {
  /** Masked. */
  readonly value: unknown;
  /** Weakest first; more than one only for lists to which several layers add. */
  readonly layers: readonly LayerName[];
}

/** By dotted path, sorted. */
export function showSettingsJson(effective: EffectiveSettings): Readonly<Record<string, ShownSetting>> {
  return Object.fromEntries(
    sorted(effective).map(([path, { value, leaf, layers }]) => [
      path,
      { value: maskValue(value, leaf.secrecy), layers },
    ]),
  );
}

/** One line for each setting, `path = value  # layer`; ends with a line break. */
export function showSettingsText(effective: EffectiveSettings): string {
  const lines = sorted(effective).map(([path, { value, leaf, layers }]) => ({
    left: `${path} = ${printValue(value, leaf.secrecy)}`,
    right: layers.map((layer) => layerTitles[layer]).join(', '),
  }));
  // Only as wide as most lines need: one long value should not push every comment out of sight.
  const width = Math.min(56, Math.max(0, ...lines.map(({ left }) => left.length)));
  return lines.map(({ left, right }) => `${left.padEnd(width)}  # ${right}\n`).join('');
}

function sorted(effective: EffectiveSettings): [string, EffectiveSetting][] {
  return [...effective].sort(([one], [other]) => (one < other ? -1 : 1));
}
