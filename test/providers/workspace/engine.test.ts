import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { createWorkspaceEngine, type WorkspaceEngine } from '../../../src/providers/workspace/engine.ts';
import type { Suggestion } from '../../../src/providers/workspace/offer.ts';
import type { LineSource } from '../../../src/providers/workspace/open-document.ts';
import { createIndexBuilder } from '../../../src/providers/workspace/static-index.ts';

const URI = 'file:///w/src/main.ts';

function linesOf(text: string): LineSource {
  const lines = text.split(/\r\n|\r|\n/);
  return { lineCount: lines.length, lineAt: (line) => lines[line] ?? '' };
}

/** Opens a document whose cursor is `█`, and says where that is. */
function openAtCursor(engine: WorkspaceEngine, text: string, uri = URI): { line: number; character: number } {
  const before = text.slice(0, text.indexOf('█')).split(/\r\n|\r|\n/);
  engine.openDocument(uri, linesOf(text.replace('█', '')));
  return { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
}

function indexOf(files: Readonly<Record<string, string>>) {
  const builder = createIndexBuilder();
  for (const [path, text] of Object.entries(files)) builder.add(path, text);
  return builder.finish();
}

function suggest(text: string, files: Readonly<Record<string, string>> = {}): Suggestion {
  const engine = createWorkspaceEngine(fileURLToPath);
  engine.setIndex(indexOf(files));
  return engine.suggest({ uri: URI, ...openAtCursor(engine, text) });
}

/** What is offered, or why nothing is, in angle brackets. */
function outcome(suggestion: Suggestion): string {
  return suggestion.kind === 'offer' ? suggestion.text : `<${suggestion.reason}>`;
}

const LOGGING = `
  logger.info('start', { id: request.id, user: request.user });
  const first = load(request);
  logger.info('start', { id: request.id, user: request.user });
  const second = load(request);
`;

const FUNCTIONS = ['a', 'b']
  .map((name) => `function ${name}() {\n  prepare(context, options);\n  return finish(context);\n}\n`)
  .join('');

describe('offers', () => {
  test.each([
    [
      'the rest of a line of this document',
      `${LOGGING}  logger.info('start', █`,
      '{ id: request.id, user: request.user });',
    ],
    ['from inside a word', `${LOGGING}  logger.info('start', { id: req█`, 'uest.id, user: request.user });'],
    [
      'a whole line after the lines before it',
      `${FUNCTIONS}function c() {\n  prepare(context, options);\n  █`,
      'return finish(context);',
    ],
    [
      'with the space that the place needs',
      `${LOGGING}  logger.info('start',█`,
      ' { id: request.id, user: request.user });',
    ],
    [
      'the text before a bracket that is closed already',
      `${LOGGING}  logger.info('start', █)`,
      '{ id: request.id, user: request.user }',
    ],
    ['no bracket that nobody opened', `${'outer(inner(alpha, beta));\nrun();\n'.repeat(3)}inner(alpha, █`, 'beta)'],
    [
      'letters beyond ASCII',
      'const μMax = Größe(α, β);\nlet x = 1;\nconst μMax = Größe(α, β);\nlet y = 1;\nconst μMax = Gr█',
      'öße(α, β);',
    ],
    ['emoji', "say('👍 done', 1);\nrun();\nsay('👍 done', 1);\nrun();\nsay('█", "👍 done', 1);"],
    ['with CRLF', 'alpha(beta, gamma);\r\nrun();\r\nalpha(beta, gamma);\r\nrun();\r\nalpha(█', 'beta, gamma);'],
    ['with a lone CR', 'alpha(beta, gamma);\rrun();\ralpha(beta, gamma);\rrun();\ralpha(█', 'beta, gamma);'],
    [
      'beside U+2028',
      'alpha(beta, gamma);\u2028run();\nalpha(beta, gamma);\u2028run();\nalpha(beta, █',
      'gamma); run();',
    ],
  ])('%s', (_, text, expected) => {
    expect(outcome(suggest(text))).toBe(expected);
  });

  test.each([
    [
      'what an operator becomes that is half typed',
      `${'if !ok {\n\treturn\n}\nif err != nil {\n\treturn\n}\n'.repeat(3)}value, err := load()\nif err !█`,
      '= nil {',
    ],
    [
      'no semicolon between brackets that are open',
      `${'struct node {\n    const char *text;\n};\n'.repeat(4)}int append(const char *█`,
      'text',
    ],
    [
      'no block between brackets that are open',
      `${'switch (process.argv[2]) {\n}\nrun();\n'.repeat(3)}log(add(process.ar█`,
      'gv[2])',
    ],
  ])('%s', (_, text, expected) => {
    expect(outcome(suggest(text))).toBe(expected);
  });

  test.each([
    ['bracket', (letter: string) => `prepare(context).finish(${letter});`, 'pr█', 'epare(context).finish'],
    ['string', (letter: string) => `log(now, '${letter}');`, 'lo█', 'g(now'],
  ])('what different lines have in common, and opens no %s with it', (_, lineOf, typed, expected) => {
    const lines = [...'abcdbacdcabd'].map((letter) => `${lineOf(letter)}\nrun();\n`);
    expect(outcome(suggest(lines.join('') + typed))).toBe(expected);
  });

  test('from the files of the workspace', () => {
    const file = "import { createServer } from './server/create-server.ts';\nexport const server = createServer();\n";
    expect(outcome(suggest('import { createServer } from █', { '/w/src/a.ts': file, '/w/src/b.ts': file }))).toBe(
      "'./server/create-server.ts';",
    );
  });

  test('renames what differs in the pattern', () => {
    const text = [
      'this.width = options.width ?? defaults.width;',
      'this.height = options.height ?? defaults.height;',
      'this.depth = options.depth ?? defaults.depth;',
      'this.colour = █',
    ].join('\n');
    expect(outcome(suggest(text))).toMatch(/^options\.colour/);
  });
});

describe('is silent', () => {
  test.each([
    ['in an empty document', '█', '<no-match>'],
    ['where nothing alike was seen', 'alpha(beta);\nzzz qqq █', '<no-match>'],
    ['inside a word', `${LOGGING}  logger.in█fo`, '<inside-word>'],
    ['at the end of a complete line', `${LOGGING}  const third = load(request);█`, '<line-complete>'],
    [
      'rather than repeat the line below',
      `${'open(file, mode);\nrun();\n'.repeat(5)}open(█\nopen(file, mode);`,
      '<repeats-line>',
    ],
    [
      'where the text after the cursor is never reached',
      `${LOGGING}  logger.info('start', █ unrelated words`,
      '<line-complete>',
    ],
    [
      'rather than close a string that is not open',
      `${'def area(self):\n    """Square of self."""\n'.repeat(4)}def perimeter(self):\n    return 2 * self.█`,
      '<no-match>',
    ],
    [
      'rather than begin at the margin what is indented elsewhere',
      `class A:\n${'    def area(self):\n        return 1\n\n    def name(self):\n        return 2\n\n'.repeat(3)}\nde█`,
      '<no-match>',
    ],
    ['far along a very long line', `${'a '.repeat(3000)}█`, '<long-line>'],
  ])('%s', (_, text, expected) => {
    expect(outcome(suggest(text))).toBe(expected);
  });

  test('where little is known of what it would offer where more is known', () => {
    const text = `${[...'aabbccbca'].map((letter) => `prepare(context).finish(${letter});\nrun();\n`).join('')}pr█`;
    const unlike = Array.from({ length: 3000 }, (_, number) => `x${number}: ${number} + y${number} - z${number}\n`);
    expect(outcome(suggest(text))).toBe('<unsure>');
    expect(outcome(suggest(text, { '/w/unlike.ts': unlike.join('') }))).toBe('epare(context).finish');
  });

  test('about documents that are not open, and places outside', () => {
    const engine = createWorkspaceEngine(fileURLToPath);
    expect(outcome(engine.suggest({ uri: URI, line: 0, character: 0 }))).toBe('<unknown-document>');
    engine.openDocument(URI, linesOf('a'));
    expect(outcome(engine.suggest({ uri: URI, line: 1, character: 0 }))).toBe('<outside-document>');
  });

  test('rather than offer the same line again below the one that was offered', () => {
    const engine = createWorkspaceEngine(fileURLToPath);
    const again = 'push(value);\n'.repeat(6);
    const cursor = openAtCursor(engine, `${again}█`);
    expect(outcome(engine.suggest({ uri: URI, ...cursor, threshold: 0.1 }))).toBe('push(value);');
    const accepted = linesOf(`${again}push(value);\n`);
    engine.changeDocument(URI, { startLine: 6, oldEndLine: 7, newEndLine: 8 }, accepted);
    expect(outcome(engine.suggest({ uri: URI, line: 7, character: 0, threshold: 0.1 }))).toBe('<repeats-line>');
  });
});

describe('knows', () => {
  const DISTINCT = 'frobnicate(widget, 42, "left");\nrest();\nfrobnicate(widget, 42, "left");\nrest();\n';
  const asked = 'other();\nrest();\nfrobnicate(widget, █';

  test('other open documents, and forgets them when they close', () => {
    const engine = createWorkspaceEngine(fileURLToPath);
    engine.openDocument('file:///w/b.ts', linesOf(DISTINCT));
    const cursor = openAtCursor(engine, asked);
    expect(outcome(engine.suggest({ uri: URI, ...cursor }))).toBe('42, "left");');
    engine.closeDocument('file:///w/b.ts');
    expect(engine.suggest({ uri: URI, ...cursor }).kind).toBe('silent');
  });

  test('the open text of a file rather than the one on disk, which counts again when it closes', () => {
    const engine = createWorkspaceEngine(fileURLToPath);
    engine.setIndex(indexOf({ '/w/b.ts': DISTINCT }));
    const cursor = openAtCursor(engine, asked);
    engine.openDocument('file:///w/b.ts', linesOf('nothing();\n'));
    expect(engine.suggest({ uri: URI, ...cursor }).kind).toBe('silent');
    engine.closeDocument('file:///w/b.ts');
    expect(outcome(engine.suggest({ uri: URI, ...cursor }))).toBe('42, "left");');
  });

  test('open documents as before after an index came in, and after it went', () => {
    const engine = createWorkspaceEngine(fileURLToPath);
    engine.openDocument('file:///w/b.ts', linesOf(DISTINCT));
    const cursor = openAtCursor(engine, asked);
    engine.setIndex(indexOf({ '/w/c.ts': 'zeta(eta);\ntheta(frobnicate, widget);\n' }));
    expect(outcome(engine.suggest({ uri: URI, ...cursor }))).toBe('42, "left");');
    engine.setIndex(undefined);
    expect(outcome(engine.suggest({ uri: URI, ...cursor }))).toBe('42, "left");');
  });

  test('edits, openings and closings that happen while an index is taken over', () => {
    const engine = createWorkspaceEngine(fileURLToPath);
    const filler = 'let q = [a, b];\n'.repeat(4000);
    engine.openDocument('file:///w/b.ts', linesOf(filler + DISTINCT));
    const cursor = openAtCursor(engine, asked);
    const index = indexOf({ '/w/c.ts': 'zeta(eta);\ntheta(frobnicate, widget);\n' });
    let steps = 0;
    let last = '';
    for (const _ of engine.setIndexInSteps(index)) {
      const text = filler + DISTINCT.replaceAll('42', String(50 + steps));
      if (steps % 5 === 0) {
        last = String(50 + steps);
        const change = { startLine: 4000, oldEndLine: 4004, newEndLine: 4004 };
        engine.changeDocument('file:///w/b.ts', change, linesOf(text));
      }
      if (steps % 5 === 1) engine.openDocument('file:///w/d.ts', linesOf('omega(psi);\n'));
      if (steps % 5 === 2) engine.closeDocument('file:///w/d.ts');
      expect(outcome(engine.suggest({ uri: URI, ...cursor }))).toMatch(/^\d+, "left"\);$/);
      steps++;
    }
    expect(steps).toBeGreaterThan(5);
    expect(outcome(engine.suggest({ uri: URI, ...cursor }))).toBe(`${last}, "left");`);
  });

  test('the newest index when another is taken over meanwhile', () => {
    const engine = createWorkspaceEngine(fileURLToPath);
    openAtCursor(engine, `${'rest();\n'.repeat(9000)}█`);
    const cursor = openAtCursor(engine, asked, 'file:///w/other.ts');
    const older = engine.setIndexInSteps(indexOf({ '/w/b.ts': 'frobnicate(widget, 1);\nrest();\n'.repeat(4) }));
    older.next();
    engine.setIndex(indexOf({ '/w/b.ts': DISTINCT }));
    expect(older.next().done).toBe(true);
    engine.closeDocument(URI);
    expect(outcome(engine.suggest({ uri: 'file:///w/other.ts', ...cursor }))).toBe('42, "left");');
  });

  test('an edit at once', () => {
    const engine = createWorkspaceEngine(fileURLToPath);
    const { line, character } = openAtCursor(engine, `${DISTINCT}frobnicate(█`);
    engine.changeDocument(
      URI,
      { startLine: 0, oldEndLine: 3, newEndLine: 3 },
      linesOf(`${DISTINCT.replaceAll('42', '43')}frobnicate(`),
    );
    expect(outcome(engine.suggest({ uri: URI, line, character }))).toBe('widget, 43, "left");');
  });
});

test('answers, and never throws, at every place of a text', () => {
  const engine = createWorkspaceEngine(fileURLToPath);
  const text = `${LOGGING}\u2028 μ 👍 ((\n\t}])\n\n\r${LOGGING}`;
  engine.setIndex(indexOf({ '/w/a.ts': text, '/w/empty.ts': '', '/w/src/main.ts': text }));
  const lines = linesOf(text);
  engine.openDocument(URI, lines);
  for (let line = 0; line < lines.lineCount; line++) {
    for (let character = 0; character <= lines.lineAt(line).length + 1; character++) {
      const suggestion = engine.suggest({ uri: URI, line, character, threshold: 0 });
      if (suggestion.kind === 'offer') expect(suggestion.text).not.toMatch(/[\r\n]/);
    }
  }
});
