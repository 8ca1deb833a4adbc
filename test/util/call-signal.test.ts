/** Our signal behaves as the platform's does, whose listeners and reasons everybody knows. */
import { describe, expect, test } from 'vitest';
import { createCallController, platformSignal } from '../../src/util/call-signal.ts';

const makers = [
  ['ours', createCallController],
  ['the platform’s', () => new AbortController()],
] as const;

describe.each(makers)('%s', (_, create) => {
  test('tells its listeners once, in their order', () => {
    const { signal, abort } = bound(create());
    const told: string[] = [];
    signal.addEventListener('abort', () => told.push('first'));
    signal.addEventListener('abort', () => told.push('second'), { once: true });
    abort('reason');
    abort('another');
    expect(told).toEqual(['first', 'second']);
    expect(signal.aborted).toBe(true);
    expect(signal.reason).toBe('reason');
    expect(() => signal.throwIfAborted()).toThrow('reason');
  });

  test('an abort without a reason is the usual error', () => {
    const { signal, abort } = bound(create());
    expect(signal.reason).toBeUndefined();
    expect(() => signal.throwIfAborted()).not.toThrow();
    abort();
    expect(signal.reason).toBeInstanceOf(DOMException);
    expect(signal.reason).toMatchObject({ name: 'AbortError', message: 'This operation was aborted' });
    expect(signal.reason).toBe(signal.reason);
  });

  test('a listener is told once however often it was added, and not when it was taken off', () => {
    const { signal, abort } = bound(create());
    const told: string[] = [];
    const kept = () => void told.push('kept');
    const removed = () => void told.push('removed');
    signal.addEventListener('abort', kept);
    signal.addEventListener('abort', kept);
    signal.addEventListener('abort', removed);
    signal.removeEventListener('abort', removed);
    signal.addEventListener('other', () => told.push('other'));
    abort();
    expect(told).toEqual(['kept']);
  });

  test('a listener that takes off the next one is the last that is told', () => {
    const { signal, abort } = bound(create());
    const told: string[] = [];
    const next = () => void told.push('next');
    signal.addEventListener('abort', () => {
      told.push('first');
      signal.removeEventListener('abort', next);
    });
    signal.addEventListener('abort', next);
    abort();
    expect(told).toEqual(['first']);
  });

  test('a listener that comes too late is never told', () => {
    const { signal, abort } = bound(create());
    abort();
    let told = false;
    signal.addEventListener('abort', () => {
      told = true;
    });
    expect(told).toBe(false);
  });

  test('a listener goes when the signal it was added with does', () => {
    const { signal, abort } = bound(create());
    const until = new AbortController();
    let told = false;
    signal.addEventListener(
      'abort',
      () => {
        told = true;
      },
      { signal: until.signal },
    );
    until.abort();
    abort();
    expect(told).toBe(false);
  });

  test('objects and the property listen too', () => {
    const { signal, abort } = bound(create());
    const told: string[] = [];
    signal.addEventListener('abort', { handleEvent: ({ type }: Event) => void told.push(type) });
    signal.onabort = () => void told.push('property');
    abort();
    expect(told.toSorted()).toEqual(['abort', 'property']);
  });
});

test('the platform takes the signal that follows ours', () => {
  const ours = createCallController();
  const joined = AbortSignal.any([platformSignal(ours.signal)]);
  ours.abort('gone');
  expect(joined.reason).toBe('gone');
  expect(AbortSignal.any([platformSignal(ours.signal)]).reason).toBe('gone');
});

function bound(controller: AbortController) {
  return { signal: controller.signal, abort: (reason?: unknown) => controller.abort(reason) };
}
