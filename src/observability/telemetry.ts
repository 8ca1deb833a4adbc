/**
 * Spans and figures of every provider call for whoever runs OpenTelemetry, in the names of its conventions for generative
 * AI. Only its API package is used, which does nothing until the user's own set-up collects; no text leaves by it unless
 * the settings say so. Apart from the metrics, which stay in this process.
 */
import { createRequire } from 'node:module';
import type { Attributes, Histogram, Meter, Span, Tracer } from '@opentelemetry/api';
import { AiError, isCancellation } from '../domain/ai-error.ts';
import type { AiProvider } from '../domain/ai-provider.ts';
import type { Clock, Log } from '../domain/ports.ts';
import { type ProviderCall, wrapProvider } from '../domain/wrap-provider.ts';
import { endingOf, inputMessages, outputMessages, type Said } from './telemetry-content.ts';

export interface TelemetrySettings {
  readonly openTelemetry: boolean;
  /** Whether spans hold what was asked and answered. */
  readonly content: boolean;
}

/** Gives the same provider back where nothing is to be told. */
export type TraceCalls = (provider: AiProvider, kind: string) => AiProvider;

export interface Telemetry {
  /** Never throws: without the package, or without being asked, nothing is traced. */
  open(settings: TelemetrySettings): TraceCalls;
}

interface Instruments {
  readonly tracer: Tracer;
  readonly duration: Histogram;
  readonly firstChunk: Histogram;
  readonly tokens: Histogram;
}

export interface TelemetryOptions {
  /** Of the program. */
  readonly version: string;
  readonly clock: Clock;
  readonly log: Log;
}

const NAME = 'inkling-language-server';
/**
 * Loaded from beside the program, never bundled with it: the package finds the user's set-up only where its version is
 * not newer than theirs. Required, because code that was compiled ahead cannot import on Node 20.
 */
const PACKAGE = '@opentelemetry/api';
const requireFromHere = createRequire(import.meta.url);
/** `CLIENT` of the API, whose package may not be there to say so. */
const CLIENT = 2;
const ERROR = 2;

/** What the conventions call a vendor; others go by the name of their kind. */
const providerNames: Readonly<Record<string, string>> = { gemini: 'gcp.gemini', mistral: 'mistral_ai', grok: 'x_ai' };

export function createTelemetry({ version, clock, log }: TelemetryOptions): Telemetry {
  let loaded: { readonly instruments: Instruments | undefined } | undefined;

  function load(): Instruments | undefined {
    try {
      const { metrics, trace } = requireFromHere(PACKAGE) as typeof import('@opentelemetry/api');
      return { tracer: trace.getTracer(NAME, version), ...histograms(metrics.getMeter(NAME, version)) };
    } catch (error) {
      log.warn('Nothing is traced: the package @opentelemetry/api is not beside the program.', {
        error: String(error),
      });
      return undefined;
    }
  }

  return {
    open({ openTelemetry, content }) {
      if (!openTelemetry) return (provider) => provider;
      loaded ??= { instruments: load() };
      const { instruments } = loaded;
      if (instruments === undefined) return (provider) => provider;
      // What stays in this process is no model, and asking it takes less time than telling of it.
      return (provider, kind) => (provider.local ? provider : traced(provider, kind, instruments, content, clock));
    },
  };
}

function histograms(meter: Meter): Omit<Instruments, 'tracer'> {
  const seconds = (name: string, description: string) => meter.createHistogram(name, { unit: 's', description });
  return {
    duration: seconds('gen_ai.client.operation.duration', 'How long a call took.'),
    firstChunk: seconds('gen_ai.client.operation.time_to_first_chunk', 'How long the first part took.'),
    tokens: meter.createHistogram('gen_ai.client.token.usage', { unit: '{token}', description: 'Tokens of a call.' }),
  };
}

