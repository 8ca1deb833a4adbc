/**
 * Sockets opened before they are needed. A connection to a far provider takes two to three round trips; opened while the
 * user is still reading, it costs the first completion nothing. Apart because undici has no such call of its own.
 */
import type { Socket } from 'node:net';
import type { buildConnector } from 'undici';

type Connect = buildConnector.connector;

export interface PreconnectedSockets {
  /** undici's connector: hands out a waiting socket to that origin, or opens one. */
  readonly connect: Connect;
  /** Opens a socket and keeps it until it is used, closed by the other side, or given up. Failures are kept quiet. */
  open(url: URL): void;
  dispose(): void;
}

export function createPreconnectedSockets(connect: Connect): PreconnectedSockets {
  const waiting = new Map<string, Socket>();
  const opening = new Set<string>();
  let disposed = false;

  const keep = (key: string, socket: Socket) => {
    if (disposed) {
      socket.destroy();
      return;
    }
    waiting.set(key, socket);
    // It must not keep the process alive; undici refs a socket while a request runs on it.
    socket.unref();
    socket.once('close', () => {
      if (waiting.get(key) === socket) waiting.delete(key);
    });
  };

  return {
    connect(options, callback) {
      const key = keyOf(options.protocol, options.hostname, options.port);
      const socket = waiting.get(key);
      waiting.delete(key);
      if (socket === undefined || socket.destroyed || !socket.writable) connect(options, callback);
      // undici is in the middle of dispatching here and would miss an answer given at once.
      else queueMicrotask(() => callback(null, socket));
    },
    open(url) {
      const { protocol, port, host } = url;
      const hostname = url.hostname.replace(/^\[|\]$/g, '');
      const key = keyOf(protocol, hostname, port);
      if (disposed || waiting.has(key) || opening.has(key)) return;
      opening.add(key);
      connect({ protocol, hostname, port, host }, (error, socket) => {
        opening.delete(key);
        if (error === null && socket !== null) keep(key, socket);
      });
    },
    dispose() {
      disposed = true;
      for (const socket of waiting.values()) socket.destroy();
      waiting.clear();
    },
  };
}

function keyOf(protocol: string, hostname: string, port: string): string {
  return `${protocol}//${hostname}:${port === '' ? (protocol === 'https:' ? '443' : '80') : port}`;
}
