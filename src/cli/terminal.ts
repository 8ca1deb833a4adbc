/** How commands speak: colours where they are wanted, lines that fit, and nothing of what a model said that could steer a terminal. */
import { once } from 'node:events';
import { styleText } from 'node:util';

/** One at a time: of several at once Node 20 does not ask whether the stream wants any. */
export type Style = 'bold' | 'dim' | 'italic' | 'cyan' | 'gray' | 'green' | 'red';

export interface Terminal {
  /** Standard output: what the command was run for. */
  print(text: string): void;
  /** Standard error: everything else. */
  complain(text: string): void;
  /** As `print`; resolves when whoever reads can take more. */
  stream(text: string, signal: AbortSignal): Promise<void>;
  /** Styles text for standard output; leaves it as it is under NO_COLOR and where no terminal reads. */
  style(style: Style, text: string): string;
  readonly hasColors: boolean;
  /** Whether a person watches standard output. */
  readonly isInteractive: boolean;
  /** Characters that fit into a line; 80 where nobody says. */
  readonly columns: number;
}

type Output = Pick<NodeJS.WriteStream, 'isTTY' | 'columns'> & NodeJS.WritableStream;

export function createTerminal(output: Output, errors: NodeJS.WritableStream): Terminal {
  const style = (format: Style, text: string) => styleText(format, text, { stream: output });
  return {
    print: (text) => void output.write(text),
    complain: (text) => void errors.write(text),
    async stream(text, signal) {
      if (!output.write(text)) await once(output, 'drain', { signal });
    },
    style,
    hasColors: style('bold', '.') !== '.',
    isInteractive: output.isTTY === true,
    columns: Math.max(40, output.columns || 80),
  };
}

/**
 * A filter for text from outside that comes in pieces: removes control characters but line ends and tabs, and with them
 * the escape sequences they begin, also those split over pieces. A sequence that is never ended hides at most its line.
 */
export function createCleaner(): (text: string) => string {
  let state: 'text' | 'escape' | 'sequence' | 'string' = 'text';

  /** True when the character may be shown. */
  function next(character: string): boolean {
    if (character === '\n') {
      state = 'text';
      return true;
    }
    const isControl = CONTROL.test(character);
    if (character === '\x1b') state = 'escape';
    else if (character === '\x9b') state = 'sequence';
    else if (STRING_BEGIN_8_BIT.test(character)) state = 'string';
    else if (state === 'escape') state = afterEscape(character);
    else if (state === 'sequence') state = isControl || FINAL_BYTE.test(character) ? 'text' : 'sequence';
    else if (state === 'string') state = character === '\x07' || character === '\x9c' ? 'text' : 'string';
    else return !isControl;
    return false;
  }

  return (text) => {
    let shown = '';
    for (const character of text) if (next(character)) shown += character;
    return shown;
  };
}

/** As `createCleaner`, for a whole text. */
export function clean(text: string): string {
  return createCleaner()(text);
}

// biome-ignore-start lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROL = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/;
/** DCS, SOS, OSC, PM, APC in one character. */
const STRING_BEGIN_8_BIT = /[\x90\x98\x9d-\x9f]/;
// biome-ignore-end lint/suspicious/noControlCharactersInRegex: see above
/** What ends a control sequence (ECMA-48 §5.4). */
const FINAL_BYTE = /[@-~]/;

function afterEscape(character: string): 'text' | 'escape' | 'sequence' | 'string' {
  if (character === '[') return 'sequence';
  if (/[\]PX^_]/.test(character)) return 'string';
  // Intermediate bytes: one more character follows, for example the set in `ESC ( B`.
  return /[ -/]/.test(character) ? 'escape' : 'text';
}

/** JSON for people and programs, in which no character can steer a terminal. */
export function printableJson(value: unknown): string {
  const escaped = JSON.stringify(value, null, 2).replace(
    /[\x7f-\x9f]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `${escaped}\n`;
}

/** Broken at spaces so that no line is longer than `width`, but for words that are. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** At most `width` characters, the last of them an ellipsis where something was cut; tabs as two spaces. */
export function truncate(text: string, width: number): string {
  const characters = [...clean(text).replaceAll('\t', '  ')];
  return characters.length <= width ? characters.join('') : `${characters.slice(0, Math.max(0, width - 1)).join('')}…`;
}
