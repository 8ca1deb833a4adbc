/** Serves the figures of this process on a port of this machine, for who asked for it in the settings. Loads HTTP on use alone. */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ProcessStats } from './metric-families.ts';
import { openMetricsText, openMetricsType } from './open-metrics.ts';

export interface MetricsServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Milliseconds a client may take to say what it wants. */
const PATIENCE = 2_000;
/** Bytes; a scraper's headers are a tenth of it. */
const LONGEST_HEAD = 8_192;
const MOST_CONNECTIONS = 8;

/** Rejects where the port is taken. `port` 0 takes a free one. */
export async function serveMetrics(port: number, stats: () => ProcessStats): Promise<MetricsServer> {
  // Not imported: on Node 20 an import at run time makes the process write a warning, which editors show as an error.
  const { createServer } = process.getBuiltinModule('node:http');
  const options = { maxHeaderSize: LONGEST_HEAD, headersTimeout: PATIENCE, requestTimeout: PATIENCE };
  const server = createServer(options, ({ method, url, headers: { host } }, response) => {
    const status = statusOf(method, url, host);
    const text = status === 200 ? openMetricsText(stats()) : `${sentences[status]}\n`;
    const type = status === 200 ? openMetricsType : 'text/plain; charset=utf-8';
    response.writeHead(status, {
      'content-type': type,
      'content-length': Buffer.byteLength(text),
      connection: 'close',
    });
    response.end(text);
  });
  server.maxConnections = MOST_CONNECTIONS;
  await listening(server, port);
  server.unref();
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      // What goes wrong with one connection later concerns nobody else.
      server.on('error', () => undefined);
      resolve();
    });
  });
}

const sentences = {
  403: 'Ask 127.0.0.1.',
  404: 'The figures are at /metrics.',
  405: 'The figures can only be read.',
};

/** A web page can make a browser ask here by a name of its own; only who asks this machine by its own name is answered. */
function statusOf(method = '', url = '', host = ''): 200 | keyof typeof sentences {
  if (!/^(?:127\.0\.0\.1|localhost)(?::\d+)?$/i.test(host)) return 403;
  if (url !== '/metrics') return 404;
  return method === 'GET' ? 200 : 405;
}
