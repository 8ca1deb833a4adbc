/** The command line as a person or a script uses it: what is on standard output, on standard error, and the exit code. */
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { builtProgram, runCommand, startCommand, temporaryFolder } from '../support/command-line.ts';
import { type FakeProvider, type FakeProviderOptions, startFakeProvider } from '../support/fake-provider.ts';
import { errorStatus, inTurn, streamText, withModels } from '../support/fake-responders.ts';
import { findNeovim, howToGetNeovim, startNeovim } from '../support/neovim.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

async function startFake(options: FakeProviderOptions = {}): Promise<FakeProvider> {
  const fake = await startFakeProvider(options);
  onTestFinished(() => fake.close());
  return fake;
}

function settingsFor(fake: FakeProvider, more: object = {}) {
  return {
    provider: 'fake',
    completion: { fallback: [] },
    providers: { fake: { kind: 'openai-compatible', baseUrl: fake.url, model: 'fake-model-1', fim: 'suffix' } },
    ...more,
  };
}

/** A key no output may ever hold. */
const CANARY = 'sk-canary-0123456789abcdef';

describe('the program', () => {
  test('says its version and how it is used', async () => {
    expect(await runCommand(['--version'])).toMatchObject({ stdout: `${packageJson.version}\n`, stderr: '', code: 0 });
    expect((await runCommand(['demo', '--version'])).stdout).toBe(`${packageJson.version}\n`);
    const help = await runCommand(['--help']);
    expect(help).toMatchObject({ stderr: '', code: 0 });
    for (const command of ['--stdio', 'demo', 'init', 'complete', 'chat', 'doctor', 'config']) {
      expect(help.stdout).toContain(command);
    }
    expect((await runCommand(['help'])).stdout).toBe(help.stdout);
    const own = await runCommand(['chat', '--help']);
    expect(await runCommand(['help', 'chat'])).toEqual(own);
    expect(own).toMatchObject({ stdout: expect.stringContaining('--file PATH'), stderr: '', code: 0 });
    expect(own.stdout).toContain('--config FILE');
  });

  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [[], /no command[\s\S]*Usage: inkling COMMAND/],
    [['complet'], /no command "complet"\. Did you mean "complete"\?[\s\S]*Usage/],
    [['xyzzy'], /no command "xyzzy"\.\n/],
    [['constructor'], /no command "constructor"/],
    [['--versio'], /no option --versio\. Did you mean --version\?/],
    [['complete'], /Missing: FILE:LINE:COL\.\nUsage: inkling complete FILE:LINE:COL/],
    [['complete', 'a.ts'], /"a\.ts" is no place in a file/],
    [['complete', 'a.ts:0:1'], /count from 1/],
    [['complete', 'a.ts:1:1', 'b.ts:1:1'], /one argument too many/],
    [['complete', 'absent.ts:1:1'], /absent\.ts cannot be read: there is no such file/],
    [['complete', '--jsn', 'a.ts:1:1'], /no option --jsn\. Did you mean --json\?/],
    [['complete', '--json=yes', 'a.ts:1:1'], /--json takes no value/],
    [['chat'], /no question/],
    [['chat', '--file'], /--file needs a value: --file=PATH/],
    [['chat', '--file', '--config', 'x'], /--file needs a value/],
    [['config'], /Missing: show\|validate\|path\|audit\|schema/],
    [['config', 'shw'], /Did you mean "config show"\?/],
    [['doctor', '--log-level', 'loud'], /--log-level is one of error, warn, info, debug, not "loud"/],
    [['doctor', 'openai'], /one argument too many/],
    [['--stdin'], /no option --stdin\. Did you mean --stdio\?/],
    [['help', 'complet'], /no command "complet"\. Did you mean "complete"\?/],
    [['init', 'nvm'], /no set-up for "nvm" yet\. Did you mean "nvim"\?/],
    [['init', 'ed'], /no set-up for "ed" yet\. Known: nvim/],
    [['demo', '\u001b]0;title\u0007x'], /^"x" is one argument too many/],
  ];
  test.each(wrong)('answers %j by a sentence and exit code 2', async (argv, sentence) => {
    const { stdout, stderr, code } = await runCommand(argv);
    expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
    expect(stderr).toMatch(sentence);
  });
});

