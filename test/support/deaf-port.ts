/** A port that takes no connection and refuses none, as behind a firewall that drops: connecting hangs. */
import { spawn } from 'node:child_process';
import { connect, type Socket } from 'node:net';

export interface DeafPort {
  readonly address: string;
  close(): void;
}

const program = `
  const server = require('node:net').createServer();
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => process.stdout.write(String(server.address().port)));
`;

/** Its process is stopped, and the two connections that the system keeps for it are taken. */
export async function startDeafPort(): Promise<DeafPort> {
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'ignore'] });
  const port = await new Promise<number>((resolve) => child.stdout.once('data', (text) => resolve(Number(text))));
  child.kill('SIGSTOP');
  const taken = await Promise.all([taking(port), taking(port)]);
  return {
    address: `http://127.0.0.1:${port}`,
    close() {
      for (const socket of taken) socket.destroy();
      child.kill('SIGKILL');
    },
  };
}

function taking(port: number): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket));
    socket.on('error', () => undefined);
  });
}
