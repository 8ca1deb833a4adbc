/**
 * Two kinds of tests: `unit` reads the sources, `e2e` speaks to the built program, which is built once before. A third kind,
 * `live`, asks the real services and spends money: only the mode of its name runs it, and that runs nothing else.
 */
import { defineConfig, type TestProjectConfiguration } from 'vitest/config';

const report = process.env['INKLING_TEST_REPORT'];

const unit: TestProjectConfiguration = {
  extends: true,
  test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: ['test/e2e/**', 'test/live/**'] },
};

const e2e: TestProjectConfiguration = {
  extends: true,
  test: { name: 'e2e', include: ['test/e2e/**/*.test.ts'], globalSetup: ['test/support/build.ts'] },
};

const live: TestProjectConfiguration = {
  extends: true,
  test: { name: 'live', include: ['test/live/**/*.test.ts'], globalSetup: ['test/support/build.ts'] },
};

export default defineConfig(({ mode }) => ({
  test: {
    ...(report && { reporters: ['default', 'json'], outputFile: { json: report } }),
    testTimeout: 20_000,
    hookTimeout: 60_000,
    projects: mode === 'live' ? [live] : [unit, e2e],
  },
}));
