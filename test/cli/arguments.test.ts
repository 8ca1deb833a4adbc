/** Command lines as they are typed: options anywhere, values in both forms, everything else refused. */
import { expect, test } from 'vitest';
import { findCommand, type OptionTable, parseArguments, UsageError } from '../../src/cli/arguments.ts';

const own: OptionTable = {
  json: { type: 'boolean', help: '' },
  file: { type: 'string', multiple: true, value: 'PATH', help: '' },
};

test('options and arguments stand in any order', () => {
  const input = parseArguments(
    ['one', '--file', 'a', '--json', 'two', '--file=b', '--config', 'c', '--config', 'd'],
    own,
  );
  expect(input.positionals).toEqual(['one', 'two']);
  expect(input.texts('file')).toEqual(['a', 'b']);
  expect(input.text('config')).toBe('d');
  expect([input.has('json'), input.has('help')]).toEqual([true, false]);
});

test('behind -- everything is an argument, and a dash alone is a value', () => {
  const input = parseArguments(['--file', '-', '--', '--json', '-x'], own);
  expect(input.positionals).toEqual(['--json', '-x']);
  expect(input.texts('file')).toEqual(['-']);
  expect(input.has('json')).toBe(false);
});

test('a value may begin with a dash where it is written behind =', () => {
  expect(parseArguments(['--file=-x'], own).texts('file')).toEqual(['-x']);
});

const refused: readonly (readonly [readonly string[], string])[] = [
  [['--jsn'], 'There is no option --jsn. Did you mean --json?'],
  [['-j'], 'There is no option -j.'],
  [['--constructor'], 'There is no option --constructor.'],
  [['--__proto__=x'], 'There is no option --__proto__.'],
  [['--no-json'], 'There is no option --no-json. Did you mean --json?'],
  [['--json=1'], '--json takes no value.'],
  [['--file'], '--file needs a value: --file=PATH.'],
  [['--file='], '--file needs a value: --file=PATH.'],
  [['--file', '--json'], '--file needs a value: --file=PATH.'],
];

test.each(refused)('%j is refused', (argv, message) => {
  expect(() => parseArguments(argv, own)).toThrow(new UsageError(message));
});

test('the command is found among options that come before it', () => {
  const found = (...argv: string[]) => argv[findCommand(argv)];
  expect(found('chat', 'demo')).toBe('chat');
  expect(found('--config', 'a.json', 'chat', 'hello')).toBe('chat');
  expect(found('--config=a.json', '--help', 'chat')).toBe('chat');
  expect(found('--version')).toBeUndefined();
  expect(found()).toBeUndefined();
});
