/** Whether a completion may be asked for at all; decided before anything is spent. */
import type { DocumentSnapshot } from '../domain/text.ts';

export interface CompletionSettings {
  readonly enabled: boolean;
  /** `manual`: automatic requests reach only providers in this process. */
  readonly trigger: 'automatic' | 'manual';
  readonly maxLines: number;
  readonly maxTokens: number;
  readonly candidates: number;
  /** Milliseconds from an automatic request on, after which it is answered by a provider in this process; `null`: never. */
  readonly latencyBudget: number | null;
  /** Milliseconds. */
  readonly debounce: { readonly min: number; readonly max: number };
  /** Language identifiers; `*` stands for all. Exclusion wins. */
  readonly languages: { readonly include: readonly string[]; readonly exclude: readonly string[] };
}

/** Why nothing is asked, or `undefined` when the request may go on. */
export function gate(document: DocumentSnapshot, settings: CompletionSettings): string | undefined {
  if (!settings.enabled) return 'Completion is switched off ("completion.enabled").';
  const { include, exclude } = settings.languages;
  const language = document.languageId;
  if (exclude.includes(language) || exclude.includes('*')) {
    return `Language "${language}" is excluded ("completion.languages.exclude").`;
  }
  if (!include.includes('*') && !include.includes(language)) {
    return `Language "${language}" is not included ("completion.languages.include").`;
  }
  return undefined;
}
