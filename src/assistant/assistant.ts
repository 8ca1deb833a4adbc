/**
 * The façade: everything Inkling does, in plain data. The language server, the command line and the tests are three
 * clients of it. It never knows LSP, and it never decides which provider exists.
 */
import type { AnswerSharing, SharingStats } from '../cache/answer-sharing.ts';
import { type Attachment, buildChatRequest } from '../chat/chat-prompt.ts';
import type { CompletionQuery } from '../completion/attempt.ts';
import type { Completer } from '../completion/completer.ts';
import type { CompletionOutcome } from '../completion/outcome.ts';
import type { Settings } from '../config/schema.ts';
import type { SettingsChange, SettingsLayer, SettingsStore } from '../config/store.ts';
import { applyUserFile, type UserFile } from '../config/user-file.ts';
import type { DocumentStore } from '../documents/document-store.ts';
import { AiError } from '../domain/ai-error.ts';
import type { AiProvider, EmbedRequest, EmbedResponse, ModelInfo, ProviderHealth } from '../domain/ai-provider.ts';
import type { ChatMessage, ChatResponse } from '../domain/chat.ts';
import type { CodeContext } from '../domain/code-context.ts';
import type { CompletionTrace } from '../domain/completion-trace.ts';
import type { Clock } from '../domain/ports.ts';
import type { Problem } from '../domain/problem.ts';
import type { DocumentSnapshot, Position, Range } from '../domain/text.ts';
import type { TraceFilter, TraceLog } from '../observability/explain.ts';
import type { Metrics, ProviderStats } from '../observability/metrics.ts';
import type { Middleware } from '../observability/middleware/middleware.ts';
import type { Status, StatusTracker } from '../observability/status.ts';
import type { ProviderRegistry } from '../providers/registry.ts';
import { type ActParams, type ActResult, act, type RecentWork } from './act.ts';
import { createKeptSuggestions, type KeptStats } from './kept-suggestions.ts';
import { createProviderReports, type ProviderReport } from './provider-reports.ts';
import { createSuggestionLedger, type SuggestionStats } from './suggestion-ledger.ts';
import { unsupported } from './unsupported.ts';

/** What a settings change replaces at once; made by the composition root, used by whoever began under it. */
export interface Runtime {
  /** The provider that answers for whatever has none of its own. */
  readonly active: string;
  readonly chat: { readonly maxTokens: number };
  /** What a chat about this document is told first, as the user and its project want it. Without one: about nothing in particular. */
  instructions(uri: string | undefined): string;
  /** What recent failures say of a provider; `undefined` while they say nothing. */
  health(id: string): ProviderHealth | undefined;
  resilience(id: string): ProviderResilience;
  /** This provider within its limits and deadlines. Rejects with `notConfigured` for an unknown id. */
  provider(id: string): Promise<AiProvider>;
  /** The same for chats, with its answers shared. Rejects with `unsupported` where it does not chat. */
  chatWith(id: string): Promise<AiProvider>;
  /** The chat provider of the settings with its fallbacks: those of them that chat. Rejects likewise where none does. */
  chatByDefault(): Promise<AiProvider>;
  /** As a completion would send it now. */
  buildContext(uri: string, position: Position): Promise<CodeContext | undefined>;
  /** What the user changed lately and what is wrong with these lines, as far as it is known and may leave the machine. */
  recentWork(uri: string, range: Range): RecentWork;
  /** Throws `AiError` for a document that is not to be had, or that may not leave the machine. */
  attach(uri: string, range: Range | undefined): Attachment;
  /** The text as it may leave the machine: what looks like a key replaced, unless the settings say otherwise. */
  redacted(text: string): string;
}

export interface ChatParams {
  readonly messages: readonly ChatMessage[];
  readonly context?: {
    readonly textDocument?: { readonly uri: string };
    readonly range?: Range;
    readonly files?: readonly string[];
  };
  readonly provider?: string;
  readonly model?: string;
  readonly maxTokens?: number;
  readonly temperature?: number;
}

