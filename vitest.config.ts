import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    env: { AWS_EC2_METADATA_DISABLED: 'true', TZ: 'UTC' },
  },
});
