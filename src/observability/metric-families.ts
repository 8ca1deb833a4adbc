/** Which figures of this process are told as metrics, by which names; apart from how they are written down. */
import type { ProviderStats } from './metrics.ts';

/** What is told of the process; `inkling/stats` has the same. Times are milliseconds. */
export interface ProcessStats {
  readonly providers: Readonly<Record<string, MeasuredProvider>>;
  readonly suggestions: {
    readonly offered: number;
    readonly shown: number;
    readonly accepted: number;
    readonly acceptedCharacters: number;
    readonly kept: { readonly after30Seconds: number; readonly after2Minutes: number };
  };
  readonly cache: {
    readonly hits: number;
    readonly misses: number;
    readonly joined: number;
    readonly entries: number;
    readonly bytes: number;
    readonly evictions: number;
    readonly expired: number;
    readonly hitLatency: Latency;
    readonly shared: {
      readonly state: 'up' | 'down';
      readonly hits: number;
      readonly rejected: number;
      readonly failures: number;
    } | null;
  };
}

type MeasuredProvider = ProviderStats & { readonly retries: number; readonly breaker: string };
type Latency = ProviderStats['total'];
type Labels = Readonly<Record<string, string>>;

export interface Sample {
  /** Behind the family's name, for example `_total`. */
  readonly suffix: string;
  readonly labels: Labels;
  readonly value: number;
}

export interface Family {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'stateset' | 'summary';
  readonly help: string;
  /** By the specification, the end of the name too. */
  readonly unit?: 'seconds' | 'bytes';
  readonly samples: readonly Sample[];
}

export function familiesOf(stats: ProcessStats): readonly Family[] {
  return [...providerFamilies(stats.providers), ...suggestionFamilies(stats), ...cacheFamilies(stats)];
}

function providerFamilies(providers: ProcessStats['providers']): readonly Family[] {
  const each = (samples: (stats: MeasuredProvider) => readonly Sample[]) =>
    Object.entries(providers).flatMap(([provider, stats]) =>
      samples(stats).map((sample) => ({ ...sample, labels: { provider, ...sample.labels } })),
    );
  const counter = (name: string, help: string, samples: (stats: MeasuredProvider) => readonly Sample[]): Family => ({
    name: `inkling_provider_${name}`,
    type: 'counter',
    help,
    samples: each(samples),
  });
  const summary = (name: string, help: string, read: (stats: MeasuredProvider) => Latency): Family => ({
    name: `inkling_provider_${name}_seconds`,
    type: 'summary',
    help,
    unit: 'seconds',
    samples: each((stats) => quantiles(read(stats))),
  });
  return [
    counter('requests', 'Completions and chats a provider was asked for.', ({ requests }) => [total(requests)]),
    counter('errors', 'Requests that failed, by kind of error.', ({ errors }) =>
      Object.entries(errors).map(([kind, value]) => total(value, { kind })),
    ),
    counter('retries', 'Calls that were tried again.', ({ retries }) => [total(retries)]),
    counter('cancellations', 'Requests nobody waited for any more.', ({ cancellations }) => [total(cancellations)]),
    counter('tokens', 'Tokens as the provider counted them.', ({ inputTokens, outputTokens }) => [
      total(inputTokens, { direction: 'input' }),
      total(outputTokens, { direction: 'output' }),
    ]),
    {
      name: 'inkling_provider_breaker',
      type: 'stateset',
      help: 'Whether the provider is asked: closed it is, open not for a while, locked not before its settings change.',
      samples: each(({ breaker }) => states('inkling_provider_breaker', breaker, BREAKER_STATES)),
    },
    summary('first_token', 'From a request to the first part of its answer.', ({ firstToken }) => firstToken),
    summary('duration', 'From a request to the end of its answer.', (stats) => stats.total),
  ];
}

const BREAKER_STATES = ['closed', 'open', 'halfOpen', 'locked'];

function suggestionFamilies({ suggestions }: ProcessStats): readonly Family[] {
  const counter = counterOf('inkling_suggestions');
  return [
    counter('offered', 'Suggestions given to the editor.', suggestions.offered),
    counter('shown', 'Suggestions the editor says it showed; not every editor does.', suggestions.shown),
    counter('accepted', 'Suggestions that were accepted.', suggestions.accepted),
    counter('accepted_characters', 'UTF-16 code units of accepted suggestions.', suggestions.acceptedCharacters),
    {
      name: 'inkling_suggestions_kept',
      type: 'counter',
      help: 'Accepted suggestions that were still there, mostly unchanged, so long after.',
      samples: [
        total(suggestions.kept.after30Seconds, { after: '30s' }),
        total(suggestions.kept.after2Minutes, { after: '2m' }),
      ],
    },
  ];
}

function cacheFamilies({ cache }: ProcessStats): readonly Family[] {
  const counter = counterOf('inkling_cache');
  return [
    counter('hits', 'Calls that were answered without asking a provider.', cache.hits),
    counter('misses', 'Calls the cache had no answer for.', cache.misses),
    counter('joined', 'Calls that found an identical one under way.', cache.joined),
    counter('evictions', 'Answers left out to make room.', cache.evictions),
    counter('expired', 'Answers found too old.', cache.expired),
    { name: 'inkling_cache_entries', type: 'gauge', help: 'Answers kept in memory.', samples: [now(cache.entries)] },
    {
      name: 'inkling_cache_size_bytes',
      type: 'gauge',
      help: 'Memory the kept answers take.',
      unit: 'bytes',
      samples: [now(cache.bytes)],
    },
    {
      name: 'inkling_cache_hit_seconds',
      type: 'summary',
      help: 'How long a hit takes.',
      unit: 'seconds',
      samples: quantiles(cache.hitLatency),
    },
    ...sharedCacheFamilies(cache.shared),
  ];
}

function sharedCacheFamilies(shared: ProcessStats['cache']['shared']): readonly Family[] {
  if (shared === null) return [];
  const counter = counterOf('inkling_cache_shared');
  return [
    {
      name: 'inkling_cache_shared',
      type: 'stateset',
      help: "Whether the team's cache can be reached.",
      samples: states('inkling_cache_shared', shared.state, ['up', 'down']),
    },
    counter('hits', "Hits of the team's cache.", shared.hits),
    counter('rejected', 'Entries nobody of the team had written, or that were damaged.', shared.rejected),
    counter('failures', 'Commands that failed or took too long.', shared.failures),
  ];
}

function counterOf(prefix: string): (name: string, help: string, value: number) => Family {
  return (name, help, value) => ({ name: `${prefix}_${name}`, type: 'counter', help, samples: [total(value)] });
}

function total(value: number, labels: Labels = {}): Sample {
  return { suffix: '_total', labels, value };
}

function now(value: number): Sample {
  return { suffix: '', labels: {}, value };
}

/** By the specification, the label is named after the family. */
function states(family: string, current: string, all: readonly string[]): readonly Sample[] {
  return all.map((state) => ({ suffix: '', labels: { [family]: state }, value: state === current ? 1 : 0 }));
}

function quantiles({ p50, p95 }: Latency): readonly Sample[] {
  const sample = (quantile: string, milliseconds: number | null): readonly Sample[] =>
    milliseconds === null ? [] : [{ suffix: '', labels: { quantile }, value: milliseconds / 1_000 }];
  return [...sample('0.5', p50), ...sample('0.95', p95)];
}
