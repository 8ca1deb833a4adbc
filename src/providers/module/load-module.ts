/** Loads the user's own ES module. What it does while loading is bounded in time, and what is wrong with it is said. */
import { stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { AiError } from '../../domain/ai-error.ts';
import type { ProviderEntry } from '../../domain/provider-entry.ts';
import { placeOf } from '../../util/error-place.ts';
import { runForeignCode } from '../../util/foreign-code.ts';

/** What a module exports by default. What it gives back is checked before it is believed. */
export type ModuleFactory = (entry: unknown, tools: unknown) => unknown;

/** Rejects with `AiError` of kind `notConfigured` where there is no such file, it throws, or it exports something else. */
export async function loadModule(entry: ProviderEntry): Promise<ModuleFactory> {
  const url = moduleUrl(entry);
  const { mtimeMs } = await stat(url).catch(() => {
    throw wrong(entry, `there is no file ${fileURLToPath(url)}`);
  });
  // Node keeps what it loaded, failures too, for as long as it runs: a file that was edited is another address.
  url.searchParams.set('modified', String(Math.trunc(mtimeMs)));
  const load = (): Promise<unknown> => import(url.href);
  const exported = await runForeignCode(entry.id, load).catch((error: unknown) => {
    throw wrong(entry, `it cannot be loaded: ${describe(error)}`);
  });
  const factory: unknown =
    typeof exported === 'object' && exported !== null ? Reflect.get(exported, 'default') : undefined;
  if (typeof factory === 'function') return (given, tools) => Reflect.apply(factory, undefined, [given, tools]);
  throw wrong(entry, 'its default export has to be a function (entry, tools) that returns a provider');
}

/** The error of a module that cannot be used as it is. */
export function wrong({ id }: ProviderEntry, what: string): AiError {
  return new AiError('notConfigured', id, `The module of ${id} cannot be used: ${what}.`);
}

function moduleUrl(entry: ProviderEntry): URL {
  const { module = '' } = entry;
  if (/^file:\/\/\//i.test(module) && URL.canParse(module)) return new URL(module);
  if (isAbsolute(module)) return pathToFileURL(module);
  throw wrong(entry, `providers.${entry.id}.module has to be an absolute path or a file: URL`);
}

/** Nothing of the user's documents was near it yet, so its own words can be shown. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return 'it threw something that is no error';
  const place = placeOf(error);
  const words = error.message.split('\n', 1)[0]?.slice(0, 300) ?? '';
  return `${error.name}: ${words}${place === undefined ? '' : ` (${place})`}`;
}
