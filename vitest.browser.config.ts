import { defineConfig } from 'vitest/config';

/** The console's page in a real browser. `npm test` does without; CHROMIUM names another browser than Debian's. */
export default defineConfig({
  test: {
    include: ['test/browser/**/*.browser.ts'],
    pool: 'forks',
    maxWorkers: 1,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    env: { AWS_EC2_METADATA_DISABLED: 'true', TZ: 'UTC' },
  },
});
