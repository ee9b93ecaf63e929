/** A guarded AWS account with everything it needs: session, sources, remedies. */
import type { Clock, GuardedAccount, Log } from '../../bot/ports.ts';
import type { Network } from '../../checks/observation.ts';
import { guardAwsAccount } from './account.ts';
import { networkOnDemand } from './network.ts';
import { awsRemedier } from './remedies/index.ts';
import { type AwsAccountConfig, type AwsCredentialIdentity, type AwsSession, openAwsSession } from './session.ts';

export type AwsGuard = GuardedAccount & { session: AwsSession; config: AwsAccountConfig };

export type AwsDeps = {
  log: Log;
  clock: Clock;
  endpoint?: string;
  credentials?: AwsCredentialIdentity;
  network?: () => Promise<(address: string) => Network>;
  /** Ids of all accounts this bot guards. */
  guarded?: string[];
};

/** With a read role but no act role the bot only observes; with neither, the default credential chain looks and acts. */
export async function openAws(config: AwsAccountConfig, deps: AwsDeps): Promise<AwsGuard> {
  const { log, clock, endpoint, credentials, network = networkOnDemand(), guarded } = deps;
  const session = await openAwsSession(config, { log, clock, ...(endpoint ? { endpoint } : {}), ...(credentials ? { credentials } : {}) });
  const acts = config.act !== undefined || config.read === undefined;
  const own = { ...(config.read ? { read: config.read.role } : {}), ...(config.act ? { act: config.act.role } : {}) };
  const account = await guardAwsAccount(config, {
    session,
    clock,
    log,
    network,
    ...(guarded ? { guarded } : {}),
    ...(acts ? { remedier: awsRemedier(session, { log, clock, own }) } : {}),
  });
  return { ...account, session, config };
}
