/** A user whose settings and stored keys outlive one command, with a provider that knows which keys are good. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Finished, type RunOptions, runCommand, temporaryFolder } from './command-line.ts';
import { type FakeProvider, startFakeProvider } from './fake-provider.ts';
import { errorStatus, models, streamText } from './fake-responders.ts';
import { startServer, type TestServer } from './server.ts';

export interface KeyHome {
  readonly fake: FakeProvider;
  /** Where the stored keys are. */
  readonly keys: string;
  readonly environment: Readonly<Record<string, string>>;
  /** The keys the provider takes; it answers 401 to every other one. */
  accept(...keys: readonly string[]): void;
  configure(settings: object): void;
  run(argv: readonly string[], options?: RunOptions): Promise<Finished>;
  start(initializationOptions?: object): Promise<TestServer>;
  /** The keys that were sent, oldest first; those of lists of models left out. */
  sent(): readonly (string | undefined)[];
}

/** Settings whose active provider "fake" is an OpenAI-compatible server with no key of its own. */
export function settingsOf({ url }: Pick<FakeProvider, 'url'>, entry: object = {}): object {
  return {
    provider: 'fake',
    completion: { fallback: [] },
    resilience: { retries: 0 },
    providers: { fake: { kind: 'openai-compatible', baseUrl: url, model: 'fake-model-1', fim: 'suffix', ...entry } },
  };
}

export async function createKeyHome(more: Readonly<Record<string, string>> = {}): Promise<KeyHome> {
  let good: readonly string[] = [];
  const fake = await startFakeProvider({
    respond(exchange) {
      const { headers, method } = exchange.request;
      const isGood = good.some((key) => headers.authorization === `Bearer ${key}`);
      if (!isGood) return errorStatus(401)(exchange);
      return (method === 'GET' ? models('fake-model-1') : streamText('f();\nrest'))(exchange);
    },
  });
  onTestFinished(() => fake.close());
  const home = temporaryFolder({ 'inkling/config.json': JSON.stringify(settingsOf(fake)) });
  const environment = { HOME: home, XDG_CONFIG_HOME: home, ...more };
  return {
    fake,
    keys: join(home, 'inkling', 'keys'),
    environment,
    accept(...keys) {
      good = keys;
    },
    configure: (settings) => writeFileSync(join(home, 'inkling', 'config.json'), JSON.stringify(settings)),
    run: (argv, options = {}) =>
      runCommand(argv, { ...options, environment: { ...environment, ...options.environment } }),
    async start(initializationOptions) {
      const server = await startServer({ environment, initializationOptions });
      onTestFinished(() => server.stop());
      return server;
    },
    sent: () =>
      fake.requests
        .filter(({ method }) => method === 'POST')
        .map(({ headers }) => headers.authorization?.replace('Bearer ', '')),
  };
}
