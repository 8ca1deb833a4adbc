/** `inkling doctor`: what works, what does not, and what to do about it; the reasons a suggestion or an answer never comes. */
import type { ProviderInspection } from '../assistant/inspect-provider.ts';
import type { CompletionOutcome } from '../completion/completer.ts';
import { describeIssue } from '../config/issue.ts';
import type { ProviderEntry } from '../domain/provider-entry.ts';
import { type Command, exitCode, type Surroundings } from './command.ts';
import { type CliApp, createCliApp } from './create-cli-app.ts';
import { createReport, type DoctorReport } from './doctor-report.ts';
import { rootOf } from './workspace-file.ts';

export const doctor: Command = {
  usage: '',
  help:
    'Checks the settings and every configured provider: its key, address and proxy, then one real completion and one' +
    ' chat with it, which may cost a few tokens. Exit code 1 when the active provider cannot answer.',
  options: {},
  arguments: { least: 0, most: 0 },
  async run(input, surroundings) {
    // Failures are what this command is about: it says them once, in its own words.
    const app = await createCliApp(input, surroundings, 'error');
    try {
      return await examine(app, surroundings);
    } finally {
      await app.assistant.dispose();
    }
  },
};

/** Milliseconds one question to one provider may take. */
const PATIENCE = 30_000;

async function examine(app: CliApp, surroundings: Surroundings): Promise<number> {
  const { assistant } = app;
  const report = createReport(surroundings);
  report.heading('Inkling');
  checkNode(report, surroundings);
  checkSettings(report, app);
  app.openFolder(rootOf(surroundings.place.workingDirectory));
  const settings = assistant.settings();
  const active = new Set([settings.provider, settings.completion.provider ?? settings.provider]);
  if (settings.chat.provider !== null) active.add(settings.chat.provider);
  report.line('good', 'completion', `by "${settings.completion.provider ?? settings.provider}"`);
  const chatProvider = settings.chat.provider ?? settings.provider;
  if (settings.providers[chatProvider]?.kind === 'workspace') report.line('absent', 'chat', NO_CHAT);
  else report.line('good', 'chat', `by "${chatProvider}"`);
  let healthy = true;
  for (const entry of Object.values(settings.providers)) {
    const works = await checkProvider(entry, active.has(entry.id), app, report, surroundings.signal);
    if (!works && active.has(entry.id)) healthy = false;
  }
  return healthy ? exitCode.done : exitCode.failed;
}

function checkNode(report: DoctorReport, { place }: Surroundings): void {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const isSupported = major > 20 || (major === 20 && minor >= 19);
  report.line(
    isSupported ? 'good' : 'bad',
    'Node.js',
    `${process.versions.node}${isSupported ? '' : ': too old, Inkling needs 20.19 or later'}`,
  );
  if (place.environment['NODE_TLS_REJECT_UNAUTHORIZED'] === '0') {
    report.line(
      'bad',
      'TLS',
      'NODE_TLS_REJECT_UNAUTHORIZED=0 is set. Inkling ignores it; unset it for other programs.',
    );
  }
}

function checkSettings(report: DoctorReport, { file, issues }: CliApp): void {
  const state = { read: file.path, absent: `${file.path} does not exist; the defaults hold`, unusable: file.path };
  report.line(issues.length > 0 ? 'bad' : file.state === 'absent' ? 'absent' : 'good', 'settings', state[file.state]);
  for (const issue of issues) report.line('bad', '', describeIssue(issue));
  for (const warning of file.warnings) report.line('bad', '', warning);
}

