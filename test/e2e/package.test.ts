/** The package as npm would publish it: installs without a network, runs in an empty folder, and brings what it has to. */
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { runCommand, temporaryFolder } from '../support/command-line.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
/** Nothing is looked up anywhere. */
const offline = ['--offline', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
const npmEnvironment = { ...process.env, npm_config_update_notifier: 'false' };

let folder: string;
let tarball: string;
let installed: string;
let program: string;

/** Built apart: the `dist/` of a working tree also holds what earlier builds left. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'inkling-package-'));
  const staged = join(folder, 'staged');
  for (const name of ['package.json', 'LICENSE', 'README.md', 'schemas', 'clients']) {
    if (existsSync(join(root, name))) cpSync(join(root, name), join(staged, name), { recursive: true });
  }
  const bundler = join(root, 'node_modules/rolldown/bin/cli.mjs');
  await run(process.execPath, [bundler, '-c', '-d', join(staged, 'dist'), '--log-level', 'warn'], { cwd: root });
  await run('npm', ['pack', ...offline, '--pack-destination', folder], { cwd: staged, env: npmEnvironment });
  tarball = join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? 'none');
  const project = join(folder, 'project');
  cpSync(join(root, 'LICENSE'), join(project, 'LICENSE'));
  writeFileSync(join(project, 'package.json'), '{ "private": true }');
  await run('npm', ['install', ...offline, tarball], { cwd: project, env: npmEnvironment });
  installed = join(project, 'node_modules', packageJson.name);
  program = join(installed, packageJson.bin.inkling);
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('it is small and brings no other package along but the one for keychains, where that can be had', () => {
  expect(statSync(tarball).size).toBeLessThan(3 * 1024 * 1024);
  const installedNames = readdirSync(join(installed, '..')).filter((name) => !name.startsWith('.'));
  expect(installedNames.filter((name) => name !== '@napi-rs')).toEqual([packageJson.name]);
  expect(packageJson).not.toHaveProperty('dependencies');
  expect(Object.keys(packageJson.optionalDependencies)).toEqual(['@napi-rs/keyring']);
});

test('without that one it stores keys in a file', async () => {
  const home = temporaryFolder();
  rmSync(join(installed, '..', '@napi-rs'), { recursive: true, force: true });
  const options = { program, environment: { HOME: home, XDG_CONFIG_HOME: home } };
  const refused = await runCommand(['keys', 'set', 'openai'], { ...options, input: 'sk-1234' });
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('@napi-rs/keyring is not installed') });
  const kept = await runCommand(['keys', 'set', 'openai', '--store', 'file'], { ...options, input: 'sk-1234' });
  expect(kept).toMatchObject({ code: 0, stderr: '' });
  expect(await runCommand(['keys', 'get', 'openai', '--reveal'], options)).toMatchObject({ stdout: 'sk-1234\n' });
});

test.each([
  'LICENSE',
  'README.md',
  'schemas/config.schema.json',
  'schemas/project.schema.json',
  'schemas/protocol.schema.json',
  'clients/neovim/README.md',
  'clients/helix/README.md',
  'clients/emacs/README.md',
  'clients/neovim/lsp/inkling.lua',
  'clients/neovim/plugin/inkling.lua',
  'dist/index-worker.cjs',
  'dist/observer-thread.cjs',
])('it holds %s', (name) => {
  expect(statSync(join(installed, name)).size).toBeGreaterThan(0);
});

test('it holds nothing of the work on it', () => {
  expect(readdirSync(installed).sort()).toEqual(['LICENSE', 'README.md', 'clients', 'dist', 'package.json', 'schemas']);
});

test('it holds the licence of every package it is made of', () => {
  const licences = readFileSync(join(installed, 'dist/THIRD-PARTY-LICENSES.txt'), 'utf8');
  for (const name of ['openai', 'undici', 'zod', 'vscode-jsonrpc', 'jsonc-parser', 'ignore']) {
    expect(licences).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\([\\w.-]+\\)$`, 'm'));
  }
  expect(licences).toContain('Permission is hereby granted');
  expect(licences).toContain('Apache License');
});

test.skipIf(process.platform === 'win32')('its command runs', async () => {
  const command = join(installed, '../.bin/inkling');
  const { stdout } = await run(command, ['--version'], { cwd: folder });
  expect(stdout).toBe(`${packageJson.version}\n`);
});

test('it completes in an empty folder', async () => {
  const workingDirectory = temporaryFolder({ 'a.ts': 'const first = one;\nconst first = one;\nconst fi\n' });
  const outcome = await runCommand(['complete', 'a.ts:3:9'], { program, workingDirectory });
  expect(outcome).toMatchObject({ stderr: '', stdout: 'rst = one;\n', code: 0 });
});

test('its demo shows a file of its own', async () => {
  const { stdout, stderr, code } = await runCommand(['demo'], { program });
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
  expect(stdout).toContain('╭─ clients/neovim/lua/inkling/ghost.lua ─');
  expect(stdout).toContain('inkling init nvim');
});

test('its set-up of an editor points into it', async () => {
  const { stdout } = await runCommand(['init', 'nvim'], { program });
  const linked = /ln -s "([^"]+)"/.exec(stdout)?.[1] ?? '';
  expect(linked.endsWith(join(packageJson.name, 'clients/neovim'))).toBe(true);
  expect(existsSync(linked)).toBe(true);
});

test('publint finds nothing', async () => {
  const { publint } = await import('publint');
  const { formatMessage } = await import('publint/utils');
  const { messages, pkg } = await publint({ pkgDir: installed, strict: true, pack: false });
  expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
});

test('its types are not wrong, because it has none: it is a program', async () => {
  const checker = join(root, 'node_modules/@arethetypeswrong/cli/dist/index.js');
  const { stdout } = await run(process.execPath, [checker, tarball, '--no-definitely-typed', '--format', 'json']);
  expect(JSON.parse(stdout)).toMatchObject({ analysis: { types: false } });
});
