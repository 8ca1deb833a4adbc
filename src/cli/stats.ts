/** `inkling stats`: the figures of a server that runs in an editor, which it gives on the port that its settings name. */
import { type OpenMetricsSample, parseOpenMetrics } from '../observability/parse-open-metrics.ts';
import { type ParsedArguments, UsageError } from './arguments.ts';
import { type Command, CommandFailure, exitCode, type Surroundings } from './command.ts';
import { createWorkingApp } from './create-cli-app.ts';
import { readLocal } from './read-local.ts';
import { statsTable } from './stats-table.ts';
import { printableJson } from './terminal.ts';

export const stats: Command = {
  usage: '[--port PORT] [--json]',
  help:
    'Prints the figures of the language server that runs in your editor: for each provider requests, errors, retries,' +
    ' tokens and times; suggestions offered and accepted. A server gives them where "metrics.port" of its settings names' +
    ' a port of this machine; without --port that setting says where to ask. They are kept for as long as the server runs.',
  options: {
    port: { type: 'string', value: 'PORT', help: 'the port of the server; "metrics.port" of the settings if left out' },
    json: { type: 'boolean', help: 'print the samples as JSON' },
  },
  arguments: { least: 0, most: 0 },
  async run(input, surroundings) {
    const { terminal, signal } = surroundings;
    const port = await portOf(input, surroundings);
    const samples = await read(port, signal);
    terminal.print(input.has('json') ? printableJson(samples) : statsTable(samples, terminal));
    return exitCode.done;
  },
};

async function portOf(input: ParsedArguments, surroundings: Surroundings): Promise<number> {
  const text = input.text('port');
  if (text !== undefined) {
    const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
    if (port >= 1 && port <= 65_535) return port;
    throw new UsageError(`--port is a number from 1 to 65535, not "${text}".`);
  }
  const { assistant } = await createWorkingApp(input, surroundings);
  const { port } = assistant.settings().metrics;
  await assistant.dispose();
  if (port !== null) return port;
  throw new UsageError(
    'No server is asked to give its figures. Set "metrics": {"port": 9464}, for example, in the settings.',
  );
}

async function read(port: number, signal: AbortSignal): Promise<readonly OpenMetricsSample[]> {
  const address = `http://127.0.0.1:${port}/metrics`;
  const text = await readLocal(port, '/metrics', signal).catch((error: unknown) => {
    signal.throwIfAborted();
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandFailure(
      `No server gives its figures at ${address} (${reason}). Is an editor open, and "metrics.port" in its settings?`,
    );
  });
  const samples = text === undefined ? undefined : parseOpenMetrics(text);
  if (samples === undefined) throw new CommandFailure(`What answers at ${address} is no server of Inkling.`);
  return samples;
}
