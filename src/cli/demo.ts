/** `inkling demo`. */
import { type Command, exitCode } from './command.ts';
export const demo: Command = {
  usage: '',
  help: '',
  options: {},
  arguments: { least: 0, most: 0 },
  run: async () => exitCode.done,
};