describe('complete', () => {
  const project = {
    'sum.js': 'export function sumOfSquares(first, second) {\n  return first * first + second * second;\n}\n',
  };

  test('offers what the workspace knows', async () => {
    const folder = temporaryFolder({ ...project, 'use.js': 'export function sumOfSquares(fi' });
    const { stdout, stderr, code } = await runCommand(['complete', 'use.js:1:32'], { workingDirectory: folder });
    expect({ stdout, stderr, code }).toEqual({ stdout: 'rst, second) {\n', stderr: '', code: 0 });
  });

  test('says on standard error why there is nothing', async () => {
    const folder = temporaryFolder({ 'alone.js': 'q' });
    const { stdout, stderr, code } = await runCommand(['complete', 'alone.js:1:2'], { workingDirectory: folder });
    expect({ stdout, code }).toEqual({ stdout: '', code: 0 });
    expect(stderr).toMatch(/^.+\.\n$/);
  });

  test('gives the whole outcome as JSON', async () => {
    const fake = await startFake({ respond: streamText('b + c;\n') });
    const folder = temporaryFolder({ 'a.ts': 'const a = \n' });
    const { stdout, code } = await runCommand(['complete', '--json', 'a.ts:1:11'], {
      workingDirectory: folder,
      settings: settingsFor(fake),
    });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      outcome: 'offered',
      offers: [{ insertText: 'b + c;', replaces: 0, provider: 'fake' }],
      provider: 'fake',
      stages: expect.arrayContaining([expect.objectContaining({ stage: 'request' })]),
    });
    expect(fake.requests.at(-1)?.body).toMatchObject({ prompt: expect.stringContaining('const a = ') });
  });

  test('fails with the reason when the provider does, and says who answered instead', async () => {
    const fake = await startFake({ respond: errorStatus(401) });
    const folder = temporaryFolder({ ...project, 'use.js': 'export function sumOfSquares(fi' });
    const place = ['complete', 'use.js:1:32'];
    const failed = await runCommand(place, { workingDirectory: folder, settings: settingsFor(fake) });
    expect(failed).toMatchObject({ stdout: '', code: 1, stderr: expect.stringContaining('fake') });
    const settings = settingsFor(fake, { completion: { fallback: ['workspace'] } });
    const helped = await runCommand(place, { workingDirectory: folder, settings });
    expect(helped).toMatchObject({ stdout: 'rst, second) {\n', code: 0 });
    expect(helped.stderr).toMatch(/^"fake" could not answer: .+\n$/);
    const alone = temporaryFolder({ 'a.ts': 'xyzzy\n' });
    const neither = await runCommand(['complete', 'a.ts:1:6'], { workingDirectory: alone, settings });
    expect(neither).toMatchObject({ stdout: '', code: 1, stderr: expect.stringContaining('"fake" could not answer') });
  });

  test('refuses places outside the file', async () => {
    const folder = temporaryFolder({ 'a.ts': 'one\ntwo\n' });
    const line = await runCommand(['complete', 'a.ts:9:1'], { workingDirectory: folder });
    expect(line).toMatchObject({ code: 2, stderr: 'a.ts has 3 lines, so none is line 9.\n' });
    const column = await runCommand(['complete', 'a.ts:2:5'], { workingDirectory: folder });
    expect(column).toMatchObject({ code: 2, stderr: 'Line 2 of a.ts ends at column 4, before column 5.\n' });
  });
});

