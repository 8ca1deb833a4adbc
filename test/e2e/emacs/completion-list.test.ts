/** What a user of Emacs sees while typing, with Eglot: the suggestion in the list and behind the cursor, accepted exactly, never in the way. */
import { describe, expect, test } from 'vitest';
import { continuing, restOf } from '../../support/continuing.ts';
import { emacs, titled } from '../../support/editors.ts';
import { errorStatus } from '../../support/fake-responders.ts';
import { openBelow } from './session.ts';

const text = 'class Shop {\n  total(items) {\n    const tax = 0.2;\n  }\n}\n';
/** Below this line Emacs indents by four spaces. */
const inTotal = 3;
/** A block, since it is asked for on an empty line; with everything that means something in a snippet. */
const block = `return items.reduce((sum, item) => {
      return \`\${sum} $1 \${item}\\n\` + tax;
    }, 0);`;
const firstLine = 'return items.reduce((sum, item) => {';

function withBelowTax(lines: string): string {
  return text.replace('0.2;\n', `0.2;\n    ${lines}\n`);
}

describe.skipIf(emacs === undefined)(titled('the completion list in Emacs', emacs), () => {
  test('shows a suggestion of several lines, and inserts it with its indentation', async () => {
    const session = await openBelow(inTotal, { text, respond: continuing(block) });
    await session.command('completion-help-at-point');
    await session.untilShown(`${firstLine} fake · fake-model-1`);
    await session.complete();
    await session.untilShown('    }, 0);');
    expect(await session.saved()).toBe(withBelowTax(block));
  });

  test('keeps the line ends of a CRLF file', async () => {
    const session = await openBelow(inTotal, { text: text.replaceAll('\n', '\r\n'), respond: continuing(block) });
    await session.complete();
    await session.untilShown('    }, 0);');
    expect(await session.saved()).toBe(withBelowTax(block).replaceAll('\n', '\r\n'));
  });

  test('finds its place after characters of two and four bytes', async () => {
    const line = "const μ = '😀é'; const sum = items.map((item) => item['ключ'] ?? '😀');";
    const session = await openBelow(inTotal, { text, respond: continuing(line) });
    await session.type("const μ = '😀é'; const sum = it");
    await session.complete();
    await session.untilShown("?? '😀');");
    expect(await session.saved()).toBe(withBelowTax(line));
  });

  test('a block behind such characters too', async () => {
    const lines = "const μ = '😀é'; const sum = (item) =>\n      item['ключ'] ?? '😀';";
    const session = await openBelow(inTotal, { text: text.replaceAll('\n', '\r\n'), respond: continuing(lines) });
    await session.type("const μ = '😀é'; const sum = (item) =>");
    await session.complete();
    await session.untilShown("?? '😀';");
    expect(await session.saved()).toBe(withBelowTax(lines).replaceAll('\n', '\r\n'));
  });

  test('takes the bracket that Emacs closed, and nothing else', async () => {
    const line = 'console.log(items.length); // all';
    const session = await openBelow(inTotal, { text, respond: continuing(line) });
    await session.command('electric-pair-mode');
    await session.type('console.log(it');
    await session.untilShown('console.log(it)');
    await session.complete();
    await session.untilShown(line);
    expect(await session.saved()).toBe(withBelowTax(line));
  });

  test('stands behind the cursor and follows what is typed without asking the provider again', async () => {
    const line = 'returnTotal(items.reduce(add));';
    const session = await openBelow(inTotal, { text, respond: continuing(line) });
    await session.type('ret');
    await session.untilShown(`    ${line}`);
    for (const [index, key] of [...'urnTo'].entries()) {
      await session.type(key);
      const place = `(4,${'    ret'.length + index + 1})`;
      await session.until(place, (screen) => screen.includes(place) && screen.includes(`    ${line}`));
    }
    expect(session.fake.requests).toHaveLength(1);
    await session.press('Tab');
    expect(await session.saved()).toBe(withBelowTax(line));
  });

  test('what disagrees with the suggestion brings another', async () => {
    const session = await openBelow(inTotal, { text, respond: continuing(firstLine) });
    await session.type('ret');
    await session.untilShown(firstLine);
    session.fake.respond(continuing('retry(tax).of(items);'));
    await session.type('r');
    await session.untilShown('retry(tax).of(items);');
    await session.press('Tab');
    expect(await session.saved()).toBe(withBelowTax('retry(tax).of(items);'));
  });

  test('a slow provider does not keep anybody from typing, and its suggestion is shown when it comes', async () => {
    const session = await openBelow(inTotal, { text });
    await session.type('ret');
    await session.fake.nextRequest();
    await session.untilShown('    ret');
    await session.type('u');
    const exchange = session.fake.control(await session.fake.nextRequest());
    await session.untilShown('    retu');
    await exchange.send(restOf(firstLine, exchange));
    await exchange.end();
    await session.untilShown(firstLine);
    // The answer to the request that typing ended is no message to anybody.
    expect((await session.screen()).split('\n').at(-1)).toBe('');
    await session.press('Tab');
    expect(await session.saved()).toBe(withBelowTax(firstLine));
  });

  test('a provider that fails shows nothing', async () => {
    const settings = { resilience: { retries: 0 } };
    const session = await openBelow(inTotal, { text, respond: errorStatus(401), settings });
    await session.type('return');
    await session.complete();
    await session.untilShown('No match');
    expect(session.fake.requests).not.toHaveLength(0);
    const [echoArea, , ...shown] = (await session.screen()).split('\n').reverse();
    expect(echoArea).toBe('No match');
    expect(shown.reverse().slice(1).join('\n').trimEnd()).toBe(withBelowTax('return').trimEnd());
  });
});
