/** Shares out the bytes of a context: what one part does not use flows on to the next. */

export interface BudgetSettings {
  readonly maxTokens: number;
  /** 0 to 1, of all tokens. */
  readonly prefixShare: number;
  /** 0 to 1, of all tokens. */
  readonly suffixShare: number;
  readonly bytesPerToken?: number;
}

/** Bytes of UTF-8. */
export interface Budget {
  readonly total: number;
  readonly prefix: number;
  readonly suffix: number;
  readonly bytesPerToken: number;
}

/** What there is to show on either side of the cursor, in bytes. */
export interface Available {
  readonly prefix: number;
  readonly suffix: number;
}

/** Between the 3.0 to 4.4 bytes that today's tokenizers make of a token of code: no tokenizer is needed to stay below a limit. */
export const DEFAULT_BYTES_PER_TOKEN = 3.5;

export function contextBudget(settings: BudgetSettings): Budget {
  const bytesPerToken = settings.bytesPerToken ?? DEFAULT_BYTES_PER_TOKEN;
  const total = Math.floor(settings.maxTokens * bytesPerToken);
  const prefix = Math.floor(total * Math.min(settings.prefixShare, 1));
  const suffix = Math.floor(Math.min(total * settings.suffixShare, total - prefix));
  return { total, prefix, suffix, bytesPerToken };
}

/** Of all tokens, at most: a few lines say what is wrong, and edits must leave the larger part to other documents. */
const PROBLEMS_SHARE = 0.05;
const EDITS_SHARE = 0.15;

/** Shares out what both sides of the cursor leave (`all`): what problems and recent edits do not use is for other documents. */
export function shareOut(all: number, { total }: Budget): { all: number; problems: number; edits: number } {
  const problems = Math.min(all, Math.floor(total * PROBLEMS_SHARE));
  return { all, problems, edits: Math.min(all - problems, Math.floor(total * EDITS_SHARE)) };
}

/** What is left for what is shown beside the text when both sides of the cursor took their share, or less where there is less. */
export function snippetRoom(budget: Budget, available: Available): number {
  return budget.total - Math.min(budget.prefix, available.prefix) - Math.min(budget.suffix, available.suffix);
}

/** The final sizes: what everything else and the other side left over goes to the prefix first, then to the suffix. */
export function sidesAround(budget: Budget, available: Available, besideBytes: number): Available {
  const total = budget.total - besideBytes;
  const prefix = Math.min(available.prefix, total - Math.min(budget.suffix, available.suffix));
  return { prefix, suffix: Math.min(available.suffix, total - prefix) };
}

/** Rounded up: the estimate of a context that fits never exceeds what was allowed. */
export function tokensOf(bytes: number, bytesPerToken: number): number {
  return Math.ceil(bytes / bytesPerToken);
}
