/** A server for which a vendor is configured by its name alone, except that its address is that of a fake. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type FakeProviderOptions, startFakeProvider } from '../support/fake-provider.ts';
import { type RemoteSetup, startLocal } from './setup.ts';

export interface NamedProvider {
  /** A built-in id. */
  readonly id: string;
  /** The variable that holds its key. Named in the file, because a key goes to its vendor's own address alone. */
  readonly keyVariable: string;
  readonly fake?: FakeProviderOptions;
  /** Further settings of the entry. */
  readonly entry?: Readonly<Record<string, unknown>>;
}

export const testKey = 'key-of-the-test-0123456789';

export async function startNamedProvider({ id, keyVariable, fake, entry }: NamedProvider): Promise<RemoteSetup> {
  const provider = await startFakeProvider(fake);
  onTestFinished(() => provider.close());
  const file = settingsFile({
    provider: id,
    completion: { fallback: [] },
    providers: { [id]: { baseUrl: provider.url, apiKey: { env: keyVariable }, ...entry } },
  });
  const server = await startLocal({
    arguments: ['--stdio', '--config', file],
    environment: { [keyVariable]: testKey },
  });
  return { server, fake: provider };
}

/** A user file that ends with the test. */
export function settingsFile(settings: object): string {
  const folder = mkdtempSync(join(tmpdir(), 'inkling-settings-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'config.json');
  writeFileSync(file, JSON.stringify(settings), { mode: 0o600 });
  return file;
}