export type ChatResult = ChatResponse & { readonly provider: string; readonly cached: boolean };

export interface ProvidersReport {
  readonly active: string;
  readonly completion: string;
  /** Who is asked first: of the chat provider and its fallbacks one that chats, where there is one. */
  readonly chat: string;
  readonly providers: readonly ProviderReport[];
}

/** `exact` is false where it is an estimate. */
export interface TokenCount {
  readonly tokens: number;
  readonly exact: boolean;
}

/** What stands between a provider and its callers. */
export interface ProviderResilience {
  /** Calls that were tried again. */
  readonly retries: number;
  /** `locked`: nothing is asked until the settings change, because the key was refused. */
  readonly breaker: 'closed' | 'open' | 'halfOpen' | 'locked';
}

export interface StatsReport {
  readonly providers: Readonly<Record<string, ProviderStats & ProviderResilience>>;
  readonly suggestions: SuggestionStats & { readonly kept: KeptStats };
  readonly cache: SharingStats;
}

export interface Assistant {
  readonly documents: DocumentStore;
  /** Never rejects: a failure is an outcome. */
  complete(query: CompletionQuery, signal: AbortSignal): Promise<CompletionOutcome>;
  /** `onDelta` gets the answer's parts in order and may slow the stream down by its promise. Rejects with `AiError`. */
  chat(params: ChatParams, signal: AbortSignal, onDelta?: (delta: string) => void | Promise<void>): Promise<ChatResult>;
  /** An action on lines of an open document. Rejects with `AiError`. */
  act(params: ActParams, signal: AbortSignal): Promise<ActResult>;
  /** Whether a chat would be asked of anybody; asks nobody. */
  canChat(): Promise<boolean>;
  /** `undefined` for a document that is not open. */
  context(uri: string, position: Position): Promise<CodeContext | undefined>;
  explain(filter: TraceFilter): readonly CompletionTrace[];
  stats(): StatsReport;
  /** As far as is known, without asking anybody. */
  providers(): Promise<ProvidersReport>;
  /** The same after a short look whether the servers that may run on this machine do. */
  discoverProviders(signal: AbortSignal): Promise<ProvidersReport>;
  /** These ask the chat provider where none is named, and reject with `AiError`. */
  models(provider: string | undefined, signal: AbortSignal): Promise<readonly ModelInfo[]>;
  embed(provider: string | undefined, request: EmbedRequest, signal: AbortSignal): Promise<EmbedResponse>;
  countTokens(provider: string | undefined, text: string, signal: AbortSignal): Promise<TokenCount>;
  /** Rejects with `AiError` `notConfigured` for an unknown id. Holds until the settings change what was chosen. */
  setProvider(provider: string, feature?: 'completion' | 'chat'): Promise<ProvidersReport>;
  /** Replaces what a layer says; takes effect on the next request. */
  configure(layer: SettingsLayer, raw: unknown): SettingsChange;
  /** The same for what was so all along and is only known now: `setProvider` keeps its word. */
  learn(layer: SettingsLayer, raw: unknown): SettingsChange;
  loadUserFile(file: UserFile): SettingsChange;
  settings(): Settings;
  /** Called after settings took effect. */
  onSettings(listener: () => void): void;
  /** What the editor says is wrong with the lines of `range`, all of it; problems of a document that is not open are ignored. */
  problemsReported(uri: string, range: Range, problems: readonly Problem[]): void;
  suggestionShown(id: string): void;
  suggestionAccepted(id: string): void;
  suggestionPartlyAccepted(id: string, length: number): void;
  clearCache(): void;
  status(): Status;
  onStatus(listener: (status: Status) => void): void;
  dispose(): Promise<void>;
}

