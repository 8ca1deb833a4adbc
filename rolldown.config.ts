/** How `dist/` is made: the program with a lazy chunk for whatever is imported on use, the files of its threads and processes, and the launcher. */
import { defineConfig, type OutputOptions } from 'rolldown';
import { apart } from './scripts/apart.ts';
import { ascii } from './scripts/ascii.ts';
import { bytecodePlugins } from './scripts/bytecode.ts';
import { loadOnUse } from './scripts/load-on-use.ts';
import { thirdPartyLicences } from './scripts/third-party-licences.ts';

const { fingerprint, record } = bytecodePlugins();

const output: OutputOptions = {
  dir: 'dist',
  format: 'cjs',
  entryFileNames: '[name].cjs',
  chunkFileNames: '[name]-[hash].cjs',
  minify: { mangle: false, compress: true, codegen: { removeWhitespace: true } },
};

export default defineConfig([
  {
    input: {
      main: 'src/main.ts',
      'index-worker': 'src/providers/workspace/index-worker.ts',
      'observer-thread': 'src/observability/middleware/observer-thread.ts',
      'keychain-process': 'src/credentials/keychain-process.ts',
    },
    platform: 'node',
    preserveEntrySignatures: 'allow-extension',
    // Installed by whoever wants it, beside the program.
    external: ['ioredis', '@napi-rs/keyring'],
    plugins: [apart(), loadOnUse(), thirdPartyLicences(), ascii(), fingerprint],
    // Its printer fills tables at start, and only its parser is used.
    treeshake: { moduleSideEffects: [{ test: /node_modules[\\/]jsonc-parser[\\/]/, sideEffects: false }] },
    // Some packages keep a form for other loaders under `main`, which hides what they require.
    resolve: { mainFields: ['module', 'main'] },
    // Chunks are named by their content: those of earlier builds would pile up, and be published.
    // The first words say that a chunk is CommonJS, for tools that guess it from words and find ours in the texts too.
    output: {
      ...output,
      cleanDir: true,
      postBanner: 'module.exports;',
      codeSplitting: {
        includeDependenciesRecursively: false,
        // What the vendors share is one file: in fourteen it took 1 ms longer to load.
        groups: [{ name: 'wire', test: /src[\\/]providers[\\/](?:http|prompt|openai-wire)[\\/](?!load-undici)/ }],
      },
    },
  },
  // After the program, whose chunks it starts.
  { input: { inkling: 'src/launch/launch.ts' }, platform: 'node', plugins: [record], output },
]);
