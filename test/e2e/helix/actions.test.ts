/** Actions on code from Helix's own menu: an edit in the buffer, an answer in a Markdown file. */
import { describe, expect, test } from 'vitest';
import { helix, titled } from '../../support/editors.ts';
import { errorStatus, streamText } from '../../support/fake-responders.ts';
import { type Session, startSession } from './session.ts';

const text = 'function price(order) {\n  return order.sum;\n}\n';
const documented = `/** What the order costs. */\n${text}`;

/** From Helix's menu of actions, whose first row is already chosen when it opens. */
async function choose(session: Session, action: string): Promise<void> {
  await session.type(' a');
  await session.untilShown(`Inkling: ${action}`);
  const rows = (await session.screen()).split('\n').filter((line) => line.includes('Inkling: '));
  const row = rows.findIndex((line) => line.includes(action));
  await session.press(...Array<string>(row).fill('C-n'), 'Enter');
}

describe.skipIf(helix === undefined)(titled('actions in Helix', helix), () => {
  test.each(['\n', '\r\n'])('document edits the buffer, in a file of %j', async (lineEnd) => {
    const inFile = (lines: string) => lines.replaceAll('\n', lineEnd);
    const respond = streamText(`\`\`\`js\n${documented}\`\`\``);
    const session = await startSession({ text: inFile(text), respond });
    await choose(session, 'document this');
    await session.untilShown('What the order costs');
    expect(await session.saved()).toBe(inFile(documented));
  });

  test('the edit is one step of undo', async () => {
    const session = await startSession({ text, respond: streamText(`\`\`\`js\n${documented}\`\`\``) });
    await choose(session, 'document this');
    await session.untilShown('What the order costs');
    await session.type('u');
    await session.until('the text as it was', (screen) => screen.startsWith(text.split('\n', 1)[0] ?? ''));
    expect(await session.saved()).toBe(text);
  });

  test('explain opens the answer, about the block also where a motion has selected a word', async () => {
    const session = await startSession({ text, respond: streamText('It adds things **up**.') });
    await session.type('w');
    await choose(session, 'explain this');
    await session.untilShown('It adds things **up**.');
    await session.untilShown('explaining-1.md');
    expect(session.fake.requests[0]?.text).toContain('return order.sum;');
  });

  test('a provider that fails says what to do, and the text stays as it is', async () => {
    const session = await startSession({ text, respond: errorStatus(401) });
    await choose(session, 'document this');
    await session.untilShown('does not accept the key');
    expect((await session.screen()).startsWith(text.trimEnd())).toBe(true);
  });
});
