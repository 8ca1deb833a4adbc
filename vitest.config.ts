/** Two kinds of tests: `unit` reads the sources, `e2e` speaks to the built program, which is built once before. */
import { defineConfig } from 'vitest/config';

const report = process.env['INKLING_TEST_REPORT'];

export default defineConfig({
  test: {
    ...(report && { reporters: ['default', 'json'], outputFile: { json: report } }),
    testTimeout: 20_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: ['test/e2e/**'] },
      },
      {
        extends: true,
        test: { name: 'e2e', include: ['test/e2e/**/*.test.ts'], globalSetup: ['test/support/build.ts'] },
      },
    ],
  },
});
