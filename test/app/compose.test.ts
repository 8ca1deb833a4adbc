/** What is remembered of a provider, and what is done for it in the background, ends with its settings entry. */
import { expect, test } from 'vitest';
import { createComposer } from '../../src/app/compose.ts';
import { createSettingsStore } from '../../src/config/store.ts';
import { AiError } from '../../src/domain/ai-error.ts';
import type { ProviderHealth } from '../../src/domain/ai-provider.ts';
import { completionRequest } from '../../src/domain/completion.ts';
import type { ProviderDependencies, ProviderEntry } from '../../src/domain/provider-entry.ts';
import { createMetrics } from '../../src/observability/metrics.ts';
import { createMiddleware } from '../../src/observability/middleware/middleware.ts';
import { createStatusTracker } from '../../src/observability/status.ts';
import { createProviderRegistry } from '../../src/providers/registry.ts';
import { contextAt } from '../support/code-context.ts';
import { scriptedProvider } from '../support/scripted-provider.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const automatic = completionRequest({ context: contextAt('a█'), trigger: 'automatic' });
const entry: ProviderEntry = { id: 'mine', kind: 'scripted' };
const log = { error() {}, warn() {}, info() {}, debug() {} };

/** A provider that just failed for good, and is looked for from now on. */
async function inTrouble() {
  const clock = createVirtualClock();
  let looks = 0;
  const registry = createProviderRegistry({ log, dependenciesFor: () => ({}) as ProviderDependencies });
  registry.registerKind('scripted', async () => ({
    ...scriptedProvider({ name: 'mine', answer: [new AiError('server', 'mine', 'No.')] }),
    async checkHealth(): Promise<ProviderHealth> {
      looks += 1;
      return { state: 'unreachable' };
    },
  }));
  registry.register(entry);
  const composer = createComposer({
    registry,
    metrics: createMetrics(clock),
    status: createStatusTracker(clock),
    middleware: createMiddleware({ version: '0', threadFile: '', clock, log }),
    clock,
    log,
    fleet: () => undefined,
  });
  const now = { ...createSettingsStore().settings(), providers: { mine: entry } };
  const provider = await composer.one('mine', now, false);
  for (let time = 0; time < 5; time += 1) {
    const failed = expect(provider.completeCode(automatic, new AbortController().signal)).rejects.toThrow('No.');
    await clock.advance(30_000);
    await failed;
  }
  expect(composer.guard('mine')?.breaker()).toBe('open');
  looks = 0;
  return { clock, registry, composer, now, looks: () => looks };
}

test('a provider in trouble is looked for', async () => {
  const { clock, looks } = await inTrouble();
  await clock.advance(80_000);
  expect(looks()).toBeGreaterThan(0);
});

test('one whose network alone changed is still looked for, and what is known of it stays', async () => {
  const { clock, registry, composer, looks } = await inTrouble();
  registry.replace({ ...entry });
  await clock.advance(80_000);
  expect(looks()).toBeGreaterThan(0);
  expect(composer.guard('mine')?.breaker()).toBe('open');
});

test.each<[string, (registry: Awaited<ReturnType<typeof inTrouble>>['registry']) => unknown]>([
  ['replaced by another', (registry) => registry.replace({ ...entry, model: 'other' })],
  ['removed', (registry) => registry.unregister('mine')],
  ['disposed with all others', (registry) => registry.dispose()],
])('one that was %s is not, and leaves no timer', async (_, end) => {
  const { clock, registry, composer, looks } = await inTrouble();
  await end(registry);
  expect(clock.pending).toBe(0);
  await clock.advance(80_000);
  expect(looks()).toBe(0);
  expect(composer.guard('mine')).toBeUndefined();
});

test('a list of yesterday that makes its fallback late leaves what is known of the provider of today', async () => {
  const { registry, composer, now } = await inTrouble();
  const today = { ...entry, model: 'other' };
  registry.replace(today);
  await composer.one('mine', { ...now, providers: { mine: today } }, false);
  const guard = composer.guard('mine');
  await composer.one('mine', now, false);
  expect(guard?.breaker()).toBe('closed');
  expect(composer.guard('mine')).toBe(guard);
});
