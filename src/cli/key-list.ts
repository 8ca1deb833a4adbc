/** `inkling keys list`: which providers have a key, from where, since when and for which address. Asks no keychain. */
import { vendorKeys } from '../config/vendors.ts';
import type { StoredKeyRecord } from '../credentials/key-index.ts';
import { destinationOf, placeOfKey } from '../credentials/resolve-api-key.ts';
import type { ProviderEntry } from '../domain/provider-entry.ts';
import type { ParsedArguments } from './arguments.ts';
import { exitCode, type Surroundings } from './command.ts';
import type { KeyDesk } from './key-desk.ts';
import { clean, printableJson } from './terminal.ts';

interface Row {
  /** The id of a provider; of a stored key that none uses, its name. */
  readonly provider: string;
  /** `keychain`, `file`, `environment NAME`, `settings`, `command`; or why there is none to use. */
  readonly from: string;
  readonly since: string | null;
  readonly origin: string | null;
  readonly fingerprint: string | null;
  /** Whether a key before it is still kept. */
  readonly rotating: boolean;
}

export async function listKeys(
  { settings, stored }: KeyDesk,
  input: ParsedArguments,
  { terminal, place, signal }: Surroundings,
): Promise<number> {
  const records = new Map(await stored.list(signal));
  const environment = (name: string) => place.environment[name];
  const used = new Set<string>();
  const rows = Object.values(settings.providers).flatMap((entry) => rowOf(entry, records, environment, used));
  for (const [name, record] of records) {
    if (!used.has(name)) rows.push({ ...storedRow(name, record), from: `${record.store}, not in use` });
  }
  if (input.has('json')) terminal.print(printableJson(rows));
  else if (rows.length === 0) terminal.complain('No provider has a key. Store one: inkling keys set PROVIDER\n');
  else terminal.print(terminal.isInteractive ? table(rows) : rows.map((row) => `${cells(row).join('\t')}\n`).join(''));
  return exitCode.done;
}

function rowOf(
  entry: ProviderEntry,
  records: ReadonlyMap<string, StoredKeyRecord>,
  environment: (name: string) => string | undefined,
  used: Set<string>,
): Row[] {
  const origin = destinationOf(entry) ?? null;
  const plain = (from: string): Row => ({
    provider: entry.id,
    from,
    since: null,
    origin,
    fingerprint: null,
    rotating: false,
  });
  try {
    const place = placeOfKey(entry, vendorKeys(entry.kind, entry.baseUrl), { environment });
    if ('key' in place) return [plain(place.source)];
    if (!('distant' in place)) return [plain('nowhere: its variable is not set')];
    if (place.distant === 'command') return [plain(`command ${place.command[0]}`)];
    const record = records.get(place.name);
    if (record === undefined) return place.needed ? [plain('nowhere: not stored')] : [];
    used.add(place.name);
    const row = storedRow(entry.id, record);
    return [record.origin === origin ? row : { ...row, from: `${record.store}, for another address than ${origin}` }];
  } catch {
    return [plain('refused: "inkling doctor" says why')];
  }
}

function storedRow(provider: string, { store, since, origin, fingerprint, previous }: StoredKeyRecord): Row {
  return { provider, from: store, since, origin, fingerprint, rotating: previous !== undefined };
}

function cells({ provider, from, since, origin, rotating }: Row): readonly string[] {
  return [provider, rotating ? `${from}, the key before is kept` : from, since ?? '–', origin ?? '–'].map(clean);
}

function table(rows: readonly Row[]): string {
  const lines = [['provider', 'key from', 'since', 'for'], ...rows.map(cells)];
  const widths = [0, 1, 2].map((column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines.map((line) => `${line.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ')}\n`).join('');
}
