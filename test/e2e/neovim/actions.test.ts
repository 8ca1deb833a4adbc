/** Actions on code from Neovim's own command line: an edit in the buffer, an answer in a Markdown file. */
import { afterEach, describe, expect, test } from 'vitest';
import { streamText } from '../../support/fake-responders.ts';
import { noNeovim, type Session, startSession, titled } from './session.ts';

const files = { 'shop.js': 'function price(order) {\n  return order.sum;\n}\n' };

describe.skipIf(noNeovim)(titled('actions in Neovim'), () => {
  let session: Session | undefined;
  afterEach(async () => {
    await session?.close();
    session = undefined;
  });

  test(':Inkling document edits the buffer', async () => {
    const respond = streamText(
      '```js\n/** What the order costs. */\nfunction price(order) {\n  return order.sum;\n}\n```',
    );
    session = await startSession({ files, respond });
    const { neovim, edit } = session;
    await edit('shop.js');
    await neovim.type(':Inkling document<CR>');
    await neovim.until('vim.api.nvim_buf_line_count(0) == 4');
    expect(await neovim.lines()).toEqual([
      '/** What the order costs. */',
      'function price(order) {',
      '  return order.sum;',
      '}',
    ]);
  });

  test(':Inkling explain opens the answer', async () => {
    session = await startSession({ files, respond: streamText('It adds things **up**.') });
    const { neovim, edit, asked } = session;
    await edit('shop.js');
    await neovim.type(':Inkling explain<CR>');
    await neovim.until("vim.fn.expand('%:e') == 'md'");
    expect(await neovim.lines()).toEqual(['It adds things **up**.']);
    expect(asked()[0]?.text).toContain('return order.sum;');
  });
});
