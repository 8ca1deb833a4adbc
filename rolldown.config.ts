/** How `dist/` is made: one entry for the program, one for the index worker, and a lazy chunk for whatever is imported on use. */
import { defineConfig } from 'rolldown';
import { thirdPartyLicences } from './scripts/third-party-licences.ts';

export default defineConfig({
  input: { inkling: 'src/main.ts', 'index-worker': 'src/providers/workspace/index-worker.ts' },
  platform: 'node',
  plugins: [thirdPartyLicences()],
  // Some packages keep a form for other loaders under `main`, which hides what they require.
  resolve: { mainFields: ['module', 'main'] },
  output: {
    dir: 'dist',
    format: 'cjs',
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name]-[hash].cjs',
    minify: { mangle: false, compress: true, codegen: { removeWhitespace: true } },
  },
});
