import { expect, test } from 'vitest';
import { createTriggerKinds } from '../../src/lsp/trigger-kind.ts';

const WHILE_TYPING = 20;
const AT_REST = 60_000;

test('3.18: 1 is explicit, 2 is automatic', () => {
  const kinds = createTriggerKinds();
  expect(kinds.read(2, WHILE_TYPING)).toBe('automatic');
  expect(kinds.read(1, WHILE_TYPING)).toBe('explicit');
});

test('3.17: 0 is explicit, and from then on 1 is automatic', () => {
  const kinds = createTriggerKinds();
  expect(kinds.read(0, AT_REST)).toBe('explicit');
  expect(kinds.read(1, AT_REST)).toBe('automatic');
});

test('a client that only ever sends 1 while the user types means automatic', () => {
  const kinds = createTriggerKinds();
  const read = [1, 1, 1, 1].map((kind) => kinds.read(kind, WHILE_TYPING));
  expect(read).toEqual(['explicit', 'explicit', 'automatic', 'automatic']);
});

test('single requests at rest stay explicit', () => {
  const kinds = createTriggerKinds();
  for (let count = 0; count < 10; count += 1) expect(kinds.read(1, AT_REST)).toBe('explicit');
});
