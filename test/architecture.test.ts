/** The drawing, executable: which folder may import which, and who may know a package. A new edge is a decision, made here. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../src', import.meta.url));

const base = ['domain', 'util'];
const features = [
  'cache',
  'config',
  'documents',
  'context',
  'completion',
  'chat',
  'providers',
  'resilience',
  'credentials',
  'observability',
];

/** Room → rooms it may import; its own files always. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  util: [],
  ...Object.fromEntries(features.map((feature) => [feature, base])),
  assistant: [...base, ...features],
  app: [...base, ...features, 'assistant'],
  // The outer rooms see the façade, its data and what they need to start it: settings files and the log.
  lsp: [...base, 'app', 'assistant', 'completion', 'config', 'documents', 'observability'],
  cli: [...base, 'app', 'assistant', 'completion', 'config', 'credentials', 'documents', 'observability'],
  main: ['lsp', 'cli'],
  // It runs before anything else is loaded.
  launch: [],
};

/** Package → the only folders that may import it. */
const packages: Readonly<Record<string, readonly string[]>> = {
  zod: ['config', 'domain', 'lsp'],
  'jsonc-parser': ['config'],
  ignore: ['context', 'providers/workspace'],
  'vscode-jsonrpc/node': ['lsp'],
  'vscode-languageserver/node': ['lsp'],
  'quick-lru': ['cache'],
  ioredis: ['cache'],
  '@opentelemetry/api': ['observability'],
  '@napi-rs/keyring': ['credentials'],
  openai: ['providers/openai-wire'],
  '@anthropic-ai/sdk': ['providers/anthropic'],
  '@google/genai/web': ['providers/gemini'],
  undici: ['providers/http'],
  'eventsource-parser': ['providers/http'],
};

/** Folders of `providers` that are no vendor's: what several of them share. */
const sharedByVendors = ['http', 'prompt', 'openai-wire'];

interface Import {
  readonly file: string;
  readonly specifier: string;
}

function importsOf(folder: string): Import[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => {
      const source = readFileSync(join(folder, name), 'utf8');
      const found = source.matchAll(/(?:\bfrom\s+|\bimport\s*\(\s*|^import\s+)'([^']+)'/gm);
      return [...found].map(([, specifier = '']) => ({ file: name, specifier }));
    });
}

const imports = importsOf(root);

function roomOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.indexOf('/')) : path.replace(/\.ts$/, '');
}

test('the drawing names every room', () => {
  const rooms = new Set(imports.map(({ file }) => roomOf(file)));
  expect([...rooms].filter((room) => allowed[room] === undefined)).toEqual([]);
});

test('no import points sideways or up', () => {
  const wrong = imports.flatMap(({ file, specifier }) => {
    if (!specifier.startsWith('.') || specifier.endsWith('package.json')) return [];
    const target = roomOf(relative(root, resolve(root, dirname(file), specifier)));
    const from = roomOf(file);
    return target === from || allowed[from]?.includes(target) ? [] : [`${file} → ${target}`];
  });
  expect(wrong).toEqual([]);
});

test('vendors do not know each other', () => {
  const wrong = imports.flatMap(({ file, specifier }) => {
    const from = /^providers\/(\w[\w-]*)\//.exec(file)?.[1];
    if (from === undefined || !specifier.startsWith('.')) return [];
    const target = relative(root, resolve(root, dirname(file), specifier));
    const to = /^providers\/(\w[\w-]*)\//.exec(target)?.[1];
    return to === undefined || to === from || sharedByVendors.includes(to) ? [] : [`${file} → ${target}`];
  });
  expect(wrong).toEqual([]);
});

test('a package is known only where the drawing allows it', () => {
  const wrong = imports.flatMap(({ file, specifier }) => {
    if (specifier.startsWith('.') || specifier.startsWith('node:')) return [];
    const places = Object.entries(packages).find(
      ([name]) => specifier === name || specifier.startsWith(`${name}/`),
    )?.[1];
    return places?.some((place) => file.startsWith(`${place}/`)) ? [] : [`${file} → ${specifier}`];
  });
  expect(wrong).toEqual([]);
});

test('defaults live in config alone: no other file reads the environment of the process', () => {
  const wrong = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && /process\.env\b/.test(readFileSync(join(root, name), 'utf8')))
    .filter((name) => name !== 'lsp/start.ts' && !name.startsWith('cli/'));
  expect(wrong).toEqual([]);
});

/** Those that are run as a process of their own. */
const programs = ['main.ts', 'credentials/keychain-process.ts'];

test('only a program itself ends its process', () => {
  const wrong = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && /process\.exit\(/.test(readFileSync(join(root, name), 'utf8')))
    .filter((name) => !programs.includes(name));
  expect(wrong).toEqual([]);
});
