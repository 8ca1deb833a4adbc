/** What a call cost, as the provider counted it. Units are the provider's own tokens. */
export interface Usage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedInputTokens?: number;
}
