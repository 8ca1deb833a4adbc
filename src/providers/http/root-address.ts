/** The address of a server whose own wire lies beside an OpenAI layer: people copy that layer's address, which ends in `/v1`. */
export function rootAddress(baseUrl: string): string {
  return baseUrl.replace(/\/+$/, '').replace(/\/v1$/, '');
}