describe('chat', () => {
  test('prints the answer while it is written, without what could steer a terminal', async () => {
    const fake = await startFake();
    const settings = settingsFor(fake);
    const { child, finished } = startCommand(['chat', 'Why', 'so?'], { settings });
    const request = await fake.nextRequest();
    const exchange = fake.control(request);
    const shown = new Promise<string>((resolve) => {
      child.stdout.once('data', resolve);
    });
    await exchange.send('Because\x1b]0;own');
    expect(await shown).toBe('Because');
    await exchange.send('ed\x07 of \x1b[31mreasons');
    await exchange.end();
    expect(await finished).toMatchObject({ stdout: 'Because of reasons\n', stderr: '', code: 0 });
    expect(request.body['messages']).toContainEqual({ role: 'user', content: 'Why so?' });
  });

  test('reads what is piped in and the files it is given', async () => {
    const fake = await startFake({ respond: streamText('ok') });
    const folder = temporaryFolder({ 'one.ts': 'export const one = 1;\n', 'two.py': 'two = 2\n' });
    const argv = ['chat', 'Review', '--file', 'one.ts', '--file=two.py'];
    const run = await runCommand(argv, { settings: settingsFor(fake), workingDirectory: folder, input: 'the diff\n' });
    expect(run).toMatchObject({ stdout: 'ok\n', stderr: '', code: 0 });
    const sent = JSON.stringify(fake.requests[0]?.body);
    for (const part of ['Review\\n\\nthe diff', 'export const one = 1;', 'two = 2']) expect(sent).toContain(part);
  });

  test('a file that may not leave the machine is refused before anything is sent', async () => {
    const fake = await startFake({ respond: streamText('ok') });
    const folder = temporaryFolder({ '.env': `KEY=${CANARY}\n` });
    const run = await runCommand(['chat', 'What?', '--file', '.env'], {
      settings: settingsFor(fake),
      workingDirectory: folder,
    });
    expect(run).toMatchObject({ stdout: '', code: 1, stderr: expect.stringContaining('.env') });
    expect(run.stderr).not.toContain(CANARY);
    expect(fake.requests).toEqual([]);
  });

  test('says what to do where no provider chats', async () => {
    const run = await runCommand(['chat', 'Why?']);
    expect(run).toMatchObject({ stdout: '', code: 1, stderr: expect.stringContaining('chat.provider') });
    const keyless = await runCommand(['chat', 'Why?'], { settings: { chat: { provider: 'openai' } } });
    expect(keyless).toMatchObject({ stdout: '', code: 1, stderr: expect.stringContaining('OPENAI_API_KEY') });
  });

  test('fails with the reason of the provider, and never with the key', async () => {
    const fake = await startFake({ respond: errorStatus(401, { error: { message: `bad key ${CANARY}` } }) });
    const settings = settingsFor(fake);
    const entry = { ...settings.providers.fake, apiKey: { env: 'FAKE_KEY' } };
    const run = await runCommand(['chat', 'Why?'], {
      settings: { ...settings, providers: { fake: entry } },
      environment: { FAKE_KEY: CANARY },
    });
    expect(run).toMatchObject({ stdout: '', code: 1 });
    expect(run.stderr).not.toContain(CANARY);
    expect(fake.requests[0]?.headers['authorization']).toBe(`Bearer ${CANARY}`);
  });

  test.skipIf(process.platform === 'win32')('Ctrl-C ends the answer and closes the connection', async () => {
    const fake = await startFake();
    const { child, finished } = startCommand(['chat', 'Why?'], { settings: settingsFor(fake) });
    const request = await fake.nextRequest();
    const shown = new Promise((resolve) => child.stdout.once('data', resolve));
    await fake.control(request).send('Because');
    await shown;
    child.kill('SIGINT');
    await request.closed;
    expect(await finished).toMatchObject({ stdout: 'Because', stderr: '', code: 130, signal: null });
  });

  test('settings that are wrong end it before anything is sent', async () => {
    const fake = await startFake({ respond: streamText('ok') });
    const run = await runCommand(['chat', 'Why?'], { settings: settingsFor(fake, { completon: {} }) });
    expect(run).toMatchObject({ stdout: '', code: 2, stderr: expect.stringContaining('did you mean "completion"?') });
    expect(fake.requests).toEqual([]);
  });
});

