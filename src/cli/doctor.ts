/** `inkling doctor`: what works, what does not, and what to do about it; the reasons a suggestion or an answer never comes. */
import { describeIssue } from '../config/issue.ts';
import type { Settings } from '../config/schema.ts';
import type { ProviderEntry } from '../domain/provider-entry.ts';
import { type Command, exitCode, type Surroundings } from './command.ts';
import { type CliApp, createCliApp } from './create-cli-app.ts';
import { checkProvider, isMentioned, presenceOf } from './doctor-provider.ts';
import { createReport, type DoctorReport } from './doctor-report.ts';
import { rootOf } from './workspace-file.ts';

export const doctor: Command = {
  usage: '',
  help:
    'Checks the settings and every configured provider: its key, address and proxy, then one real completion and one' +
    ' chat with it, which may cost a few tokens. Exit code 1 when the active provider cannot answer, 2 when a setting is' +
    ' wrong: what was checked is then not what was meant, so 2 stands above 1.',
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

async function examine(app: CliApp, surroundings: Surroundings): Promise<number> {
  const { signal, place } = surroundings;
  const report = createReport(surroundings);
  report.heading('Inkling');
  checkNode(report, surroundings);
  const isSetUp = checkSettings(report, app);
  app.openFolder(rootOf(place.workingDirectory));
  const settings = app.assistant.settings();
  const active = reportActive(settings, report);
  const isUsed = usedBy(settings);
  let isHealthy = true;
  for (const entry of Object.values(settings.providers)) {
    if (!isUsed(entry) && !isMentioned(entry.id, app)) continue;
    const isActive = active.has(entry.id);
    if (!(await checkProvider(entry, isActive, app, report, signal)) && isActive) isHealthy = false;
  }
  await reportOthers(
    Object.values(settings.providers).filter((entry) => !isUsed(entry) && !isMentioned(entry.id, app)),
    app,
    report,
    signal,
  );
  if (!isSetUp) return exitCode.wrongUsage;
  return isHealthy ? exitCode.done : exitCode.failed;
}

/** The offline engine is always there; others where the settings ask them for something. */
function usedBy({ provider, completion, chat }: Settings): (entry: ProviderEntry) => boolean {
  const used = new Set([
    completion.provider ?? provider,
    chat.provider ?? provider,
    ...completion.fallback,
    ...chat.fallback,
  ]);
  return ({ id, kind }) => kind === 'workspace' || used.has(id);
}

/** What the settings do not name is only looked at: a question to it would cost somebody something. */
async function reportOthers(
  entries: readonly ProviderEntry[],
  app: CliApp,
  report: DoctorReport,
  signal: AbortSignal,
): Promise<void> {
  const { providers } = await app.assistant.discoverProviders(signal);
  const presences = await Promise.all(
    entries.map(async (entry) => ({
      id: entry.id,
      ...(await presenceOf(entry, providers.find(({ id }) => id === entry.id)?.health, app, signal)),
    })),
  );
  const usable = presences.filter((one) => 'usable' in one);
  if (usable.length > 0) report.heading('Usable on this machine, and not asked: name it as "provider"');
  for (const { id, usable: by } of usable) report.line('good', id, by);
  const missing = presences.filter((one) => 'missing' in one);
  if (missing.length > 0) report.heading('Not configured: a key may also be stored by "inkling keys set"');
  for (const { id, missing: why } of missing) report.line('absent', id, why);
}

/** The providers that something is asked of. */
function reportActive({ provider, completion, chat, providers }: Settings, report: DoctorReport): ReadonlySet<string> {
  const completes = completion.provider ?? provider;
  const chats = [chat.provider ?? provider, ...chat.fallback].find((id) => providers[id]?.kind !== 'workspace');
  report.line('good', 'completion', `by "${completes}"`);
  if (chats === undefined) report.line('absent', 'chat', NO_CHAT);
  else report.line('good', 'chat', `by "${chats}"`);
  return new Set(chats === undefined ? [completes] : [completes, chats]);
}

const NO_CHAT =
  'by nobody: the offline engine only completes. Set "chat": {"provider": "openai"}, for example, in the settings.';

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

/** True where nothing is wrong with them. */
function checkSettings(report: DoctorReport, { file, issues }: CliApp): boolean {
  const state = { read: file.path, absent: `${file.path} does not exist; the defaults hold`, unusable: file.path };
  report.line(issues.length > 0 ? 'bad' : file.state === 'absent' ? 'absent' : 'good', 'settings', state[file.state]);
  for (const issue of issues) report.line('bad', '', describeIssue(issue));
  for (const warning of file.warnings) report.line('bad', '', warning);
  return issues.length === 0;
}
