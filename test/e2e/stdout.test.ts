/** Whatever any module prints, the editor reads LSP alone. */
import { expect, test } from 'vitest';
import { startServer } from '../support/server.ts';

/** Stands for a careless dependency: prints again and again, from the moment the guard is there. */
const CARELESS = `
  import { Worker } from 'node:worker_threads';
  const unguarded = process.stdout.write;
  const timer = setInterval(() => {
    if (process.stdout.write === unguarded) return;
    process.stdout.write('stray: write\\n');
    console.log('stray: console');
    console.table([{ stray: 'table' }]);
    new Worker('console.log("stray: worker")', { eval: true }).once('exit', () => console.log('stray: last'));
    clearInterval(timer);
  }, 1);
`;

test('what is printed goes to stderr, from workers too', async () => {
  const preload = `data:text/javascript;base64,${Buffer.from(CARELESS).toString('base64')}`;
  const server = await startServer({ environment: { NODE_OPTIONS: `--import=${preload}` } });
  while (!server.stderr().includes('stray: last')) {
    expect(await server.request('unknown/method').failure).toMatchObject({ code: -32601 });
  }
  expect(server.stderr()).toContain('stray: write\nstray: console\n');
  expect(server.stderr()).toContain('stray: worker\n');
  await server.request('shutdown').response;
  server.notify('exit');
  expect((await server.exited).code).toBe(0);
});
