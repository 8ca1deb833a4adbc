/** The doctor's examination of one provider: key, address, proxy, health, one real completion, one real chat. */
import type { ProviderInspection } from '../assistant/inspect-provider.ts';
import type { CompletionOutcome } from '../completion/outcome.ts';
import { isProviderKind, vendorOf } from '../config/vendors.ts';
import { AiError } from '../domain/ai-error.ts';
import type { ProviderHealth } from '../domain/ai-provider.ts';
import type { ProviderEntry } from '../domain/provider-entry.ts';
import type { CliApp } from './create-cli-app.ts';
import type { DoctorReport } from './doctor-report.ts';

/** Milliseconds one question to one provider may take. */
const PATIENCE = 30_000;

/** Whether the settings file says anything of the provider. */
export function isMentioned(id: string, { file }: CliApp): boolean {
  const raw: unknown = file.raw;
  const providers: unknown = typeof raw === 'object' && raw !== null ? Reflect.get(raw, 'providers') : undefined;
  return typeof providers === 'object' && providers !== null && Object.hasOwn(providers, id);
}

/** What nobody configured: whether it could be used as it is, and by what, or what it would take. */
export type Presence = { readonly usable: string } | { readonly missing: string };

/** Sends nothing and costs nothing; `health` is what the provider itself says of its state. */
export async function presenceOf(
  { id, kind, baseUrl }: ProviderEntry,
  health: ProviderHealth | undefined,
  app: CliApp,
  signal: AbortSignal,
): Promise<Presence> {
  const variables = keyVariablesOf(kind);
  if (variables.length > 0) {
    const key = await app.glanceAtKey(id, signal);
    if ('source' in key) return { usable: `key from ${key.source}` };
    return { missing: 'refused' in key ? key.refused : `set ${variables.join(' or ')}` };
  }
  if (health?.state === 'ready') return { usable: `answers${baseUrl === undefined ? '' : ` at ${baseUrl}`}` };
  if (health?.state === 'degraded') return { usable: health.message ?? 'answers' };
  return { missing: baseUrl === undefined ? (health?.message ?? 'no server') : `no server at ${baseUrl}` };
}

function keyVariablesOf(kind: string): readonly string[] {
  return isProviderKind(kind) ? vendorOf(kind).keyVariables : [];
}

/** Says everything that is known of a provider and asks it for a completion and a chat. True when it answers. */
export async function checkProvider(
  entry: ProviderEntry,
  isActive: boolean,
  app: CliApp,
  report: DoctorReport,
  signal: AbortSignal,
): Promise<boolean> {
  const { id, kind, model, baseUrl } = entry;
  report.heading(`${id}${isActive ? ' (active)' : ''}`);
  const { key, proxy } = await app.inspect(id, signal).catch((error: unknown) => ({
    key: { refused: error instanceof Error ? error.message : String(error) },
    proxy: undefined,
  }));
  const isOffline = kind === 'workspace';
  if ('refused' in key) {
    report.line('bad', 'key', key.refused);
    return false;
  }
  if ('missing' in key && keyVariablesOf(kind).length > 0) {
    report.line('bad', 'key', key.missing);
    return false;
  }
  if (!isOffline) reportKey(id, key, report);
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

function reportKey(id: string, key: ProviderInspection['key'], report: DoctorReport): void {
  if (!('source' in key)) report.line('absent', 'key', 'none');
  else if (key.source === 'settings') report.line('good', 'key', plainKey(id));
  else report.line('good', 'key', `from ${key.source}`);
}

function plainKey(id: string): string {
  return `from the settings, in plain text. The keychain is safer: remove "apiKey" there and run "inkling keys set ${id}".`;
}

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
    const isChatless = error instanceof AiError && error.kind === 'unsupported';
    report.line(isChatless ? 'absent' : 'bad', 'chat', error instanceof Error ? error.message : String(error));
    return isChatless;
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
