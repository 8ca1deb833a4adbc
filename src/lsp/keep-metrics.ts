/** Serves the server's figures while the settings name a port, and moves or ends that when they change. */
import type { Log } from '../domain/ports.ts';
import type { ProcessStats } from '../observability/metric-families.ts';
import type { MetricsServer } from '../observability/metrics-server.ts';

export interface MetricsKeeper {
  /** Brings what is served in step with the settings; `null` serves nothing. */
  update(port: number | null): void;
  dispose(): Promise<void>;
}

export function keepMetrics(stats: () => ProcessStats, log: Log): MetricsKeeper {
  let wanted: number | null = null;
  /** One change after the other: the old port is free before the next one is taken. */
  let current: Promise<MetricsServer | undefined> = Promise.resolve(undefined);

  async function move(before: Promise<MetricsServer | undefined>, port: number | null) {
    await (await before)?.close();
    if (port === null) return undefined;
    const { serveMetrics } = await import('../observability/metrics-server.ts');
    return serveMetrics(port, stats);
  }

  function become(port: number | null): void {
    if (port === wanted) return;
    wanted = port;
    current = move(current, port).catch((error: unknown) => {
      // Not a warning: with two editors open one of them always comes second.
      log.info('The figures are not served.', { port, error: String(error) });
      return undefined;
    });
  }

  return {
    update: become,
    async dispose() {
      become(null);
      await current;
    },
  };
}
