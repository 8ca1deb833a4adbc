/** The page about middleware shows a configuration that is valid and a line that the log writes so. */
import { parse } from 'jsonc-parser';
import { expect, test } from 'vitest';
import { createSettingsStore } from '../../src/config/store.ts';
import { createLog } from '../../src/observability/log.ts';
import { createCallLog } from '../../src/observability/middleware/log-calls.ts';
import { codeBlocks } from '../support/documentation.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

test('the configuration is valid, as the user’s own', () => {
  const [text = '', ...others] = codeBlocks('middleware.md', 'jsonc');
  expect(others).toEqual([]);
  const { issues, settings } = createSettingsStore().setLayer('user', parse(text));
  expect(issues).toEqual([]);
  expect(settings.middleware.map(({ kind }) => kind)).toEqual(['log', 'openTelemetry', 'module']);
});

test('the line of the log', () => {
  const [shown = ''] = codeBlocks('middleware.md', 'text');
  const log = createLog(createVirtualClock());
  const call = { id: 1, provider: 'openai', kind: 'openai', model: 'gpt-6-luna', startedAt: 0 };
  const record = createCallLog(log).begin(
    { ...call, feature: 'completion', trigger: 'automatic' },
    { feature: 'other', operation: 'listModels' },
  );
  const usage = { inputTokens: 812, outputTokens: 24 };
  record?.ended({ state: 'done', time: 412, timeToFirstPart: 229.6, finishReason: 'stop', usage }, undefined);
  expect(log.recent().map(({ line }) => line.replace(/^\S+ info {2}/, ''))).toEqual([shown.trim()]);
});
