/** Actions on code from Emacs, with Eglot: an edit in the buffer, an answer in a Markdown file. */
import { describe, expect, test } from 'vitest';
import { emacs, titled } from '../../support/editors.ts';
import { errorStatus, streamText } from '../../support/fake-responders.ts';
import { type Session, startSession } from './session.ts';

const text = 'function price(order) {\n  return order.sum;\n}\n';
const documented = `/** What the order costs. */\n${text}`;

async function choose(session: Session, action: string): Promise<void> {
  await session.command('eglot-code-actions');
  await session.untilShown('Pick an action');
  await session.type(`Inkling: ${action}`);
  await session.press('Enter');
}

describe.skipIf(emacs === undefined)(titled('actions in Emacs', emacs), () => {
  test.each(['\n', '\r\n'])('document edits the buffer, in a file of %j', async (lineEnd) => {
    const inFile = (lines: string) => lines.replaceAll('\n', lineEnd);
    const respond = streamText(`\`\`\`js\n${documented}\`\`\``);
    const session = await startSession({ text: inFile(text), respond });
    await choose(session, 'document this');
    await session.untilShown('What the order costs');
    expect(await session.saved()).toBe(inFile(documented));
  });

  test('explain opens the answer', async () => {
    const session = await startSession({ text, respond: streamText('It adds things **up**.') });
    await choose(session, 'explain this');
    await session.untilShown('It adds things **up**.');
    await session.untilShown('explaining-1.md');
    expect(session.fake.requests[0]?.text).toContain('return order.sum;');
  });

  test('a provider that fails says what to do, and the text stays as it is', async () => {
    const session = await startSession({ text, respond: errorStatus(401) });
    await choose(session, 'document this');
    await session.untilShown('does not accept the key');
    expect(await session.screen()).toContain(text.trimEnd());
  });
});
