/** Keeps answers about one document in order: what a newer request superseded is answered before the newer one. */

export interface Turns {
  take<Result>(uri: string, run: () => Promise<Result>): Promise<Result>;
}

export function createTurns(): Turns {
  const latest = new Map<string, Promise<void>>();

  return {
    async take(uri, run) {
      const earlier = latest.get(uri);
      const result = run();
      const settled = result.then(
        () => undefined,
        () => undefined,
      );
      latest.set(uri, settled);
      try {
        await settled;
        await earlier;
        return await result;
      } finally {
        if (latest.get(uri) === settled) latest.delete(uri);
      }
    },
  };
}