describe('config', () => {
  test('shows every value with its layer, and no key', async () => {
    const settings = { completion: { maxLines: 3 }, providers: { openai: { apiKey: CANARY } } };
    const text = await runCommand(['config', 'show'], { settings });
    expect(text.code).toBe(0);
    expect(text.stdout).toMatch(/^completion\.maxLines = 3 +# the user file$/m);
    expect(text.stdout).toMatch(/^provider = "workspace" +# the defaults$/m);
    const json = await runCommand(['config', 'show', '--json'], { settings });
    expect(JSON.parse(json.stdout)).toMatchObject({ 'completion.maxLines': { value: 3, layers: ['user'] } });
    for (const output of [text, json]) expect(output.stdout + output.stderr).not.toContain(CANARY);
  });

  test('applies the profile that is asked for', async () => {
    const settings = { profiles: { quick: { completion: { maxLines: 1 } } } };
    const { stdout } = await runCommand(['config', 'show', '--profile', 'quick'], { settings });
    expect(stdout).toMatch(/^completion\.maxLines = 1 +# the selected profile$/m);
  });

  test('validates with line and column, in the order of the file', async () => {
    const settings = '{\n  // mine\n  "provider": "opnai",\n  "completion": { "maxLnes": 3 },\n}\n';
    const { stdout, stderr, code } = await runCommand(['config', 'validate'], { settings });
    expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
    expect(stderr.split('\n')).toEqual([
      expect.stringMatching(/config\.json:3:3: provider .*known: "openai"/),
      expect.stringMatching(/config\.json:4:19: completion\.maxLnes .*did you mean "maxLines"/),
      '',
    ]);
    const dotted = await runCommand(['config', 'validate'], { settings: '{\n  "chat.timeout": 3\n}\n' });
    expect(dotted).toMatchObject({ code: 2, stderr: expect.stringMatching(/config\.json:2:3: .*nested objects/) });
    const broken = await runCommand(['config', 'validate'], { settings: '{\n  "provider" "openai"\n}\n' });
    expect(broken).toMatchObject({ code: 2, stderr: expect.stringMatching(/config\.json:2:14: /) });
    const good = await runCommand(['config', 'validate'], { settings: { provider: 'openai' } });
    expect(good).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('no mistakes') });
    const absent = await runCommand(['config', 'validate']);
    expect(absent).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('the defaults hold') });
    const named = await runCommand(['config', 'validate', '--config', 'nowhere.json']);
    expect(named).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('no such file') });
  });

  test('says where the file is', async () => {
    const { home, finished } = startCommand(['config', 'path']);
    expect(await finished).toMatchObject({ stdout: `${join(home, 'inkling', 'config.json')}\n`, stderr: '', code: 0 });
  });

  test('prints the schema that is committed', async () => {
    const { stdout, code } = await runCommand(['config', 'schema']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual(JSON.parse(readFileSync(join(root, 'schemas/config.schema.json'), 'utf8')));
  });
});

