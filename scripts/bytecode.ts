/** The two plugins that make the program start from bytecode: one fingerprints the chunks, one records them at work. */
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Plugin, rolldown } from 'rolldown';
import { bytecodeFileName } from '../src/launch/bytecode-file.ts';
import { rehearse } from './rehearsal.ts';

const PLACEHOLDER = '__INKLING_BUILD__';

export interface BytecodePlugins {
  /** For the program's own bundle. */
  readonly fingerprint: Plugin;
  /** For the launcher, which is bundled after it. */
  readonly record: Plugin;
}

export function bytecodePlugins(): BytecodePlugins {
  let build = '';
  return {
    fingerprint: {
      name: 'fingerprint-chunks',
      generateBundle(_options, bundle) {
        const hash = createHash('sha256');
        for (const file of Object.values(bundle)) {
          if (file.type === 'chunk') hash.update(file.fileName).update(file.code);
        }
        build = hash.digest('hex').slice(0, 16);
      },
    },
    record: {
      name: 'record-bytecode',
      renderChunk: (code) => code.replaceAll(PLACEHOLDER, JSON.stringify(build)),
      async writeBundle({ dir }) {
        if (dir === undefined) return;
        const name = bytecodeFileName(build);
        const folder = resolve(dir);
        await record(folder, join(folder, name)).catch((error: unknown) =>
          this.warn(`No bytecode was recorded, the program starts without it: ${String(error)}`),
        );
        const files = (await readdir(folder)).filter((file) => file.startsWith('bytecode-'));
        for (const file of files) if (file !== name) await rm(join(folder, file), { force: true });
      },
    },
  };
}

async function record(directory: string, target: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'inkling-bytecode-'));
  try {
    const recorder = await rolldown({ input: 'scripts/record-bytecode.ts', platform: 'node', logLevel: 'silent' });
    await recorder.write({ dir: folder, format: 'cjs', entryFileNames: 'record.cjs' });
    await rehearse([process.execPath, join(folder, 'record.cjs'), directory, target], folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
