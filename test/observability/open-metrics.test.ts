/** What a scraper reads, to the letter, and that the command line reads the same back. */
import { request } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import type { ProcessStats } from '../../src/observability/metric-families.ts';
import { serveMetrics } from '../../src/observability/metrics-server.ts';
import { openMetricsText } from '../../src/observability/open-metrics.ts';
import { parseOpenMetrics } from '../../src/observability/parse-open-metrics.ts';

const provider = {
  requests: 12,
  cancellations: 3,
  errors: { quota: 2, network: 1 },
  inputTokens: 900,
  outputTokens: 80,
  firstToken: { p50: 210, p95: 640 },
  total: { p50: null, p95: null },
  retries: 4,
  breaker: 'open',
};

const stats: ProcessStats = {
  providers: { 'my-vllm': provider },
  suggestions: {
    offered: 9,
    shown: 5,
    accepted: 2,
    acceptedCharacters: 61,
    kept: { after30Seconds: 2, after2Minutes: 1 },
  },
  cache: {
    hits: 7,
    misses: 5,
    joined: 1,
    entries: 4,
    bytes: 2048,
    evictions: 0,
    expired: 3,
    hitLatency: { p50: 0.5, p95: 2 },
    shared: { state: 'up', hits: 2, rejected: 0, failures: 1 },
  },
};

test('every figure is a sample of a family that is named before it', () => {
  expect(
    openMetricsText(stats)
      .split('\n')
      .filter((line) => !line.startsWith('# HELP')),
  ).toEqual([
    '# TYPE inkling_provider_requests counter',
    'inkling_provider_requests_total{provider="my-vllm"} 12',
    '# TYPE inkling_provider_errors counter',
    'inkling_provider_errors_total{provider="my-vllm",kind="quota"} 2',
    'inkling_provider_errors_total{provider="my-vllm",kind="network"} 1',
    '# TYPE inkling_provider_retries counter',
    'inkling_provider_retries_total{provider="my-vllm"} 4',
    '# TYPE inkling_provider_cancellations counter',
    'inkling_provider_cancellations_total{provider="my-vllm"} 3',
    '# TYPE inkling_provider_tokens counter',
    'inkling_provider_tokens_total{provider="my-vllm",direction="input"} 900',
    'inkling_provider_tokens_total{provider="my-vllm",direction="output"} 80',
    '# TYPE inkling_provider_breaker stateset',
    'inkling_provider_breaker{provider="my-vllm",inkling_provider_breaker="closed"} 0',
    'inkling_provider_breaker{provider="my-vllm",inkling_provider_breaker="open"} 1',
    'inkling_provider_breaker{provider="my-vllm",inkling_provider_breaker="halfOpen"} 0',
    'inkling_provider_breaker{provider="my-vllm",inkling_provider_breaker="locked"} 0',
    '# TYPE inkling_provider_first_token_seconds summary',
    '# UNIT inkling_provider_first_token_seconds seconds',
    'inkling_provider_first_token_seconds{provider="my-vllm",quantile="0.5"} 0.21',
    'inkling_provider_first_token_seconds{provider="my-vllm",quantile="0.95"} 0.64',
    '# TYPE inkling_provider_duration_seconds summary',
    '# UNIT inkling_provider_duration_seconds seconds',
    '# TYPE inkling_suggestions_offered counter',
    'inkling_suggestions_offered_total 9',
    '# TYPE inkling_suggestions_shown counter',
    'inkling_suggestions_shown_total 5',
    '# TYPE inkling_suggestions_accepted counter',
    'inkling_suggestions_accepted_total 2',
    '# TYPE inkling_suggestions_accepted_characters counter',
    'inkling_suggestions_accepted_characters_total 61',
    '# TYPE inkling_suggestions_kept counter',
    'inkling_suggestions_kept_total{after="30s"} 2',
    'inkling_suggestions_kept_total{after="2m"} 1',
    '# TYPE inkling_cache_hits counter',
    'inkling_cache_hits_total 7',
    '# TYPE inkling_cache_misses counter',
    'inkling_cache_misses_total 5',
    '# TYPE inkling_cache_joined counter',
    'inkling_cache_joined_total 1',
    '# TYPE inkling_cache_evictions counter',
    'inkling_cache_evictions_total 0',
    '# TYPE inkling_cache_expired counter',
    'inkling_cache_expired_total 3',
    '# TYPE inkling_cache_entries gauge',
    'inkling_cache_entries 4',
    '# TYPE inkling_cache_size_bytes gauge',
    '# UNIT inkling_cache_size_bytes bytes',
    'inkling_cache_size_bytes 2048',
    '# TYPE inkling_cache_hit_seconds summary',
    '# UNIT inkling_cache_hit_seconds seconds',
    'inkling_cache_hit_seconds{quantile="0.5"} 0.0005',
    'inkling_cache_hit_seconds{quantile="0.95"} 0.002',
    '# TYPE inkling_cache_shared stateset',
    'inkling_cache_shared{inkling_cache_shared="up"} 1',
    'inkling_cache_shared{inkling_cache_shared="down"} 0',
    '# TYPE inkling_cache_shared_hits counter',
    'inkling_cache_shared_hits_total 2',
    '# TYPE inkling_cache_shared_rejected counter',
    'inkling_cache_shared_rejected_total 0',
    '# TYPE inkling_cache_shared_failures counter',
    'inkling_cache_shared_failures_total 1',
    '# EOF',
    '',
  ]);
});

test('without a shared cache nothing is said of one', () => {
  expect(openMetricsText({ ...stats, cache: { ...stats.cache, shared: null } })).not.toContain('shared');
});

test('what is written can be read, whatever a name holds', () => {
  const name = 'a"b\\n{c}\n';
  const samples = parseOpenMetrics(openMetricsText({ ...stats, providers: { [name]: provider } }));
  expect(samples).toContainEqual({ name: 'inkling_provider_requests_total', labels: { provider: name }, value: 12 });
  expect(parseOpenMetrics('inkling_provider_requests_total 1\n')).toBeUndefined();
  expect(parseOpenMetrics('<html>\n# EOF\n')).toBeUndefined();
});

interface Answer {
  readonly status: number | undefined;
  readonly text: string;
}

function ask(port: number, path: string, options: { method?: string; headers?: Record<string, string> } = {}) {
  return new Promise<Answer>((resolve, reject) => {
    const asking = request({ host: '127.0.0.1', port, path, agent: false, ...options }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      response.on('end', () => resolve({ status: response.statusCode, text }));
    });
    asking.on('error', reject).end();
  });
}

test('only a GET of /metrics by a name of this machine is answered', async () => {
  const server = await serveMetrics(0, () => stats);
  onTestFinished(() => server.close());
  expect(await ask(server.port, '/metrics')).toEqual({ status: 200, text: openMetricsText(stats) });
  expect((await ask(server.port, '/')).status).toBe(404);
  expect((await ask(server.port, '/metrics', { method: 'POST' })).status).toBe(405);
  const foreign = await ask(server.port, '/metrics', { headers: { host: 'attacker.example' } });
  expect(foreign.status).toBe(403);
  expect(foreign.text).not.toContain('my-vllm');
});

test('a port that is taken is refused, and is free again when the server has closed', async () => {
  const first = await serveMetrics(0, () => stats);
  await expect(serveMetrics(first.port, () => stats)).rejects.toThrow('EADDRINUSE');
  await first.close();
  const second = await serveMetrics(first.port, () => stats);
  await second.close();
});
