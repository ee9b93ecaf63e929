import { defineConfig } from 'vitest/config';

/** The program as a process of its own, killed and restarted, and whole scenarios: slower than the rest, and so apart from `npm test`. ROUNDS=50 kills oftener. */
export default defineConfig({
  test: {
    include: ['test/{process,scenarios}/**/*.spec.ts'],
    pool: 'forks',
    maxWorkers: 1,
    testTimeout: 120_000 + Number(process.env.ROUNDS ?? 0) * 30_000,
    hookTimeout: 60_000,
    env: { AWS_EC2_METADATA_DISABLED: 'true', TZ: 'UTC' },
  },
});
