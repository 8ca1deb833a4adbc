/** How long a choice by command holds: until the settings change what it chose. The user's later act wins. */
import { type Layer, mergeLayers } from './merge.ts';
import type { Said } from './read-layer.ts';

/** Choosing it empties the choices for one feature, as `null`. */
const FOR_EVERYTHING = 'provider';
/** What commands choose. */
const chosenPaths: ReadonlySet<string> = new Set([FOR_EVERYTHING, 'completion.provider', 'chat.provider']);

/** What of the session's choices still holds when the layers below it went from `before` to `after`. */
export function heldChoices(
  choices: ReadonlyMap<string, Said>,
  before: readonly Layer[],
  after: readonly Layer[],
): ReadonlyMap<string, Said> {
  if (choices.size === 0) return choices;
  const [old, current] = [below(before), below(after)];
  const isChanged = (path: string) => old.get(path)?.value !== current.get(path)?.value;
  const isOver = ([path, { value }]: [string, Said]) =>
    chosenPaths.has(path) &&
    (isChanged(path) || (value === null && choices.has(FOR_EVERYTHING) && isChanged(FOR_EVERYTHING)));
  return new Map([...choices].filter((choice) => !isOver(choice)));
}

function below(layers: readonly Layer[]): ReturnType<typeof mergeLayers> {
  return mergeLayers(layers.filter(({ name }) => name !== 'session'));
}
