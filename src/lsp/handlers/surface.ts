/** Offers or withdraws the completion list when the setting changes, for clients that can be told so later. */
import { requests } from '../protocol.ts';
import { registerCapability } from '../register-capability.ts';
import { completionOptions, offersList } from '../server-capabilities.ts';
import type { Session } from '../session.ts';

export interface SurfaceKeeper {
  /** Brings the client in step with the settings. */
  update(): void;
}

/** `announced`: whether `initialize` announced the list. */
export function keepSurface(session: Session, announced: boolean): SurfaceKeeper {
  const { connection, assistant, log } = session;
  let registered: Promise<() => Promise<void>> | undefined;

  return {
    update() {
      // What was announced statically cannot be withdrawn; its handler answers empty instead.
      if (announced || !session.client.dynamicCompletion) return;
      const wanted = offersList(session.client, assistant.settings().completion.surface);
      if (wanted === (registered !== undefined)) return;
      const failed = (error: unknown) =>
        log.warn('The completion list could not be changed.', { error: String(error) });
      if (wanted) {
        registered = registerCapability(connection, requests.completion.method, {
          documentSelector: null,
          ...completionOptions,
        });
        registered.catch(failed);
      } else {
        registered?.then((unregister) => unregister()).catch(failed);
        registered = undefined;
      }
    },
  };
}
