/** The page about providers shows nothing that does not work: every configuration is valid, and the module answers. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'jsonc-parser';
import { expect, onTestFinished, test } from 'vitest';
import { describeIssue } from '../../src/config/issue.ts';
import { createSettingsStore } from '../../src/config/store.ts';
import { chatRequest } from '../../src/domain/chat.ts';
import { completionRequest } from '../../src/domain/completion.ts';
import { createHttpTransport } from '../../src/providers/http/transport.ts';
import { createModuleProvider } from '../../src/providers/module/module-provider.ts';
import { failure } from '../contract/ai-provider.ts';
import { contextAt } from '../support/code-context.ts';
import { codeBlocks } from '../support/documentation.ts';
import { startFakeProvider } from '../support/fake-provider.ts';
import { errorStatus } from '../support/fake-responders.ts';
import { providerDependencies } from '../support/provider-dependencies.ts';

const never = new AbortController().signal;
const configurations = codeBlocks('providers.md', 'jsonc').map((text): [string, string] => [
  text.replace(/\s+/g, ' ').slice(0, 80),
  text,
]);

test('there are configurations to test', () => {
  expect(configurations.length).toBeGreaterThan(15);
});

test.each(configurations)('%s', (_, text) => {
  const errors: object[] = [];
  const raw: unknown = parse(text, errors as never[]);
  expect(errors).toEqual([]);
  expect(createSettingsStore().setLayer('user', raw).issues.map(describeIssue)).toEqual([]);
});

test('the module is complete in forty lines, completes, chats and reports its errors', async () => {
  const [source = '', ...others] = codeBlocks('providers.md', 'js');
  expect(others).toEqual([]);
  expect(source.trimEnd().split('\n').length).toBeLessThanOrEqual(40);
  const folder = mkdtempSync(join(tmpdir(), 'inkling-docs-'));
  const module = join(folder, 'provider.mjs');
  writeFileSync(module, source);
  const fake = await startFakeProvider({
    async respond(exchange) {
      await exchange.write('a + ');
      await exchange.write('b');
      await exchange.close();
    },
  });
  const transport = createHttpTransport({ environment: () => undefined });
  onTestFinished(async () => {
    await transport.dispose();
    await fake.close();
    rmSync(folder, { recursive: true });
  });
  const entry = { id: 'mine', kind: 'module', module, baseUrl: fake.origin, model: 'house-model', maxTokens: 9 };
  const provider = await createModuleProvider(entry, { ...providerDependencies('key-1'), transport });

  const completion = completionRequest({ context: contextAt('return █;') });
  expect(await provider.completeCode(completion, never)).toEqual({
    candidates: [{ text: 'a + b' }],
    model: 'house-model',
    finishReason: 'stop',
  });
  const question = chatRequest([{ role: 'user', content: 'Why?' }]);
  expect((await provider.chat(question, never)).message.content).toBe('a + b');
  expect(fake.requests.map(({ path, body }) => ({ path, ...body }))).toEqual([
    { path: '/generate', model: 'house-model', prompt: 'return <FILL>;', maxTokens: 256 },
    { path: '/generate', model: 'house-model', prompt: 'user: Why?', maxTokens: 9 },
  ]);
  expect(fake.requests[0]?.headers.authorization).toBe('Bearer key-1');
  fake.respond(errorStatus(429));
  expect(await failure(provider.chat(question, never))).toMatchObject({ kind: 'rateLimited', status: 429 });
});