export interface AssistantDependencies {
  readonly documents: DocumentStore;
  readonly clock: Clock;
  readonly registry: ProviderRegistry;
  readonly completer: Completer;
  readonly traces: TraceLog;
  readonly metrics: Metrics;
  readonly status: StatusTracker;
  readonly sharing: AnswerSharing;
  readonly middleware: Pick<Middleware, 'dispose'>;
  runtime(): Runtime;
  /** Changes the settings by `change` and puts what follows from it in place. */
  reconfigure(change: (store: SettingsStore) => SettingsChange): SettingsChange;
  settings(): Settings;
  onSettings(listener: () => void): void;
  reportProblems(document: DocumentSnapshot, range: Range, problems: readonly Problem[]): void;
}

export function createAssistant(dependencies: AssistantDependencies): Assistant {
  const { documents, clock, registry, completer, traces, metrics, status, sharing, runtime, reconfigure } =
    dependencies;
  const ledger = createSuggestionLedger();
  const kept = createKeptSuggestions({ documents, clock });
  const reports = createProviderReports({ registry, metrics, recentHealth: (id) => runtime().health(id) });

  async function chat(
    params: ChatParams,
    signal: AbortSignal,
    onDelta: (delta: string) => void | Promise<void> = () => undefined,
  ): Promise<ChatResult> {
    const now = runtime();
    const provider = await chatProvider(params.provider, now);
    const request = buildChatRequest({
      messages: params.messages.map((message) => ({ ...message, content: now.redacted(message.content) })),
      attachments: attachments(params, now),
      instructions: now.redacted(now.instructions(aboutWhat(params))),
      maxTokens: params.maxTokens ?? now.chat.maxTokens,
      ...(params.model === undefined ? {} : { model: params.model }),
      ...(params.temperature === undefined ? {} : { temperature: params.temperature }),
    });
    let content = '';
    for await (const { delta, finish } of provider.streamChat(request, signal)) {
      content += delta;
      if (delta !== '') await onDelta(delta);
      if (finish !== undefined) {
        const { reason, model, usage } = finish;
        return {
          message: { role: 'assistant', content },
          provider: finish.provider ?? provider.name,
          model,
          finishReason: reason,
          ...(usage === undefined ? {} : { usage }),
          cached: finish.cached ?? false,
        };
      }
    }
    signal.throwIfAborted();
    throw new AiError('network', provider.name, `The answer of "${provider.name}" ended early. Ask again.`);
  }

  async function chatProvider(id: string | undefined, now: Runtime): Promise<AiProvider> {
    try {
      return await (id === undefined ? now.chatByDefault() : now.chatWith(id));
    } catch (error) {
      if (!(error instanceof AiError && error.kind === 'unsupported')) throw error;
      throw await unsupported(error.provider, 'chat', registry, reports.isAssumed);
    }
  }

  async function models(id: string, signal: AbortSignal): Promise<readonly ModelInfo[]> {
    const provider = await runtime().provider(id);
    if (provider.listModels === undefined) {
      throw new AiError('unsupported', id, `"${id}" has no list of models. Name one as "providers.${id}.model".`);
    }
    return provider.listModels(signal);
  }

  async function embed(id: string, request: EmbedRequest, signal: AbortSignal): Promise<EmbedResponse> {
    const provider = await runtime().provider(id);
    if (provider.embed === undefined || !provider.capabilities.embeddings) {
      throw await unsupported(id, 'embeddings', registry, reports.isAssumed);
    }
    return provider.embed({ ...request, input: request.input.map(runtime().redacted) }, signal);
  }

  async function countTokens(id: string, text: string, signal: AbortSignal): Promise<TokenCount> {
    const provider = await runtime().provider(id);
    if (provider.countTokens === undefined || !provider.capabilities.tokenCounting) {
      throw await unsupported(id, 'tokenCounting', registry, reports.isAssumed);
    }
    return provider.countTokens(runtime().redacted(text), signal);
  }

  async function providersReport(reports: Promise<readonly ProviderReport[]>): Promise<ProvidersReport> {
    const providers = await reports;
    const chats = (id: string) => providers.some((one) => one.id === id && one.capabilities.chat);
    const asked = registry.active('chat');
    return {
      active: runtime().active,
      completion: registry.active('completion'),
      chat: [asked, ...dependencies.settings().chat.fallback].find(chats) ?? asked,
      providers,
    };
  }

  function providerStats(): StatsReport['providers'] {
    const now = runtime();
    return Object.fromEntries(
      Object.entries(metrics.snapshot()).map(([id, stats]) => [id, { ...stats, ...now.resilience(id) }]),
    );
  }

  return {
    documents,
    async complete(query, signal) {
      const outcome = await completer.complete(query, signal);
      if (outcome.kind === 'offered') {
        const { uri, text } = outcome.document;
        const offset = text.offsetAt(outcome.cursor);
        for (const { id, insertText } of outcome.offers) ledger.offered(id, { uri, offset, text: insertText });
      }
      return outcome;
    },
    chat,
    act: (params, signal) => act(params, { documents, chat, recentWork: runtime().recentWork }, signal),
    canChat: () =>
      runtime()
        .chatByDefault()
        .then(
          () => true,
          (error: unknown) => !(error instanceof AiError && error.kind === 'unsupported'),
        ),
    context: (uri, position) => runtime().buildContext(uri, position),
    explain: (filter) => traces.find(filter),
    stats: () => ({
      providers: providerStats(),
      suggestions: { ...ledger.stats(), kept: kept.stats() },
      cache: sharing.stats(),
    }),
    providers: () => providersReport(reports.list()),
    discoverProviders: (signal) => providersReport(reports.discover(signal)),
    models: (id = registry.active('chat'), signal) => models(id, signal),
    embed: (id = registry.active('chat'), request, signal) => embed(id, request, signal),
    countTokens: (id = registry.active('chat'), text, signal) => countTokens(id, text, signal),
    async setProvider(provider, feature) {
      if (!registry.has(provider)) await registry.get(provider);
      // The active provider answers for everything, so what was chosen for one feature before gives way.
      const choice =
        feature === undefined
          ? { provider, completion: { provider: null }, chat: { provider: null } }
          : { [feature]: { provider } };
      reconfigure((store) => store.setLayer('session', { ...store.layer('session'), ...choice }));
      return providersReport(reports.list());
    },
    configure: (layer, raw) => reconfigure((store) => store.setLayer(layer, raw)),
    learn: (layer, raw) => reconfigure((store) => store.learnLayer(layer, raw)),
    loadUserFile: (file) => reconfigure((store) => applyUserFile(store, file)),
    settings: dependencies.settings,
    onSettings: dependencies.onSettings,
    problemsReported(uri, range, problems) {
      const document = documents.get(uri);
      if (document !== undefined) dependencies.reportProblems(document, range, problems);
    },
    suggestionShown: (id) => ledger.shown(id),
    suggestionAccepted(id) {
      const place = ledger.accepted(id);
      if (place !== undefined) kept.accepted(place.uri, place.offset, place.text);
    },
    suggestionPartlyAccepted: (id, length) => ledger.partlyAccepted(id, length),
    clearCache() {
      completer.clear();
      sharing.clear();
    },
    status: () => status.current(),
    onStatus: (listener) => status.onChange(listener),
    async dispose() {
      completer.dispose();
      kept.dispose();
      sharing.dispose();
      await registry.dispose();
      // Last: calls that ended just now are to be told of.
      await dependencies.middleware.dispose();
    },
  };
}

/** The document a chat is about: the one it is asked in, else the first that it is shown. */
function aboutWhat({ context: { textDocument, files = [] } = {} }: ChatParams): string | undefined {
  return textDocument?.uri ?? files[0];
}

/** What was asked to be shown is shown or said to be missing: an answer that silently knows less is worse than none. */
function attachments({ context: { textDocument, range, files = [] } = {} }: ChatParams, now: Runtime): Attachment[] {
  const others = files.filter((uri) => uri !== textDocument?.uri).map((uri) => now.attach(uri, undefined));
  return textDocument === undefined ? others : [...others, now.attach(textDocument.uri, range)];
}
