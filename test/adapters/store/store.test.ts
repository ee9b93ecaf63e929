import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { openStore } from '../../../src/adapters/store/store.ts';
import { storeContract } from '../../contract/store.ts';

const auditKey = 'made-up key for tests';
const folder = mkdtempSync(join(tmpdir(), 'cloudwarden-store-'));
afterAll(() => rmSync(folder, { recursive: true }));
let count = 0;

storeContract('a SQLite file', async () => {
  const options = { file: join(folder, `${count++}.db`), auditKey };
  return { store: await openStore(options), another: () => openStore(options) };
});

storeContract('SQLite in memory', async () => {
  const store = await openStore({ file: ':memory:', auditKey });
  return { store, another: async () => store };
});
