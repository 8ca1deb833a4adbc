/** What belongs to a plugin people install: a clean health check, a status line, a command, help. */
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { startFakeProvider } from '../../support/fake-provider.ts';
import { streamText } from '../../support/fake-responders.ts';
import { noNeovim, type Session, startSession, titled } from './session.ts';

const files = { 'a.js': 'const a = 1;\n' };

describe.skipIf(noNeovim)(titled('the plugin in Neovim'), () => {
  let session: Session | undefined;
  afterEach(async () => {
    await session?.close();
    session = undefined;
  });

  async function start(settings: Readonly<Record<string, unknown>> = {}): Promise<Session> {
    session = await startSession({ files, respond: streamText('value;'), settings });
    await session.edit('a.js');
    return session;
  }

  test(':checkhealth runs clean and names the provider', async () => {
    const { neovim } = await start();
    await neovim.type(':checkhealth inkling<CR>');
    await neovim.until(`vim.bo.filetype == 'checkhealth' and vim.fn.search('inkling: providers', 'nw') > 0`);
    const report = (await neovim.lines()).join('\n');
    expect(report).toMatch(/OK fake \(fake-model-1, for completion and chat\)/);
    expect(report).not.toMatch(/ERROR|WARNING/);
  });

  test(':checkhealth says which key is missing', async () => {
    const { neovim } = await start({ provider: 'openai' });
    await neovim.type(':checkhealth inkling<CR>');
    await neovim.until(`vim.bo.filetype == 'checkhealth' and vim.fn.search('inkling: providers', 'nw') > 0`);
    expect((await neovim.lines()).join('\n')).toMatch(/ERROR openai .*OPENAI_API_KEY/);
  });

  test('the status line shows the provider, and another one when it is chosen', async () => {
    const { neovim } = await start();
    await neovim.until(`require('inkling').status() == 'inkling fake'`);
    await neovim.type(':Inkling provider workspace<CR>');
    await neovim.until(`require('inkling').status() == 'inkling workspace'`);
    expect(await neovim.lua(`return require('inkling').status_info().kind`)).toBe('Normal');
  });

  test('the servers of this machine are looked for when the user asks, and not before', async () => {
    const local = await startFakeProvider({ respond: streamText('value;') });
    onTestFinished(() => local.close());
    const providers = { tiny: { kind: 'ollama', baseUrl: local.origin, model: 'tiny' } };
    const { neovim } = await start({ provider: 'workspace', providers });
    await neovim.until(`require('inkling').status() == 'inkling workspace'`);
    await neovim.type('oconst b = <Esc>');
    await neovim.lua(`vim.lsp.get_clients({ name = 'inkling' })[1]:request_sync('inkling/stats', {}, 5000)`);
    expect(local.connections).toBe(0);
    await neovim.type(':Inkling status<CR>');
    await neovim.until(`vim.fn.search('tiny', 'nw') > 0`);
    expect(local.connections).toBeGreaterThan(0);
  });

  test('the status line has a sign while the provider works', async () => {
    session = await startSession({ files });
    const { neovim, edit, fake } = session;
    await edit('a.js');
    await neovim.type('oconst b = ');
    const request = await fake.nextRequest();
    await neovim.until(`require('inkling').status() == 'inkling fake …'`);
    await neovim.type('<Esc>');
    await request.closed;
    await neovim.until(`require('inkling').status() == 'inkling fake'`);
  });

  test(':Inkling why tells what happened to the latest completion', async () => {
    const { neovim, answered } = await start({ completion: { enabled: false } });
    await neovim.type('oconst b = ');
    await answered(1);
    await neovim.type('<Esc>:Inkling why<CR>');
    await neovim.until(`vim.fn.bufname() == 'inkling://why'`);
    expect((await neovim.lines())[0]).toMatch(/^nothing: .*completion\.enabled/);
  });

  test(':Inkling completes its own words and the names of providers', async () => {
    const { neovim } = await start();
    expect(await neovim.lua(`return vim.fn.getcompletion('Inkling st', 'cmdline')`)).toEqual([
      'stats',
      'status',
      'stop',
    ]);
    expect(await neovim.lua(`return vim.fn.getcompletion('Inkling provider wo', 'cmdline')`)).toEqual(['workspace']);
  });

  test('the help file builds and every function of the module is in it', async () => {
    const { neovim } = await start();
    const missing = await neovim.lua(`
      local plugin = vim.fn.fnamemodify(vim.api.nvim_get_runtime_file('doc/inkling.txt', false)[1], ':h:h')
      local copy = vim.fn.tempname()
      vim.fn.mkdir(copy)
      vim.uv.fs_copyfile(plugin .. '/doc/inkling.txt', copy .. '/inkling.txt')
      vim.cmd.helptags(copy)
      local tags = table.concat(vim.fn.readfile(copy .. '/tags'), '\\n')
      return vim.tbl_filter(function(name)
        return not tags:find('inkling.' .. name .. '()', 1, true)
      end, vim.tbl_keys(require('inkling')))`);
    expect(missing).toEqual([]);
  });

  test('with no key and no network, ghost text comes from the project', async () => {
    const project = {
      'price.js': 'export function priceOf(order, taxRate) {\n  return order.net * (1 + taxRate);\n}\n',
      'invoice.js':
        'const total = priceOf(order, taxRate);\nconst again = priceOf(order, taxRate);\nconst third = pri\n',
    };
    session = await startSession({ files: project, settings: { provider: 'workspace', providers: {} } });
    const { neovim, edit, asked } = session;
    await edit('invoice.js');
    await neovim.type('GA');
    await neovim.type('ce');
    await neovim.untilGhostText('Of(order, taxRate);');
    expect(asked()).toHaveLength(0);
  });
});
