/** How many suggestions were offered, shown and accepted: kept for the user's own eyes, in this process alone. */

export interface SuggestionStats {
  readonly offered: number;
  /** Only editors that say so are counted. */
  readonly shown: number;
  readonly accepted: number;
  /** UTF-16 code units of the accepted texts. */
  readonly acceptedCharacters: number;
}

/** Where a suggestion goes when it is accepted: in the version it was offered for last, in UTF-16 code units. */
export interface SuggestionPlace {
  readonly uri: string;
  readonly offset: number;
  readonly text: string;
}

export interface SuggestionLedger {
  /** Offered again, it is the same suggestion at another place. */
  offered(id: string, place: SuggestionPlace): void;
  shown(id: string): void;
  /** Gives its place, once; `undefined` for a suggestion that is not known or was accepted before. */
  accepted(id: string): SuggestionPlace | undefined;
  /** `length`: UTF-16 code units of the text accepted so far, from its start. */
  partlyAccepted(id: string, length: number): void;
  stats(): SuggestionStats;
}

/** Suggestions that may still be shown or accepted; older ones are counted and forgotten. */
const OPEN = 256;

export function createSuggestionLedger(): SuggestionLedger {
  const open = new Map<string, { length: number; shown: boolean; taken: number; place: SuggestionPlace }>();
  let stats: SuggestionStats = { offered: 0, shown: 0, accepted: 0, acceptedCharacters: 0 };

  return {
    offered(id, place) {
      const known = open.get(id);
      if (known !== undefined) {
        known.place = place;
        return;
      }
      open.set(id, { length: place.text.length, shown: false, taken: 0, place });
      const oldest = open.keys().next();
      if (open.size > OPEN && oldest.value !== undefined) open.delete(oldest.value);
      stats = { ...stats, offered: stats.offered + 1 };
    },
    shown(id) {
      const suggestion = open.get(id);
      if (suggestion === undefined || suggestion.shown) return;
      suggestion.shown = true;
      stats = { ...stats, shown: stats.shown + 1 };
    },
    accepted(id) {
      const suggestion = open.get(id);
      if (suggestion === undefined) return undefined;
      open.delete(id);
      stats = {
        ...stats,
        accepted: stats.accepted + 1,
        acceptedCharacters: stats.acceptedCharacters + suggestion.length - suggestion.taken,
      };
      return suggestion.place;
    },
    partlyAccepted(id, length) {
      const suggestion = open.get(id);
      if (suggestion === undefined || length <= suggestion.taken) return;
      const more = Math.min(length, suggestion.length) - suggestion.taken;
      suggestion.taken += more;
      stats = { ...stats, acceptedCharacters: stats.acceptedCharacters + more };
    },
    stats: () => stats,
  };
}
