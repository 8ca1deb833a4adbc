import { describe, expect, test } from 'vitest';
import { HOLD } from '../../src/completion/flight.ts';
import { AiError } from '../../src/domain/ai-error.ts';
import { type Call, createHarness, uri } from './harness.ts';

const offered = (...texts: string[]) =>
  expect.objectContaining({
    kind: 'offered',
    offers: texts.map((insertText) => expect.objectContaining({ insertText })),
  });

describe('asking', () => {
  test('offers what the provider writes, and closes the stream once the line is whole', async () => {
    const { ask, calls, clock } = createHarness({ text: 'const a = █' });
    const { outcome } = await ask();
    calls[0]?.write('f(1);\nconst');
    await clock.advance(0);
    expect(outcome()).toEqual(offered('f(1);'));
  });

  test('a failure is an outcome with its reason, not an error', async () => {
    const { ask, calls, clock } = createHarness({ text: 'const a = █' });
    const { outcome } = await ask();
    calls[0]?.fail(new AiError('authentication', 'scripted', 'Check SCRIPTED_KEY.'));
    await clock.advance(0);
    expect(outcome()).toEqual({ kind: 'failed', reason: 'Check SCRIPTED_KEY.' });
  });

  test('an unknown document is answered with the reason', async () => {
    const { completer } = createHarness({ text: '█' });
    const position = { line: 0, character: 0 };
    const outcome = await completer.complete(
      { uri: 'file:///other.ts', position, trigger: 'explicit' },
      new AbortController().signal,
    );
    expect(outcome).toEqual({ kind: 'nothing', reason: 'The document is not open.' });
  });

  test.each([
    [{ enabled: false }, 'switched off'],
    [{ languages: { include: ['go'], exclude: [] } }, 'not included'],
    [{ languages: { include: ['*'], exclude: ['typescript'] } }, 'excluded'],
  ])('%j is a gate that names its setting', async (settings, reason) => {
    const { ask, calls } = createHarness({ text: '█', settings });
    const { outcome } = await ask();
    expect(outcome()).toEqual({ kind: 'nothing', reason: expect.stringContaining(reason) });
    expect(calls).toHaveLength(0);
  });

  test('with a manual trigger, automatic requests reach no remote provider', async () => {
    const { ask, calls } = createHarness({ text: '█', settings: { trigger: 'manual' } });
    const automatic = await ask('automatic');
    expect(automatic.outcome()).toEqual({ kind: 'nothing', reason: expect.stringContaining('manual') });
    await ask('explicit');
    expect(calls).toHaveLength(1);
  });
});

describe('an editor that asks once and filters what comes', () => {
  test('is answered for the version it asked about, whatever was typed at the cursor meanwhile', async () => {
    const { ask, calls, clock, type } = createHarness({
      text: 'const a = █',
      settings: { debounce: { min: 0, max: 0 } },
    });
    const { outcome } = await ask('automatic', undefined, true);
    type('f');
    calls[0]?.write('foo(');
    await clock.advance(0);
    type('oo');
    await clock.advance(HOLD + 1);
    expect(outcome()).toBeUndefined();
    calls[0]?.write('1);\n');
    await clock.advance(0);
    expect(outcome()).toEqual(offered('foo(1);'));
    expect(calls).toHaveLength(1);
  });

  test.each([
    ['f', 'bar('],
    ['\n', ''],
  ])('an edit that cannot go along with the answer still ends it (%j)', async (typed, written) => {
    const { ask, calls, clock, type, documents } = createHarness({
      text: 'const a = █',
      settings: { debounce: { min: 0, max: 0 } },
    });
    const { outcome } = await ask('automatic', undefined, true);
    if (written === '') {
      const start = { line: 0, character: 0 };
      documents.change(uri, 2, [{ range: { start, end: start }, text: typed }]);
    } else {
      calls[0]?.write(written);
      await clock.advance(0);
      type(typed);
    }
    await clock.advance(0);
    expect(outcome()).toMatchObject({ kind: 'superseded' });
    expect(calls[0]?.signal.aborted).toBe(true);
  });
});