describe('doctor', () => {
  test('is content without any settings, and says how to get more', async () => {
    const { stdout, stderr, code } = await runCommand(['doctor']);
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    expect(stdout).toContain(`✓ Node.js    ${process.versions.node}`);
    expect(stdout).toMatch(/– settings {3}.*config\.json does not exist/);
    expect(stdout).toMatch(/Not configured.*\n(?: {2}–.*\n)* {2}– openai {5}set OPENAI_API_KEY\n/);
    expect(stdout).toMatch(/workspace \(active\)\n {2}✓ health {5}ready\n {2}✓ completion/);
  });

  test('asks the active provider for one completion and one chat', async () => {
    const respond = withModels(['fake-model-1'], (exchange) =>
      streamText(exchange.request.path.includes('/chat/') ? 'ready' : 'first * second;')(exchange),
    );
    const fake = await startFake({ respond });
    const settings = settingsFor(fake);
    const entry = { ...settings.providers.fake, apiKey: { env: 'FAKE_KEY' } };
    const { stdout, stderr, code } = await runCommand(['doctor'], {
      settings: { ...settings, providers: { fake: entry } },
      environment: { FAKE_KEY: CANARY },
    });
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    expect(stdout).toContain('fake (active)');
    expect(stdout).toContain('✓ key        from environment FAKE_KEY');
    expect(stdout).toContain(`✓ address    ${fake.url}`);
    expect(stdout).toMatch(/✓ completion "first \* second;" \(\d+ ms\)/);
    expect(stdout).toMatch(/✓ chat {7}"ready" from fake-model-1 \(\d+ ms\)/);
    expect(stdout).not.toContain(CANARY);
  });

  test('fails with what is wrong when the active provider cannot answer', async () => {
    const fake = await startFake({ respond: inTurn(errorStatus(401)) });
    const { stdout, code } = await runCommand(['doctor'], { settings: settingsFor(fake) });
    expect(code).toBe(1);
    expect(stdout).toMatch(/fake \(active\)[\s\S]*✗ /);
    const keyless = await runCommand(['doctor'], { settings: { provider: 'openai' } });
    expect(keyless.code).toBe(1);
    expect(keyless.stdout).toMatch(/openai \(active\)\n {2}✗ key[\s\S]*OPENAI_API_KEY/);
  });

  test('advises against a key in plain text, without showing it', async () => {
    const fake = await startFake({ respond: withModels(['fake-model-1'], streamText('ready')) });
    const settings = settingsFor(fake);
    const entry = { ...settings.providers.fake, apiKey: CANARY };
    const { stdout, code } = await runCommand(['doctor'], { settings: { ...settings, providers: { fake: entry } } });
    expect(code).toBe(0);
    expect(stdout).toContain('✓ key        from the settings, in plain text.');
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('can be read by other users');
    expect(stdout).not.toContain(CANARY);
  });

  test('a provider that does not chat is no failure, and one nobody can reach is', async () => {
    const fake = await startFake({ respond: withModels(['fake-model-1'], streamText('first * second;')) });
    const settings = settingsFor(fake);
    const entry = { ...settings.providers.fake, capabilities: { chat: false } };
    const chatless = await runCommand(['doctor'], { settings: { ...settings, providers: { fake: entry } } });
    expect(chatless.stdout).toMatch(/✓ completion "first \* second;"[\s\S]*– chat/);
    expect(chatless.code).toBe(0);
    const gone = await startFake();
    await gone.close();
    const { stdout, code } = await runCommand(['doctor'], { settings: settingsFor(gone) });
    expect(stdout).toMatch(/fake \(active\)[\s\S]*✗ health {5}unreachable: /);
    expect(code).toBe(1);
  });

  test('reports mistakes in the settings, goes on, and exits with 2 whatever else is wrong', async () => {
    const { stdout, code } = await runCommand(['doctor'], { settings: { completon: {} } });
    expect(stdout).toMatch(/✗ settings[\s\S]*did\s+you mean "completion"\?/);
    expect(stdout).toContain('workspace (active)');
    expect(code).toBe(2);
    const keyless = await runCommand(['doctor'], { settings: { completon: {}, provider: 'openai' } });
    expect(keyless.stdout).toMatch(/openai \(active\)\n {2}✗ key/);
    expect(keyless.code).toBe(2);
    expect(await runCommand(['doctor'], { settings: '{ "chat": ' })).toMatchObject({ code: 2 });
    expect(await runCommand(['doctor', '--profile', 'absent'])).toMatchObject({ code: 2 });
  });

  test('counts the fallback that chats for a provider that does not', async () => {
    const fake = await startFake({ respond: inTurn(errorStatus(401)) });
    const settings = settingsFor(fake, { provider: 'workspace', chat: { fallback: ['fake'] } });
    const { stdout, code } = await runCommand(['doctor'], { settings });
    expect(stdout).toContain('✓ chat       by "fake"');
    expect(stdout).toMatch(/fake \(active\)[\s\S]*✗ /);
    expect(code).toBe(1);
  });
});

describe('init nvim', () => {
  /** The first block of a manual in a language. */
  function block(path: string, language: string): string[] {
    const manual = readFileSync(join(root, path), 'utf8');
    const text = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'ms').exec(manual)?.[1] ?? 'none';
    return text.trimEnd().split('\n');
  }

  test('prints what the README says, and as a comment what the plugin needs, with the place of this package', async () => {
    const { stdout, stderr, code } = await runCommand(['init', 'nvim']);
    expect(code).toBe(0);
    const place = root.replace(/\/$/, '');
    expect(stdout.replaceAll(place, '$(npm root --global)/inkling-language-server').split('\n')).toEqual([
      ...block('README.md', 'lua'),
      '',
      expect.stringMatching(/^-- .*plugin/),
      ...block('clients/neovim/README.md', 'sh').map((line) => `--   ${line}`),
      '-- and in place of the lines above:',
      ...block('clients/neovim/README.md', 'lua').map((line) => `--   ${line}`),
      '',
    ]);
    const linked = /ln -s "([^"]+)"/.exec(stdout)?.[1] ?? '';
    expect(existsSync(join(linked, 'lsp/inkling.lua'))).toBe(true);
    expect(stderr).toMatch(/^"inkling" is not on your PATH.*npm install --global/);
  });

  const neovim = findNeovim();
  const hint = neovim === undefined ? ` (${howToGetNeovim})` : '';
  test.skipIf(neovim === undefined)(`works in a Neovim whose init.lua is just that${hint}`, async () => {
    const { stdout } = await runCommand(['init', 'nvim']);
    const folder = temporaryFolder({ inkling: `#!/bin/sh\nexec '${process.execPath}' '${builtProgram}' "$@"\n` });
    chmodSync(join(folder, 'inkling'), 0o755);
    const editor = await startNeovim(neovim ?? '', {
      init: stdout,
      files: { 'loop.js': 'for (const item of items) {\n}\n'.repeat(3) },
      environment: { PATH: `${folder}:/usr/bin:/bin` },
    });
    onTestFinished(() => editor.close());
    await editor.type(':edit loop.js<CR>');
    await editor.until(`#vim.lsp.get_clients({ name = 'inkling' }) > 0`);
    await editor.type('Gofor (const item o');
    await editor.untilGhostText('f items) {');
    await editor.type('<Tab>');
    await editor.until(`vim.api.nvim_get_current_line() == 'for (const item of items) {'`);
  });

  test('does not warn where the editor will find the program', async () => {
    const folder = temporaryFolder({ inkling: '#!/bin/sh\n', 'inkling.cmd': '' });
    chmodSync(join(folder, 'inkling'), 0o755);
    expect(await runCommand(['init', 'nvim'], { environment: { PATH: folder } })).toMatchObject({
      stderr: '',
      code: 0,
    });
  });
});

