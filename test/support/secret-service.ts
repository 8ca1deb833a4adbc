/** A real Secret Service of a test's own: GNOME Keyring on a private bus, which can be locked, stopped and left out. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

const tools = join(process.env['INKLING_TOOLS'] ?? join(homedir(), '.cache', 'inkling-tools'), 'keyring', 'bin');

export interface SecretServicePrograms {
  readonly bus: string;
  readonly keyring: string;
}

/** What is here; `undefined` where one of both is not. */
export const secretServicePrograms = find();

/** The title of a suite; of a skipped one it says how not to skip it. */
export function titledBySecretService(what: string): string {
  return secretServicePrograms === undefined ? `${what} (not here: run .ci/install-keyring)` : what;
}

export interface SecretService {
  /** Of programs that are to find it. */
  readonly environment: Readonly<Record<string, string>>;
  /** Ends the keychain; whoever asks next starts it again, locked where nobody is there to unlock it. */
  restart(state: 'locked' | 'unlocked'): Promise<void>;
  /** It takes questions and answers none, until `thaw`. */
  freeze(): void;
  thaw(): void;
  stop(): Promise<void>;
}

const PASSWORD = 'a password of nobody';

/** The bus starts the keychain when somebody asks for it, and lets them wait: nobody has to know when it is ready. */
export async function startSecretService({ bus, keyring }: SecretServicePrograms): Promise<SecretService> {
  const folder = mkdtempSync(join(tmpdir(), 'inkling-bus-'));
  const [pidFile, script, password] = ['pid', 'start', 'password'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const isOpen = (state: 'locked' | 'unlocked') =>
    writeFileSync(
      script,
      `#!/bin/sh\necho $$ >'${pidFile}'\nexec '${keyring}' --foreground --components=secrets ${state === 'unlocked' ? `--unlock <'${password}'` : ''}\n`,
      { mode: 0o755 },
    );
  writeFileSync(password, PASSWORD);
  isOpen('unlocked');
  writeFileSync(
    join(folder, 'org.freedesktop.secrets.service'),
    `[D-BUS Service]\nName=org.freedesktop.secrets\nExec=${script}\n`,
  );
  writeFileSync(join(folder, 'bus.conf'), configuration(folder));
  const child = spawn(bus, [`--config-file=${join(folder, 'bus.conf')}`, '--nofork', '--print-address'], {
    env: { HOME: folder, XDG_RUNTIME_DIR: folder, PATH: process.env['PATH'] ?? '' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const address = await firstLine(child);

  const pid = () => (existsSync(pidFile) ? Number(readFileSync(pidFile, 'utf8')) : undefined);
  const signal = (name: NodeJS.Signals) => {
    const running = pid();
    if (running !== undefined) process.kill(running, name);
  };
  const end = async () => {
    const running = pid();
    if (running === undefined) return;
    process.kill(running, 'SIGKILL');
    rmSync(pidFile);
    while (isAlive(running)) await new Promise((resolve) => setImmediate(resolve));
  };

  return {
    environment: { DBUS_SESSION_BUS_ADDRESS: address },
    async restart(state) {
      await end();
      isOpen(state);
    },
    freeze: () => signal('SIGSTOP'),
    thaw: () => signal('SIGCONT'),
    async stop() {
      await end();
      const gone = new Promise((resolve) => child.once('close', resolve));
      child.kill('SIGKILL');
      await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** By a process of its parent it stays until that has noticed. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

function configuration(folder: string): string {
  return `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=${folder}/bus</listen>
  <auth>EXTERNAL</auth>
  <servicedir>${folder}</servicedir>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`;
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`The bus ended with ${code}.`)));
    child.stdout?.on('data', (part: Buffer) => {
      text += part.toString();
      const [line, rest] = text.split('\n', 2);
      if (rest !== undefined && line !== undefined) resolve(line);
    });
  });
}

function find(): SecretServicePrograms | undefined {
  const [bus, keyring] = ['dbus-daemon', 'gnome-keyring-daemon'].map((name) =>
    [join(tools, name), name].find((program) => starts(program)),
  );
  return bus === undefined || keyring === undefined ? undefined : { bus, keyring };
}

function starts(program: string): boolean {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
