/** Where the server's log goes: editors show standard error as errors, so that only what is wrong is written there. */
import { expect, test } from 'vitest';
import { spawnServer, type TestServer } from '../support/server.ts';
import { startLocal } from './setup.ts';

const Warning = 2;
const Info = 3;

/** Changes one setting and misspells another: a line at the level info, and one at warn. */
async function changeSettings(server: TestServer): Promise<void> {
  server.notify('workspace/didChangeConfiguration', { settings: { completion: { maxLines: 3, maxLnes: 3 } } });
  // Answered after the notification was handled, and after all that was said meanwhile.
  await server.request('inkling/stats', {}).response;
}

async function stop(server: TestServer): Promise<void> {
  await server.request('shutdown').response;
  server.notify('exit');
  await server.exited;
}

function logged(server: TestServer): readonly { readonly type: number; readonly message: string }[] {
  return server.notifications.flatMap(({ method, params }) => (method === 'window/logMessage' ? [params] : []));
}

test('the editor gets the log from info on, standard error what is wrong alone', async () => {
  const server = await startLocal();
  await changeSettings(server);
  await stop(server);
  expect(logged(server)).toContainEqual({ type: Info, message: expect.stringContaining('Setting changed.') });
  expect(logged(server)).toContainEqual({ type: Warning, message: expect.stringContaining('Setting ignored') });
  expect(server.stderr()).toMatch(/^\S+ warn +Setting ignored.*\n$/);
});

test('--log-level holds for both, whatever the settings say', async () => {
  const talkative = await startLocal({
    arguments: ['--stdio', '--log-level=info'],
    initializationOptions: { log: { level: 'error' } },
  });
  await changeSettings(talkative);
  await stop(talkative);
  expect(talkative.stderr()).toMatch(/ info +Setting changed\./);
  expect(talkative.stderr()).toMatch(/ warn +Setting ignored/);
  const quiet = await startLocal({ arguments: ['--stdio', '--log-level', 'error'] });
  await changeSettings(quiet);
  await stop(quiet);
  expect(quiet.stderr()).toBe('');
  expect(logged(quiet)).toEqual([]);
});

test('a level that is none is wrong usage: one sentence and exit code 2', async () => {
  const server = spawnServer({ arguments: ['--stdio', '--log-level=loud'] });
  expect(await server.exited).toEqual({ code: 2, signal: null });
  expect(server.stderr()).toBe('inkling: --log-level is one of error, warn, info, debug, not "loud".\n');
});
