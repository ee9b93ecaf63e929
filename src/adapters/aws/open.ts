/** A guarded AWS account with everything it needs: session, sources, remedies. */
import type { Clock, GuardedAccount, Log, Store } from '../../bot/ports.ts';
import type { Network } from '../../checks/observation.ts';
import { guardAwsAccount } from './account.ts';
import { networkOnDemand } from './network.ts';
import { awsRemedier } from './remedies/index.ts';
import { type AwsAccountConfig, type AwsCredentialIdentity, type AwsSession, openAwsSession } from './session.ts';
import { youngAmong } from './sources/metrics.ts';
import type { MoneyDeps } from './sources/money.ts';

export type AwsGuard = GuardedAccount & { session: AwsSession; config: AwsAccountConfig };

export type AwsDeps = {
  log: Log;
  clock: Clock;
  endpoint?: string;
  credentials?: AwsCredentialIdentity;
  network?: () => Promise<(address: string) => Network>;
  /** Ids of all accounts this bot guards. */
  guarded?: string[];
  /** What runs, and what costs were told; absent: the load of machines is not measured. */
  store?: Pick<Store, 'machines' | 'costs'>;
  /** Who is asked for its costs, absent: itself; and how an export is read, needed where one is configured. */
  money?: Pick<MoneyDeps, 'covers' | 'paidBy' | 'readBill'>;
};

/** With a read role but no act role the bot only observes; with neither, the default credential chain looks and acts. */
export async function openAws(config: AwsAccountConfig, deps: AwsDeps): Promise<AwsGuard> {
  const { log, clock, endpoint, credentials, network = networkOnDemand(), guarded, store, money } = deps;
  const session = await openAwsSession(config, { log, clock, ...(endpoint ? { endpoint } : {}), ...(credentials ? { credentials } : {}) });
  const acts = config.act !== undefined || config.read === undefined;
  const own = { ...(config.read ? { read: config.read.role } : {}), ...(config.act ? { act: config.act.role } : {}) };
  const account = await guardAwsAccount(config, {
    session,
    clock,
    log,
    network,
    ...(guarded ? { guarded } : {}),
    ...(store ? { young: async () => youngAmong(await store.machines({ running: true }), clock.now()) } : {}),
    money: { ...money, ...(store ? { told: store.costs } : {}) },
    ...(acts ? { remedier: awsRemedier(session, { log, clock, own }) } : {}),
  });
  return { ...account, session, config };
}
