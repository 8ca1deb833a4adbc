/** What was offered, and how it is offered again while the user types it: without asking anyone. */
import type { DocumentSnapshot } from '../domain/text.ts';
import { type Anchor, typedSince } from './anchor.ts';

export interface Suggestion {
  /** Unique in this process; the editor sends it back when it accepts. */
  readonly id: string;
  readonly anchor: Anchor;
  /** The whole text at the anchor, line ends as `\n`; never empty. */
  readonly text: string;
  readonly provider: string;
  readonly model: string;
}

/** How many answers a document keeps: enough to type, delete and type again; a few hundred bytes each. */
const KEPT = 16;

export interface SuggestionMemory {
  remember(suggestions: readonly Suggestion[]): void;
  /** The newest suggestions that agree with the text before the cursor, and what of each is left to type. */
  agreeing(document: DocumentSnapshot, offset: number): readonly { suggestion: Suggestion; rest: string }[];
  clear(): void;
}

export function createSuggestionMemory(): SuggestionMemory {
  let kept: (readonly Suggestion[])[] = [];

  return {
    remember(suggestions) {
      if (suggestions.length === 0) return;
      kept = [suggestions, ...kept].slice(0, KEPT);
    },
    agreeing(document, offset) {
      for (const suggestions of kept) {
        const found = suggestions.flatMap((suggestion) => {
          const rest = restOf(suggestion.text, typedSince(suggestion.anchor, document, offset));
          return rest ? [{ suggestion, rest }] : [];
        });
        if (found.length > 0) return found;
      }
      return [];
    },
    clear() {
      kept = [];
    },
  };
}

/** What is left of `text` after `typed`; `undefined` when they disagree or everything was typed. */
export function restOf(text: string, typed: string | undefined): string | undefined {
  if (typed === undefined || !text.startsWith(typed) || text.length === typed.length) return undefined;
  return text.slice(typed.length);
}
