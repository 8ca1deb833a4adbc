/** The demo's chat: one question about the file, streamed where a chat provider is configured, else how to configure one. */
import { pathToFileURL } from 'node:url';
import { userFilePath } from '../config/user-file.ts';
import type { ParsedArguments } from './arguments.ts';
import type { Surroundings } from './command.ts';
import type { DemoFile } from './demo-places.ts';
import type { LspClient } from './lsp-client.ts';
import { clean, createCleaner, wrap } from './terminal.ts';

interface Providers {
  readonly chat: string;
  readonly providers: readonly {
    readonly id: string;
    readonly model: string;
    readonly capabilities: { readonly chat: boolean };
    readonly health: { readonly state: string; readonly message?: string };
  }[];
}

const CHAT_TOKEN = 'demo-chat';

/** A chat's failure is shown and is not the demo's. */
export async function showChat(
  server: LspClient,
  file: DemoFile,
  surroundings: Surroundings,
  input: ParsedArguments,
): Promise<void> {
  const { terminal, place } = surroundings;
  const { chat, providers } = (await server.request('inkling/providers', {})) as Providers;
  const provider = providers.find(({ id }) => id === chat);
  if (provider?.capabilities.chat !== true || provider.health.state === 'unconfigured') {
    const path = userFilePath({ ...place, flag: input.text('config') });
    const missing = provider?.capabilities.chat === true ? (provider.health.message ?? '') : '';
    const how = `For chat, set OPENAI_API_KEY or run "inkling keys set openai", and put { "chat": { "provider": "openai" } } into ${path}.`;
    terminal.print(`\n${wrap(clean(missing === '' ? how : `Chat: ${missing}`), terminal.columns - 1).join('\n')}\n`);
    return;
  }
  terminal.print(
    `\n${terminal.style('bold', 'Chat')} with ${clean(provider.model)} by "${chat}": what is ${file.name} for?\n`,
  );
  const cleaner = createCleaner();
  server.onNotification((method, params) => {
    const { token, value } = (method === '$/progress' ? params : {}) as { token?: unknown; value?: { delta?: string } };
    if (token === CHAT_TOKEN && value?.delta !== undefined) terminal.print(cleaner(value.delta));
  });
  const question = { role: 'user', content: 'What is this file for? Answer in one sentence.' };
  try {
    await server.request('inkling/chat', {
      messages: [question],
      context: { textDocument: { uri: pathToFileURL(file.path).href } },
      maxTokens: 1_000,
      partialResultToken: CHAT_TOKEN,
    });
    terminal.print('\n');
  } catch (error) {
    // What was shown before stands: only the chat failed, and it says why.
    surroundings.signal.throwIfAborted();
    terminal.print(`${terminal.style('red', '✗')} ${clean(error instanceof Error ? error.message : String(error))}\n`);
  }
}