describe('typing through', () => {
  test('what was offered is offered again, shorter, without asking', async () => {
    const { ask, calls, clock, type } = createHarness({ text: 'const a = █' });
    await ask();
    calls[0]?.write('foo(1);\n');
    await clock.advance(0);
    for (const [typed, rest] of [
      ['f', 'oo(1);'],
      ['oo', '(1);'],
      ['(1)', ';'],
    ] as const) {
      type(typed);
      expect((await ask('automatic')).outcome()).toEqual(offered(rest));
    }
    expect(calls).toHaveLength(1);
  });

  test('a bracket that the editor closes by itself is overwritten, not doubled', async () => {
    const { ask, calls, clock, type, documents } = createHarness({ text: 'const a = █' });
    await ask();
    calls[0]?.write('f(1) + 2;\n');
    await clock.advance(0);
    type('f(');
    const after = { line: 0, character: 12 };
    documents.change(uri, 99, [{ range: { start: after, end: after }, text: ')' }]);
    const { outcome } = await ask('automatic');
    expect(outcome()).toEqual(
      expect.objectContaining({ offers: [expect.objectContaining({ insertText: '1) + 2;', replaces: 1 })] }),
    );
  });

  test('between brackets that the editor closed by itself goes a whole block', async () => {
    const { ask, calls, clock } = createHarness({ text: 'if (a) {\n  f(() => {█});\n}\n' });
    const { outcome } = await ask();
    calls[0]?.write('\n    b();\n');
    calls[0]?.finish();
    await clock.advance(0);
    expect(outcome()).toEqual(offered('\n    b();\n  '));
  });

  test('what disagrees is asked for anew', async () => {
    const { ask, calls, clock, type } = createHarness({ text: 'const a = █' });
    await ask();
    calls[0]?.write('foo(1);\n');
    await clock.advance(0);
    type('x');
    await ask('explicit');
    expect(calls).toHaveLength(2);
  });
});

describe('a latency budget', () => {
  const slow = { text: 'const a = █', offline: true, settings: { latencyBudget: 300 } };

  test('is over: what the provider in this process offers is shown, and the call goes on', async () => {
    const { ask, calls, offlineCalls, clock, lastTrace } = createHarness(slow);
    const { outcome } = await ask('automatic');
    await clock.advance(299);
    expect(offlineCalls).toHaveLength(0);
    await clock.advance(1);
    offlineCalls[0]?.write('near();\n');
    await clock.advance(0);
    expect(outcome()).toEqual(offered('near();'));
    expect(calls[0]?.signal.aborted).toBe(false);
    expect(lastTrace()?.reason).toContain('completion.latencyBudget');
    expect(lastTrace()?.stages.map(({ stage }) => stage)).toContain('budget');
  });

  test.each([
    ['agrees', 'n', 'never();', 'ever();'],
    ['does not agree', 'n', 'far();', 'ear();'],
  ])('the late answer is offered at the next key where it %s', async (_name, typed, late, rest) => {
    const { ask, calls, offlineCalls, clock, type } = createHarness(slow);
    await ask('automatic');
    await clock.advance(300);
    offlineCalls[0]?.write('near();\n');
    await clock.advance(0);
    calls[0]?.write(`${late}\n`);
    await clock.advance(0);
    type(typed);
    expect((await ask('automatic')).outcome()).toEqual(offered(rest));
    expect(calls).toHaveLength(1);
  });

  test('a call that is still writing goes on while what it wrote agrees as well', async () => {
    const { ask, calls, offlineCalls, clock, type } = createHarness(slow);
    await ask('automatic');
    await clock.advance(300);
    offlineCalls[0]?.write('near();\n');
    calls[0]?.write('ne');
    await clock.advance(0);
    type('n');
    expect((await ask('automatic')).outcome()).toEqual(offered('ear();'));
    await clock.advance(HOLD + 1);
    calls[0]?.write('ver();\n');
    await clock.advance(0);
    type('e');
    expect((await ask('automatic')).outcome()).toEqual(offered('ver();'));
    expect(calls).toHaveLength(1);
  });

  test('a call that has written nothing by the next key is closed as always', async () => {
    const { ask, calls, offlineCalls, clock, type } = createHarness(slow);
    await ask('automatic');
    await clock.advance(300);
    offlineCalls[0]?.write('near();\n');
    await clock.advance(0);
    type('n');
    expect(calls[0]?.signal.aborted).toBe(true);
  });

  test('the pause before asking counts', async () => {
    const { ask, calls, offlineCalls, clock, type } = createHarness({ ...slow, settings: { latencyBudget: 100 } });
    type('x');
    await ask('automatic');
    await clock.advance(149);
    expect([calls.length, offlineCalls.length]).toEqual([0, 0]);
    await clock.advance(1);
    expect([calls.length, offlineCalls.length]).toEqual([1, 1]);
  });

  test('an answer that comes while the other is asked is the one shown', async () => {
    const { ask, calls, offlineCalls, clock } = createHarness(slow);
    const { outcome } = await ask('automatic');
    await clock.advance(300);
    calls[0]?.write('far();\n');
    await clock.advance(0);
    offlineCalls[0]?.write('near();\n');
    await clock.advance(0);
    expect(outcome()).toEqual(offered('far();'));
  });

  test.each([
    ['has nothing', (call?: Call) => call?.finish()],
    ['fails', (call?: Call) => call?.fail(new Error('broken'))],
  ])('where the provider in this process %s, the other is waited for', async (_name, end) => {
    const { ask, calls, offlineCalls, clock } = createHarness(slow);
    const { outcome } = await ask('automatic');
    await clock.advance(300);
    end(offlineCalls[0]);
    await clock.advance(5_000);
    expect(outcome()).toBeUndefined();
    calls[0]?.write('far();\n');
    await clock.advance(0);
    expect(outcome()).toEqual(offered('far();'));
  });

  test('a list that cannot wait that long gets it when its patience ends, or is told to ask again', async () => {
    const { ask, offlineCalls, clock } = createHarness(slow);
    const first = await ask('automatic', 200);
    await clock.advance(200);
    offlineCalls[0]?.finish();
    await clock.advance(0);
    expect(first.outcome()?.kind).toBe('pending');
    const second = await ask('automatic', 200);
    await clock.advance(200);
    offlineCalls[1]?.write('near();\n');
    await clock.advance(0);
    expect(second.outcome()).toEqual(offered('near();'));
  });

  test.each([
    ['explicit requests wait', 'explicit', slow],
    ['without a provider in this process all wait', 'automatic', { ...slow, offline: false }],
    ['without a budget all wait', 'automatic', { ...slow, settings: {} }],
    ['a provider in this process has no budget', 'automatic', { ...slow, local: true }],
  ] as const)('%s', async (_name, trigger, options) => {
    const { ask, calls, offlineCalls, clock } = createHarness(options);
    const { outcome } = await ask(trigger);
    await clock.advance(5_000);
    expect(outcome()).toBeUndefined();
    expect([calls.length, offlineCalls.length]).toEqual([1, 0]);
  });

  test('a newer request ends the wait for either', async () => {
    const { ask, offlineCalls, clock, type } = createHarness(slow);
    const { outcome } = await ask('automatic');
    await clock.advance(300);
    type('x');
    await clock.advance(0);
    expect(outcome()?.kind).toBe('superseded');
    expect(offlineCalls[0]?.signal.aborted).toBe(true);
  });
});

