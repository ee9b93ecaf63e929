import { openConfig, openData } from './open.ts';

/** `audit verify`: says whether the chain holds; exit code 1 when it does not. */
export async function verifyAudit({ json }: { json?: boolean }): Promise<void> {
  const { config, log } = openConfig();
  const store = await openData(config.data, log);
  try {
    const verified = await store.verifyAudit();
    const last = (await store.lastAuditHash()).slice(0, 8);
    const words = verified.ok
      ? `The audit holds: ${verified.rows} rows, the last one ${last}. Compare it with the hash in the newest digest.`
      : `The audit does not hold at row ${verified.number}: ${verified.why}`;
    process.stdout.write(`${json ? JSON.stringify({ ...verified, last }) : words}\n`);
    if (!verified.ok) process.exitCode = 1;
  } finally {
    await store.close();
  }
}
