/**
 * Drives a real Neovim: a child with an attached screen, keys as a user types them, and its buffers, ghost text and
 * messages read back. Apart from the tests because it knows Neovim's RPC and nothing of what is tested.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeMultiStream, encode } from '@msgpack/msgpack';

/** What a test without Neovim says it needs. */
export const howToGetNeovim = 'no Neovim 0.12 here: run .ci/install-neovim, or name one in INKLING_NVIM';

/** Milliseconds to wait for something to appear; far more than any step takes, and less than a test may. */
const patience = 15_000;

/** How long to wait for the screen to change before asking again, in milliseconds. */
const askAgainAfter = 20;

const plugin = fileURLToPath(new URL('../../clients/neovim', import.meta.url));

/** A message too long for the screen waits for a key, and with it everything else would wait; this one goes on. */
const unattended = `vim.o.messagesopt = 'wait:0,history:500'`;

export interface NeovimOptions {
  /** Lua that runs as the user's init.lua, with the plugin on the runtimepath. */
  readonly init: string;
  /** Files to create in the working folder: path to content, written as it is. */
  readonly files?: Readonly<Record<string, string>>;
  /** Environment of Neovim and of what it starts, over an almost empty one. */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface Neovim {
  /** The working folder, which is also a project root. */
  readonly folder: string;
  /** Keys in Neovim's notation, for example `ofoo<Tab><Esc>`; a literal `<` is `<lt>`. */
  type(keys: string): Promise<void>;
  /** Runs Lua and gives back what it returns; `...` are the arguments. */
  lua(code: string, ...values: readonly unknown[]): Promise<unknown>;
  /** Waits until this Lua expression is neither nil nor false and gives back its value; fails with the screen. */
  until(expression: string): Promise<unknown>;
  /** The ghost text of the current buffer, all lines; empty when there is none. */
  ghostText(): Promise<string>;
  /** Waits for exactly this ghost text. */
  untilGhostText(text: string): Promise<void>;
  /** The lines of the current buffer. */
  lines(): Promise<readonly string[]>;
  /** What a user sees, line by line. */
  screen(): Promise<readonly string[]>;
  /** Quits as a user does and waits for the process; then removes the working folder. */
  close(): Promise<void>;
}

/** The newest Neovim that is good enough: `INKLING_NVIM`, the one .ci/install-neovim leaves, or the one on PATH. */
export function findNeovim(): string | undefined {
  const tools = process.env['INKLING_TOOLS'] ?? join(homedir(), '.cache', 'inkling-tools');
  const named = process.env['INKLING_NVIM'];
  if (named !== undefined && named !== '') return named;
  const installed = join(tools, 'neovim', 'bin', 'nvim');
  if (existsSync(installed)) return installed;
  return isGoodEnough('nvim') ? 'nvim' : undefined;
}

function isGoodEnough(program: string): boolean {
  try {
    const version = execFileSync(program, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    const [, major = '0', minor = '0'] = /^NVIM v(\d+)\.(\d+)/.exec(version) ?? [];
    return Number(major) > 0 || Number(minor) >= 12;
  } catch {
    return false;
  }
}

/** The Lua that turns what `lua` is given as `...` into the ghost text of the current buffer. */
const readGhostText = `
  local namespace = vim.api.nvim_get_namespaces()['nvim.lsp.inline_completion']
  local lines = {}
  for _, mark in ipairs(namespace and vim.api.nvim_buf_get_extmarks(0, namespace, 0, -1, { details = true }) or {}) do
    local rows = vim.list_extend({ mark[4].virt_text or {} }, mark[4].virt_lines or {})
    for _, row in ipairs(rows) do
      lines[#lines + 1] = table.concat(vim.tbl_map(function(chunk) return chunk[1] end, row))
    end
  end
  return table.concat(lines, '\\n')`;

const readScreen = `
  vim.cmd.redraw()
  local rows = {}
  for row = 1, vim.o.lines do
    local cells = {}
    for column = 1, vim.o.columns do
      cells[column] = vim.fn.screenstring(row, column)
    end
    rows[row] = (table.concat(cells):gsub('%s+$', ''))
  end
  return rows`;

/** Starts Neovim in a folder of its own, with no configuration but `init`, and waits until it has read that. */
export async function startNeovim(program: string, options: NeovimOptions): Promise<Neovim> {
  const folder = await mkdtemp(join(tmpdir(), 'inkling-neovim-'));
  const home = join(folder, '.home');
  await mkdir(home);
  for (const [path, content] of Object.entries(options.files ?? {})) await writeFile(join(folder, path), content);
  await writeFile(
    join(home, 'init.lua'),
    `${unattended}\nvim.opt.runtimepath:prepend(${luaString(plugin)})\n${options.init}`,
  );
  const child = spawn(program, ['--embed', '--headless', '-i', 'NONE', '-n', '-u', join(home, 'init.lua')], {
    cwd: folder,
    env: {
      PATH: process.env['PATH'],
      HOME: home,
      LANG: 'C.UTF-8',
      TMPDIR: tmpdir(),
      XDG_CONFIG_HOME: join(home, 'config'),
      XDG_DATA_HOME: join(home, 'data'),
      XDG_STATE_HOME: join(home, 'state'),
      XDG_CACHE_HOME: join(home, 'cache'),
      ...options.environment,
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const rpc = speak(child);
  await rpc.call('nvim_ui_attach', 100, 30, { ext_linegrid: true });

  const lua = (code: string, ...values: readonly unknown[]): Promise<unknown> =>
    rpc.call('nvim_exec_lua', code, values);
  const screen = async (): Promise<readonly string[]> => texts(await lua(readScreen));
  const explain = async (expected: string): Promise<Error> => {
    const log = await readFile(join(home, 'state', 'nvim', 'lsp.log'), 'utf8').catch(() => '');
    const messages = await lua(`return vim.fn.execute('messages')`);
    const seen = (await screen()).join('\n');
    return new Error(
      `still waiting for: ${expected}\n${seen}\nmessages:${String(messages)}\nlsp.log: ${log.slice(-2000)}`,
    );
  };
  const poll = async <T>(expected: string, ask: () => Promise<T | undefined>): Promise<T> => {
    const deadline = performance.now() + patience;
    for (;;) {
      const changed = rpc.screenChange();
      const answer = await ask();
      if (answer !== undefined) return answer;
      if (performance.now() > deadline) throw await explain(expected);
      await changed;
    }
  };
  const ghostText = async (): Promise<string> => String(await lua(readGhostText));

  return {
    folder,
    lua,
    screen,
    ghostText,
    async type(keys) {
      await rpc.call('nvim_input', keys);
    },
    until: (expression) =>
      poll(expression, async () => {
        const value = await lua(`return ${expression}`);
        return value === null || value === false ? undefined : value;
      }),
    async untilGhostText(text) {
      await poll(`ghost text ${JSON.stringify(text)}`, async () => ((await ghostText()) === text ? true : undefined));
    },
    async lines() {
      return texts(await rpc.call('nvim_buf_get_lines', 0, 0, -1, false));
    },
    async close() {
      // The answer of a command that ends Neovim never comes.
      rpc.notify('nvim_command', 'qall!');
      const timer = setTimeout(() => child.kill('SIGKILL'), patience);
      await exited;
      clearTimeout(timer);
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** A Lua string literal. */
export function luaString(text: string): string {
  const level = '='.repeat(Math.max(1, ...[...text.matchAll(/\](=*)/g)].map(([, equals = '']) => equals.length + 1)));
  return `[${level}[\n${text}]${level}]`;
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

interface Rpc {
  call(method: string, ...values: readonly unknown[]): Promise<unknown>;
  notify(method: string, ...values: readonly unknown[]): void;
  /** Resolves when Neovim has drawn something new, and after a short while in any case: not everything is drawn. */
  screenChange(): Promise<void>;
}

type Waiting = { readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void };

/** MessagePack-RPC over the pipes of a child: [0, id, method, params], [1, id, error, result], [2, method, params]. */
function speak(child: ChildProcess): Rpc {
  const { stdin, stdout } = child;
  if (stdin === null || stdout === null) throw new Error('Neovim was started without pipes.');
  const waiting = new Map<number, Waiting>();
  let redrawn = deferred();
  let lastId = 0;
  const receive = async (): Promise<void> => {
    for await (const message of decodeMultiStream(stdout)) {
      if (!Array.isArray(message)) continue;
      if (message[0] === 1) settle(Number(message[1]), message[2], message[3]);
      if (message[0] === 2 && message[1] === 'redraw') redrawn.resolve();
    }
  };
  const settle = (id: number, error: unknown, result: unknown) => {
    const request = waiting.get(id);
    waiting.delete(id);
    if (error === null) request?.resolve(result);
    else request?.reject(new Error(`Neovim: ${Array.isArray(error) ? String(error[1]) : String(error)}`));
  };
  const gone = () => {
    for (const request of waiting.values()) request.reject(new Error('Neovim has ended.'));
    waiting.clear();
  };
  stdin.on('error', gone);
  child.once('error', gone);
  receive().then(gone, gone);
  return {
    call(method, ...values) {
      const id = ++lastId;
      const answer = new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
      stdin.write(encode([0, id, method, values]));
      return answer;
    },
    notify(method, ...values) {
      stdin.write(encode([2, method, values]));
    },
    async screenChange() {
      const previous = redrawn;
      if (previous.isResolved()) redrawn = deferred();
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, askAgainAfter);
      });
      await Promise.race([redrawn.promise, late]);
      clearTimeout(timer);
    },
  };
}

function deferred(): { readonly promise: Promise<void>; resolve(): void; isResolved(): boolean } {
  let isResolved = false;
  let finish: () => void = () => {};
  const promise = new Promise<void>((resolve) => {
    finish = resolve;
  });
  return {
    promise,
    resolve() {
      isResolved = true;
      finish();
    },
    isResolved: () => isResolved,
  };
}