describe('newer requests', () => {
  test('supersede the older one, whose provider call is closed', async () => {
    const { ask, calls, type } = createHarness({ text: '█' });
    const first = await ask();
    type('a');
    const second = await ask();
    expect(first.outcome()?.kind).toBe('superseded');
    expect(calls[0]?.signal.aborted).toBe(true);
    expect(calls[1]?.signal.aborted).toBe(false);
    expect(second.outcome()).toBeUndefined();
  });

  test('an edit alone supersedes a request', async () => {
    const { ask, calls, type, clock } = createHarness({ text: '█' });
    const first = await ask();
    type('a');
    await clock.advance(0);
    expect(first.outcome()?.kind).toBe('superseded');
    expect(calls[0]?.signal.aborted).toBe(true);
  });

  test('closing the document ends everything about it', async () => {
    const { ask, calls, documents, clock } = createHarness({ text: '█' });
    const first = await ask();
    documents.close(uri);
    await clock.advance(0);
    expect(first.outcome()?.kind).toBe('superseded');
    expect(calls[0]?.signal.aborted).toBe(true);
  });

  test('adopt a call under way that agrees with what was typed', async () => {
    const { ask, calls, clock, type } = createHarness({ text: 'const a = █' });
    const first = await ask('automatic');
    calls[0]?.write('fo');
    await clock.advance(0);
    first.cancel();
    await clock.advance(10);
    type('f');
    const second = await ask('automatic');
    await clock.advance(100);
    calls[0]?.write('o(1);\n');
    await clock.advance(0);
    expect(second.outcome()).toEqual(offered('oo(1);'));
    expect(calls).toHaveLength(1);
  });

  test('adopt a call also when more was typed than it has written so far', async () => {
    const { ask, calls, clock, type } = createHarness({ text: 'const a = █' });
    await ask('explicit');
    calls[0]?.write('fo');
    await clock.advance(0);
    type('foo');
    const second = await ask('explicit');
    calls[0]?.write('o(1);\n');
    await clock.advance(0);
    expect(second.outcome()).toEqual(offered('(1);'));
    expect(calls).toHaveLength(1);
  });

  test('an edit that agrees still answers the older request, and the stream waits 30 ms for the newer', async () => {
    const { ask, calls, clock, type } = createHarness({ text: 'const a = █' });
    const first = await ask('automatic');
    calls[0]?.write('foo');
    await clock.advance(0);
    type('f');
    await clock.advance(29);
    expect(first.outcome()?.kind).toBe('superseded');
    expect(calls[0]?.signal.aborted).toBe(false);
    await clock.advance(1);
    expect(calls[0]?.signal.aborted).toBe(true);
  });

  test('an edit during the pause before asking answers at once', async () => {
    const { ask, calls, clock, type } = createHarness({ text: '█' });
    type('a');
    const first = await ask('automatic');
    type('b');
    await clock.advance(0);
    expect(first.outcome()?.kind).toBe('superseded');
    await clock.advance(1_000);
    expect(calls).toHaveLength(0);
  });
});

