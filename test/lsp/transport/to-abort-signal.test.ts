/** No cancel is lost, whenever it comes. */
import { describe, expect, test } from 'vitest';
import { CancellationToken, CancellationTokenSource } from 'vscode-jsonrpc/node';
import { toAbortSignal } from '../../../src/lsp/transport/to-abort-signal.ts';

describe('the signal aborts', () => {
  test('when the token was cancelled before, though its event never fires', () => {
    expect(toAbortSignal(CancellationToken.Cancelled).signal.aborted).toBe(true);
    const source = new CancellationTokenSource();
    source.cancel();
    expect(toAbortSignal(source.token).signal.aborted).toBe(true);
  });

  test('when the token is cancelled later', () => {
    const source = new CancellationTokenSource();
    const { signal } = toAbortSignal(source.token);
    expect(signal.aborted).toBe(false);
    source.cancel();
    expect(signal.aborted).toBe(true);
  });

  test('when the token is cancelled while it is subscribed to', () => {
    let isCancellationRequested = false;
    const token: CancellationToken = {
      get isCancellationRequested() {
        return isCancellationRequested;
      },
      onCancellationRequested: () => {
        isCancellationRequested = true;
        return { dispose() {} };
      },
    };
    expect(toAbortSignal(token).signal.aborted).toBe(true);
  });
});

test('dispose leaves no listener and does not abort', () => {
  let listeners = 0;
  const token: CancellationToken = {
    isCancellationRequested: false,
    onCancellationRequested: () => {
      listeners++;
      return { dispose: () => listeners-- };
    },
  };
  const { signal, dispose } = toAbortSignal(token);
  expect(listeners).toBe(1);
  dispose();
  expect(listeners).toBe(0);
  expect(signal.aborted).toBe(false);
});
