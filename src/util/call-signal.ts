/**
 * Signals for what is made anew at every keystroke. Apart because the platform's own cost too much there: each one brings
 * hidden classes of its own, 3 µs to make, 20 µs to abort and memory that only a full garbage collection gives back, and
 * a completion passes half a dozen.
 */

type Listener = Parameters<AbortSignal['addEventListener']>[1];
type ListenerOptions = Parameters<AbortSignal['addEventListener']>[2];

/**
 * What `new AbortController()` gives, for code of ours. The platform's own functions (`AbortSignal.any`) refuse the signal.
 * `connectWithin`: milliseconds that connecting for the call may take, for whoever connects.
 */
export function createCallController(connectWithin?: number): AbortController {
  const signal = new CallSignal(connectWithin);
  return { signal, abort: (reason) => signal.end(reason) };
}

/** A signal of the platform that follows any other, for code that is not ours and may hand it to the platform. */
export function platformSignal(signal: AbortSignal): AbortSignal {
  const controller = new AbortController();
  if (signal.aborted) controller.abort(signal.reason);
  else signal.addEventListener('abort', () => controller.abort(signal.reason), { once: true });
  return controller.signal;
}

/** As the call's signal, or one it follows, was made with; `undefined` where nothing was said. */
export function connectLimitOf(signal: AbortSignal): number | undefined {
  return signal instanceof CallSignal ? signal.connectWithin : undefined;
}

class CallSignal implements AbortSignal {
  aborted = false;
  onabort: AbortSignal['onabort'] = null;
  readonly connectWithin: number | undefined;
  #reason: unknown;
  /** In the order they came; nearly always one or two. */
  #listeners: Listener[] = [];

  constructor(connectWithin: number | undefined) {
    this.connectWithin = connectWithin;
  }

  get reason(): unknown {
    // Most are aborted because nobody wants the answer any more, and nobody asks why.
    if (this.aborted) this.#reason ??= new DOMException('This operation was aborted', 'AbortError');
    return this.#reason;
  }

  throwIfAborted(): void {
    if (this.aborted) throw this.reason;
  }

  /** It fires once, so that every listener is one for once. */
  addEventListener(type: string, listener: Listener, options?: ListenerOptions): void {
    if (type !== 'abort' || this.aborted || this.#listeners.includes(listener)) return;
    const until = typeof options === 'object' ? options.signal : undefined;
    if (until?.aborted === true) return;
    this.#listeners.push(listener);
    until?.addEventListener('abort', () => this.removeEventListener(type, listener), { once: true });
  }

  removeEventListener(type: string, listener: Listener): void {
    const place = type === 'abort' ? this.#listeners.indexOf(listener) : -1;
    if (place >= 0) this.#listeners.splice(place, 1);
  }

  dispatchEvent(event: Event): boolean {
    if (event.type !== 'abort') return true;
    const listeners = this.#listeners;
    // One that is taken off by another while they are told is not told.
    for (const listener of [...listeners]) if (listeners.includes(listener)) this.#tell(listener, event);
    if (this.onabort !== null) this.#tell(this.onabort, event);
    return true;
  }

  end(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.#reason = reason;
    if (this.#listeners.length > 0 || this.onabort !== null) this.dispatchEvent(new Event('abort'));
    this.#listeners = [];
  }

  /** As with the platform's, what a listener throws is nobody's answer and stops no other. */
  #tell(listener: Listener | NonNullable<AbortSignal['onabort']>, event: Event): void {
    try {
      if (typeof listener === 'function') listener.call(this, event);
      else listener.handleEvent(event);
    } catch (error) {
      process.nextTick(() => {
        throw error;
      });
    }
  }
}
