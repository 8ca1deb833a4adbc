/** Tells automatic from explicit inline requests for clients of two protocol versions that number them differently. */

/** 3.18 says Invoked = 1, Automatic = 2; 3.17 said Invoked = 0, Automatic = 1. Only 1 is ambiguous. */
const INVOKED_3_17 = 0;
const AUTOMATIC_3_18 = 2;
/** An explicit request this soon after an edit is rare, so many in a row are automatic ones (milliseconds). */
const SOON_AFTER_EDIT = 1_000;
const IN_A_ROW = 3;

export interface TriggerKinds {
  /** `sinceEdit`: milliseconds since the document last changed. */
  read(triggerKind: number | undefined, sinceEdit: number): 'automatic' | 'explicit';
}

export function createTriggerKinds(): TriggerKinds {
  let numbering: '3.17' | '3.18' | undefined;
  let soonAfterEdits = 0;

  return {
    read(triggerKind, sinceEdit) {
      if (triggerKind === INVOKED_3_17) {
        numbering = '3.17';
        return 'explicit';
      }
      if (triggerKind === AUTOMATIC_3_18) {
        numbering = '3.18';
        return 'automatic';
      }
      if (triggerKind === undefined) return 'automatic';
      soonAfterEdits = sinceEdit < SOON_AFTER_EDIT ? soonAfterEdits + 1 : 0;
      if (numbering === undefined && soonAfterEdits >= IN_A_ROW) numbering = '3.17';
      return numbering === '3.17' ? 'automatic' : 'explicit';
    },
  };
}
