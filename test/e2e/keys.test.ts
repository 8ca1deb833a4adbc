/** `inkling keys`, and the programs that use what it stores. Here is no keychain: keys are in the encrypted file. */
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { builtProgram } from '../support/command-line.ts';
import { titled, tmux } from '../support/editors.ts';
import { createKeyHome, type KeyHome, settingsOf } from '../support/key-home.ts';
import type { TestServer } from '../support/server.ts';
import { startTerminal, type Terminal } from '../support/terminal.ts';
import { AUTOMATIC, inline, texts, uri } from './setup.ts';

const first = 'sk-canary-first-0123456789abcdef';
const second = 'sk-canary-second-0123456789abcdef';

async function homeWithKey(more?: Record<string, string>): Promise<KeyHome> {
  const home = await createKeyHome(more);
  home.accept(first);
  expect(await home.run(['keys', 'set', 'fake', '--store', 'file'], { input: `${first}\n` })).toMatchObject({
    code: 0,
  });
  return home;
}

const chat = (server: TestServer) => server.request('inkling/chat', { messages: [{ role: 'user', content: 'Why?' }] });

/** Whatever the folder of keys holds, as text. */
function filesOf({ keys }: KeyHome): string {
  return readdirSync(keys)
    .map((name) => readFileSync(join(keys, name), 'utf8'))
    .join('\n');
}

