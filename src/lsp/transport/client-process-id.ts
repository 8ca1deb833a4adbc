/**
 * Takes `--clientProcessId` out of the arguments before the LSP library is loaded, which is why it runs on import and must be imported before it.
 * The library polls that process on its own and ends the server when the answer is EPERM, which only says that the process belongs to another user.
 */
const FLAG = '--clientProcessId';

/** Removes the flag from `argv`, in both forms, and returns the process id if it is one. */
export function takeClientProcessId(argv: string[]): number | undefined {
  const index = argv.findIndex((argument) => argument === FLAG || argument.startsWith(`${FLAG}=`));
  if (index < 0) return undefined;
  const isSeparate = argv[index] === FLAG;
  const [flag = '', next = ''] = argv.splice(index, isSeparate ? 2 : 1);
  const processId = Number(isSeparate ? next : flag.slice(FLAG.length + 1));
  return Number.isSafeInteger(processId) && processId > 0 ? processId : undefined;
}

/** The process of the client, if the command line named it. */
export const clientProcessId: number | undefined = takeClientProcessId(process.argv);
