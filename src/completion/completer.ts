/**
 * The completion pipeline: gate → reuse → debounce → context → request → shape → check.
 * One request and one provider call per document; whatever is newer ends what is older, and every request is answered once.
 * Completion never knows LSP, the settings' layers or which provider answers.
 */
import type { StreamingProvider } from '../domain/ai-provider.ts';
import type { CodeContext } from '../domain/code-context.ts';
import { completionRequest } from '../domain/completion.ts';
import type { Tracer, TraceWriter } from '../domain/completion-trace.ts';
import type { Clock } from '../domain/ports.ts';
import type { DocumentFeed } from '../domain/text.ts';
import { type ActiveQuery, createActiveQuery } from './active-query.ts';
import { anchorAt } from './anchor.ts';
import type { Attempt, CompletionQuery, CompletionRuntime, Session } from './attempt.ts';
import { type Answer, type Flight, startFlight } from './flight.ts';
import { gate } from './gate.ts';
import { type CompletionOutcome, ended, failed, offered, offersFor } from './outcome.ts';
import { createTypingRhythm } from './rhythm.ts';
import { createSuggestionMemory, type Suggestion } from './suggestion.ts';
import { surroundings } from './surroundings.ts';

const OUT_OF_STEP =
  'The document is out of step with the editor: an older version arrived after a newer one. Reopen it.';

const ONLY_EXPLICIT = 'Only explicit requests reach the provider ("completion.trigger": "manual").';
const STILL_WRITING = 'The provider is still writing; the answer is kept for the next request.';

export interface CompleterDependencies {
  readonly documents: DocumentFeed & { isDirty(uri: string): boolean };
  readonly clock: Clock;
  readonly tracer: Tracer;
  runtime(): CompletionRuntime;
}

export interface Completer {
  /** Never rejects: a failure is an outcome. */
  complete(query: CompletionQuery, signal: AbortSignal): Promise<CompletionOutcome>;
  /** Forgets every suggestion that could be offered again. */
  clear(): void;
  dispose(): void;
}

