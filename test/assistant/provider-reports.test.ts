/** What is said of providers without asking anybody, and after a look at what runs on this machine. */
import { beforeEach, expect, test } from 'vitest';
import { createProviderReports } from '../../src/assistant/provider-reports.ts';
import { unsupported } from '../../src/assistant/unsupported.ts';
import type { AiProvider, ProviderHealth } from '../../src/domain/ai-provider.ts';
import type { ProviderEntry } from '../../src/domain/provider-entry.ts';
import { createMetrics } from '../../src/observability/metrics.ts';
import type { ProviderRegistry } from '../../src/providers/registry.ts';
import { scriptedProvider, textOf } from '../support/scripted-provider.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

interface Known {
  readonly entry: ProviderEntry;
  readonly last?: ProviderHealth;
  /** What it says when it is asked. */
  readonly asked?: ProviderHealth | Error;
}

const ready = { state: 'ready' } as const;
const keyless = { state: 'unconfigured', message: 'No key.' } as const;
const gone = { state: 'unreachable', message: 'Nobody there.' } as const;

let asked: string[] = [];
beforeEach(() => {
  asked = [];
});

function setUp(...all: readonly Known[]) {
  const providers = new Map<string, AiProvider>(
    all.map(({ entry: { id }, last = ready, asked: said = last }) => [
      id,
      {
        ...scriptedProvider({ name: id, answer: ['yes'] }),
        lastHealth: () => last,
        checkHealth() {
          asked.push(id);
          return said instanceof Error ? Promise.reject(said) : Promise.resolve(said);
        },
      },
    ]),
  );
  const registry = {
    list: () => all.map(({ entry }) => entry),
    get: async (id: string) => providers.get(id),
  } as unknown as ProviderRegistry;
  const metrics = createMetrics(createVirtualClock());
  const reports = createProviderReports({ registry, metrics, recentHealth: () => undefined });
  const advice = async () => (await unsupported('engine', 'chat', registry, reports.isAssumed)).message;
  return { reports, metrics, advice, provider: (id: string) => providers.get(id) as AiProvider };
}

const { signal } = new AbortController();
const ollama = { id: 'ollama', kind: 'ollama', baseUrl: 'http://127.0.0.1:11434' };
const llamaCpp = { id: 'llama-cpp', kind: 'llama-cpp' };
const openai = { id: 'openai', kind: 'openai', baseUrl: 'https://api.openai.com/v1' };

const statesOf = (all: readonly { readonly id: string; readonly health: ProviderHealth }[]) =>
  Object.fromEntries(all.map(({ id, health }) => [id, health.state]));

test('listing asks nobody; discovering asks the servers of this machine and nobody else', async () => {
  const remote = { ...ollama, id: 'far', baseUrl: 'http://models.example:11434' };
  const { reports } = setUp(
    { entry: ollama, asked: gone },
    { entry: llamaCpp, asked: ready },
    { entry: openai, asked: gone },
    { entry: remote, asked: gone },
  );
  expect(statesOf(await reports.list())).toEqual({
    ollama: 'ready',
    'llama-cpp': 'ready',
    openai: 'ready',
    far: 'ready',
  });
  expect(asked).toEqual([]);
  expect(statesOf(await reports.discover(signal))).toMatchObject({
    ollama: 'unreachable',
    openai: 'ready',
    far: 'ready',
  });
  expect(asked.sort()).toEqual(['llama-cpp', 'ollama']);
});

test('a look that fails is an unreachable server, and one nobody waits for rejects', async () => {
  const { reports } = setUp({ entry: ollama, asked: new Error('Refused.') });
  expect(await reports.discover(signal)).toMatchObject([{ health: { state: 'unreachable', message: 'Refused.' } }]);
  await expect(reports.discover(AbortSignal.abort())).rejects.toThrow();
});

test('a provider with a key is named before a server that was never heard of', async () => {
  expect(await setUp({ entry: ollama }, { entry: openai }).advice()).toBe(
    '"engine" cannot chat. "openai" can. Name it as "chat.provider".',
  );
});

test('with no key anywhere the variable for one is named', async () => {
  const { advice } = setUp({ entry: ollama }, { entry: llamaCpp, last: gone }, { entry: openai, last: keyless });
  expect(await advice()).toContain('"openai" can, with a key in OPENAI_API_KEY.');
  const named = setUp({ entry: { ...openai, apiKey: { env: 'TEAM_KEY' } }, last: keyless });
  expect(await named.advice()).toContain('with a key in TEAM_KEY.');
});

test('a server of this machine is named once it answered: a look, or a question', async () => {
  const looked = setUp({ entry: ollama }, { entry: openai, last: keyless });
  await looked.reports.discover(signal);
  expect(await looked.advice()).toContain('"ollama" can. Name it');
  const asking = setUp({ entry: ollama }, { entry: openai, last: keyless });
  const request = { messages: [{ role: 'user' as const, content: 'Why?' }] };
  await textOf(asking.metrics.measure(asking.provider('ollama')).streamChat(request, signal));
  expect(await asking.advice()).toContain('"ollama" can. Name it');
});

test('where nothing else can, a server is named with what it takes', async () => {
  expect(await setUp({ entry: ollama }).advice()).toContain('"ollama" can, once it answers.');
  expect(await setUp().advice()).toContain('Configure one that can');
});
