/** The program: decides between the language server and the command line. The only place that ends the process. */
import { installStdoutGuard } from './lsp/transport/stdout-guard.ts';

const argv = process.argv.slice(2);
/** As vscode-languageserver names the ways to speak to a server. */
const isServer = argv.some((argument) => /^--(?:stdio|node-ipc|socket|pipe)(?:=|$)/.test(argument));

if (isServer) {
  installStdoutGuard();
  void import('./lsp/start.ts').then(({ start }) => start(argv, (code) => process.exit(code)));
} else {
  void import('./cli/cli.ts').then(async ({ run }) => {
    process.exitCode = await run(argv);
  });
}
