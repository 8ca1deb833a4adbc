/** `inkling doctor`. */
import { type Command, exitCode } from './command.ts';
export const doctor: Command = {
  usage: '',
  help: '',
  options: {},
  arguments: { least: 0, most: 0 },
  run: async () => exitCode.done,
};
