import { expect, test } from 'vitest';
import { AiError } from '../../src/domain/ai-error.ts';
import { chatRequest } from '../../src/domain/chat.ts';
import { createMetrics } from '../../src/observability/metrics.ts';
import { hang, scriptedProvider, textOf } from '../support/scripted-provider.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const request = chatRequest([{ role: 'user', content: 'Why?' }]);
const { signal } = new AbortController();

test('counts requests, tokens, failures by kind and cancels, and nothing twice', async () => {
  const clock = createVirtualClock();
  const metrics = createMetrics(clock);
  await textOf(metrics.measure(scriptedProvider({ answer: ['yes'] })).streamChat(request, signal));
  const broken = metrics.measure(scriptedProvider({ answer: [new AiError('quota', 'scripted', 'Pay.')] }));
  await expect(broken.chat(request, signal)).rejects.toThrow('Pay.');
  const controller = new AbortController();
  const slow = metrics.measure(scriptedProvider({ answer: [hang] })).chat(request, controller.signal);
  controller.abort();
  await expect(slow).rejects.toThrow();
  for await (const _chunk of metrics.measure(scriptedProvider({ answer: ['a', 'b'] })).streamChat(request, signal))
    break;
  expect(metrics.snapshot()).toEqual({
    scripted: {
      requests: 4,
      cancellations: 1,
      errors: { quota: 1 },
      inputTokens: 5,
      outputTokens: 2,
      firstToken: { p50: 0.01, p95: 0.01 },
      total: { p50: 0.01, p95: 0.01 },
    },
  });
});
