/** A stored key through everything that can go wrong with it: it is in no answer, message, log, audit line or output. */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { FakeExchange, FakeResponder } from '../support/fake-provider.ts';
import {
  dieAfter,
  errorStatus,
  htmlPage,
  midStreamError,
  raw,
  redirect,
  streamText,
} from '../support/fake-responders.ts';
import { createKeyHome, type KeyHome, settingsOf } from '../support/key-home.ts';
import { startServer } from '../support/server.ts';
import { inline, uri } from './setup.ts';

const first = 'sk-canary-first-0123456789abcdef';
const second = 'qx7Canary0Second1Of2Another3Shape4';

/** Answers that give back what they were sent, wherever an answer has room for words. */
const echoes: readonly ((key: string) => FakeResponder)[] = [
  (key) => errorStatus(401, { error: { message: `Bad key ${key}`, code: key } }, { 'x-request-id': key }),
  (key) => errorStatus(403, `<p>${key}</p>`, { 'www-authenticate': key }),
  (key) => errorStatus(500, { error: { message: key, type: key } }),
  (key) => errorStatus(400, { error: { message: `unknown parameter ${key}`, param: key } }),
  (key) => midStreamError('begin', { message: key, code: key }),
  (key) => raw(`HTTP/1.1 200 ${key}\r\n${key}: ${key}\r\n\r\n${key}`),
  (key) => redirect(`https://${key}.example/${key}`),
  () => htmlPage(),
  () => dieAfter(100),
  (key) => errorStatus(429, { error: { message: key } }, { 'retry-after': key }),
];

function keyOf({ request: { headers } }: FakeExchange): string {
  return headers.authorization?.replace('Bearer ', '') ?? 'none';
}

/** Every file of the user's folder as text, but for those that are to hold a key. */
function filesOf(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile() && !path.endsWith('print-key.cjs'))
    .map((path) => `${path}\n${readFileSync(path, 'utf8')}`)
    .join('\n');
}

function expectNoKey(text: string): void {
  for (const key of [first, second]) {
    for (const form of [
      key.toLowerCase(),
      key,
      Buffer.from(key).toString('base64').slice(0, -4),
      encodeURIComponent(key),
      key.slice(4, 20),
    ]) {
      expect(text).not.toContain(form);
    }
  }
}

async function everythingGoesWrong(home: KeyHome): Promise<string> {
  const log = join(home.environment['HOME'] ?? '', 'server.log');
  const said: unknown[] = [];
  const server = await startServer({
    environment: home.environment,
    arguments: ['--stdio', '--log-level=debug', `--log-file=${log}`],
  });
  onTestFinished(() => server.stop());
  const ask = async (method: string, params: unknown = {}) =>
    said.push(await server.request(method, params).response.catch((failure: unknown) => failure));
  server.open(uri, 'const a = ');
  for (const [index, echo] of echoes.entries()) {
    home.fake.respond((exchange) => echo(keyOf(exchange))(exchange));
    await ask('inkling/chat', { messages: [{ role: 'user', content: `Why ${index}?` }] });
    said.push(await inline(server, 0, 10, 2).response);
    said.push(await inline(server, 0, 10).response);
    await ask('inkling/explain');
    await ask('inkling/providers');
    await ask('inkling/models');
  }
  home.fake.respond(streamText('fine'));
  await ask('inkling/stats');
  await ask('inkling/setProvider', { provider: 'workspace' });
  await server.request('shutdown').response;
  server.notify('exit');
  await server.exited;
  return JSON.stringify([said, server.notifications, server.stderr()]);
}

const PATIENCE = 120_000;

test('a stored key', { timeout: PATIENCE }, async () => {
  const home = await createKeyHome();
  const outputs = [
    await home.run(['keys', 'set', 'fake', '--store', 'file'], { input: first }),
    await home.run(['keys', 'rotate', 'fake'], { input: second }),
    await home.run(['keys', 'set', 'fake', '--store', 'file'], { input: `${first} ${second}` }),
  ];
  const said = await everythingGoesWrong(home);
  for (const [index, echo] of echoes.entries()) {
    home.fake.respond((exchange) => echo(keyOf(exchange))(exchange));
    outputs.push(await home.run(['chat', `Why ${index}?`, '--log-level', 'debug']));
  }
  for (const argv of [
    ['doctor'],
    ['keys', 'list'],
    ['keys', 'list', '--json'],
    ['keys', 'get', 'fake', '--json'],
    ['config', 'show'],
  ]) {
    outputs.push(await home.run(argv));
  }
  outputs.push(await home.run(['keys', 'remove', 'fake']));
  const text = `${said}\n${JSON.stringify(outputs)}\n${filesOf(home.environment['HOME'] ?? '')}`;
  expectNoKey(text);
  // It was there to be given away.
  expect(new Set(home.sent())).toEqual(new Set([first, second]));
  for (const where of ['"event":"setting"', '"event":"key"', 'completion outcome', 'does not accept the key']) {
    expect(text).toContain(where);
  }
});

test('a key that a program prints', { timeout: PATIENCE }, async () => {
  const home = await createKeyHome();
  const program = join(home.environment['HOME'] ?? '', 'print-key.cjs');
  writeFileSync(program, `console.error('${second}'); console.log(process.argv[2] + '0123456789abcdef');`);
  const apiKey = { command: [process.execPath, program, 'sk-canary-first-'] };
  home.configure(settingsOf(home.fake, { apiKey }));
  const said = await everythingGoesWrong(home);
  const outputs = [
    await home.run(['doctor']),
    await home.run(['config', 'show', '--json']),
    await home.run(['keys', 'list']),
  ];
  expect(new Set(home.sent())).toEqual(new Set([first]));
  // The settings of the user hold the program's words; nothing else does.
  home.configure({});
  expectNoKey(`${said}\n${JSON.stringify(outputs)}\n${filesOf(home.environment['HOME'] ?? '')}`);
});
