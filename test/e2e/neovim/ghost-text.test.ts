/** What a user sees while typing in Neovim: ghost text that appears, follows, is accepted exactly, and goes away. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { hang, streamText } from '../../support/fake-responders.ts';
import { noNeovim, type Session, type SessionOptions, startSession, titled } from './session.ts';

const source = 'function total(items) {\n}\n';
/** A block, since it is asked for on an empty line. */
const completion = 'return items.reduce((sum, item) => {\n    return sum + item.value;\n  }, 0);';
const accepted = [
  'function total(items) {',
  '  return items.reduce((sum, item) => {',
  '    return sum + item.value;',
  '  }, 0);',
  '}',
];

describe.skipIf(noNeovim)(titled('ghost text in Neovim'), () => {
  let session: Session | undefined;
  afterEach(async () => {
    await session?.close();
    session = undefined;
  });

  /** Opens the file and a new line in the body of the function. */
  async function openLine(options: Partial<SessionOptions> = {}): Promise<Session> {
    session = await startSession({ files: { 'total.js': source }, respond: streamText(completion), ...options });
    await session.edit('total.js');
    await session.neovim.type('o<Space><Space>');
    return session;
  }

  test('appears where the cursor is', async () => {
    const { neovim } = await openLine();
    await neovim.untilGhostText(completion);
    const screen = await neovim.screen();
    expect(screen.slice(0, accepted.length)).toEqual(accepted);
  });

  test('stays while it is typed through, and the provider is asked once', async () => {
    const { neovim, answered, asked } = await openLine();
    await neovim.untilGhostText(completion);
    for (const key of 'return it') await neovim.type(key === ' ' ? '<Space>' : key);
    await neovim.untilGhostText(completion.slice('return it'.length));
    await answered(2);
    expect(await neovim.ghostText()).toBe(completion.slice('return it'.length));
    expect(asked()).toHaveLength(1);
  });

  test('goes away at the first key that disagrees', async () => {
    const { neovim } = await openLine();
    await neovim.untilGhostText(completion);
    await neovim.type('x');
    await neovim.until(`vim.api.nvim_get_current_line() == '  x'`);
    expect(await neovim.ghostText()).toBe('');
  });

  test('is accepted exactly, over several lines', async () => {
    const { neovim } = await openLine();
    await neovim.untilGhostText(completion);
    await neovim.type('<Tab>');
    await neovim.until(`vim.api.nvim_get_current_line() == '  }, 0);'`);
    expect(await neovim.lines()).toEqual(accepted);
    expect(await neovim.lua('return vim.api.nvim_win_get_cursor(0)')).toEqual([4, 8]);
    expect(await neovim.ghostText()).toBe('');
  });

  test('accepted right after typing into it, nothing is repeated', async () => {
    const { neovim } = await openLine();
    await neovim.untilGhostText(completion);
    await neovim.type('return<Tab>');
    await neovim.until(`vim.api.nvim_buf_line_count(0) == ${accepted.length}`);
    expect(await neovim.lines()).toEqual(accepted);
  });

  test('accepting is one step of undo', async () => {
    const { neovim } = await openLine();
    await neovim.untilGhostText(completion);
    await neovim.type('<Tab>');
    await neovim.until(`vim.api.nvim_get_current_line() == '  }, 0);'`);
    await neovim.type('<Esc>u');
    await neovim.until(`vim.api.nvim_buf_line_count(0) == 3`);
    expect(await neovim.lines()).toEqual(['function total(items) {', '  ', '}']);
  });

  test('keeps the line ends of a CRLF file', async () => {
    const { neovim } = await openLine({ files: { 'total.js': source.replaceAll('\n', '\r\n') } });
    await neovim.untilGhostText(completion);
    await neovim.type('<Tab>');
    await neovim.until(`vim.api.nvim_get_current_line() == '  }, 0);'`);
    await neovim.type('<Esc>:write<CR>');
    await neovim.until('not vim.bo.modified');
    const bytes = await readFile(join(neovim.folder, 'total.js'), 'utf8');
    expect(bytes).toBe(accepted.map((line) => `${line}\r\n`).join(''));
  });

  test('finds its place after characters of two and four bytes', async () => {
    const before = `  const μ = '😀é'; const sum = `;
    const rest = "items.map((item) => item['ключ'] ?? '😀');";
    const { neovim } = await openLine({ respond: streamText(rest) });
    await neovim.type(before.trimStart().replaceAll(' ', '<Space>'));
    await neovim.untilGhostText(rest);
    await neovim.type('items<Tab>');
    await neovim.until(`#vim.api.nvim_get_current_line() == ${Buffer.byteLength(before + rest)}`);
    expect((await neovim.lines())[1]).toBe(before + rest);
  });

  test('is accepted by words and by lines, and the rest stays on the screen', async () => {
    const { neovim } = await openLine();
    await neovim.untilGhostText(completion);
    await neovim.type('<M-w>');
    await neovim.until(`vim.api.nvim_get_current_line() == '  return'`);
    expect(await neovim.ghostText()).toBe(completion.slice('return'.length));
    await neovim.type('<M-l>');
    await neovim.until(`vim.api.nvim_get_current_line() == '  return items.reduce((sum, item) => {'`);
    expect(await neovim.ghostText()).toBe('\n    return sum + item.value;\n  }, 0);');
    await neovim.type('<Tab>');
    await neovim.until(`vim.api.nvim_get_current_line() == '  }, 0);'`);
    expect(await neovim.lines()).toEqual(accepted);
  });

  test('dismissed, it does not stand in the way of the key', async () => {
    const { neovim } = await openLine();
    await neovim.untilGhostText(completion);
    await neovim.type('<M-d>');
    await neovim.untilGhostText('');
    await neovim.type('<Tab>');
    await neovim.until(`vim.api.nvim_get_current_line() == '  \\t'`);
  });

  test('leaving insert mode closes the connection to the provider', async () => {
    const { neovim, fake } = await openLine({ respond: hang() });
    const request = await fake.nextRequest();
    await neovim.type('<Esc>');
    await request.closed;
    await neovim.until(`vim.api.nvim_get_mode().mode == 'n'`);
    expect(await neovim.ghostText()).toBe('');
  });

  test('asked for by a key where automatic requests stay on this machine', async () => {
    const settings = { completion: { trigger: 'manual', fallback: [], debounce: { min: 0, max: 0 } } };
    const { neovim, asked, answered } = await openLine({ settings });
    await answered(1);
    expect(asked()).toHaveLength(0);
    await neovim.type('<M-c>');
    await neovim.untilGhostText(completion);
    expect(asked()).toHaveLength(1);
  });

  test('the server learns what was shown and accepted, also in parts', async () => {
    const { neovim, answered } = await openLine();
    await neovim.untilGhostText(completion);
    await neovim.type('return<Space>it');
    await neovim.untilGhostText(completion.slice('return it'.length));
    await answered(2);
    const stats = async () =>
      neovim.lua(`
        local client = vim.lsp.get_clients({ name = 'inkling' })[1]
        return client:request_sync('inkling/stats', vim.empty_dict(), 5000).result.suggestions`);
    await neovim.type('<M-w>');
    await neovim.until(`vim.api.nvim_get_current_line() == '  return items'`);
    const part = 'return items'.length;
    expect(await stats()).toMatchObject({ shown: 1, accepted: 0, acceptedCharacters: part });
    await neovim.type('<Tab>');
    await neovim.until(`vim.api.nvim_get_current_line() == '  }, 0);'`);
    expect(await stats()).toMatchObject({ shown: 1, accepted: 1, acceptedCharacters: completion.length });
  });

  test('replaces the closing bracket that it brings itself', async () => {
    const { neovim } = await openLine({ respond: streamText('items.length);') });
    await neovim.type('console.log()<Left>');
    await neovim.untilGhostText('items.length);');
    await neovim.type('items<Tab>');
    await neovim.until(`vim.api.nvim_get_current_line() == '  console.log(items.length);'`);
  });

  test('accepted by words in front of a bracket, the bracket stays until the end', async () => {
    const { neovim } = await openLine({ respond: streamText('items.length);') });
    await neovim.type('console.log()<Left>');
    await neovim.untilGhostText('items.length);');
    await neovim.type('<M-w>');
    await neovim.until(`vim.api.nvim_get_current_line() == '  console.log(items)'`);
    expect(await neovim.ghostText()).toBe('.length);');
    await neovim.type('<Tab>');
    await neovim.until(`vim.api.nvim_get_current_line() == '  console.log(items.length);'`);
  });
});
