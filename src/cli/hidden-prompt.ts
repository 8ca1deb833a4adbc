/** Asks at the terminal for what nobody may read over a shoulder: nothing typed is shown, and none of it is ever an argument. */
import { StringDecoder } from 'node:string_decoder';
import type { Surroundings } from './command.ts';

/** Characters. */
const LONGEST_ANSWER = 8_192;

/** Resolves with the line that was typed. Rejects with an `AbortError` for Ctrl-C, and when the signal is aborted. */
export async function askHidden(question: string, { input, terminal, signal }: Surroundings): Promise<string> {
  signal.throwIfAborted();
  // Before the question, which somebody may answer at once.
  input.setRawMode(true);
  terminal.complain(question);
  input.resume();
  try {
    return await readLine(input, signal);
  } finally {
    input.setRawMode(false);
    input.pause();
    terminal.complain('\n');
  }
}

function readLine(input: NodeJS.ReadStream, signal: AbortSignal): Promise<string> {
  const line = createHiddenLine();
  const decoder = new StringDecoder('utf8');
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void) => {
      input.off('data', onData);
      input.off('end', onEnd);
      signal.removeEventListener('abort', onAbort);
      finish();
    };
    const onEnd = () => settle(() => reject(interrupted()));
    const onAbort = () => settle(() => reject(signal.reason));
    const onData = (bytes: Buffer) => {
      const outcome = line.type(decoder.write(bytes));
      if (outcome === 'interrupted') settle(() => reject(interrupted()));
      else if (outcome !== undefined) settle(() => resolve(outcome.answer));
    };
    input.on('data', onData);
    input.once('end', onEnd);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

export interface HiddenLine {
  /** What was typed next, as a terminal in raw mode sends it. `undefined` while the line has not ended. */
  type(characters: string): { readonly answer: string } | 'interrupted' | undefined;
}

/** A line that is edited blindly: backspace, Ctrl-U and Ctrl-C do what they do everywhere, other keys do nothing. */
export function createHiddenLine(): HiddenLine {
  let typed: string[] = [];
  return {
    type(characters) {
      // Cursor keys, and the marks some terminals put around what is pasted.
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
      for (const character of characters.replaceAll(/\x1b(?:\[[0-9;]*[~A-Za-z]|O[A-Za-z])/g, '')) {
        if (character === '\r' || character === '\n') return { answer: typed.join('') };
        if (character === '\x03' || (character === '\x04' && typed.length === 0)) return 'interrupted';
        if (character === '\x04') return { answer: typed.join('') };
        if (character === '\x7f' || character === '\b') typed.pop();
        else if (character === '\x15') typed = [];
        else if (character >= ' ' && typed.length < LONGEST_ANSWER) typed.push(character);
      }
      return undefined;
    },
  };
}

function interrupted(): DOMException {
  return new DOMException('The question was not answered.', 'AbortError');
}
