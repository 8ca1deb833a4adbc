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

/** What is left for other documents when both sides of the cursor took their share, or less where there is less. */
export function snippetRoom(budget: Budget, available: Available): number {
  return budget.total - Math.min(budget.prefix, available.prefix) - Math.min(budget.suffix, available.suffix);
}

/** The final sizes: what snippets and the other side left over goes to the prefix first, then to the suffix. */
export function sidesAround(budget: Budget, available: Available, snippetBytes: number): Available {
  const total = budget.total - snippetBytes;
  const prefix = Math.min(available.prefix, total - Math.min(budget.suffix, available.suffix));
  return { prefix, suffix: Math.min(available.suffix, total - prefix) };
}

/** Rounded up: the estimate of a context that fits never exceeds what was allowed. */
export function tokensOf(bytes: number, bytesPerToken: number): number {
  return Math.ceil(bytes / bytesPerToken);
}
