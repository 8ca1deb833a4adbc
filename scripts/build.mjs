/** Makes `dist/`. Apart from the bundler's own command because that lists every file it wrote, which buries what is wrong. */
import { build } from 'rolldown';
import { loadConfig } from 'rolldown/config';

const parts = [await loadConfig('rolldown.config.ts')].flat();

// One after another: the launcher is recorded from the program.
for (const part of parts) await build(part);
