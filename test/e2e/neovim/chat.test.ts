/** The chat buffer: an answer that streams, a question about a selection, stopping, and failing usefully. */
import { afterEach, describe, expect, test } from 'vitest';
import { errorStatus, streamText } from '../../support/fake-responders.ts';
import { noNeovim, type Session, startSession, titled } from './session.ts';

const files = { 'shop.js': 'const a = 1;\nconst secretless = 2;\nconst c = 3;\n' };

/** Lua: whether the chat's text matches a pattern of Lua. */
const chatMatches = (pattern: string) =>
  `table.concat(vim.api.nvim_buf_get_lines(vim.fn.bufnr('inkling://chat'), 0, -1, false), '\\n'):find(${JSON.stringify(pattern)})`;

describe.skipIf(noNeovim)(titled('chat in Neovim'), () => {
  let session: Session | undefined;
  afterEach(async () => {
    await session?.close();
    session = undefined;
  });

  test('streams into the buffer and offers the next prompt', async () => {
    session = await startSession({ files });
    const { neovim, fake, edit } = session;
    await edit('shop.js');
    await neovim.type(':Inkling chat What is this?<CR>');
    const request = await fake.nextRequest();
    const stream = fake.control(request);
    await stream.send('One line.\n\n```js\ncon');
    await neovim.until(chatMatches('One line%.\n\n```js\ncon$'));
    await stream.send('st x = 1;\n```');
    await stream.end();
    await neovim.until(chatMatches('## You\n$'));
    expect(await neovim.lines()).toEqual([
      '## You',
      'What is this?',
      '',
      '## Inkling',
      'One line.',
      '',
      '```js',
      'const x = 1;',
      '```',
      '',
      '## You',
      '',
    ]);
    expect(request.text).toContain('What is this?');
    expect(request.text).toContain('secretless');
  });

  test('the conversation goes on with what was said', async () => {
    session = await startSession({ files, respond: streamText('The first answer.') });
    const { neovim, edit, asked, fake } = session;
    await edit('shop.js');
    await neovim.type(':Inkling chat First?<CR>');
    await neovim.until(chatMatches('first answer%..*## You\n$'));
    fake.respond(streamText('The second answer.'));
    await neovim.type('iSecond?<C-s>');
    await neovim.until(chatMatches('second answer%..*## You\n$'));
    const said = asked().at(-1)?.text ?? '';
    for (const text of ['First?', 'The first answer.', 'Second?']) expect(said).toContain(text);
  });

  test('a selection is what the question is about', async () => {
    session = await startSession({ files, respond: streamText('Yes.') });
    const { neovim, edit, asked } = session;
    await edit('shop.js');
    await neovim.type('jV:Inkling chat Why?<CR>');
    await neovim.until(chatMatches('Yes%..*## You\n$'));
    const said = asked().at(-1)?.text ?? '';
    expect(said).toContain('secretless');
    expect(said).not.toContain('const c = 3');
    expect((await neovim.screen()).join('\n')).toContain('shop.js:2-2');
  });

  test('<C-c> stops the answer, closes the connection and keeps what arrived', async () => {
    session = await startSession({ files });
    const { neovim, fake, edit } = session;
    await edit('shop.js');
    await neovim.type(':Inkling chat Go on<CR>');
    const request = await fake.nextRequest();
    await fake.control(request).send('It begins');
    await neovim.until(chatMatches('It begins'));
    await neovim.type('<C-c>');
    await request.closed;
    await neovim.until(chatMatches('It begins\n\n> Stopped%.\n\n## You\n$'));
  });

  test('<C-c> that comes while Neovim is at work stops the answer, too', async () => {
    session = await startSession({ files });
    const { neovim, fake, edit } = session;
    await edit('shop.js');
    await neovim.type(':Inkling chat Go on<CR>');
    const request = await fake.nextRequest();
    await fake.control(request).send('It begins');
    await neovim.until(chatMatches('It begins'));
    // Then the key is an interrupt to Neovim, which throws away what it is mapped to.
    await neovim.lua(`vim.schedule(function()
      vim.g.at_work = true
      local _, reason = vim.wait(60000, function() return false end)
      vim.g.interrupted = reason == -2
    end)`);
    await neovim.until('vim.g.at_work');
    await neovim.type('<C-c>');
    await request.closed;
    await neovim.until(chatMatches('It begins\n\n> Stopped%.\n\n## You\n$'));
    await neovim.until('vim.g.interrupted');
  });

  test('a failure says what to do, and the question is still there', async () => {
    session = await startSession({ files, respond: errorStatus(401) });
    const { neovim, edit } = session;
    await edit('shop.js');
    await neovim.type(':Inkling chat Hello?<CR>');
    await neovim.until(chatMatches('> %*%*authentication%*%*: .+:Inkling provider.+## You\nHello%?$'));
  });

  test('a server that ends in the middle of an answer is reported, and a new one answers the same question', async () => {
    session = await startSession({ files });
    const { neovim, fake, edit } = session;
    await edit('shop.js');
    await neovim.type(':Inkling chat Go on<CR>');
    await fake.control(await fake.nextRequest()).send('It begins');
    await neovim.until(chatMatches('It begins'));
    await neovim.lua(`vim.lsp.get_clients({ name = 'inkling' })[1]:stop(true)`);
    await neovim.until(chatMatches('> %*%*client%*%*: the server has stopped.*## You\nGo on$'));
    fake.respond(streamText('Here I am again.'));
    await neovim.type('<CR>');
    await neovim.until(chatMatches('Here I am again%.\n\n## You\n$'));
  });

  test('wiped out with its buffer, a conversation is forgotten and its answer stopped', async () => {
    session = await startSession({ files });
    const { neovim, fake, edit, asked } = session;
    await edit('shop.js');
    await neovim.type(':Inkling chat Old question<CR>');
    const request = await fake.nextRequest();
    await fake.control(request).send('Old answer');
    await neovim.until(chatMatches('Old answer'));
    await neovim.type(':bwipeout!<CR>');
    await request.closed;
    fake.respond(streamText('The new answer.'));
    await neovim.type(':Inkling chat New question<CR>');
    await neovim.until(chatMatches('^## You\nNew question.*The new answer%.\n\n## You\n$'));
    expect(asked().at(-1)?.text).not.toContain('Old question');
  });
});
