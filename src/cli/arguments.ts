/** Reads a command line strictly: what is not understood is refused in a sentence that says what would have been. */
import { parseArgs } from 'node:util';
import { nearestName } from '../util/nearest-name.ts';

export interface OptionDescription {
  readonly type: 'boolean' | 'string';
  readonly multiple?: boolean;
  /** What stands for the value in the help, for example `FILE`. */
  readonly value?: string;
  readonly help: string;
}

export type OptionTable = Readonly<Record<string, OptionDescription>>;

/** Every command takes these. */
export const commonOptions = {
  config: { type: 'string', value: 'FILE', help: 'read the settings from this file' },
  profile: { type: 'string', value: 'NAME', help: 'use this profile of the settings file' },
  'log-level': { type: 'string', value: 'LEVEL', help: 'error, warn (default), info or debug' },
  'log-file': { type: 'string', value: 'FILE', help: 'log to this file too' },
  help: { type: 'boolean', help: 'say how the command is used' },
  version: { type: 'boolean', help: 'print the version' },
} as const satisfies OptionTable;

export interface ParsedArguments {
  readonly positionals: readonly string[];
  has(option: string): boolean;
  /** The last value that was given. */
  text(option: string): string | undefined;
  /** Every value that was given, in order. */
  texts(option: string): readonly string[];
}

/** The command line makes no sense; the message says why, and the program adds how it is used. */
export class UsageError extends Error {}

/** @throws UsageError for options that do not exist and values that are missing or too much. */
export function parseArguments(argv: readonly string[], own: OptionTable): ParsedArguments {
  const options: OptionTable = { ...commonOptions, ...own };
  const known = Object.fromEntries(Object.entries(options).map(([name, { type }]) => [name, { type }]));
  // The platform's own strictness speaks in its own words and knows no nearest name.
  const { tokens } = parseArgs({
    args: [...argv],
    options: known,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const values = new Map<string, string[]>();
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const value = checkedValue(token, options);
    values.set(token.name, [...(values.get(token.name) ?? []), value]);
  }
  return {
    positionals,
    has: (option) => values.has(option),
    text: (option) => values.get(option)?.at(-1),
    texts: (option) => values.get(option) ?? [],
  };
}

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value: string | undefined;
  readonly inlineValue: boolean | undefined;
}

function checkedValue({ name, rawName, value, inlineValue }: OptionToken, options: OptionTable): string {
  const option = Object.hasOwn(options, name) ? options[name] : undefined;
  if (option === undefined) throw new UsageError(unknownOption(rawName, name, Object.keys(options)));
  if (option.type === 'boolean') {
    if (value !== undefined) throw new UsageError(`--${name} takes no value.`);
    return '';
  }
  const isNextOption = inlineValue !== true && value?.startsWith('-') === true && value !== '-';
  if (value === undefined || value === '' || isNextOption) {
    throw new UsageError(`--${name} needs a value: --${name}=${option.value ?? 'VALUE'}.`);
  }
  return value;
}

function unknownOption(rawName: string, name: string, known: readonly string[]): string {
  const near = nearestName(name, known);
  return `There is no option ${rawName}.${near === undefined ? '' : ` Did you mean --${near}?`}`;
}

/** Where the command's name stands among options that may come before it; -1 where there is none. */
export function findCommand(argv: readonly string[]): number {
  const known = Object.fromEntries(Object.entries(commonOptions).map(([name, { type }]) => [name, { type }]));
  const { tokens } = parseArgs({
    args: [...argv],
    options: known,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  return tokens.find(({ kind }) => kind === 'positional')?.index ?? -1;
}

/** One line for each option, aligned. */
export function describeOptions(options: OptionTable): string {
  const lines = Object.entries(options).map(([name, { value, help, multiple }]) => ({
    left: `  --${name}${value === undefined ? '' : ` ${value}`}`,
    help: multiple === true ? `${help} (may be repeated)` : help,
  }));
  const width = Math.max(...lines.map(({ left }) => left.length));
  return lines.map(({ left, help }) => `${left.padEnd(width)}  ${help}\n`).join('');
}