/** True when the provider answers, or nobody expects it to. */
async function checkProvider(
  entry: ProviderEntry,
  isActive: boolean,
  app: CliApp,
  report: DoctorReport,
  signal: AbortSignal,
): Promise<boolean> {
  const { id, kind, model, baseUrl } = entry;
  report.heading(`${id}${isActive ? ' (active)' : ''}`);
  const { key, proxy } = await app.inspect(id).catch((error: unknown) => ({
    key: { refused: error instanceof Error ? error.message : String(error) },
    proxy: undefined,
  }));
  const isOffline = kind === 'workspace';
  if ('refused' in key) {
    report.line('bad', 'key', key.refused);
    return false;
  }
  if ('missing' in key && kind === 'openai') {
    report.line(isActive ? 'bad' : 'absent', 'key', key.missing);
    return false;
  }
  if (!isOffline) reportKey(key, report);
  if (baseUrl !== undefined) report.line('good', 'address', new URL(baseUrl).origin + new URL(baseUrl).pathname);
  if (baseUrl !== undefined) report.line(proxy === undefined ? 'absent' : 'good', 'proxy', proxy ?? 'none');
  if (model !== undefined) report.line('good', 'model', model);
  const health = await app.checkHealth(id, limited(signal));
  const isWell = health.state === 'ready' || health.state === 'degraded';
  report.line(isWell ? 'good' : 'bad', 'health', [health.state, health.message].filter(Boolean).join(': '));
  // What does not even answer its cheapest question would only say the same thing three times.
  if (health.state === 'unconfigured' || health.state === 'unreachable') return false;
  const completes = await checkCompletion(id, app, report, signal);
  const chats = isOffline || (await checkChat(id, app, report, signal));
  return completes && chats;
}

function reportKey(key: ProviderInspection['key'], report: DoctorReport): void {
  if (!('source' in key)) report.line('absent', 'key', 'none');
  else if (key.source === 'settings') report.line('good', 'key', PLAIN_KEY);
  else report.line('good', 'key', `from ${key.source}`);
}

const PLAIN_KEY = 'from the settings, in plain text. An environment variable is safer: "apiKey": {"env": "NAME"}';

const NO_CHAT =
  'by nobody: the offline engine only completes. Set "chat": {"provider": "openai"}, for example, in the settings.';

/** A place where nearly everything that completes code has something to say. */
const SAMPLE = `function add(first, second) {
  return first + second;
}

function subtract(first, second) {
  return first - second;
}

function multiply(first, second) {
  return `;

const SAMPLE_URI = 'untitled:inkling-doctor.js';

async function checkCompletion(id: string, app: CliApp, report: DoctorReport, signal: AbortSignal): Promise<boolean> {
  const { assistant } = app;
  // This provider and no other: a fallback's answer would hide that it cannot.
  assistant.configure('session', { completion: { enabled: true, provider: id, fallback: [], languages: EVERY } });
  const document = { uri: SAMPLE_URI, languageId: 'javascript', version: 1, text: `${SAMPLE}\n}\n` };
  assistant.documents.open(document);
  const lines = SAMPLE.split('\n');
  const position = { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 };
  const started = performance.now();
  const outcome = await assistant.complete({ uri: SAMPLE_URI, position, trigger: 'explicit' }, limited(signal));
  assistant.documents.close(SAMPLE_URI);
  signal.throwIfAborted();
  report.line(
    outcome.kind === 'failed' || outcome.kind === 'cancelled' ? 'bad' : 'good',
    'completion',
    say(outcome, since(started)),
  );
  return outcome.kind !== 'failed' && outcome.kind !== 'cancelled';
}

const EVERY = { include: ['*'] };

function say(outcome: CompletionOutcome, time: string): string {
  if (outcome.kind === 'cancelled') return `no answer within ${PATIENCE / 1000} s`;
  if (outcome.kind !== 'offered') return `${outcome.reason} (${time})`;
  return `"${firstLine(outcome.offers[0]?.insertText ?? '')}" (${time})`;
}

async function checkChat(
  id: string,
  { assistant }: CliApp,
  report: DoctorReport,
  signal: AbortSignal,
): Promise<boolean> {
  const started = performance.now();
  try {
    const messages = [{ role: 'user' as const, content: 'Answer with the one word: ready' }];
    const { message, model } = await assistant.chat({ messages, provider: id, maxTokens: 512 }, limited(signal));
    report.line('good', 'chat', `"${firstLine(message.content)}" from ${model} (${since(started)})`);
    return true;
  } catch (error) {
    signal.throwIfAborted();
    report.line('bad', 'chat', error instanceof Error ? error.message : String(error));
    return false;
  }
}

function limited(signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]);
}

function since(started: number): string {
  return `${Math.round(performance.now() - started)} ms`;
}

function firstLine(text: string): string {
  const [line = ''] = text.trim().split('\n', 1);
  return line.length > 48 ? `${line.slice(0, 47)}…` : line;
}
