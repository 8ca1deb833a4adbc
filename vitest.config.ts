/** `npm test` builds first (test/support/build.ts): the end-to-end tests speak to the built server. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/build.ts'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    env: { INKLING_PROFILE: '' },
  },
});
