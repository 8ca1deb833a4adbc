/** The default set-up, with no key and no network: its round trip, and what an index build costs who is typing meanwhile. */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { initialize, type LspClient, offeredTexts, spawnClient } from '../lsp-client.ts';
import { pause } from '../round-trip.ts';
import type { Row } from '../row.ts';
import { against, median, quantile, summary, within } from '../statistics.ts';
import { type Bench, commandOf, startSubject } from '../subjects.ts';
import { sourceText } from '../texts.ts';

/** Milliseconds an index build may take before the part gives up on it. */
const LONGEST_BUILD = 30_000;
/** Milliseconds between two requests while an index is built. */
const PACE = 8;

export async function benchOffline(bench: Bench): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'inkling-bench-'));
  try {
    for (const name of ['zod', 'openai'])
      await cp(join(bench.root, 'node_modules', name), join(folder, name), { recursive: true });
    return await measure(bench, folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(bench: Bench, folder: string): Promise<Row[]> {
  const echo = await startSubject(bench, 'echo', {});
  const client = spawnClient(commandOf(bench, 'inkling'));
  const indexed = workEnds(client);
  await initialize(client, {}, folder);
  const typist = openTypist(client, folder);
  client.notify('initialized', {});
  const start = performance.now();
  const during: number[] = [];
  let isBuilding = true;
  const built = Promise.race([indexed, pause(LONGEST_BUILD)]).then(() => {
    isBuilding = false;
    return performance.now() - start;
  });
  // The program itself is cold then: the part on start-up says what that costs.
  const first = (await typist()).took;
  while (isBuilding) {
    during.push((await typist()).took);
    await pause(PACE);
  }
  const building = await built;
  await pause(300);
  const trips: number[] = [];
  const offline: number[] = [];
  let offered = 0;
  const rounds = bench.quick ? 150 : 400;
  for (let round = -50; round < rounds; round += 1) {
    const request = echo.complete('file:///a.ts', { line: 0, character: 0 }, 'automatic');
    const trip = (await request.reply).at - request.sentAt;
    const { took, offers } = await typist();
    if (round < 0) continue;
    trips.push(trip);
    offline.push(took);
    offered += offers > 0 ? 1 : 0;
  }
  await client.stop();
  await echo.stop();
  return [
    summary('vscode-languageserver echo: round trip', 'ms', trips),
    {
      ...against(summary('Inkling: round trip', 'ms', offline), median(trips)),
      note: `${offered} of ${rounds} places had a suggestion`,
    },
    { name: 'Inkling: very first round trip', unit: 'ms', median: first },
    { name: 'start → index of the workspace', unit: 'ms', median: building },
    summary('Inkling: round trip while the index is built', 'ms', during),
    within(
      {
        name: 'Inkling: worst round trip while the index is built, beyond the median',
        unit: 'ms',
        median: quantile(during, 1) - median(offline),
        count: during.length,
      },
      10,
    ),
  ];
}

/** Resolves when the first work-done progress of the server ends. */
function workEnds(client: LspClient): Promise<void> {
  return new Promise((resolve) => {
    client.onNotification('$/progress', (params) => {
      if ((params as { value?: { kind?: string } }).value?.kind === 'end') resolve();
    });
  });
}

/** Each call types the beginning of a line that the document has elsewhere, and asks what follows. */
function openTypist(client: LspClient, folder: string): () => Promise<{ took: number; offers: number }> {
  const uri = `file://${folder}/typed.ts`;
  const text = sourceText(20_000);
  client.open(uri, text);
  const line = Math.floor(text.split('\n').length / 2);
  let number = 0;
  return async () => {
    number += 1;
    const beginning = `  const value${9000 + number} = ${['read', 'write', 'parse'][number % 3]}(req`;
    client.insert(uri, { line, character: 0 }, `${beginning}\n`);
    const request = client.complete(uri, { line, character: beginning.length }, 'automatic');
    const reply = await request.reply;
    return { took: reply.at - request.sentAt, offers: offeredTexts(reply).length };
  };
}
