/**
 * Decides how a model is asked to complete, and says why. Apart because a wrong choice is silent: a model that is sent
 * another family's tokens answers all the same.
 */
import type { FimForm } from '../../domain/provider-entry.ts';
import { modelFacts } from '../models.ts';
import type { ModelCard } from './convert-response.ts';

export interface CompletionForm {
  readonly fim: FimForm;
  /** One sentence for `explain`. */
  readonly note: string;
}

/** What the settings say; `undefined` where they leave it to the model. */
export function chosenForm(fim: FimForm | undefined): CompletionForm | undefined {
  return fim && { fim, note: `${inWords(fim)}: the settings say so` };
}

/** By the template where it takes what follows the cursor, else by the tokens of the model's family, else by asking it to fill a hole. */
export function formOf(model: string, card: ModelCard): CompletionForm {
  if (card.capabilities.includes('insert') || /\.Suffix\b/.test(card.template)) {
    return { fim: 'suffix', note: `${inWords('suffix')}: the model's template takes one` };
  }
  return formWithoutTemplate(model, card);
}

/** For a model whose template takes no suffix. */
export function formWithoutTemplate(model: string, card: ModelCard): CompletionForm {
  const why = "the model's template takes no suffix";
  for (const name of [model, ...card.otherNames]) {
    const { fim } = modelFacts(name);
    if (fim !== 'none' && fim !== 'suffix')
      return { fim, note: `${inWords(fim)}: ${why}, and the name tells its family` };
  }
  return { fim: 'none', note: `${inWords('none')}: ${why}, and no family with tokens for it is known by the name` };
}

function inWords(fim: FimForm): string {
  if (fim === 'none') return 'hole filler';
  return fim === 'suffix' ? 'fim: suffix' : `fim: ${fim} tokens`;
}