function traced(inner: AiProvider, kind: string, instruments: Instruments, content: boolean, clock: Clock): AiProvider {
  return wrapProvider(inner, {
    async unary(call, signal, run) {
      if (call.feature === 'other') return run(signal);
      const record = begin(inner, kind, call, instruments, content, clock);
      try {
        const answer = await run(signal);
        record.answered(endingOf(answer));
        return answer;
      } catch (error) {
        record.failed(error, signal);
        throw error;
      } finally {
        record.end();
      }
    },
    async *stream(call, signal, open) {
      const record = begin(inner, kind, call, instruments, content, clock);
      let text = '';
      try {
        for await (const chunk of open(signal)) {
          if (text === '' && chunk.delta !== '') record.firstChunk();
          // Without the content its first character is all that matters.
          if (content || text === '') text += chunk.delta;
          if (chunk.finish !== undefined) record.answered({ ...endingOf(chunk.finish), text });
          yield chunk;
        }
      } catch (error) {
        record.failed(error, signal);
        throw error;
      } finally {
        record.end();
      }
    },
  });
}

/** One call as it goes on. */
function begin(
  provider: AiProvider,
  kind: string,
  call: ProviderCall,
  { tracer, duration, firstChunk, tokens }: Instruments,
  content: boolean,
  clock: Clock,
) {
  const started = clock.now();
  const seconds = () => (clock.now() - started) / 1000;
  const operation = call.feature === 'completion' ? 'text_completion' : 'chat';
  const model = (call.feature === 'chat' ? call.request.model : undefined) ?? provider.model;
  const common: Attributes = {
    'gen_ai.operation.name': operation,
    'gen_ai.provider.name': providerNames[kind] ?? kind,
    'gen_ai.request.model': model,
  };
  const span: Span = tracer.startSpan(`${operation} ${model}`, {
    kind: CLIENT,
    attributes: { ...common, 'inkling.provider': provider.name, ...requestAttributes(call) },
  });
  if (content) span.setAttribute('gen_ai.input.messages', inputMessages(call));
  let error: Attributes = {};

  return {
    firstChunk: () => firstChunk.record(seconds(), common),
    answered(said: Said) {
      span.setAttributes(answerAttributes(said));
      if (content) span.setAttribute('gen_ai.output.messages', outputMessages(said));
      for (const [type, count] of [
        ['input', said.usage?.inputTokens],
        ['output', said.usage?.outputTokens],
      ] as const) {
        if (count !== undefined) tokens.record(count, { ...common, 'gen_ai.token.type': type });
      }
    },
    failed(thrown: unknown, signal: AbortSignal) {
      if (signal.aborted || isCancellation(thrown)) {
        span.setAttribute('inkling.cancelled', true);
        return;
      }
      error = { 'error.type': thrown instanceof AiError ? thrown.kind : '_OTHER' };
      span.setAttributes(error);
      span.setStatus({ code: ERROR, ...(thrown instanceof AiError && { message: thrown.message }) });
    },
    end() {
      duration.record(seconds(), { ...common, ...error });
      span.end();
    },
  };
}

function requestAttributes(call: ProviderCall): Attributes {
  if (call.feature === 'other') return {};
  const { maxTokens, temperature } = call.request;
  return {
    ...(maxTokens !== undefined && { 'gen_ai.request.max_tokens': maxTokens }),
    ...(temperature !== undefined && { 'gen_ai.request.temperature': temperature }),
    ...(call.feature === 'completion' && call.request.candidates > 1
      ? { 'gen_ai.request.choice.count': call.request.candidates }
      : {}),
  };
}

function answerAttributes({ reason, model, usage }: Said): Attributes {
  return {
    ...(reason !== undefined && { 'gen_ai.response.finish_reasons': [reason] }),
    ...(model !== undefined && { 'gen_ai.response.model': model }),
    ...(usage !== undefined && {
      'gen_ai.usage.input_tokens': usage.inputTokens,
      'gen_ai.usage.output_tokens': usage.outputTokens,
    }),
  };
}
