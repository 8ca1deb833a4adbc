/** `inkling complete`: one completion, by the same pipeline that editors use. */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CompletionOutcome } from '../completion/outcome.ts';
import type { DocumentToOpen } from '../documents/document-store.ts';
import type { CompletionTrace } from '../domain/completion-trace.ts';
import type { Position } from '../domain/text.ts';
import { UsageError } from './arguments.ts';
import { type Command, CommandFailure, exitCode, type Surroundings } from './command.ts';
import { type CliApp, createWorkingApp } from './create-cli-app.ts';
import { clean, printableJson } from './terminal.ts';
import { readDocument, rootOf } from './workspace-file.ts';

export const complete: Command = {
  usage: 'FILE:LINE:COL [--json]',
  help:
    'Prints the text to insert before column COL of line LINE, both counted from 1 as compilers print them, columns in' +
    ' UTF-16 code units. Prints nothing where there is nothing to offer, and says why on standard error.' +
    ' The workspace is the repository of the file, or its folder.',
  options: { json: { type: 'boolean', help: 'print the whole outcome: offers, reason, stages with their times' } },
  arguments: { least: 1, most: 1 },
  async run(input, surroundings) {
    const place = readPlace(input.positionals[0] ?? '');
    const document = readDocument(place.file, surroundings.place.workingDirectory);
    const app = await createWorkingApp(input, surroundings);
    try {
      const outcome = await ask(app, document, place, surroundings.signal);
      const [trace] = app.assistant.explain({ uri: document.uri });
      if (input.has('json')) surroundings.terminal.print(printableJson(wholeOutcome(outcome, trace)));
      else report(outcome, app, surroundings);
      return exitCodeOf(outcome, app);
    } finally {
      await app.assistant.dispose();
    }
  },
};

interface Place {
  readonly file: string;
  /** Both 1-based. */
  readonly line: number;
  readonly column: number;
}

function readPlace(text: string): Place {
  const [, file, line, column] = /^(.+):(\d{1,9}):(\d{1,9})$/s.exec(text) ?? [];
  const place = { file: file ?? '', line: Number(line), column: Number(column) };
  if (file !== undefined && place.line > 0 && place.column > 0) return place;
  throw new UsageError(`"${text}" is no place in a file, such as src/main.ts:12:8 (lines and columns count from 1).`);
}

async function ask(
  { assistant, openFolder, prepare }: CliApp,
  document: DocumentToOpen,
  place: Place,
  signal: AbortSignal,
): Promise<CompletionOutcome> {
  if (!assistant.documents.open(document)) throw new CommandFailure(`${place.file} is too large.`);
  const position = positionOf(place, assistant.documents.get(document.uri)?.text);
  openFolder(rootOf(dirname(fileURLToPath(document.uri))));
  await prepare(signal);
  return assistant.complete({ uri: document.uri, position, trigger: 'explicit' }, signal);
}

function positionOf(
  { file, line, column }: Place,
  text: { lineCount: number; lineAt(line: number): string } | undefined,
): Position {
  const lines = text?.lineCount ?? 0;
  if (line > lines)
    throw new CommandFailure(`${file} has ${lines} lines, so none is line ${line}.`, exitCode.wrongUsage);
  const last = (text?.lineAt(line - 1).length ?? 0) + 1;
  if (column > last) {
    throw new CommandFailure(
      `Line ${line} of ${file} ends at column ${last}, before column ${column}.`,
      exitCode.wrongUsage,
    );
  }
  return { line: line - 1, character: column - 1 };
}

function report(outcome: CompletionOutcome, app: CliApp, { terminal }: Surroundings): void {
  const { completion, provider } = app.assistant.settings();
  const asked = completion.provider ?? provider;
  if (outcome.kind !== 'failed' && hasFailed(app)) {
    terminal.complain(`"${asked}" could not answer: ${clean(app.assistant.status().message)}\n`);
  }
  if (outcome.kind !== 'offered') {
    terminal.complain(`${clean(outcome.reason)}\n`);
    return;
  }
  const text = clean(outcome.offers[0]?.insertText ?? '');
  terminal.print(text.endsWith('\n') ? text : `${text}\n`);
}

function wholeOutcome(outcome: CompletionOutcome, trace: CompletionTrace | undefined): object {
  return {
    outcome: outcome.kind,
    offers: outcome.kind === 'offered' ? outcome.offers.map(({ id: _, ...offer }) => offer) : [],
    reason: trace?.reason ?? (outcome.kind === 'offered' ? '' : outcome.reason),
    provider: trace?.provider ?? null,
    model: trace?.model ?? null,
    milliseconds: trace?.total ?? null,
    stages: trace?.stages ?? [],
  };
}

/** Whether the provider that was asked could not answer, whoever did so in its place. */
function hasFailed({ assistant }: CliApp): boolean {
  const { kind } = assistant.status();
  return kind === 'Warning' || kind === 'Error';
}

function exitCodeOf({ kind }: CompletionOutcome, app: CliApp): number {
  switch (kind) {
    case 'failed':
      return exitCode.failed;
    case 'nothing':
      return hasFailed(app) ? exitCode.failed : exitCode.done;
    case 'cancelled':
      return exitCode.interrupted;
    default:
      return exitCode.done;
  }
}
