/**
 * What the build plays to the server while its bytecode is recorded: the editor and the model of a first session. Apart
 * from the recording, because what is played is what starts fast: a function that does not run here is compiled later.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startLspServer } from '../src/cli/lsp-client.ts';

/** Milliseconds after which it is given up. */
const PATIENCE = 20_000;

/**
 * Suggestions from a model on the network, then one from the offline engine. Rejects when the server ends before that.
 * `home` is a folder without settings.
 */
export async function rehearse(command: readonly [string, ...string[]], home: string): Promise<void> {
  const model = await startModel();
  const environment = { PATH: process.env['PATH'], HOME: home, XDG_CONFIG_HOME: home, APPDATA: home };
  const editor = startLspServer(command, AbortSignal.timeout(PATIENCE), environment);
  const suggestion = (line: number, character: number) =>
    editor.request('textDocument/inlineCompletion', { ...at(line, character), context: { triggerKind: 2 } });
  try {
    const capabilities = { textDocument: { inlineCompletion: {} }, workspace: { workspaceFolders: true } };
    const initializationOptions = settingsFor(model);
    await editor.request('initialize', { processId: process.pid, rootUri: null, capabilities, initializationOptions });
    editor.notify('initialized', {});
    editor.notify('textDocument/didOpen', { textDocument: { uri, languageId: 'typescript', version: 1, text } });
    await suggestion(1, 15);
    editor.notify('textDocument/didChange', typed(2, 'b'));
    await suggestion(1, 16);
    editor.notify('workspace/didChangeConfiguration', { settings: { inkling: { provider: 'workspace' } } });
    editor.notify('textDocument/didChange', typed(3, 'a'));
    await suggestion(1, 16);
    await editor.close();
  } finally {
    model.closeAllConnections();
    model.close();
  }
}

const uri = 'file:///example.ts';
const text = 'const first = 1;\nconst second = ';

function at(line: number, character: number) {
  return { textDocument: { uri }, position: { line, character } };
}

/** At the end of the first version. */
function typed(version: number, inserted: string) {
  const place = { line: 1, character: 15 };
  return { textDocument: { uri, version }, contentChanges: [{ range: { start: place, end: place }, text: inserted }] };
}

function settingsFor(model: Server): object {
  const baseUrl = `http://127.0.0.1:${(model.address() as AddressInfo).port}/v1`;
  return {
    provider: 'example',
    providers: { example: { kind: 'openai-compatible', baseUrl, model: 'example', fim: 'qwen' } },
    completion: { debounce: { min: 0, max: 0 } },
  };
}

/** Answers every question alike. */
async function startModel(): Promise<Server> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(`${part('first', null)}${part(' + 1;\n', 'stop')}data: [DONE]\n\n`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function part(text: string, finish_reason: string | null): string {
  const choices = [{ index: 0, text, finish_reason, logprobs: null }];
  return `data: ${JSON.stringify({ id: '1', object: 'text_completion', created: 1, model: 'example', choices })}\n\n`;
}
