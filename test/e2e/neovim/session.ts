/** One user's session: Neovim with the plugin, the built server, and a fake provider behind it. */
import { fileURLToPath } from 'node:url';
import {
  type FakeProvider,
  type FakeRequest,
  type FakeResponder,
  startFakeProvider,
} from '../../support/fake-provider.ts';
import { findNeovim, howToGetNeovim, luaString, type Neovim, startNeovim } from '../../support/neovim.ts';

const server = fileURLToPath(new URL('../../../dist/inkling.cjs', import.meta.url));
const program = findNeovim();

export const noNeovim = program === undefined;

/** The title of a suite; of a skipped one it says how not to skip it. */
export function titled(what: string): string {
  return noNeovim ? `${what} (${howToGetNeovim})` : what;
}

export interface SessionOptions {
  readonly files: Readonly<Record<string, string>>;
  /** Absent: the fake provider answers nothing by itself. */
  readonly respond?: FakeResponder;
  /** Over the settings that point at the fake provider. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

export interface Session {
  readonly neovim: Neovim;
  readonly fake: FakeProvider;
  /** What the provider was asked to generate, oldest first. */
  asked(): readonly FakeRequest[];
  /** Opens a file and waits until the server completes in it. */
  edit(file: string): Promise<void>;
  /** Waits until Neovim has had so many answers to its requests for inline completion. */
  answered(count: number): Promise<void>;
  close(): Promise<void>;
}

/** Keys that the tests press, mapped as a user maps them. */
const keys = {
  accept: '<Tab>',
  accept_word: '<M-w>',
  accept_line: '<M-l>',
  dismiss: '<M-d>',
  complete: '<M-c>',
} as const;

export async function startSession(options: SessionOptions): Promise<Session> {
  if (program === undefined) throw new Error(howToGetNeovim);
  const fake = await startFakeProvider(options.respond === undefined ? {} : { respond: options.respond });
  const setup = {
    cmd: [process.execPath, server, '--stdio'],
    keys,
    settings: {
      provider: 'fake',
      providers: { fake: { kind: 'openai-compatible', baseUrl: fake.url, model: 'fake-model-1', fim: 'suffix' } },
      completion: { fallback: [], debounce: { min: 0, max: 0 } },
      // Its last lines are written when the server ends, after the editor: in a folder that is gone by then.
      audit: { enabled: false },
      ...options.settings,
    },
  };
  const neovim = await startNeovim(program, {
    files: { '.inkling.json': '{}', ...options.files },
    init: `
      vim.g.answers = 0
      vim.api.nvim_create_autocmd('LspRequest', { callback = function(event)
        local request = event.data.request
        if request.method == 'textDocument/inlineCompletion' and request.type == 'complete' then
          vim.schedule(function() vim.g.answers = vim.g.answers + 1 end)
        end
      end })
      vim.cmd('filetype plugin indent off')
      require('inkling').setup(vim.json.decode(${luaString(JSON.stringify(setup))}))`,
  }).catch(async (error: unknown) => {
    await fake.close();
    throw error;
  });
  return {
    neovim,
    fake,
    asked: () => fake.requests.filter(({ method }) => method === 'POST'),
    async edit(file) {
      await neovim.type(`:edit ${file}<CR>`);
      // What is typed before Neovim has attached inline completion to the buffer asks for nothing.
      await neovim.until(`vim.fn.exists('#nvim.lsp.inline_completion:' .. vim.api.nvim_get_current_buf()) == 1`);
    },
    async answered(count) {
      await neovim.until(`vim.g.answers >= ${count}`);
    },
    async close() {
      await neovim.close();
      await fake.close();
    },
  };
}
