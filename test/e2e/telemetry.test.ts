/** The built server under a team's own OpenTelemetry set-up: spans of its calls, and no word of what they were about. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import { streamText } from '../support/fake-responders.ts';
import { startRemote } from './setup.ts';

const collector = fileURLToPath(new URL('../fixtures/telemetry/collector.cjs', import.meta.url));

test('a chat is a span where the settings want it, without its text', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'inkling-spans-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'spans');
  writeFileSync(file, '');
  const { server } = await startRemote({
    environment: { NODE_OPTIONS: `--require ${collector}`, SPANS_FILE: file },
    fake: { respond: streamText('secret answer') },
  });
  const ask = () =>
    server.request('inkling/chat', { messages: [{ role: 'user', content: 'secret question' }] }).response;
  await ask();
  server.notify('workspace/didChangeConfiguration', {
    settings: { inkling: { middleware: [{ kind: 'openTelemetry' }], cache: { enabled: false } } },
  });
  await ask();
  // Whoever shares a call has its answer before the call is closed.
  const spans = await vi.waitFor(() => {
    const told = readFileSync(file, 'utf8').trim();
    expect(told).not.toBe('');
    return told;
  });
  expect(spans).not.toContain('secret');
  expect(spans.split('\n').map((line) => JSON.parse(line))).toMatchObject([
    {
      name: 'chat fake-coder',
      attributes: { 'gen_ai.provider.name': 'openai-compatible', 'inkling.provider': 'fake' },
    },
  ]);
});
