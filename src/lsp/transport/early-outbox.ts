/** Holds back what LSP does not let a server say before it has answered `initialize`: some clients drop it, and it would be lost. */
import type { Message } from 'vscode-jsonrpc/node';

/** How far `initialize` has come: not asked, not answered, answered. */
export type Stage = 'new' | 'initializing' | 'initialized';

const ALLOWED_WHILE_INITIALIZING: ReadonlySet<unknown> = new Set([
  'window/showMessage',
  'window/showMessageRequest',
  'window/logMessage',
  'telemetry/event',
  '$/progress',
]);
/** A server that says more than this before it is asked anything is talking to itself. */
const MAX_HELD = 1000;

export interface EarlyOutbox {
  /** Whether the message may go out now; otherwise it is kept. */
  admits(message: Message): boolean;
  /** What was kept, oldest first, once it may go out. */
  release(): readonly Message[];
}

export function createEarlyOutbox(stage: () => Stage): EarlyOutbox {
  let held: Message[] = [];
  return {
    admits(message) {
      if (mayLeave(message, stage())) return true;
      if (held.length < MAX_HELD) held.push(message);
      return false;
    },
    release() {
      if (stage() !== 'initialized') return [];
      const released = held;
      held = [];
      return released;
    },
  };
}

function mayLeave(message: Message, stage: Stage): boolean {
  if (stage === 'initialized' || !('method' in message)) return true;
  return stage === 'initializing' && ALLOWED_WHILE_INITIALIZING.has(message.method);
}
