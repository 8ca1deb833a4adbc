/** Builds `dist/` once before any test runs, so that no test ever speaks to an old server. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

export default function build(): void {
  if (process.env['INKLING_SKIP_BUILD'] === '1' && existsSync(`${root}/dist/inkling.cjs`)) return;
  execFileSync(process.execPath, [`${root}/scripts/build.mjs`], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}
