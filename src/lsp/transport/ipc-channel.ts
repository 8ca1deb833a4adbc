/** Reader and writer for `--node-ipc`, where Node carries whole messages: no frames, and the end is a `disconnect`. */
import {
  Emitter,
  type Message,
  type MessageReader,
  type MessageWriter,
  type PartialMessageInfo,
} from 'vscode-jsonrpc/node';

/** The part of `process` that is spoken to. */
export interface IpcProcess {
  on(event: 'message', listener: (message: unknown) => void): unknown;
  on(event: 'disconnect', listener: () => void): unknown;
  off(event: 'message', listener: (message: unknown) => void): unknown;
  send?(message: unknown, handle: undefined, options: undefined, sent: (error: Error | null) => void): boolean;
}

export function createIpcChannel(ipc: IpcProcess): { readonly reader: MessageReader; readonly writer: MessageWriter } {
  return { reader: createReader(ipc), writer: createWriter(ipc) };
}

function createReader(ipc: IpcProcess): MessageReader {
  const failed = new Emitter<Error>();
  const closed = new Emitter<void>();
  const partial = new Emitter<PartialMessageInfo>();
  ipc.on('disconnect', () => closed.fire());
  return {
    onError: failed.event,
    onClose: closed.event,
    onPartialMessage: partial.event,
    listen(callback) {
      const read = (message: unknown): void => {
        if (typeof message === 'object' && message !== null) callback(message as Message);
      };
      ipc.on('message', read);
      return { dispose: () => ipc.off('message', read) };
    },
    dispose() {
      failed.dispose();
      closed.dispose();
      partial.dispose();
    },
  };
}

function createWriter(ipc: IpcProcess): MessageWriter {
  const failed = new Emitter<[Error, Message | undefined, number | undefined]>();
  const closed = new Emitter<void>();
  ipc.on('disconnect', () => closed.fire());
  return {
    onError: failed.event,
    onClose: closed.event,
    // A message that the client is no longer there for is nobody's: it resolves like one that was sent.
    write: (message) =>
      new Promise((resolve) => {
        if (ipc.send === undefined) resolve();
        else ipc.send(message, undefined, undefined, () => resolve());
      }),
    end() {},
    dispose() {
      failed.dispose();
      closed.dispose();
    },
  };
}
