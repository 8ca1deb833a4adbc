/** Lays what a project says over the settings in force. Every rule here takes away or adds words; none gives a project more. */
import { type EffectiveSetting, type EffectiveSettings, union } from './merge.ts';
import type { Said } from './read-layer.ts';

type Rule = (own: unknown, said: unknown) => unknown;

const smaller: Rule = (own, said) => Math.min(Number(own), Number(said));
const both: Rule = (own, said) =>
  [own, said].filter((text) => typeof text === 'string' && text.trim() !== '').join('\n\n');
const either: Rule = (own, said) => union(own, said);

/** What is not here, a project cannot say, whatever its file was read as. */
const rules: ReadonlyMap<string, Rule> = new Map([
  ['completion.enabled', (own, said) => own === true && said !== false],
  ['completion.languages.exclude', either],
  ['chat.instructions', both],
  ['context.maxTokens', smaller],
  ['context.prefixShare', (_, said) => said],
  ['context.suffixShare', (_, said) => said],
  ['privacy.exclude', either],
]);

export function narrow(effective: EffectiveSettings, said: ReadonlyMap<string, Said>): EffectiveSettings {
  const narrowed = new Map(effective);
  for (const [path, rule] of rules) {
    const own = narrowed.get(path);
    const project = said.get(path);
    if (own !== undefined && project !== undefined) narrowed.set(path, overlay(own, rule(own.value, project.value)));
  }
  return fitShares(narrowed, said);
}

function overlay(own: EffectiveSetting, value: unknown): EffectiveSetting {
  const isSame = JSON.stringify(own.value) === JSON.stringify(value);
  if (isSame) return own;
  const isJoined = Array.isArray(own.value) ? own.value.length > 0 : typeof own.value === 'string' && own.value !== '';
  return { ...own, value, layers: isJoined ? [...own.layers, 'project'] : ['project'] };
}

/** Both shares are at most 1 together: the one that the project does not name gives way, else the one after the cursor. */
function fitShares(narrowed: Map<string, EffectiveSetting>, said: ReadonlyMap<string, Said>): EffectiveSettings {
  const [prefix, suffix] = ['context.prefixShare', 'context.suffixShare'].map((path) => narrowed.get(path));
  if (prefix === undefined || suffix === undefined) return narrowed;
  if (Number(prefix.value) + Number(suffix.value) <= 1) return narrowed;
  const yields = said.has('context.prefixShare') ? suffix : prefix;
  const stays = yields === suffix ? prefix : suffix;
  return narrowed.set(yields.path.join('.'), overlay(yields, 1 - Number(stays.value)));
}