describe('cancelling', () => {
  test('an explicit request closes the provider at once', async () => {
    const { ask, calls, clock } = createHarness({ text: '█' });
    const first = await ask('explicit');
    first.cancel();
    await clock.advance(0);
    expect(first.outcome()?.kind).toBe('cancelled');
    expect(calls[0]?.signal.aborted).toBe(true);
  });

  test('an automatic request holds the stream for 30 ms and no longer', async () => {
    const { ask, calls, clock } = createHarness({ text: '█' });
    const first = await ask('automatic');
    first.cancel();
    await clock.advance(29);
    expect(first.outcome()?.kind).toBe('cancelled');
    expect(calls[0]?.signal.aborted).toBe(false);
    await clock.advance(1);
    expect(calls[0]?.signal.aborted).toBe(true);
  });

  test('during the pause before asking, nothing is asked and no timer stays', async () => {
    const { ask, calls, clock, type } = createHarness({ text: '█' });
    type('a');
    const first = await ask('automatic');
    first.cancel();
    await clock.advance(1_000);
    expect(first.outcome()?.kind).toBe('cancelled');
    expect(calls).toHaveLength(0);
    expect(clock.pending).toBe(0);
  });

  test('before anything began is still a cancel', async () => {
    const { completer } = createHarness({ text: '█' });
    const query = { uri, position: { line: 0, character: 0 }, trigger: 'explicit' as const };
    expect((await completer.complete(query, AbortSignal.abort())).kind).toBe('cancelled');
  });

  test('before anything began offers nothing, also where something could be offered again', async () => {
    const { ask, calls, clock, completer } = createHarness({ text: '█' });
    await ask();
    calls[0]?.write('again();\n');
    calls[0]?.finish();
    await clock.advance(0);
    const query = { uri, position: { line: 0, character: 0 }, trigger: 'explicit' as const };
    expect((await completer.complete(query, AbortSignal.abort())).kind).toBe('cancelled');
  });
});

describe('time', () => {
  test('an automatic request waits until the hand rests, an explicit one does not', async () => {
    const { ask, calls, clock, type } = createHarness({ text: '█' });
    type('a');
    await ask('automatic');
    expect(calls).toHaveLength(0);
    await clock.advance(150);
    expect(calls).toHaveLength(1);
    type('b');
    await ask('explicit');
    expect(calls).toHaveLength(2);
  });

  test('a provider in this process is never waited for', async () => {
    const { ask, calls, type } = createHarness({ text: '█', local: true });
    type('a');
    await ask('automatic');
    expect(calls).toHaveLength(1);
  });

  test('a typing storm asks once, after the last key', async () => {
    const { ask, calls, clock, type } = createHarness({ text: '█' });
    const kinds: (string | undefined)[] = [];
    for (let key = 0; key < 200; key += 1) {
      type('a');
      const { done } = await ask('automatic');
      void done.then(({ kind }) => kinds.push(kind));
      await clock.advance(30);
    }
    await clock.advance(400);
    expect(calls).toHaveLength(1);
    calls[0]?.write('b\n');
    calls[0]?.finish();
    await clock.advance(0);
    expect(kinds).toEqual([...Array(199).fill('superseded'), 'offered']);
  });

  test('an impatient request is answered, and the next one finds what came meanwhile', async () => {
    const { ask, calls, clock } = createHarness({ text: 'const a = █' });
    const first = await ask('automatic', 200);
    await clock.advance(200);
    expect(first.outcome()?.kind).toBe('pending');
    calls[0]?.write('late();\n');
    await clock.advance(0);
    const second = await ask('automatic', 200);
    expect(second.outcome()).toEqual(offered('late();'));
    expect(calls).toHaveLength(1);
  });
});

test('every request leaves its stages and its reason', async () => {
  const { ask, calls, clock, lastTrace } = createHarness({ text: 'const a = █' });
  await ask();
  calls[0]?.write('f();\n');
  await clock.advance(0);
  expect(lastTrace()).toMatchObject({
    outcome: 'offered',
    provider: 'scripted',
    model: 'scripted-1',
    trigger: 'explicit',
    stages: ['gate', 'reuse', 'context', 'request', 'first token', 'check'].map((stage) =>
      expect.objectContaining({ stage }),
    ),
  });
});
