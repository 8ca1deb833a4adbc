/** Every way Anthropic's service fails, each to its kind, with what to do, and never with the key or the user's text. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { AiErrorKind } from '../../../src/domain/ai-error.ts';
import { chatRequest } from '../../../src/domain/chat.ts';
import { completionRequest } from '../../../src/domain/completion.ts';
import { failure } from '../../contract/ai-provider.ts';
import { contextAt } from '../../support/code-context.ts';
import {
  anthropicError,
  anthropicMalformed,
  anthropicStreamError,
  anthropicText,
  anthropicTruncated,
} from '../../support/fake-anthropic-wire.ts';
import { type FakeResponder, startFakeProvider } from '../../support/fake-provider.ts';
import { htmlPage, json } from '../../support/fake-responders.ts';
import { startAnthropic } from './setup.ts';

const never = new AbortController().signal;
const canary = 'the user wrote this';
const question = chatRequest([{ role: 'user', content: canary }]);

async function failureOf(respond: FakeResponder, entry = {}) {
  const { provider } = await startAnthropic(respond, entry);
  const error = await failure(provider.chat(question, never));
  expect(error.message).not.toContain(canary);
  expect(error.message).not.toContain('sk-ant');
  return error;
}

describe('an answer with an error', () => {
  const tooLong = `prompt is too long: 208310 tokens > 200000 maximum (${canary})`;
  test.each<[string, FakeResponder, AiErrorKind, RegExp]>([
    ['400', anthropicError(400, canary), 'invalidRequest', /refused the request. \(400 invalid_request_error\)/],
    ['400 that is too long', anthropicError(400, tooLong), 'contextLength', /Shorten it/],
    [
      '400 about a parameter',
      anthropicError(400, `messages: ${canary}`),
      'invalidRequest',
      /\(400 invalid_request_error messages\)/,
    ],
    ['400 about the credit', anthropicError(400, 'Your credit balance is too low'), 'quota', /billing page/],
    ['401', anthropicError(401), 'authentication', /Check ANTHROPIC_API_KEY\. \(401 authentication_error\)/],
    ['402', anthropicError(402), 'quota', /billing page/],
    ['403', anthropicError(403), 'permission', /may not use claude-haiku-5-5/],
    ['404', anthropicError(404), 'notFound', /no model claude-haiku-5-5, or baseUrl/],
    ['408', anthropicError(408), 'timeout', /too long/],
    ['409', anthropicError(409, canary, {}, 'conflict_error'), 'invalidRequest', /409 conflict_error/],
    ['413', anthropicError(413), 'contextLength', /Shorten it/],
    ['422', anthropicError(422, canary, {}, 'invalid_request_error'), 'invalidRequest', /422/],
    ['429', anthropicError(429), 'rateLimited', /Wait a moment/],
    ['500', anthropicError(500), 'server', /Try again/],
    ['503', anthropicError(503), 'overloaded', /Try again in a moment/],
    ['504', anthropicError(504), 'timeout', /too long/],
    ['529', anthropicError(529), 'overloaded', /Try again in a moment\. \(529 overloaded_error\)/],
    ['a page of a proxy', htmlPage(502), 'server', /502/],
    ['a login page', htmlPage(200), 'server', /not its API.*login page/],
  ])('%s', async (_, respond, kind, message) => {
    const error = await failureOf(respond);
    expect(error.kind).toBe(kind);
    expect(error.message).toMatch(message);
  });

  test('a login page is neither a list of models nor a count of tokens', async () => {
    const { fake, provider } = await startAnthropic(htmlPage(200));
    for (const asked of [provider.listModels?.(never), provider.countTokens?.('x', never)]) {
      expect((await failure(asked ?? Promise.resolve())).message).toMatch(/not its API.*login page/);
    }
    fake.respond(json({ hello: 1 }));
    expect(await failure(provider.countTokens?.('x', never) ?? Promise.resolve())).toMatchObject({ kind: 'server' });
  });

  test('keeps when to ask again and the id of the request, from the header or the body', async () => {
    const headers = { 'retry-after': '7', 'request-id': 'req_011CQ' };
    expect(await failureOf(anthropicError(429, '', headers))).toMatchObject({
      retryAfter: 7000,
      requestId: 'req_011CQ',
    });
    expect(await failureOf(anthropicError(529))).toMatchObject({ requestId: 'req_body', retryable: true });
  });

  test('names where the entry has its key from', async () => {
    const entry = { id: 'work', apiKey: { env: 'WORK_KEY' } };
    expect((await failureOf(anthropicError(401), entry)).message).toMatch(/^work .*Check WORK_KEY/);
  });
});

describe('no answer', () => {
  test('nobody listens', async () => {
    const { fake, provider } = await startAnthropic(undefined);
    await fake.close();
    const error = await failure(provider.chat(question, never));
    expect(error).toMatchObject({ kind: 'network', message: expect.stringMatching(/Nothing answers at 127\.0\.0\.1/) });
  });

  test('no such host', async () => {
    const { provider } = await startAnthropic(undefined, { baseUrl: 'http://anthropic.invalid' });
    const error = await failure(provider.chat(question, never));
    expect(error).toMatchObject({ kind: 'network', message: expect.stringMatching(/cannot be found/) });
  });

  test('a certificate nobody vouches for', async () => {
    const pem = (name: string) =>
      readFileSync(fileURLToPath(new URL(`../../fixtures/tls/localhost.${name}.pem`, import.meta.url)), 'utf8');
    const fake = await startFakeProvider({ tls: { key: pem('key'), cert: pem('cert') } });
    const { provider } = await startAnthropic(undefined, { baseUrl: fake.origin });
    const error = await failure(provider.chat(question, never));
    await fake.close();
    expect(error).toMatchObject({ kind: 'network', message: expect.stringMatching(/certificate/) });
  });

  test('without a key nothing is sent, and the variable is named', async () => {
    const { fake, provider } = await startAnthropic(anthropicText('x'), {}, null);
    const error = await failure(provider.chat(question, never));
    expect(error).toMatchObject({ kind: 'notConfigured', message: expect.stringContaining('ANTHROPIC_API_KEY') });
    expect(provider.lastHealth?.()).toMatchObject({ state: 'unconfigured' });
    expect(fake.connections).toBe(0);
  });
});

describe('an error inside a stream', () => {
  test.each<[string, FakeResponder, AiErrorKind]>([
    ['overloaded', anthropicStreamError('begin', 'overloaded_error', canary), 'overloaded'],
    ['an error of the service', anthropicStreamError('begin', 'api_error'), 'server'],
    ['a rate limit', anthropicStreamError('begin', 'rate_limit_error'), 'rateLimited'],
    ['a time limit', anthropicStreamError('begin', 'timeout_error'), 'timeout'],
    ['an error yet to be invented', anthropicStreamError('begin', 'new_error'), 'server'],
    ['no message_stop', anthropicTruncated('begin'), 'network'],
    ['no JSON', anthropicMalformed('begin'), 'server'],
  ])('%s', async (_, respond, kind) => {
    const { provider } = await startAnthropic(respond);
    let text = '';
    const read = async () => {
      for await (const { delta } of provider.streamChat(question, never)) text += delta;
    };
    const error = await failure(read());
    expect(error.kind).toBe(kind);
    expect(error.message).not.toContain(canary);
    expect(error.status).toBeUndefined();
    expect(text).toBe('begin');
    const completion = completionRequest({ context: contextAt('a = █'), maxLines: 99 });
    expect((await failure(provider.completeCode(completion, never))).kind).toBe(kind);
  });

  test('keeps the id of the request', async () => {
    const { provider } = await startAnthropic(anthropicStreamError('x'));
    const read = async () => {
      for await (const _ of provider.streamChat(question, never));
    };
    const error = await failure(read());
    expect(error.requestId).toBe('req_stream');
  });
});
