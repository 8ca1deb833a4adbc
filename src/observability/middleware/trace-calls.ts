/**
 * The observer that makes spans and figures of calls for whoever runs OpenTelemetry, in the names of its conventions for
 * generative AI. Only its API package is used, which does nothing until the user's own set-up collects. Apart from the
 * metrics, which stay in this process.
 */
import { createRequire } from 'node:module';
import type { Attributes, Histogram, Meter, Span, Tracer } from '@opentelemetry/api';
import type { Log } from '../../domain/ports.ts';
import type { ProviderCall } from '../../domain/wrap-provider.ts';
import type { CallObserver, CallOutcome, CallRecord, ObservedCall } from './call-observer.ts';
import { inputMessages, outputMessages } from './trace-content.ts';

interface Instruments {
  readonly tracer: Tracer;
  readonly duration: Histogram;
  readonly firstChunk: Histogram;
  readonly tokens: Histogram;
}

export interface CallTracerOptions {
  /** Of the program. */
  readonly version: string;
  /** Whether spans hold what was asked and answered. */
  readonly content: boolean;
  readonly log: Log;
}

const NAME = 'inkling-language-server';
/**
 * Loaded from beside the program, never bundled with it: the package finds the user's set-up only where its version is
 * not newer than theirs. Required, because code that was compiled ahead cannot import on Node 20.
 */
const PACKAGE = '@opentelemetry/api';
/** `CLIENT` of the API, whose package may not be there to say so. */
const CLIENT = 2;
const ERROR = 2;

/** What the conventions call a vendor; others go by the name of their kind. */
const providerNames: Readonly<Record<string, string>> = { gemini: 'gcp.gemini', mistral: 'mistral_ai', grok: 'x_ai' };

/** Never throws: `undefined` where the package is not there, which the log is told. */
export function createCallTracer({ version, content, log }: CallTracerOptions): CallObserver | undefined {
  try {
    const { metrics, trace } = createRequire(import.meta.url)(PACKAGE) as typeof import('@opentelemetry/api');
    const instruments = { tracer: trace.getTracer(NAME, version), ...histograms(metrics.getMeter(NAME, version)) };
    return { content, begin: (call, request) => begin(call, request, instruments, content) };
  } catch (error) {
    log.warn('Nothing is traced: the package @opentelemetry/api is not beside the program.', { error: String(error) });
    return undefined;
  }
}

function histograms(meter: Meter): Omit<Instruments, 'tracer'> {
  const seconds = (name: string, description: string) => meter.createHistogram(name, { unit: 's', description });
  return {
    duration: seconds('gen_ai.client.operation.duration', 'How long a call took.'),
    firstChunk: seconds('gen_ai.client.operation.time_to_first_chunk', 'How long the first part took.'),
    tokens: meter.createHistogram('gen_ai.client.token.usage', { unit: '{token}', description: 'Tokens of a call.' }),
  };
}

function begin(
  { feature, kind, model, provider }: ObservedCall,
  request: ProviderCall,
  { tracer, duration, firstChunk, tokens }: Instruments,
  content: boolean,
): CallRecord | undefined {
  // The conventions have no figures for the others that a dashboard would show beside these.
  if (feature !== 'completion' && feature !== 'chat') return undefined;
  const operation = feature === 'completion' ? 'text_completion' : 'chat';
  const common: Attributes = {
    'gen_ai.operation.name': operation,
    'gen_ai.provider.name': providerNames[kind] ?? kind,
    'gen_ai.request.model': model,
  };
  const span: Span = tracer.startSpan(`${operation} ${model}`, {
    kind: CLIENT,
    attributes: { ...common, 'inkling.provider': provider, ...requestAttributes(request) },
  });
  if (content) span.setAttribute('gen_ai.input.messages', inputMessages(request));

  return {
    firstPart: (time) => firstChunk.record(time / 1000, common),
    ended(outcome, answer) {
      span.setAttributes(outcomeAttributes(outcome));
      if (outcome.state === 'failed') span.setStatus({ code: ERROR, message: outcome.error.message });
      if (outcome.state === 'done') {
        if (content) span.setAttribute('gen_ai.output.messages', outputMessages(answer ?? '', outcome.finishReason));
        for (const [type, count] of [
          ['input', outcome.usage?.inputTokens],
          ['output', outcome.usage?.outputTokens],
        ] as const) {
          if (count !== undefined) tokens.record(count, { ...common, 'gen_ai.token.type': type });
        }
      }
      duration.record(outcome.time / 1000, {
        ...common,
        ...(outcome.state === 'failed' && { 'error.type': outcome.error.kind }),
      });
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

function outcomeAttributes(outcome: CallOutcome): Attributes {
  if (outcome.state === 'cancelled') return { 'inkling.cancelled': true };
  if (outcome.state === 'failed') return { 'error.type': outcome.error.kind };
  const { finishReason, model, usage } = outcome;
  return {
    ...(finishReason !== undefined && { 'gen_ai.response.finish_reasons': [finishReason] }),
    ...(model !== undefined && { 'gen_ai.response.model': model }),
    ...(usage !== undefined && {
      'gen_ai.usage.input_tokens': usage.inputTokens,
      'gen_ai.usage.output_tokens': usage.outputTokens,
    }),
  };
}
