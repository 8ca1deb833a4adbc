/** `inkling chat`: a question from the command line or a pipe, the answer printed while it is written. */
import type { ChatResult } from '../assistant/assistant.ts';
import { UsageError } from './arguments.ts';
import { type Command, CommandFailure, exitCode, type Surroundings } from './command.ts';
import { createWorkingApp } from './create-cli-app.ts';
import { readAll } from './read-all.ts';
import { createCleaner } from './terminal.ts';
import { readDocument, rootOf } from './workspace-file.ts';

/** Bytes; more than any model reads. */
const LONGEST_INPUT = 4 * 1024 * 1024;

export const chat: Command = {
  usage: '[TEXT] [--file PATH]…',
  help:
    'Asks the chat provider and prints the answer while it is written. What is piped in belongs to the question:' +
    ' "git diff | inkling chat Review this". Ctrl-C ends the answer.',
  options: { file: { type: 'string', multiple: true, value: 'PATH', help: 'let the model read this file' } },
  arguments: { least: 0, most: Number.POSITIVE_INFINITY },
  async run(input, surroundings) {
    const { place, signal, terminal } = surroundings;
    const documents = input.texts('file').map((path) => readDocument(path, place.workingDirectory));
    const question = await readQuestion(input.positionals.join(' '), surroundings);
    const { assistant, openFolder } = await createWorkingApp(input, surroundings);
    try {
      openFolder(rootOf(place.workingDirectory));
      for (const document of documents) {
        if (!assistant.documents.open(document)) throw new CommandFailure('The files are too large together.');
      }
      const clean = createCleaner();
      const result = await assistant.chat(
        { messages: [{ role: 'user', content: question }], context: { files: documents.map(({ uri }) => uri) } },
        signal,
        (delta) => terminal.stream(clean(delta), signal),
      );
      if (!result.message.content.endsWith('\n')) terminal.print('\n');
      sayHowItEnded(result, surroundings);
      return exitCode.done;
    } finally {
      if (signal.aborted && terminal.isInteractive) terminal.print('\n');
      await assistant.dispose();
    }
  },
};

async function readQuestion(text: string, { input, signal }: Surroundings): Promise<string> {
  const piped = input.isTTY ? '' : await readAll(input, LONGEST_INPUT, signal);
  const question = [text, piped].map((part) => part.trim()).filter((part) => part !== '');
  if (question.length === 0) throw new UsageError('There is no question. Write it behind the command, or pipe it in.');
  return question.join('\n\n');
}

function sayHowItEnded({ finishReason, provider }: ChatResult, { terminal }: Surroundings): void {
  if (finishReason === 'length') terminal.complain('The answer was cut at the token limit ("chat.maxTokens").\n');
  if (finishReason === 'filtered') terminal.complain(`"${provider}" withheld the rest of the answer.\n`);
}
