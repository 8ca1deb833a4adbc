import { expect, test } from 'vitest';
import { buildChatRequest } from '../../src/chat/chat-prompt.ts';

const attachment = {
  path: 'src/example.ts',
  languageId: 'typescript',
  firstLine: 3,
  lastLine: 4,
  text: 'const fence = `a`;\nconst more = "```";',
  selected: true,
};

test('the prompt of a chat', async () => {
  const { messages } = buildChatRequest({
    messages: [
      { role: 'user', content: 'What is this?' },
      { role: 'assistant', content: 'Code.' },
      { role: 'user', content: 'Why?' },
    ],
    attachments: [
      { ...attachment, path: 'README.md', languageId: 'markdown', text: '# Title', selected: false },
      attachment,
    ],
    instructions: 'Answer in rhyme.\n',
  });
  const text = messages.map(({ role, content }) => `── ${role}\n${content}\n`).join('\n');
  const golden = `Shows a whole conversation with a file and a selection as the model gets it.\n\n${text}`;
  await expect(golden).toMatchFileSnapshot('../fixtures/chat-prompt.txt');
});

test('what does not change comes first and stays the same as the conversation grows', () => {
  const build = (...turns: string[]) =>
    buildChatRequest({
      messages: turns.map((content) => ({ role: 'user' as const, content })),
      attachments: [attachment],
      instructions: '',
    }).messages;
  const short = build('one');
  expect(build('one', 'two').slice(0, short.length)).toEqual(short);
});
