/** `inkling init` for editors that need no plugin: what is printed is what the manuals say, and the real editors read it. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { runCommand, temporaryFolder } from '../support/command-line.ts';
import { emacs, helix, titled } from '../support/editors.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

function blocks(path: string, language: string): readonly string[] {
  const manual = readFileSync(join(root, path), 'utf8');
  return [...manual.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, text = '']) => text);
}

/** A folder with an `inkling` that does nothing, for a PATH. */
function programFolder(): string {
  const folder = temporaryFolder({ inkling: '#!/bin/sh\n' });
  chmodSync(join(folder, 'inkling'), 0o755);
  return folder;
}

describe('init', () => {
  test('helix: prints the first block of its manual, and warns where Helix would not find the program', async () => {
    const run = await runCommand(['init', 'helix']);
    expect(run).toMatchObject({ code: 0, stdout: blocks('clients/helix/README.md', 'toml')[0] });
    expect(run.stderr).toMatch(/^"inkling" is not on your PATH/);
    expect((await runCommand(['init', 'helix'], { environment: { PATH: programFolder() } })).stderr).toBe('');
  });

  test('emacs: prints Eglot, and lsp-mode as a comment', async () => {
    const { stdout, code } = await runCommand(['init', 'emacs']);
    expect(code).toBe(0);
    const [eglot, lspMode] = blocks('clients/emacs/README.md', 'elisp');
    const [printed, comment = ''] = stdout.split('\n\n;; With lsp-mode, in place of the lines above:\n');
    expect(`${printed}\n`).toBe(eglot);
    expect(comment.replaceAll(/^;; {3}/gm, '')).toBe(lspMode);
  });

  test('vscode: says that there is no extension yet', async () => {
    const run = await runCommand(['init', 'vscode']);
    expect(run).toMatchObject({
      stdout: '',
      code: 2,
      stderr: expect.stringContaining('there is none for Inkling yet'),
    });
  });
});

describe.skipIf(helix === undefined)(titled('Helix', helix), () => {
  test('reads it and finds the program', async () => {
    const { stdout } = await runCommand(['init', 'helix']);
    const home = temporaryFolder();
    mkdirSync(join(home, 'helix'));
    writeFileSync(join(home, 'helix/languages.toml'), stdout);
    const environment = {
      PATH: `${programFolder()}:/usr/bin:/bin`,
      HOME: home,
      XDG_CONFIG_HOME: home,
      XDG_CACHE_HOME: home,
    };
    for (const language of ['rust', 'typescript', 'javascript', 'python', 'go']) {
      const said = execFileSync(helix?.editor ?? '', ['--health', language], { env: environment, encoding: 'utf8' });
      expect(stripVTControlCharacters(said)).toMatch(/✓ inkling: .*\/inkling/);
    }
  });
});

describe.skipIf(emacs === undefined)(titled('Emacs', emacs), () => {
  test('reads it, and Eglot would start the program', async () => {
    const { stdout } = await runCommand(['init', 'emacs']);
    const folder = temporaryFolder({
      'init.el': stdout,
      'look.el': `
(require 'eglot)
(dolist (mode '(js-mode emacs-lisp-mode sh-mode))
  (princ (format "%s %S\\n" mode (cdr (eglot--lookup-mode mode)))))
(princ (format "hook %S\\n" (memq 'eglot-ensure (default-value 'js-mode-hook))))
(princ (format "settings %S\\n" (default-value 'eglot-workspace-configuration)))`,
    });
    const argv = ['--batch', '-Q', '-l', join(folder, 'init.el'), '-l', join(folder, 'look.el')];
    const said = execFileSync(emacs?.editor ?? '', argv, {
      env: { PATH: '/usr/bin:/bin', HOME: folder },
      encoding: 'utf8',
    });
    for (const mode of ['js-mode', 'emacs-lisp-mode', 'sh-mode']) {
      expect(said).toMatch(new RegExp(`^${mode} .*"inkling" "--stdio"`, 'm'));
    }
    expect(said).toContain('hook (eglot-ensure');
    expect(said).toContain('settings (:inkling (:provider "workspace"))');
  });

  test('the lines for lsp-mode are whole', () => {
    const [, lspMode = ''] = blocks('clients/emacs/README.md', 'elisp');
    const folder = temporaryFolder({ 'lsp.el': lspMode });
    const check = `(with-temp-buffer (insert-file-contents "${join(folder, 'lsp.el')}") (emacs-lisp-mode) (check-parens) (princ "whole"))`;
    const said = execFileSync(emacs?.editor ?? '', ['--batch', '-Q', '--eval', check], {
      env: { PATH: '/usr/bin:/bin', HOME: folder },
      encoding: 'utf8',
    });
    expect(said).toBe('whole');
  });
});
