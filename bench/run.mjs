/** Starts the benchmark: Node 20 cannot run TypeScript, so it and the floors are bundled to a temporary folder first. */
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = await mkdtemp(join(tmpdir(), 'inkling-bench-'));

async function bundle(input, extension, format) {
  const made = await rolldown({ cwd: root, input, platform: 'node', logLevel: 'silent' });
  await made.write({
    dir: folder,
    format,
    entryFileNames: `[name].${extension}`,
    minify: { mangle: false, compress: true, codegen: { removeWhitespace: true } },
  });
}

try {
  // For what is loaded from where it is installed, if it is.
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  await bundle({ run: 'bench/run.ts' }, 'mjs', 'esm');
  for (const name of ['bare', 'echo', 'floor-raw', 'floor-http']) {
    await bundle({ [name]: `bench/floors/${name}.ts` }, 'cjs', 'cjs');
  }
  const { run } = await import(pathToFileURL(join(folder, 'run.mjs')).href);
  process.exitCode = await run(process.argv.slice(2), {
    root,
    programs: {
      inkling: join(root, 'dist/inkling.cjs'),
      bare: join(folder, 'bare.cjs'),
      echo: join(folder, 'echo.cjs'),
      floorRaw: join(folder, 'floor-raw.cjs'),
      floorHttp: join(folder, 'floor-http.cjs'),
    },
  });
} finally {
  await rm(folder, { recursive: true, force: true });
}
