/** How the figures of a server look: one section for each provider, one for suggestions, one for the cache. */
import type { OpenMetricsSample } from '../observability/parse-open-metrics.ts';
import { clean, type Terminal } from './terminal.ts';

type Labels = Readonly<Record<string, string>>;
type Row = readonly [name: string, text: string];

export function statsTable(samples: readonly OpenMetricsSample[], terminal: Terminal): string {
  const ids = new Set(samples.map(({ labels }) => labels['provider']).filter((id) => id !== undefined));
  const providers = [...ids].map((id) => section(id, providerRows(samples, id), terminal));
  const own = [
    section('suggestions', suggestionRows(samples), terminal),
    section('cache', cacheRows(samples), terminal),
  ];
  return [...providers, ...own].join('\n');
}

function providerRows(samples: readonly OpenMetricsSample[], provider: string): readonly Row[] {
  const own = samples.filter(({ labels }) => labels['provider'] === provider);
  const count = (name: string, labels?: Labels) => figure(own, `provider_${name}_total`, labels) ?? 0;
  const time = (name: string, quantile: string) => milliseconds(figure(own, `provider_${name}_seconds`, { quantile }));
  const times = (name: string) => `${time(name, '0.5')} at p50, ${time(name, '0.95')} at p95`;
  const errors = own.flatMap(({ name, labels, value }) =>
    name === 'inkling_provider_errors_total' ? [`${labels['kind']} ${value}`] : [],
  );
  const breaker = own.find(({ name, value }) => name === 'inkling_provider_breaker' && value === 1);
  return [
    ['requests', `${count('requests')}, ${count('cancellations')} of them cancelled, ${count('retries')} tried again`],
    ['errors', errors.length === 0 ? 'none' : errors.join(', ')],
    ['breaker', breaker?.labels['inkling_provider_breaker'] ?? '–'],
    ['tokens', `${count('tokens', { direction: 'input' })} in, ${count('tokens', { direction: 'output' })} out`],
    ['first token', times('first_token')],
    ['whole answer', times('duration')],
  ];
}

function suggestionRows(samples: readonly OpenMetricsSample[]): readonly Row[] {
  const count = (name: string, labels?: Labels) => figure(samples, `suggestions_${name}_total`, labels) ?? 0;
  return [
    ['offered', `${count('offered')}, ${count('shown')} known to be shown`],
    ['accepted', `${count('accepted')}, ${count('accepted_characters')} characters`],
    ['kept', `${count('kept', { after: '30s' })} after 30 s, ${count('kept', { after: '2m' })} after 2 minutes`],
  ];
}

function cacheRows(samples: readonly OpenMetricsSample[]): readonly Row[] {
  const count = (name: string) => figure(samples, `cache_${name}_total`) ?? 0;
  const kilobytes = ((figure(samples, 'cache_size_bytes') ?? 0) / 1_024).toFixed(1);
  const state = samples.find(({ name, value }) => name === 'inkling_cache_shared' && value === 1);
  const shared: readonly Row[] =
    state === undefined
      ? []
      : [
          [
            'shared',
            `${state.labels['inkling_cache_shared']}, ${count('shared_hits')} hits, ${count('shared_failures')} failures`,
          ],
        ];
  return [
    ['answered', `${count('hits')} of ${count('hits') + count('misses')}, ${count('joined')} by a call under way`],
    ['kept', `${figure(samples, 'cache_entries') ?? 0} answers, ${kilobytes} KB`],
    ...shared,
  ];
}

function figure(samples: readonly OpenMetricsSample[], name: string, labels: Labels = {}): number | undefined {
  const wanted = Object.entries(labels);
  return samples.find(
    (sample) => sample.name === `inkling_${name}` && wanted.every(([label, text]) => sample.labels[label] === text),
  )?.value;
}

function section(title: string, rows: readonly Row[], terminal: Terminal): string {
  const lines = rows.map(([name, text]) => `  ${name.padEnd(14)}${clean(text)}\n`);
  return `${terminal.style('bold', clean(title))}\n${lines.join('')}`;
}

function milliseconds(seconds: number | undefined): string {
  if (seconds === undefined) return '–';
  const value = seconds * 1_000;
  return `${value >= 100 ? Math.round(value) : Number(value.toPrecision(2))} ms`;
}
