import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { redact } from '../../src/context/redact.ts';
import { redactedSlice } from '../../src/context/redact-slice.ts';
import { TextBuffer } from '../../src/util/text-buffer.ts';

const SEED = 20_261_120;
const LETTERS = 'Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4FgH7jKl0NoP';

/** Looks random, is the same each time, and is no key of anybody: built here so that no scanner finds one in this file. */
function random(length: number, alphabet = LETTERS): string {
  return Array.from({ length }, (_, index) => alphabet[(index * 7) % alphabet.length]).join('');
}

const pem = (kind: string, body: string) => `-----BEGIN ${kind}-----\n${body}\n-----END ${kind}-----`;
const upper = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** The text and the secret in it. */
const secrets: [string, string, string][] = [
  ['OpenAI', 'sk-', random(48)],
  ['OpenAI project', 'sk-proj-', `${random(40)}-${random(40)}_${random(40)}`],
  ['Anthropic', 'sk-ant-api03-', random(95)],
  ['Google', 'AIza', random(35)],
  ['Google OAuth', 'ya29.', random(120)],
  ['GitHub', 'ghp_', random(36)],
  ['GitHub fine-grained', 'github_pat_', `${random(22)}_${random(59)}`],
  ['GitLab', 'glpat-', random(20)],
  ['xAI', 'xai-', random(80)],
  ['Groq', 'gsk_', random(52)],
  ['Hugging Face', 'hf_', random(34)],
  ['npm', 'npm_', random(36)],
  ['PyPI', 'pypi-AgE', random(150)],
  ['Slack', 'xoxb-', `${random(12, '1234567890')}-${random(24)}`],
  ['Stripe', 'sk_live_', random(24)],
  ['SendGrid', 'SG.', `${random(22)}.${random(43)}`],
  ['AWS', 'AKIA', random(16, upper)],
  ['AWS without a digit', 'ASIA', 'ABCDEFGHIJKLMNOP'],
  ['JWT', 'eyJ', `${random(30)}.eyJ${random(80)}.${random(43)}`],
];

describe('secrets', () => {
  test.each(secrets)('%s', (_name, start, rest) => {
    const secret = start + rest;
    for (const [left, right] of [
      ['const key = "', '";'],
      ['KEY=', '\n'],
      ['', ''],
      ['(', ')'],
      ['[`', '`]'],
    ] as const) {
      const { text, spans } = redact(left + secret + right);
      expect(text.startsWith(`${left}REDACTED***`) && text.endsWith(right)).toBe(true);
      expect([text.length, spans.length]).toEqual([left.length + secret.length + right.length, 1]);
      expect(text).not.toContain(secret.slice(8));
    }
  });

  test.each([
    ['postgres://me:hunter22@db/x', 'postgres://me:REDACTED@db/x'],
    ['redis://:abc@h', 'redis://:***@h'],
    [`https://me:${random(20)}@host/p?q=1`, 'https://me:REDACTED************@host/p?q=1'],
    [`aws_secret_access_key = ${random(40)}`, `aws_secret_access_key = REDACTED${'*'.repeat(32)}`],
    [`"SecretAccessKey": "${random(40)}"`, `"SecretAccessKey": "REDACTED${'*'.repeat(32)}"`],
    [`AccountKey=${random(86)}==;End`, `AccountKey=REDACTED${'*'.repeat(80)};End`],
    [`//registry/:_authToken=${random(36)}`, `//registry/:_authToken=REDACTED${'*'.repeat(28)}`],
    [`Authorization: Bearer ${random(30)}`, `Authorization: Bearer REDACTED${'*'.repeat(22)}`],
    [
      `https://hooks.slack.com/services/T00000000/B00000000/${random(24)}`,
      `https://hooks.slack.com/services/REDACTED${'*'.repeat(36)}`,
    ],
    [pem('RSA PRIVATE KEY', 'MIIE\nabcdefghij\n'), pem('RSA PRIVATE KEY', '****\n**********\n')],
    [pem('PRIVATE KEY', random(64)), pem('PRIVATE KEY', '*'.repeat(64))],
    ['-----BEGIN OPENSSH PRIVATE KEY-----\r\nabc\r\n', '-----BEGIN OPENSSH PRIVATE KEY-----\r\n***\r\n'],
  ])('%j', (text, expected) => {
    expect(redact(text)).toMatchObject({ text: expected, spans: [{}] });
    expect(redact(expected)).toEqual({ text: expected, spans: [] });
  });

  test('each is counted, and none is left for a second look', () => {
    const text = secrets.map(([, start, rest]) => `x = "${start}${rest}"\n`).join('');
    const once = redact(text);
    expect(once.spans.length).toBe(secrets.length);
    expect(redact(once.text)).toEqual({ text: once.text, spans: [] });
  });
});

