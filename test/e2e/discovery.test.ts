/** Which providers are usable on this machine: said when somebody asks, and never a reason to choose one. */
import { expect, onTestFinished, test } from 'vitest';
import { runCommand } from '../support/command-line.ts';
import { startFakeProvider } from '../support/fake-provider.ts';
import type { Json } from '../support/server.ts';
import { startLocal } from './setup.ts';

async function startFake(answers: boolean) {
  const fake = await startFakeProvider(
    answers
      ? {
          respond: async (exchange) => {
            await exchange.head(200, { 'content-type': 'application/json' });
            await exchange.write(JSON.stringify({ models: [{ name: 'tiny:latest', model: 'tiny:latest' }] }));
            await exchange.close();
          },
        }
      : {},
  );
  onTestFinished(() => fake.close());
  return fake;
}

const local = (baseUrl: string) => ({ kind: 'ollama', baseUrl, model: 'tiny' });

test('inkling/providers looks whether the servers of this machine answer, and waits for none', async () => {
  const [running, silent, closed] = [await startFake(true), await startFake(false), await startFake(true)];
  await closed.close();
  const server = await startLocal({
    environment: { MISTRAL_API_KEY: 'test-0123456789' },
    initializationOptions: {
      providers: { running: local(running.origin), silent: local(silent.origin), closed: local(closed.origin) },
    },
  });
  // Nobody asked yet: the server knows of them and leaves them alone.
  await server.request('inkling/stats', {}).response;
  expect([running.connections, silent.connections]).toEqual([0, 0]);

  const report = await server.request('inkling/providers', {}).response;
  const health = Object.fromEntries(report.providers.map((one: Json) => [one.id, one.health]));
  expect(health).toMatchObject({
    running: { state: 'ready' },
    silent: { state: 'unreachable', message: 'It did not answer within 300 ms.' },
    closed: { state: 'unreachable' },
    mistral: { state: 'ready' },
    openai: { state: 'unconfigured', message: expect.stringContaining('OPENAI_API_KEY') },
  });
  expect(report).toMatchObject({ active: 'workspace', completion: 'workspace', chat: 'workspace' });
});

test('doctor names what could be used and asks it nothing', async () => {
  const run = await runCommand(['doctor'], { environment: { ANTHROPIC_API_KEY: 'sk-canary-0123456789abcdef' } });
  expect(run).toMatchObject({ stderr: '', code: 0 });
  expect(run.stdout).toMatch(
    /\nUsable on this machine.*\n(?: {2}✓.*\n)* {2}✓ anthropic {2}key from environment ANTHROPIC_API_KEY\n/,
  );
  expect(run.stdout).toMatch(/\nNot configured.*\n(?: {2}–.*\n)* {2}– openai {5}set OPENAI_API_KEY\n/);
  expect(run.stdout).toMatch(/✓ completion by "workspace"/);
  expect(run.stdout).not.toContain('canary');
});
