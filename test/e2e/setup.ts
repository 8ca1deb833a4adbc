/** A server that completes and chats through a fake provider on loopback; both end with the test. */
import { onTestFinished } from 'vitest';
import { type FakeProvider, type FakeProviderOptions, startFakeProvider } from '../support/fake-provider.ts';
import { type Json, type StartOptions, startServer, type TestServer } from '../support/server.ts';

export const uri = 'file:///project/example.ts';

export interface RemoteSetup {
  readonly server: TestServer;
  readonly fake: FakeProvider;
}

export interface RemoteOptions extends StartOptions {
  /** Settings besides the provider. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly entry?: Readonly<Record<string, unknown>>;
  readonly fake?: FakeProviderOptions;
}

/** A fill-in-the-middle model behind an OpenAI-compatible address; no fallback, so that failures are seen. */
export async function startRemote(options: RemoteOptions = {}): Promise<RemoteSetup> {
  const fake = await startFakeProvider(options.fake);
  onTestFinished(() => fake.close());
  const server = await startServer({ ...options, initializationOptions: remoteSettings(fake, options) });
  onTestFinished(() => server.stop());
  return { server, fake };
}

export function remoteSettings(fake: FakeProvider, { settings = {}, entry = {} }: RemoteOptions = {}): Json {
  const { completion = {}, providers = {}, ...rest }: Json = settings;
  return {
    provider: 'fake',
    completion: { fallback: [], ...completion },
    providers: {
      fake: { kind: 'openai-compatible', baseUrl: fake.url, model: 'fake-coder', fim: 'qwen', ...entry },
      ...providers,
    },
    ...rest,
  };
}

export async function startLocal(options: StartOptions = {}): Promise<TestServer> {
  const server = await startServer(options);
  onTestFinished(() => server.stop());
  return server;
}

export const AUTOMATIC = 2;
export const INVOKED = 1;

export function inline(server: TestServer, line: number, character: number, triggerKind = INVOKED) {
  return server.request('textDocument/inlineCompletion', {
    textDocument: { uri },
    position: { line, character },
    context: { triggerKind },
  });
}

export function texts(result: Json): string[] {
  return result.items.map((item: Json) => item.insertText);
}

export async function lastReason(server: TestServer): Promise<Json> {
  const { requests } = await server.request('inkling/explain', {}).response;
  return requests[0];
}

export const at = (line: number, character: number) => ({ line, character });
export const range = (line: number, start: number, end = start) => ({ start: at(line, start), end: at(line, end) });
