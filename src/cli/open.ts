/** What several commands open: the configuration, its log, its store, its accounts. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type AwsGuard, openAws } from '../adapters/aws/open.ts';
import { payersOf } from '../adapters/aws/sources/money.ts';
import { systemClock } from '../adapters/clock.ts';
import { focusLines } from '../adapters/costs/focus-lines.ts';
import { createLog } from '../adapters/log.ts';
import { auditKeyFrom } from '../adapters/store/audit-key.ts';
import { openStore } from '../adapters/store/store.ts';
import type { Log, Store } from '../bot/ports.ts';
import { type Config, readConfig } from '../config.ts';

export const configFile = (): string => process.env.CLOUDWARDEN_CONFIG ?? 'config/cloudwarden.yaml';

/** Throws `ConfigError` with every mistake. */
export function openConfig(): { config: Config; log: Log } {
  const config = readConfig(configFile(), process.env);
  return { config, log: createLog(config.log) };
}

/** `alone`: the bot itself; refuses when another bot runs on this database. Throws a plain sentence. */
export async function openData(folder: string, log: Log, alone = false): Promise<Store> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, 'cloudwarden.db');
  return openStore({ file, auditKey: auditKeyFrom(join(folder, 'audit.key'), file), log, alone });
}

/** The guarded accounts of the configuration, reached by the default credential chain or the configured roles. */
export function openAccounts(config: Config, log: Log, store?: Store): Promise<AwsGuard[]> {
  const payers = payersOf(config.accounts);
  return Promise.all(
    config.accounts.map(({ account, name, read, act, usualMonthly, push, pace, costExplorer, costs }) =>
      openAws(
        {
          account,
          name,
          ...(read ? { read: roleOf(read) } : {}),
          ...(act ? { act: roleOf(act) } : {}),
          ...(usualMonthly === undefined ? {} : { usualMonthly }),
          ...(push ? { push } : {}),
          ...(pace ? { pace } : {}),
          ...(costExplorer ? { costExplorer } : {}),
          ...(costs ? { costs: defined(costs) } : {}),
        },
        {
          ...{
            log,
            clock: systemClock,
            guarded: config.accounts.map((one) => one.account),
            money: { ...payers(account), readBill: focusLines },
          },
          ...(store ? { store } : {}),
        },
      ),
    ),
  );
}

const defined = <T extends object>(given: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as { [K in keyof T]: Exclude<T[K], undefined> };

const roleOf = ({ role, externalId }: { role: string; externalId?: string | undefined }) => ({
  role,
  ...(externalId ? { externalId } : {}),
});

/** Which endpoints of the outside world point elsewhere; said at start and in every digest. */
export function endpointsElsewhere(): string[] {
  return Object.entries(process.env)
    .filter(
      ([name, value]) => value && (/^AWS_ENDPOINT_URL(_[A-Z0-9_]+)?$/.test(name) || name === 'SLACK_API_URL' || name === 'DISCORD_API_URL'),
    )
    .map(([name, value]) => `${name} = ${value}`)
    .sort();
}
