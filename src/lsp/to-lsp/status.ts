/** The status as editors get it: with a command where one says more than the line does. */
import type { Status } from '../../observability/status.ts';

export const EXPLAIN_LAST = 'inkling.explainLast';

/** A chat that failed has said why itself; what became of a suggestion nobody has said. */
export function statusParams({ failed, ...status }: Status) {
  return failed === 'completion'
    ? { ...status, command: { title: 'Explain the last suggestion', command: EXPLAIN_LAST } }
    : status;
}
