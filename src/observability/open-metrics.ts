/** The figures of this process as OpenMetrics 1.0 text, which Prometheus and its relatives read. Apart from how they are served. */
import type { ProviderStats } from './metrics.ts';

/** What is told of the process; `inkling/stats` has the same. */
export interface ProcessStats {
  readonly providers: Readonly<Record<string, MeasuredProvider>>;
  readonly suggestions: {
    readonly offered: number;
    readonly shown: number;
    readonly accepted: number;
    readonly acceptedCharacters: number;
  };
}

type MeasuredProvider = ProviderStats & { readonly retries: number; readonly breaker: string };

interface Sample {
  /** Behind the family's name, for example `_total`. */
  readonly suffix: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

interface Family {
  readonly name: string;
  readonly type: 'counter' | 'stateset' | 'summary';
  readonly help: string;
  /** By the specification, the end of the name too. */
  readonly unit?: 'seconds';
  readonly samples: readonly Sample[];
}

/** The media type that goes with the text. */
export const openMetricsType = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

const breakerStates = ['closed', 'open', 'halfOpen', 'locked'];

/** Ends with `# EOF`, as the specification wants it. Times are seconds. */
export function openMetricsText(stats: ProcessStats): string {
  return `${familiesOf(stats).map(familyText).join('')}# EOF\n`;
}

function familiesOf({ providers, suggestions }: ProcessStats): readonly Family[] {
  const all = Object.entries(providers);
  const each = (samples: (stats: MeasuredProvider) => readonly Sample[]) =>
    all.flatMap(([provider, stats]) =>
      samples(stats).map((sample) => ({ ...sample, labels: { provider, ...sample.labels } })),
    );
  const perProvider = (name: string, help: string, value: (stats: MeasuredProvider) => number): Family => ({
    name: `inkling_provider_${name}`,
    type: 'counter',
    help,
    samples: each((stats) => [count(value(stats))]),
  });
  const ofSuggestions = (name: string, help: string, value: number): Family => ({
    name: `inkling_suggestions_${name}`,
    type: 'counter',
    help,
    samples: [count(value)],
  });
  return [
    perProvider('requests', 'Completions and chats a provider was asked for.', ({ requests }) => requests),
    {
      name: 'inkling_provider_errors',
      type: 'counter',
      help: 'Requests that failed, by kind of error.',
      samples: each(({ errors }) => Object.entries(errors).map(([kind, value]) => count(value, { kind }))),
    },
    perProvider('retries', 'Calls that were tried again.', ({ retries }) => retries),
    perProvider('cancellations', 'Requests that nobody waited for any more.', ({ cancellations }) => cancellations),
    {
      name: 'inkling_provider_tokens',
      type: 'counter',
      help: 'Tokens as the provider counted them.',
      samples: each(({ inputTokens, outputTokens }) => [
        count(inputTokens, { direction: 'input' }),
        count(outputTokens, { direction: 'output' }),
      ]),
    },
    {
      name: 'inkling_provider_breaker',
      type: 'stateset',
      help: 'Whether the provider is asked: closed it is, open not for a while, locked not before its settings change.',
      samples: each(({ breaker }) =>
        breakerStates.map((state) => ({
          suffix: '',
          labels: { inkling_provider_breaker: state },
          value: state === breaker ? 1 : 0,
        })),
      ),
    },
    latency('first_token', 'From a request to the first part of its answer.', each, ({ firstToken }) => firstToken),
    latency('duration', 'From a request to the end of its answer.', each, ({ total }) => total),
    ofSuggestions('offered', 'Suggestions given to the editor.', suggestions.offered),
    ofSuggestions('shown', 'Suggestions the editor says it showed; not every editor does.', suggestions.shown),
    ofSuggestions('accepted', 'Suggestions that were accepted.', suggestions.accepted),
    ofSuggestions('accepted_characters', 'UTF-16 code units of accepted suggestions.', suggestions.acceptedCharacters),
  ];
}

function latency(
  name: string,
  help: string,
  each: (samples: (stats: MeasuredProvider) => readonly Sample[]) => readonly Sample[],
  read: (stats: MeasuredProvider) => ProviderStats['total'],
): Family {
  const quantile = (share: string, milliseconds: number | null): readonly Sample[] =>
    milliseconds === null ? [] : [{ suffix: '', labels: { quantile: share }, value: milliseconds / 1_000 }];
  return {
    name: `inkling_provider_${name}_seconds`,
    type: 'summary',
    help,
    unit: 'seconds',
    samples: each((stats) => [...quantile('0.5', read(stats).p50), ...quantile('0.95', read(stats).p95)]),
  };
}

function count(value: number, labels: Sample['labels'] = {}): Sample {
  return { suffix: '_total', labels, value };
}

function familyText({ name, type, help, unit, samples }: Family): string {
  const head = [`# TYPE ${name} ${type}`, ...(unit === undefined ? [] : [`# UNIT ${name} ${unit}`])];
  const lines = samples.map(({ suffix, labels, value }) => `${name}${suffix}${labelText(labels)} ${value}`);
  return `${[...head, `# HELP ${name} ${help}`, ...lines].join('\n')}\n`;
}

function labelText(labels: Sample['labels']): string {
  const parts = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return parts.length === 0 ? '' : `{${parts.join(',')}}`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
