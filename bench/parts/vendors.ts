/** What each vendor's adapter adds to a bare `fetch` that reads the same bytes from the same server, in one process. */

import { withStreamCode } from '../../src/providers/adapt-streaming.ts';
import type { ProviderRegistry } from '../../src/providers/registry.ts';
import { startFakeProvider } from '../../test/support/fake-provider.ts';
import { readAll, timed } from '../ask.ts';
import { chatOf, completionOf } from '../questions.ts';
import { type ReplayServer, type SeenRequest, startReplayServer } from '../replay-server.ts';
import type { Row } from '../row.ts';
import { openRegistry } from '../stack.ts';
import { against, median, quantile, summary } from '../statistics.ts';
import type { Bench } from '../subjects.ts';
import { type Vendor, vendors } from '../vendors.ts';

/** The same question again and again: one recording answers it. */
const chat = chatOf(0);
const completion = completionOf(0);

export async function benchVendors(bench: Bench): Promise<Row[]> {
  const registry = openRegistry();
  const rows: Row[] = [];
  for (const vendor of vendors) rows.push(...(await benchVendor(registry, vendor, bench.quick ? 60 : 250)));
  await registry.dispose();
  return rows;
}

async function benchVendor(registry: ProviderRegistry, vendor: Vendor, rounds: number): Promise<Row[]> {
  const { kind, model, path, respond, fim } = vendor;
  const fake = await startFakeProvider({ respond });
  const server = await startReplayServer(fake.origin);
  const baseUrl = `${server.origin}${path}`;
  registry.register({ id: kind, kind, baseUrl, ...(model && { model }), ...(fim && { fim }) });
  const provider = withStreamCode(await registry.get(kind));
  const askChat = () => readAll(provider.streamChat, chat);
  const askCode = () => readAll(provider.streamCode, completion);
  const rows = [
    await beside(`${kind}: chat`, server, askChat, rounds),
    await beside(`${kind}: completion`, server, askCode, rounds),
  ];
  registry.unregister(kind);
  await server.close();
  await fake.close();
  return rows;
}

/** In turn, and each first as often as the other. */
async function beside(name: string, server: ReplayServer, ask: () => Promise<void>, rounds: number): Promise<Row> {
  await ask();
  const request = server.lastPost();
  const adapter: number[] = [];
  const bare: number[] = [];
  for (let round = -Math.ceil(rounds / 3); round < rounds; round += 1) {
    const isOdd = round % 2 !== 0;
    const early = await timed(isOdd ? ask : () => fetchBare(request));
    const late = await timed(isOdd ? () => fetchBare(request) : ask);
    if (round < 0) continue;
    adapter.push(isOdd ? early : late);
    bare.push(isOdd ? late : early);
  }
  const added = median(adapter) - median(bare);
  return {
    ...against(summary(name, 'ms', adapter), median(bare)),
    note: `${added.toFixed(2)} ms more; fetch's 99th percentile ${quantile(bare, 0.99).toFixed(2)} ms; ${server.connections} connections`,
  };
}

async function fetchBare({ url, headers, body }: SeenRequest): Promise<void> {
  const response = await fetch(url, { method: 'POST', headers, body });
  if (!response.ok || response.body === null) throw new Error(`${url} answered ${response.status}.`);
  let bytes = 0;
  for await (const part of response.body) bytes += part.length;
  if (bytes === 0) throw new Error(`${url} answered nothing.`);
}
