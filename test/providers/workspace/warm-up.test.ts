import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { createWorkspaceEngine } from '../../../src/providers/workspace/engine.ts';
import { warmUp } from '../../../src/providers/workspace/warm-up.ts';
import { createVirtualClock } from './virtual-clock.ts';

const URI = 'file:///w/a.js';

function engineWith(text: string) {
  const engine = createWorkspaceEngine((uri) => (uri.startsWith('file:') ? fileURLToPath(uri) : uri));
  engine.openDocument(URI, { lineCount: 1, lineAt: () => text });
  return engine;
}

test('leaves nothing behind that could be offered', async () => {
  const text = "import { readFile } from 'node:";
  const engine = engineWith(text);
  await warmUp(engine, createVirtualClock(), new AbortController().signal);
  expect(engine.suggest({ uri: URI, line: 0, character: text.length, threshold: 0.01 }).kind).toBe('silent');
});

test('lets others run after every slice, and offers them nothing of its own', async () => {
  const text = "import { readFile } from 'node:";
  const engine = engineWith(text);
  // Time moves on with every look at it, so that each slice holds one suggestion.
  const clock = createVirtualClock();
  const now = (): number => {
    clock.advance(5);
    return clock.now();
  };
  const slow = { ...clock, now };
  let isDone = false;
  const done = warmUp(engine, slow, new AbortController().signal).then(() => {
    isDone = true;
  });
  let turns = 0;
  while (!isDone) {
    expect(engine.suggest({ uri: URI, line: 0, character: text.length, threshold: 0.01 }).kind).toBe('silent');
    turns++;
    await new Promise((resolve) => setImmediate(resolve));
  }
  await done;
  expect(turns).toBeGreaterThan(50);
});

test('ends when it is aborted', async () => {
  const engine = engineWith('');
  const controller = new AbortController();
  const done = warmUp(engine, createVirtualClock(), controller.signal);
  controller.abort();
  await done;
  await warmUp(engine, createVirtualClock(), controller.signal);
  expect(engine.suggest({ uri: URI, line: 0, character: 0 }).kind).toBe('silent');
});