export function createCompleter({ documents, clock, tracer, runtime }: CompleterDependencies): Completer {
  const sessions = new Map<string, Session>();
  const rhythm = createTypingRhythm();
  let lastId = 0;

  async function complete(query: CompletionQuery, signal: AbortSignal): Promise<CompletionOutcome> {
    const document = documents.get(query.uri);
    const { uri, position, trigger } = query;
    const trace = tracer.begin({ uri, position, trigger, version: document?.version ?? null });
    if (document === undefined) {
      return ended(trace, 'nothing', documents.isDirty(query.uri) ? OUT_OF_STEP : 'The document is not open.');
    }
    const session = sessionOf(query.uri);
    session.query?.supersede('A newer request came.');
    const active = createActiveQuery(signal, clock);
    session.query = active;
    session.outlivesEdits = query.outlivesEdits ?? false;
    const offset = document.text.offsetAt(query.position);
    const now = runtime();
    const settings = now.settings(query.uri);
    const attempt = { query, since: clock.now(), document, offset, session, active, trace, now, settings };
    try {
      return await answer(attempt);
    } catch (error) {
      return failed(error, attempt);
    } finally {
      active.end();
      if (session.query === active) session.query = undefined;
    }
  }

  async function answer(attempt: Attempt): Promise<CompletionOutcome> {
    const { query, document, offset, session, active, trace, settings } = attempt;
    active.signal.throwIfAborted();
    const closed = gate(document, settings);
    trace.stage('gate', closed);
    if (closed !== undefined) return ended(trace, 'nothing', closed);

    const reused = offersFor(attempt);
    trace.stage('reuse', reused === undefined ? 'nothing shown before agrees' : undefined);
    if (reused !== undefined) {
      // What was offered offline may agree as well as the call that goes on meanwhile.
      if (session.flight?.agrees(document, offset)) session.flight.adopt();
      return offered(attempt, reused, 'Offered before; what was typed since agrees.');
    }

    const flight = adopt(attempt) ?? (await launch(attempt));
    if (typeof flight === 'string') return ended(trace, 'nothing', flight);
    const budget = flight.local ? undefined : remainingBudget(attempt);
    const began = clock.now();
    let result = await active.waitFor(flight.answer, shorter(query.patience, budget));
    if (result === undefined && budget !== undefined) {
      const offline = await offerOffline(attempt);
      if (offline !== undefined) return offline;
      const { patience } = query;
      result = await active.waitFor(flight.answer, patience && Math.max(0, patience - (clock.now() - began)));
    }
    if (result === undefined) return ended(trace, 'pending', STILL_WRITING);

    trace.stage('check');
    const offers = offersFor(attempt);
    if (offers !== undefined) return offered(attempt, offers, result.note ?? 'Answered by the provider.');
    return ended(trace, 'nothing', result.note ?? 'The provider had nothing that fits here.', result);
  }

  /** A call under way that agrees with what was typed; one that does not is closed. */
  function adopt({ session: { flight }, document, offset, trace }: Attempt): Flight | undefined {
    if (flight === undefined) return undefined;
    if (!flight.agrees(document, offset)) {
      flight.abort();
      return undefined;
    }
    flight.adopt();
    trace.stage('adopt', 'A request already under way agrees with what was typed.');
    return flight;
  }

  /** Starts a provider call, or says why there is none. */
  async function launch(attempt: Attempt): Promise<Flight | string> {
    const { query, session, active, trace, now, settings } = attempt;
    const automatic = query.trigger === 'automatic';
    const provider = await (automatic && settings.trigger === 'manual' ? now.localProvider() : now.provider());
    if (provider === undefined) return ONLY_EXPLICIT;
    if (automatic && !provider.local) await pause(rhythm.remaining(clock.now(), settings.debounce), active, trace);
    active.signal.throwIfAborted();

    const flight = start(attempt, provider);
    if (typeof flight === 'string') return flight;
    session.flight = flight;
    land(session, flight);
    return flight;
  }

  /** Asks a provider, or says why it may not be asked. */
  function start(attempt: Attempt, provider: StreamingProvider): Flight | string {
    const { query, document, offset, trace, now, settings } = attempt;
    const context = now.buildContext(document, offset, provider);
    trace.stage('context', describeContext(context));
    if (context.excluded !== undefined) return context.excluded;

    const around = surroundings(document, offset, settings.maxLines);
    trace.stage('request', `${provider.name}, ${around.shape}`);
    return startFlight({
      provider,
      request: completionRequest({
        context,
        shape: around.shape,
        maxLines: settings.maxLines,
        maxTokens: settings.maxTokens,
        candidates: query.trigger === 'automatic' ? 1 : settings.candidates,
        trigger: query.trigger,
      }),
      anchor: anchorAt(document, offset),
      around,
      clock,
      onFirstToken: () => trace.stage('first token'),
    });
  }

  /** Milliseconds until an automatic query is answered without the network; `undefined` where it waits. */
  function remainingBudget({ query, since, settings }: Attempt): number | undefined {
    if (query.trigger === 'explicit' || settings.latencyBudget === null) return undefined;
    return Math.max(0, settings.latencyBudget - (clock.now() - since));
  }

  /**
   * What the provider in this process is sure enough of. The call under way goes on: what it brings is newer, and is offered
   * first at the next key that agrees; at one that does not it is closed as always.
   */
  async function offerOffline(attempt: Attempt): Promise<CompletionOutcome | undefined> {
    const { session, active, trace, now } = attempt;
    trace.stage('budget', 'The provider has not answered in time ("completion.latencyBudget").');
    const provider = await now.localProvider()?.catch(() => undefined);
    active.signal.throwIfAborted();
    const flight = provider && start(attempt, provider);
    if (flight === undefined || typeof flight === 'string') return undefined;
    const result = await active
      .waitFor(
        flight.answer.catch(() => undefined),
        undefined,
      )
      .finally(flight.abort);
    const inTime = offersFor(attempt);
    if (inTime !== undefined) return offered(attempt, inTime, 'Answered by the provider.');
    if (result === undefined) return undefined;
    session.memory.remember(result.texts.map((text) => suggestion(text, flight, result)));
    const offers = offersFor(attempt);
    return (
      offers && offered(attempt, offers, 'Answered offline: the provider took longer than "completion.latencyBudget".')
    );
  }

  /** Keeps what the flight brings, also when nobody waits for it any more. */
  function land(session: Session, flight: Flight): void {
    const forget = () => {
      if (session.flight === flight) session.flight = undefined;
    };
    flight.answer.then((result) => {
      session.memory.remember(result.texts.map((text) => suggestion(text, flight, result)));
      forget();
    }, forget);
  }

  function suggestion(text: string, { anchor }: Flight, { provider, model }: Answer): Suggestion {
    lastId += 1;
    return { id: `${lastId}`, anchor, text, provider, model };
  }

  async function pause(milliseconds: number, active: ActiveQuery, trace: TraceWriter): Promise<void> {
    if (milliseconds > 0) await active.wait(milliseconds);
    trace.stage('debounce', `${Math.round(milliseconds)} ms`);
  }

  function sessionOf(uri: string): Session {
    const known = sessions.get(uri);
    if (known !== undefined) return known;
    const session: Session = {
      memory: createSuggestionMemory(),
      query: undefined,
      outlivesEdits: false,
      flight: undefined,
    };
    sessions.set(uri, session);
    return session;
  }

  const stopObserving = documents.observe({
    didOpen: () => undefined,
    didSave: () => undefined,
    didChange(_before, after, edits) {
      rhythm.keystroke(clock.now());
      const session = sessions.get(after.uri);
      if (session === undefined) return;
      const edit = edits.at(-1);
      const cursor = edit === undefined ? 0 : edit.start + edit.text.length;
      if (session.query && session.outlivesEdits && session.flight?.mayAgree(after, cursor)) return;
      session.query?.supersede('The document changed.');
      if (session.flight?.agrees(after, cursor)) session.flight.hold();
      else session.flight?.abort();
    },
    didClose(uri) {
      const session = sessions.get(uri);
      session?.query?.supersede('The document was closed.');
      session?.flight?.abort();
      sessions.delete(uri);
    },
  });

  return {
    complete,
    clear() {
      for (const session of sessions.values()) session.memory.clear();
    },
    dispose() {
      stopObserving();
      for (const { query, flight } of sessions.values()) {
        query?.supersede('The server is shutting down.');
        flight?.abort();
      }
      sessions.clear();
    },
  };
}

function shorter(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
}

function describeContext({ tokens, snippets, recentEdits, diagnostics }: CodeContext): string {
  const parts = [`${snippets.length} snippets`, `${recentEdits.length} edits`, `${diagnostics.length} problems`];
  return [`${tokens} tokens`, ...parts.filter((part) => !part.startsWith('0 '))].join(', ');
}
