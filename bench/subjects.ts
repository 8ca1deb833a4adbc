/** Who is measured: Inkling as it is built, and the floors it is set beside. All are started in the same way. */
import { initialize, type LspClient, spawnClient } from './lsp-client.ts';

/** The floors' programs and Inkling's, as absolute paths. */
export interface Programs {
  readonly inkling: string;
  readonly bare: string;
  readonly echo: string;
  readonly floorRaw: string;
  readonly floorHttp: string;
}

export interface Bench {
  readonly programs: Programs;
  /** The repository's folder. */
  readonly root: string;
  /** Fewer samples, for a look while working. */
  readonly quick: boolean;
}

export type SubjectName = 'inkling' | 'echo' | 'floorRaw' | 'floorHttp';

export interface Debounce {
  readonly min: number;
  readonly max: number;
}

export const noDebounce: Debounce = { min: 0, max: 0 };

/** Everything at its default but the provider, and the debounce where it is given. */
export function remoteOptions(url: string, debounce?: Debounce): object {
  return {
    provider: 'bench',
    providers: { bench: { kind: 'openai-compatible', baseUrl: url, model: 'bench-model', fim: 'qwen' } },
    ...(debounce === undefined ? {} : { completion: { debounce } }),
  };
}

export function commandOf({ programs }: Bench, name: SubjectName): readonly string[] {
  return name === 'inkling' ? [programs.inkling, '--stdio'] : [programs[name], '--stdio'];
}

/** Starts the server, and returns once it can be worked with. */
export async function startSubject(
  bench: Bench,
  name: SubjectName,
  initializationOptions: object,
  root?: string,
): Promise<LspClient> {
  const client = spawnClient(commandOf(bench, name));
  await initialize(client, initializationOptions, root);
  client.notify('initialized', {});
  return client;
}