test.each([
  'class="sk-loading-indicator-spinner-2 sk-chase-dot-before-2"',
  'task-runner-configuration-for-2026-and-later',
  'const url = `https://$' + '{user}:$' + '{password}@host/`',
  'https://example.com:8080/path@2x.png',
  'git@github.com:owner/repository.git',
  'postgres://$USER:$PASSWORD@localhost',
  'bearer of good news that are long enough to be a key',
  '-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----',
  '-----BEGIN PUBLIC KEY-----\nMIIE\n-----END PUBLIC KEY-----',
  'AKIA is how they begin; eyJhbGciOi is how a token begins',
  'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=',
  'const id = "3f2504e0-4f89-11d3-9a0c-0305e82c3301"',
  'import { ghp_helper } from "./x"',
])('%j is no secret', (text) => {
  expect(redact(text)).toEqual({ text, spans: [] });
});

describe('a part of a document', () => {
  const body = `${random(64)}\n`.repeat(50);
  const key = pem('RSA PRIVATE KEY', body);
  const text = `before\n${key}\nafter\n`;

  test('from the middle of a private key to its middle shows nothing of it', () => {
    const slice = redactedSlice(TextBuffer.from(text), 200, 1_000);
    expect(slice.text).toMatch(/^[*\n]+$/);
    expect([slice.text.length, slice.redactions]).toEqual([800, 1]);
  });

  test('that is whole lines of a private key shows nothing of it', () => {
    const document = TextBuffer.from(text);
    const slice = redactedSlice(document, document.lineStart(5), document.lineStart(10));
    expect(slice.text).toBe(`${'*'.repeat(64)}\n`.repeat(5));
  });

  test('that cuts a key in half hides its half', () => {
    const line = `const key = "sk-${random(48)}";`;
    expect(redactedSlice(TextBuffer.from(line), 30, line.length).text).toBe(`${'*'.repeat(line.length - 32)}";`);
    expect(redactedSlice(TextBuffer.from(line), 0, 30).text).toBe(`const key = "REDACTED*********`);
  });

  test('without a secret is what it was, and one beyond it is not counted', () => {
    const around = `sk-${random(48)}\nplain\nsk-${random(48)}\n`;
    expect(redactedSlice(TextBuffer.from(around), 52, 58)).toEqual({ text: 'plain\n', redactions: 0 });
  });
});

describe('any text', () => {
  const shapes = secrets.map(([, start, rest]) => ` ${start}${rest} `);
  const noise = [
    'a',
    ' ',
    '\n',
    '\r\n',
    '"',
    ':',
    '@',
    '/',
    '//',
    '=',
    '-',
    '_',
    '.',
    '\u{1f600}',
    'https',
    'bearer ',
    'sk-',
    'eyJ',
  ];
  const marks = [
    '-----BEGIN PRIVATE KEY-----',
    '-----END PRIVATE KEY-----',
    '-----BEGIN ',
    'AccountKey=',
    '_authToken=',
  ];
  const text = fc
    .array(fc.oneof(fc.constantFrom(...noise, ...marks), fc.constantFrom(...shapes), fc.string()), { maxLength: 40 })
    .map((parts) => parts.join(''));

  test('keeps its length, its line ends and all that is not a secret; looking twice finds nothing new', () => {
    const property = fc.property(text, (original) => {
      const { text: redacted, spans } = redact(original);
      expect(redacted.length).toBe(original.length);
      expect(redacted.replace(/[^\r\n]/g, '')).toBe(original.replace(/[^\r\n]/g, ''));
      let done = 0;
      for (const { start, end } of spans) {
        expect(redacted.slice(done, start)).toBe(original.slice(done, start));
        done = end;
      }
      expect(redacted.slice(done)).toBe(original.slice(done));
      expect(redact(redacted).text).toBe(redacted);
    });
    fc.assert(property, { seed: SEED, numRuns: 5_000 });
  });

  test.each([
    ['hex', 'deadbeef0123'.repeat(90_000)],
    ['one letter', 'a'.repeat(1_000_000)],
    ['addresses', 'http://'.repeat(100_000)],
    ['beginnings of tokens', 'eyJaaaaaaaaaaa.'.repeat(50_000)],
    ['beginnings of keys', '-----BEGIN PRIVATE KEY-----'.repeat(10_000)],
    ['one long marker', `-----BEGIN ${'A'.repeat(500_000)}`],
    ['an assignment of blanks', `secret_access_key${' '.repeat(500_000)}`],
    ['users', `http://${'a'.repeat(90)}:`.repeat(5_000)],
  ])('%s does not hold it up', (_name, hostile) => {
    expect(redact(hostile).text.length).toBe(hostile.length);
  });
});