describe('the command', () => {
  test('stores a key for the address of its provider and shows no more than it has to', async () => {
    const home = await createKeyHome();
    const { origin } = home.fake;
    expect(await home.run(['keys', 'list'])).toMatchObject({
      stdout: '',
      stderr: 'No provider has a key. Store one: inkling keys set PROVIDER\n',
      code: 0,
    });
    expect(await home.run(['keys', 'set', 'fake', '--store=file'], { input: `  ${first}\r\n` })).toEqual({
      stdout: `The key of "fake" is stored in the encrypted file in ${home.keys}. It is sent to ${origin} alone.\n`,
      stderr: '',
      code: 0,
      signal: null,
    });
    const list = await home.run(['keys', 'list']);
    expect(list.stdout).toMatch(new RegExp(`^fake\\tfile\\t\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z\\t${origin}\\n$`));
    expect(JSON.parse((await home.run(['keys', 'list', '--json'])).stdout)).toEqual([
      expect.objectContaining({ provider: 'fake', from: 'file', origin, rotating: false }),
    ]);
    expect(await home.run(['keys', 'get', 'fake'])).toMatchObject({
      stdout: expect.stringMatching(/^\[secret sha256:[0-9a-f]{8}\]\n$/),
      code: 0,
    });
    expect(JSON.parse((await home.run(['keys', 'get', 'fake', '--json'])).stdout)).toMatchObject({
      name: 'fake',
      store: 'file',
      origin,
      providers: ['fake'],
    });
    expect(filesOf(home)).not.toContain('canary');
    expect(await home.run(['keys', 'get', 'fake', '--reveal'])).toMatchObject({ stdout: `${first}\n`, code: 0 });
    const removed = await home.run(['keys', 'remove', 'fake']);
    expect(removed).toMatchObject({ code: 0, stderr: '' });
    expect(removed.stdout).toContain('The key of "fake" is removed from the encrypted file of keys.');
    expect(await home.run(['keys', 'get', 'fake'])).toMatchObject({
      stderr: 'No key is stored for "fake". "inkling keys list" says which are.\n',
      code: 1,
    });
  });

  test.skipIf(process.platform === 'win32')('keeps what it stores from other users', async () => {
    const home = await homeWithKey();
    expect(statSync(home.keys).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(home.keys)) expect(statSync(join(home.keys, name)).mode & 0o777).toBe(0o600);
    chmodSync(join(home.keys, 'sealed.json'), 0o644);
    const refused = await home.run(['keys', 'get', 'fake', '--reveal']);
    expect(refused).toMatchObject({ stdout: '', code: 1 });
    expect(refused.stderr).toContain(`Run: chmod 600 "${join(home.keys, 'sealed.json')}"`);
  });

  test('says where there is no keychain, and stores nothing that it was not asked to', async () => {
    const home = await createKeyHome();
    const { stderr, stdout, code } = await home.run(['keys', 'set', 'fake'], { input: first });
    expect({ stdout, code }).toEqual({ stdout: '', code: 1 });
    expect(stderr).toMatch(/^The system's keychain is not available \(.+\)\. Nothing was stored\. With --store file /);
    expect((await home.run(['keys', 'list'])).stdout).toBe('');
  });

  test('with a passphrase at hand stores it in the file by itself', async () => {
    const home = await createKeyHome({ INKLING_PASSPHRASE: 'correct horse' });
    const { stderr, stdout, code } = await home.run(['keys', 'set', 'fake'], { input: first });
    expect(code).toBe(0);
    expect(stderr).toMatch(/is not available .* The key goes into an encrypted file instead\.\n$/);
    expect(stdout).toContain('is stored in the encrypted file');
    expect(readdirSync(home.keys).sort()).toEqual(['index.json', 'sealed.json']);
    expect(await home.run(['keys', 'get', 'fake', '--reveal'])).toMatchObject({ stdout: `${first}\n` });
    const wrong = await home.run(['keys', 'get', 'fake', '--reveal'], { environment: { INKLING_PASSPHRASE: 'x' } });
    expect(wrong).toMatchObject({ stdout: '', code: 1, stderr: expect.stringContaining('does not open the keys') });
  });

  test('says what comes before the stored key', async () => {
    const home = await createKeyHome();
    home.configure(settingsOf(home.fake, { apiKey: { env: 'FAKE_KEY' } }));
    const named = await home.run(['keys', 'set', 'fake', '--store', 'file'], { input: first });
    expect(named.stderr).toContain('providers.fake.apiKey of the settings names another key, which comes first.');
    const vendor = await home.run(['keys', 'set', 'openai', '--store', 'file'], {
      input: first,
      environment: { OPENAI_API_KEY: 'other' },
    });
    expect(vendor.stdout).toContain('It is sent to https://api.openai.com alone.');
    expect(vendor.stderr).toContain('OPENAI_API_KEY is set here and comes first.');
  });

  test.each<[readonly string[], RegExp]>([
    [['set'], /^Missing: keys set PROVIDER\./],
    [['set', 'fake', first], /one argument too many/],
    [['set', 'opnai'], /^There is no provider "opnai"\. Did you mean "openai"\?/],
    [['sett', 'fake'], /^There is no "keys sett"\. Did you mean "keys set"\?/],
    [['set', 'fake', '--store', 'cloud'], /^--store is "keychain" or "file", not "cloud"\./],
    [['set', 'fake', '--reveal'], /^--reveal belongs to "keys get"\./],
    [['list', 'fake'], /^"keys list" lists all of them\./],
    [['set', 'fake', '--store', 'file'], /^There is no key\./],
  ])('keys %j is wrong usage', async (argv, expected) => {
    const { stdout, stderr, code } = await (await createKeyHome()).run(['keys', ...argv]);
    expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
    expect(stderr).toMatch(expected);
    expect(stderr).toMatch(/Usage: inkling keys set\|get\|list\|rotate\|remove/);
  });

  test.each(['two words', 'line\nbreak', 'schlüssel', 'x'.repeat(5_000)])(
    'what is no key is not stored',
    async (input) => {
      const home = await createKeyHome();
      const { stderr, code } = await home.run(['keys', 'set', 'fake', '--store', 'file'], { input });
      expect(code).toBe(2);
      expect(stderr).not.toContain(input);
      expect((await home.run(['keys', 'list'])).stdout).toBe('');
    },
  );

  test('a provider without an address has nothing a key could be for', async () => {
    const { stderr, code } = await (await createKeyHome()).run(['keys', 'set', 'llama-cpp'], { input: first });
    expect(code).toBe(1);
    expect(stderr).toContain('set providers.llama-cpp.baseUrl first');
  });

  test('no key is stored for an address that it would not be sent to', async () => {
    const home = await createKeyHome();
    home.configure({
      providers: { mine: { kind: 'openai-compatible', model: 'm', baseUrl: 'http://vllm.example/v1' } },
    });
    const { stderr, code } = await home.run(['keys', 'set', 'mine', '--store', 'file'], { input: first });
    expect(code).toBe(1);
    expect(stderr).toContain('points to http://vllm.example without TLS');
  });

  test('one name is for one address', async () => {
    const home = await createKeyHome();
    const entry = { kind: 'openai-compatible', model: 'm', apiKey: { stored: 'shared' } };
    const providers = {
      one: { ...entry, baseUrl: 'https://a.example/v1' },
      two: { ...entry, baseUrl: 'https://b.example' },
    };
    home.configure({ providers });
    const { stderr, code } = await home.run(['keys', 'set', 'shared', '--store', 'file'], { input: first });
    expect(code).toBe(1);
    expect(stderr).toContain('"one" and "two" use the key "shared" at different addresses');
    home.configure({ providers: { ...providers, two: { ...entry, baseUrl: 'https://a.example/v2' } } });
    expect(await home.run(['keys', 'set', 'shared', '--store', 'file'], { input: first })).toMatchObject({ code: 0 });
    expect((await home.run(['keys', 'list'])).stdout).toMatch(/^one\tfile\t.*\ntwo\tfile\t.*\n$/);
  });
});

describe.skipIf(tmux === undefined)(titled('at a terminal', tmux), () => {
  async function typing(home: KeyHome, argv: readonly string[]): Promise<Terminal> {
    const command = [process.execPath, builtProgram, 'keys', ...argv].map((word) => `'${word}'`).join(' ');
    const terminal = await startTerminal({
      tmux: tmux ?? '',
      command: ['/bin/sh', '-c', `${command}; echo "it ended with $?"; read -r end`],
      folder: home.keys.replace(/inkling.keys$/, ''),
      environment: { ...home.environment, PATH: process.env['PATH'] ?? '' },
    });
    onTestFinished(() => terminal.close());
    return terminal;
  }

  test('key and passphrase are typed without being shown', async () => {
    const home = await createKeyHome();
    const terminal = await typing(home, ['set', 'fake']);
    await terminal.untilShown(`Key of fake, for ${home.fake.origin}:`);
    await terminal.type(`${first}x`);
    await terminal.press('BSpace', 'Enter');
    await terminal.untilShown('Passphrase:');
    await terminal.type('correct horse');
    await terminal.press('Enter');
    await terminal.untilShown('Again:');
    await terminal.type('correct horse');
    await terminal.press('Enter');
    await terminal.untilShown('it ended with 0');
    const screen = await terminal.screen();
    expect(screen).not.toMatch(/canary|correct horse/);
    const environment = { INKLING_PASSPHRASE: 'correct horse' };
    expect((await home.run(['keys', 'get', 'fake', '--reveal'], { environment })).stdout).toBe(`${first}\n`);
  });

  test('Ctrl-C stores nothing', async () => {
    const home = await createKeyHome();
    const terminal = await typing(home, ['set', 'fake', '--store', 'file']);
    await terminal.untilShown('Key of fake');
    await terminal.type(first);
    await terminal.press('C-c');
    await terminal.untilShown('it ended with 130');
    expect((await home.run(['keys', 'list'])).stdout).toBe('');
  });
});

describe('a server', () => {
  test('uses the stored key, and says where it is from', async () => {
    const home = await homeWithKey();
    const server = await home.start();
    expect((await chat(server).response).message.content).toBe('f();\nrest');
    expect(home.sent()).toEqual([first]);
    const { stdout, code } = await home.run(['doctor']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/✓ key {8}from the encrypted file of keys, stored \d{4}-\d\d-\d\d\n/);
  });

  test('takes a key that is stored while it runs', async () => {
    const home = await createKeyHome();
    home.accept(first);
    const server = await home.start();
    expect((await chat(server).failure).data.kind).toBe('authentication');
    await home.run(['keys', 'set', 'fake', '--store', 'file'], { input: first });
    const until = async (): Promise<string> => {
      const answer = await chat(server).response.catch(() => undefined);
      return answer === undefined ? until() : answer.message.content;
    };
    expect(await until()).toBe('f();\nrest');
  });

  test('sends it to no other address than the one it was stored for', async () => {
    const home = await homeWithKey();
    const other = await createKeyHome();
    home.configure(settingsOf(other.fake));
    const { failure } = chat(await home.start());
    expect((await failure).message).toBe(
      `The key stored as "fake" is for ${home.fake.origin}, and provider "fake" points to ${other.fake.origin}. It is sent nowhere else: to store one for this address, run "inkling keys set fake".`,
    );
    // Nor where the editor's settings, which may be a workspace's, say that it is.
    home.configure(settingsOf(home.fake));
    const moved = await home.start({ providers: { fake: { baseUrl: other.fake.url, apiKey: { stored: 'fake' } } } });
    expect((await chat(moved).failure).data.kind).toBe('notConfigured');
    expect(other.fake.requests.filter(({ headers }) => headers.authorization !== undefined)).toEqual([]);
  });

  test('that finds the keys open to others sends none and says what to do', async () => {
    const home = await homeWithKey();
    chmodSync(home.keys, 0o755);
    expect((await chat(await home.start()).failure).message).toContain(`Run: chmod 700 "${home.keys}"`);
    expect(home.sent()).toEqual([]);
  });

  test('without the passphrase says what to set', async () => {
    const home = await createKeyHome();
    home.accept(first);
    const environment = { INKLING_PASSPHRASE: 'correct horse' };
    await home.run(['keys', 'set', 'fake', '--store', 'file'], { input: first, environment });
    expect((await chat(await home.start()).failure).message).toContain('Set INKLING_PASSPHRASE where the editor is');
    expect(await home.run(['chat', 'Why?'], { environment })).toMatchObject({ stdout: 'f();\nrest\n', code: 0 });
  });

  test('changes to the new key when the old one is refused, without being started again', async () => {
    const home = await homeWithKey();
    const server = await home.start();
    await chat(server).response;
    expect(await home.run(['keys', 'rotate', 'fake'], { input: second })).toMatchObject({ code: 0, stderr: '' });
    expect((await home.run(['keys', 'list'])).stdout).toContain('the key before is kept');
    // Both work for a while: nothing changes.
    home.accept(first, second);
    await server.request('inkling/chat', { messages: [{ role: 'user', content: 'And now?' }] }).response;
    home.accept(second);
    await server.request('inkling/chat', { messages: [{ role: 'user', content: 'And then?' }] }).response;
    await server.request('inkling/chat', { messages: [{ role: 'user', content: 'At last?' }] }).response;
    expect(home.sent()).toEqual([first, first, first, second, second]);
  });

  test('keeps the old key where the new one does not work, and drops it where it does', async () => {
    const home = await homeWithKey();
    await home.run(['keys', 'rotate', 'fake'], { input: second });
    expect(await home.run(['chat', 'Why?'])).toMatchObject({ stdout: 'f();\nrest\n', code: 0 });
    expect(home.sent()).toEqual([second, first]);
    expect((await home.run(['keys', 'list'])).stdout).toContain('the key before is kept');
    home.accept(second);
    const server = await home.start();
    await chat(server).response;
    const until = async (): Promise<void> => {
      if ((await home.run(['keys', 'list'])).stdout.includes('the key before is kept')) await until();
    };
    await until();
    expect((await home.run(['keys', 'rotate', 'fake', '--finish'])).stdout).toBe('No old key of "fake" is kept.\n');
  });

  test('that was left with a refused key goes on by itself when another one is stored', async () => {
    const home = await homeWithKey();
    home.accept(second);
    const server = await home.start();
    server.open(uri, 'const a = ');
    expect(await inline(server, 0, 10, AUTOMATIC).response).toEqual({ items: [] });
    await server.nextNotification('didChangeStatus', ({ kind }) => kind === 'Error');
    const earlier = new Set(server.notifications.map(({ params }) => params));
    await home.run(['keys', 'set', 'fake', '--store', 'file'], { input: second });
    await server.nextNotification('didChangeStatus', (params) => params.kind === 'Normal' && !earlier.has(params));
    expect(texts(await inline(server, 0, 10, AUTOMATIC).response)).toEqual(['f();']);
    expect(home.sent()).toEqual([first, second]);
  });

  test('says whose key was refused', async () => {
    const home = await homeWithKey();
    home.accept();
    const failure = await chat(await home.start()).failure;
    expect(failure.message).toMatch(
      /^fake does not accept the key from the encrypted file of keys, stored [\d-]+\. Store another one: inkling keys set fake \(401\)$/,
    );
    expect(failure.data.kind).toBe('authentication');
    expect(home.sent()).toEqual([first]);
  });
});

describe('a program that prints the key', () => {
  const command = (home: KeyHome, script: string) => {
    const path = join(home.keys, '..', 'print-key.cjs');
    writeFileSync(path, script);
    return { command: [process.execPath, path] };
  };

  test('is asked when the key is needed, once, and again when the key is refused', async () => {
    const home = await createKeyHome();
    const script = `
      const { existsSync, writeFileSync } = require('node:fs');
      const told = __filename + '.told';
      console.log(existsSync(told) ? '${second}' : '${first}');
      writeFileSync(told, '');`;
    home.configure(settingsOf(home.fake, { apiKey: command(home, script) }));
    home.accept(first);
    const server = await home.start();
    await chat(server).response;
    home.accept(second);
    await server.request('inkling/chat', { messages: [{ role: 'user', content: 'And then?' }] }).response;
    expect(home.sent()).toEqual([first, first, second]);
  });

  test('is run for the user file alone', async () => {
    const home = await createKeyHome();
    const apiKey = command(home, `require('node:fs').writeFileSync(__filename + '.ran', ''); console.log('${first}');`);
    const server = await home.start({ providers: { fake: { apiKey } } });
    const { message } = await server.nextNotification('window/showMessage');
    expect(message).toContain(
      'providers.fake.apiKey (initializationOptions): expected no program here: which code runs',
    );
    expect(message).not.toContain('print-key');
    await chat(server).failure;
    expect(readdirSync(join(home.keys, '..')).sort()).toEqual(['config.json', 'print-key.cjs']);
  });

  test('that fails is named, and nothing of what it says', async () => {
    const home = await createKeyHome();
    home.configure(settingsOf(home.fake, { apiKey: command(home, `console.error('${first}'); process.exit(3);`) }));
    const failure = await chat(await home.start()).failure;
    expect(failure.message).toContain(
      `The program "${process.execPath}", which "apiKey" names, ended with exit code 3.`,
    );
    expect(failure.message).not.toContain('canary');
    expect(JSON.stringify(await home.run(['config', 'show']))).not.toContain('print-key');
  });
});
