/** A real Redis or Valkey server on loopback, which a test can freeze, kill, fill and start again. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';

const tools = join(process.env['INKLING_TOOLS'] ?? join(homedir(), '.cache', 'inkling-tools'), 'redis', 'bin');
const programs = ['redis-server', 'valkey-server'].flatMap((name) =>
  [join(tools, name), name].filter(starts).slice(0, 1),
);

/** What is here of Redis and Valkey: the programs, by the names of the tests; or one name that says what to do. */
export const redisServers: readonly { readonly name: string; readonly program: string | undefined }[] =
  programs.length > 0
    ? programs.map((program) => ({ name: basename(program), program }))
    : [{ name: 'no redis-server or valkey-server here: run .ci/install-redis', program: undefined }];

export interface TestRedis {
  /** `redis://127.0.0.1:PORT` */
  readonly url: string;
  /** `rediss://localhost:PORT`, by a certificate nobody knows. */
  readonly secureUrl: string;
  /** A client with rights to everything, which waits for its server. */
  readonly admin: Redis;
  freeze(): void;
  thaw(): void;
  kill(): Promise<void>;
  /** On the same port, empty. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface RedisOptions {
  readonly program: string;
  /** As on the command line, without the dashes: `['maxmemory', '2mb']`. */
  readonly settings?: readonly (readonly string[])[];
}

export async function startRedis({ program, settings = [] }: RedisOptions): Promise<TestRedis> {
  const folder = mkdtempSync(join(tmpdir(), 'inkling-redis-'));
  const [port, securePort] = [await freePort(), await freePort()];
  let child: ChildProcess | undefined;

  async function start(): Promise<void> {
    const fixed = [
      ['port', String(port)],
      ['tls-port', String(securePort)],
      ['tls-cert-file', fixture('localhost.cert.pem')],
      ['tls-key-file', fixture('localhost.key.pem')],
      ['tls-ca-cert-file', fixture('localhost.cert.pem')],
      ['tls-auth-clients', 'no'],
      ['bind', '127.0.0.1'],
      ['save', ''],
      ['dir', folder],
    ];
    const words = [...fixed, ...settings].flatMap(([name, ...values]) => [`--${name}`, ...values]);
    const started = spawn(program, words, { stdio: ['ignore', 'pipe', 'inherit'] });
    child = started;
    await new Promise<void>((resolve, reject) => {
      started.once('error', reject);
      started.once('exit', (code) => reject(new Error(`${program} ended with ${code}.`)));
      started.stdout?.on('data', (text: Buffer) => {
        if (text.includes('eady to accept connections')) resolve();
      });
    });
  }

  async function kill(): Promise<void> {
    const dying = child;
    child = undefined;
    if (dying === undefined) return;
    const gone = new Promise((resolve) => dying.once('close', resolve));
    dying.kill('SIGKILL');
    await gone;
  }

  await start();
  const admin = new Redis({ port, host: '127.0.0.1', retryStrategy: () => 20, maxRetriesPerRequest: null });
  admin.on('error', () => undefined);
  return {
    url: `redis://127.0.0.1:${port}`,
    secureUrl: `rediss://localhost:${securePort}`,
    admin,
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
    kill,
    start,
    async stop() {
      admin.disconnect();
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

function fixture(name: string): string {
  return fileURLToPath(new URL(`../fixtures/tls/${name}`, import.meta.url));
}

function starts(program: string): boolean {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
