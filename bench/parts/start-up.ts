/** From `spawn` to the answer of `initialize`, and from there to the first suggestion. */
import { initialize, offeredTexts, spawnClient } from '../lsp-client.ts';
import { documentUri } from '../round-trip.ts';
import type { Row } from '../row.ts';
import { against, median, summary, within } from '../statistics.ts';
import { type Bench, commandOf, noDebounce, remoteOptions, type SubjectName } from '../subjects.ts';
import { beginningOfLine, oneLineAnswer, sourceText } from '../texts.ts';
import { startUpstream } from '../upstream.ts';

const subjects = ['floorRaw', 'echo', 'floorHttp', 'inkling'] as const satisfies readonly SubjectName[];

export async function benchStartUp(bench: Bench): Promise<Row[]> {
  const rounds = bench.quick ? 7 : 15;
  const bare: number[] = [];
  const starts: Record<SubjectName, number[]> = { inkling: [], echo: [], floorRaw: [], floorHttp: [] };
  const firsts: Record<SubjectName, number[]> = { inkling: [], echo: [], floorRaw: [], floorHttp: [] };
  for (let round = 0; round < rounds + 1; round += 1) {
    // The first round only fills the caches of the disk.
    const counts = round > 0;
    const empty = await timeEmptyProgram(bench);
    if (counts) bare.push(empty);
    for (const name of subjects) {
      const { start, first } = await timeStart(bench, name);
      if (counts) starts[name].push(start);
      if (counts && first !== undefined) firsts[name].push(first);
    }
  }
  const floor = median(starts.floorRaw);
  return [
    summary('empty program: spawn → exit', 'ms', bare),
    against(summary('floor-raw: spawn → initialize', 'ms', starts.floorRaw), median(bare)),
    against(summary('vscode-languageserver echo: spawn → initialize', 'ms', starts.echo), floor),
    against(summary('floor-http: spawn → initialize', 'ms', starts.floorHttp), floor),
    against(summary('Inkling: spawn → initialize', 'ms', starts.inkling), floor, 1.4),
    within(summary('Inkling: spawn → initialize, on this machine', 'ms', starts.inkling), 70),
    against(summary('Inkling: first suggestion, added', 'ms', firsts.inkling), median(firsts.floorRaw), 1.8),
  ];
}

async function timeEmptyProgram({ programs }: Bench): Promise<number> {
  const client = spawnClient([programs.bare]);
  await client.exited;
  return performance.now() - client.spawnedAt;
}

async function timeStart(bench: Bench, name: SubjectName): Promise<{ start: number; first: number | undefined }> {
  const upstream = await startUpstream({ kind: 'at-once', parts: oneLineAnswer });
  const client = spawnClient(commandOf(bench, name));
  const { at } = await initialize(client, remoteOptions(upstream.url, noDebounce));
  const start = at - client.spawnedAt;
  client.notify('initialized', {});
  const beginning = beginningOfLine(0);
  client.open(documentUri, `${sourceText(2_000)}${beginning}`);
  const line = sourceText(2_000).split('\n').length - 1;
  const request = client.complete(documentUri, { line, character: beginning.length }, 'automatic');
  const reply = await request.reply;
  const call = upstream.calls[0];
  const first =
    call?.lastByteAt === undefined || offeredTexts(reply).length === 0
      ? undefined
      : call.receivedAt - request.sentAt + (reply.at - call.lastByteAt);
  await client.stop();
  await upstream.close();
  return { start, first };
}
