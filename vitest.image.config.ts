import { defineConfig } from 'vitest/config';

/** Apart from `npm test` because it installs packages. */
export default defineConfig({ test: { include: ['test/image/*.spec.ts'], testTimeout: 300_000 } });
