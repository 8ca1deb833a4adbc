/** The prompts as whole texts, so that a change of one is seen and judged. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { completionRequest } from '../../../src/domain/completion.ts';
import { fimForms } from '../../../src/domain/provider-entry.ts';
import { fimPrompt } from '../../../src/providers/prompt/fim.ts';
import { holeFillerPrompt } from '../../../src/providers/prompt/hole-filler.ts';
import { contextAt } from '../../support/code-context.ts';

const range = { start: { line: 0, character: 0 }, end: { line: 2, character: 0 } };
const context = contextAt(
  'import { tax } from "./tax";\n\nexport function total(net: number) {\n  return net + █;\n}\n',
  {
    path: 'src/total.ts',
    snippets: [
      {
        uri: 'file:///project/src/tax.ts',
        path: 'src/tax.ts',
        range,
        text: 'export function tax(net: number) {\n  return net * 0.2;\n}\n',
        reason: 'similar',
        score: 0.9,
      },
    ],
    recentEdits: ['src/cart.ts:\n-const rate = 0.2;\n+const rate = settings.rate;', 'src/tax.ts:\n-  return 0;'],
    diagnostics: ['4: Expression expected. (ts)'],
  },
);

function fixture(name: string): string {
  return `../../fixtures/prompts/${name}.txt`;
}

describe('hole filler', () => {
  test('a block, with everything that is known around it', async () => {
    const { system, messages, stop } = holeFillerPrompt(completionRequest({ context }));
    const turns = messages.map(({ role, content }) => `----- ${role}\n${content}`);
    const title = 'A completion asked of a model that only chats, with every kind of surroundings.';
    const text = [title, `----- stop\n${stop.join(', ')}`, `----- system\n${system}`, ...turns].join('\n');
    await expect(text).toMatchFileSnapshot(fixture('hole-filler'));
  });

  test('of two requests all but the last turn is equal to the byte', () => {
    const one = holeFillerPrompt(completionRequest({ context }));
    const other = holeFillerPrompt(completionRequest({ context: contextAt('x█'), shape: 'line' }));
    expect(one.system).toBe(other.system);
    expect(one.messages.slice(0, -1)).toEqual(other.messages.slice(0, -1));
    expect(other.messages.at(-1)?.content).toContain('# fill: the rest of this line');
  });

  test('ends where the cursor is, and has one hole only', () => {
    const tricky = contextAt('const hole = "{{FILL_HERE}}";█ // {{FILL_HERE}}');
    const last = holeFillerPrompt(completionRequest({ context: tricky })).messages.at(-1)?.content ?? '';
    expect(last.endsWith('{{FILL_HERE}}')).toBe(true);
    expect(last.split('{{FILL_HERE}}')).toHaveLength(2);
  });
});

const forms = fimForms.filter((form) => form !== 'none');

describe.each(forms)('fill-in-the-middle, %s', (form) => {
  test('with everything that is known around it', async () => {
    const { prompt, suffix, stop } = fimPrompt(form, context);
    const parts = [`----- prompt\n${prompt}`, ...(suffix === undefined ? [] : [`----- suffix\n${suffix}`])];
    const title = `A completion in the form "${form}". The prompt ends where the text does.`;
    await expect([title, `----- stop\n${JSON.stringify(stop)}`, ...parts].join('\n')).toMatchFileSnapshot(
      fixture(`fim-${form}`),
    );
    expect(stop.length).toBeLessThanOrEqual(4);
  });

  test('property: markers in the text are no markers', () => {
    const empty = fimPrompt(form, contextAt('█'));
    const markers = [...new Set([...empty.prompt.matchAll(/<[^<> ]+>|\[[A-Z]+\]/g)].map(([marker]) => marker))];
    const evil = fc.array(fc.constantFrom(...markers, ...empty.stop, 'a', ' ', '\n', '<', '|'), { maxLength: 12 });
    fc.assert(
      fc.property(evil, evil, (before, after) => {
        const { prompt } = fimPrompt(form, contextAt(`${before.join('')}█${after.join('')}`));
        for (const marker of markers) expect(prompt.split(marker)).toHaveLength(empty.prompt.split(marker).length);
      }),
      { seed: 2, numRuns: 200 },
    );
  });
});

test('comments follow the language', () => {
  const python = fimPrompt('suffix', contextAt('█', { languageId: 'python', path: 'a.py' }));
  expect(python.prompt).toBe('# Path: a.py\n');
});
