/** What a user of Helix sees while typing: the suggestion in the list, which follows, is accepted exactly, and never stands in the way. */
import { describe, expect, test } from 'vitest';
import { continuing, restOf } from '../../support/continuing.ts';
import { helix, titled } from '../../support/editors.ts';
import { errorStatus } from '../../support/fake-responders.ts';
import { openBelow, type Session } from './session.ts';

const text = 'class Shop {\n  total(items) {\n    const tax = 0.2;\n  }\n}\n';
/** Below this line Helix indents by four spaces. */
const inTotal = 3;
/** A block, since it is asked for on an empty line; with everything that means something in a snippet. */
const block = `return items.reduce((sum, item) => {
      return \`\${sum} $1 \${item}\\n\` + tax;
    }, 0);`;
const firstLine = 'return items.reduce((sum, item) => {';

function withBelowTax(lines: string): string {
  return text.replace('0.2;\n', `0.2;\n    ${lines}\n`);
}

/** Chooses the first row of the list. */
async function accept(session: Session, lastLine: string): Promise<void> {
  await session.press('Tab');
  await session.untilShown(lastLine);
  await session.press('Enter');
  await session.toNormal();
}

describe.skipIf(helix === undefined)(titled('the completion list in Helix', helix), () => {
  test('shows a suggestion of several lines whole, and inserts it with its indentation', async () => {
    const session = await openBelow(inTotal, { text, respond: continuing(block) });
    await session.press('C-x');
    await session.untilShown(firstLine);
    await accept(session, '    }, 0);');
    expect(await session.saved()).toBe(withBelowTax(block));
  });

  test('in a file that is indented by tabs too', async () => {
    const tabs = (lines: string) => lines.replaceAll('  ', '\t');
    const session = await openBelow(inTotal, { text: tabs(text), respond: continuing(tabs(block)) });
    await session.press('C-x');
    await session.untilShown(firstLine);
    await accept(session, ' }, 0);');
    expect(await session.saved()).toBe(tabs(withBelowTax(block)));
  });

  test('keeps the line ends of a CRLF file', async () => {
    const session = await openBelow(inTotal, { text: text.replaceAll('\n', '\r\n'), respond: continuing(block) });
    await session.press('C-x');
    await session.untilShown(firstLine);
    await accept(session, '    }, 0);');
    expect(await session.saved()).toBe(withBelowTax(block).replaceAll('\n', '\r\n'));
  });

  test('finds its place after characters of two and four bytes', async () => {
    const line = "const μ = '😀é'; const sum = items.map((item) => item['ключ'] ?? '😀');";
    const session = await openBelow(inTotal, { text, respond: continuing(line) });
    await session.type("const μ = '😀é'; const sum = it");
    await session.untilShown("item['ключ']");
    await accept(session, "item['ключ'] ?? '😀');");
    expect(await session.saved()).toBe(withBelowTax(line));
  });

  test('a block behind such characters too', async () => {
    const lines = "const μ = '😀é'; const sum = (item) =>\n      item['ключ'] ?? '😀';";
    const session = await openBelow(inTotal, { text: text.replaceAll('\n', '\r\n'), respond: continuing(lines) });
    await session.type("const μ = '😀é'; const sum = (item) =>");
    await session.press('C-x');
    await session.untilShown("item['ключ']");
    await accept(session, "?? '😀';");
    expect(await session.saved()).toBe(withBelowTax(lines).replaceAll('\n', '\r\n'));
  });

  test('takes the bracket that Helix closed, and nothing else', async () => {
    const line = 'console.log(items.length); // all';
    const session = await openBelow(inTotal, { text, respond: continuing(line) });
    await session.type('console.log(it');
    await session.untilShown('items.length); // all');
    expect(await session.screen()).toContain('console.log(it)');
    await accept(session, line);
    expect(await session.saved()).toBe(withBelowTax(line));
  });

  test('asks again at each key while the list is open, and the suggestion follows without asking the provider', async () => {
    const line = 'returnTotal(items.reduce(add));';
    const session = await openBelow(inTotal, { text, respond: continuing(line) });
    await session.type('re');
    await session.untilShown(line);
    for (const [index, key] of [...'turnTo'].entries()) {
      await session.type(key);
      await session.answered(index + 2);
      await session.untilShown(line);
    }
    expect(session.fake.requests).toHaveLength(1);
    await accept(session, `    ${line}`);
    expect(await session.saved()).toBe(withBelowTax(line));
  });

  test('what disagrees with the suggestion brings another', async () => {
    const session = await openBelow(inTotal, { text, respond: continuing(firstLine) });
    await session.type('re');
    await session.untilShown(firstLine);
    session.fake.respond(continuing('rest(tax).of(items);'));
    await session.type('s');
    await session.untilShown('rest(tax).of(items);');
    expect(await session.screen()).not.toContain(firstLine);
    await accept(session, '    rest(tax).of(items);');
    expect(await session.saved()).toBe(withBelowTax('rest(tax).of(items);'));
  });

  test('a slow provider does not keep anybody from typing, and its suggestion is shown when it comes', async () => {
    const session = await openBelow(inTotal, { text });
    await session.type('re');
    const exchange = session.fake.control(await session.fake.nextRequest());
    await session.type('tu');
    await session.untilShown('    retu');
    await exchange.send(restOf(firstLine, exchange));
    await exchange.end();
    await session.untilShown(firstLine);
    await accept(session, `    ${firstLine}`);
    expect(await session.saved()).toBe(withBelowTax(firstLine));
  });

  test('a provider that fails shows nothing', async () => {
    const settings = { resilience: { retries: 0 } };
    const session = await openBelow(inTotal, { text, respond: errorStatus(401), settings });
    await session.type('re');
    await session.answered(1);
    await session.type('turn');
    await session.answered(2);
    expect(session.fake.requests).not.toHaveLength(0);
    const [, statusLine, ...shown] = (await session.screen()).split('\n').reverse();
    expect(statusLine).toMatch(/^ INS {3}shop\.js \[\+\] +1 sel {2}4:11$/);
    expect(shown.reverse().join('\n').trimEnd()).toBe(withBelowTax('return').trimEnd());
  });
});