describe('demo', () => {
  /** What a person sees of it, without times. */
  function outline(stdout: string): string[] {
    return stdout
      .split('\n')
      .filter((line) => /^[╭╰]/.test(line))
      .map((line) => line.slice(0, 2));
  }

  test('shows three places, the figures and the next step, in 80 columns, without colour or control', async () => {
    const { stdout, stderr, code } = await runCommand(['demo']);
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    expect(outline(stdout)).toEqual(['╭─', '╰─', '╭─', '╰─', '╭─', '╰─']);
    expect(stdout).toContain('╭─ src/assistant/assistant.ts ─');
    expect(stdout).toMatch(/▏‹.+› +[\d.]+ ms │/);
    expect(stdout).toMatch(/latency +[\d.]+ ms at p50, [\d.]+ ms at p99/);
    expect(stdout).toMatch(/offers +\d+ at \d+ keys: \d+ as the author went on, \d+ not/);
    expect(stdout).toMatch(/For chat, set OPENAI_API_KEY[\s\S]*Next, in your editor: {2}inkling init nvim/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there
    expect(stdout).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
    const longest = Math.max(
      ...stdout
        .split('\n')
        .filter((line) => !line.includes('/'))
        .map((line) => line.length),
    );
    expect(longest).toBeLessThanOrEqual(80);
    const source = readFileSync(join(root, 'src/assistant/assistant.ts'), 'utf8');
    const completed = [...stdout.matchAll(/│ +\d+ {2}(.*)▏‹([^›…\n]*)› +[\d.]+ ms │\n╰─ ✓/g)];
    for (const [, before, ghost] of completed) expect(source).toContain(`${before}${ghost}`);
  });

  test('shows dim ghost text in colours, and streams an answer where a chat provider is configured', async () => {
    const fake = await startFake({ respond: streamText('It shows\x1b[2J what the server knows.', { chunkSize: 5 }) });
    const settings = settingsFor(fake, { provider: 'workspace', chat: { provider: 'fake' } });
    const { stdout, code } = await runCommand(['demo'], { settings, environment: { FORCE_COLOR: '1' } });
    expect(code).toBe(0);
    expect(stdout).toContain('▏\u001b[39m\u001b[2m');
    expect(stdout).not.toContain('‹');
    expect(stdout).toContain('by "fake"');
    expect(stdout).toContain('\nIt shows what the server knows.\n');
    // One question: completion stayed with the offline engine.
    expect(fake.requests.filter(({ method }) => method === 'POST')).toHaveLength(1);
  });

  test('says why no answer came, and closes all the same', async () => {
    const fake = await startFake({ respond: errorStatus(401) });
    const { stdout, code } = await runCommand(['demo'], { settings: settingsFor(fake) });
    expect(code).toBe(0);
    expect(stdout).toMatch(/✗ [\s\S]*fake[\s\S]*Next, in your editor/);
  });
});
