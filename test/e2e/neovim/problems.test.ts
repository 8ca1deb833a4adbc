/** What other servers and linters say is wrong reaches the model, although Neovim keeps it to itself. */
import { afterEach, describe, expect, test } from 'vitest';
import { streamText } from '../../support/fake-responders.ts';
import { noNeovim, type Session, startSession, titled } from './session.ts';

const known = `(vim.lsp.get_clients({ name = 'inkling' })[1]:request_sync('inkling/context', {
  textDocument = vim.lsp.util.make_text_document_params(),
  position = { line = 0, character = 0 },
}).result or {}).diagnostics`;

/** As a linter reports it: lines and bytes. */
const report = (...places: readonly string[]) => `
  vim.diagnostic.set(vim.api.nvim_create_namespace('linter'), 0, { ${places.join(', ')} })`;
const wrong = `{ lnum = 1, col = 10, end_col = 13, severity = 1, message = 'No such name.', source = 'lint' }`;
const hint = `{ lnum = 0, col = 0, severity = 4, message = 'Prefer let.' }`;

describe.skipIf(noNeovim)(titled('problems in Neovim'), () => {
  let session: Session | undefined;
  afterEach(async () => {
    await session?.close();
    session = undefined;
  });

  async function start() {
    session = await startSession({
      files: { 'a.js': 'const a = 1;\n"é😀"; bar;\n' },
      respond: streamText(''),
    });
    const { neovim, edit } = session;
    // Only a model that takes instructions is told.
    await neovim.lua(
      `vim.lsp.config('inkling', { settings = { inkling = { providers = { fake = { fim = 'none' } } } } })`,
    );
    await edit('a.js');
    return session;
  }

  test('are told as they come and go', async () => {
    const { neovim } = await start();
    await neovim.lua(report(wrong, hint));
    await neovim.until(`vim.deep_equal(${known}, { '2: No such name. (lint)' })`);
    await neovim.lua(report());
    await neovim.until(`vim.deep_equal(${known}, {})`);
    expect(session?.asked()).toEqual([]);
  });

  test('are counted in UTF-16, so that an edit behind them leaves them alone', async () => {
    const { neovim } = await start();
    await neovim.lua(report(wrong));
    await neovim.until(`vim.deep_equal(${known}, { '2: No such name. (lint)' })`);
    await neovim.lua(`vim.api.nvim_buf_set_text(0, 1, 14, 1, 14, { ' // behind it' })`);
    expect(await neovim.lua(`return ${known}`)).toEqual(['2: No such name. (lint)']);
  });
});
