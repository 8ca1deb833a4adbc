/** The SDK is loaded when the provider is made ready or first asked, and once. */
import { expect, test, vi } from 'vitest';
import { chatRequest } from '../../../src/domain/chat.ts';
import { anthropicText } from '../../support/fake-anthropic-wire.ts';
import { startAnthropic } from './setup.ts';

const loads = vi.hoisted(() => ({ sdk: 0 }));
vi.mock('@anthropic-ai/sdk', async (original) => {
  loads.sdk++;
  return await original();
});

test('making a provider loads nothing, nor does one without a key; making it ready does', async () => {
  const { signal } = new AbortController();
  const keyless = await startAnthropic(undefined, {}, null);
  await keyless.provider.initialize?.(signal);
  const { provider } = await startAnthropic(anthropicText('x'));
  expect(loads.sdk).toBe(0);
  await provider.initialize?.(signal);
  expect(loads.sdk).toBe(1);
  await provider.chat(chatRequest([{ role: 'user', content: 'Why?' }]), signal);
  expect(loads.sdk).toBe(1);
});
