/** One guarded AWS account: its sources, what is wrong with how we look at it, and what looking costs. */

import type { Clock, GuardedAccount, Log, Remedier } from '../../bot/ports.ts';
import type { Network } from '../../checks/observation.ts';
import { loadPrices, type PriceTable } from './prices.ts';
import type { AwsAccountConfig, AwsSession } from './session.ts';
import { auditLog } from './sources/audit-log.ts';
import { costs } from './sources/costs.ts';
import { identities } from './sources/identities.ts';
import { inventory } from './sources/inventory.ts';
import { openRegions } from './sources/looking.ts';
import { troubleOf } from './trouble.ts';

/**
 * Puts an account together. Calls nothing yet. `network` names the networks of addresses, opened when first needed (networkOnDemand);
 * `guarded` are the ids of all accounts this bot guards.
 */
export async function guardAwsAccount(
  config: AwsAccountConfig,
  {
    session,
    clock,
    log,
    network,
    prices = loadPrices(),
    remedier,
    guarded = [session.scope.id],
  }: {
    session: AwsSession;
    clock: Clock;
    log: Log;
    network?: () => Promise<(address: string) => Network>;
    prices?: PriceTable;
    remedier?: Remedier;
    guarded?: string[];
  },
): Promise<GuardedAccount> {
  const sight = { session, clock, regions: openRegions(session, clock) };
  return {
    scope: session.scope,
    name: config.name,
    ...(config.usualMonthly !== undefined ? { usualMonthlyUsd: config.usualMonthly } : {}),
    sources: [
      inventory(sight, prices),
      auditLog(sight, { shape: prices.shape, price: prices.usdPerHour, ...(network ? { network } : {}) }),
      identities(sight),
      costs(sight),
    ],
    ...(remedier ? { remedier } : {}),
    warnings: () => warningsAbout(config, session, guarded, log),
    meter: () => session.meter.take(),
  };
}

async function warningsAbout(config: AwsAccountConfig, session: AwsSession, guarded: string[], log: Log): Promise<string[]> {
  const { GetCallerIdentityCommand } = await import('@aws-sdk/client-sts');
  let arn: string;
  let account: string;
  try {
    const caller = await (await session.read.sts()).send(new GetCallerIdentityCommand({}));
    arn = caller.Arn ?? '';
    account = caller.Account ?? '';
  } catch (error) {
    const trouble = troubleOf(error);
    log.warn({ account: session.scope.id, trouble: trouble.sort }, 'who we are in AWS could not be read');
    return [
      `Account ${config.name}: AWS does not say who this bot is there: ${trouble.words}. Nothing of it can be seen until that works.`,
    ];
  }

  const warnings: string[] = [];
  if (account !== session.scope.id) {
    warnings.push(
      `Account ${config.name} is configured as ${session.scope.id}, but the credentials belong to ${account}: everything shown about it is about ${account}.`,
    );
  }
  // Whoever takes the bot's own home takes the bot, whatever role it looks through.
  const home = config.read ? await session.home().catch(() => undefined) : { arn, account };
  if (home?.arn.endsWith(':root')) {
    warnings.push(`For account ${config.name} this bot runs as root. Nobody can limit root: give it a role of its own.`);
  } else if (home && /:user\//.test(home.arn)) {
    warnings.push(
      `For account ${config.name} this bot runs as the IAM user ${home.arn.slice(home.arn.lastIndexOf('/') + 1)}. AWS's quarantine of a leaked key would blind it: give it a role.`,
    );
  }
  if (home && guarded.includes(home.account)) {
    const own = home.account === session.scope.id ? `account ${config.name}` : `account ${home.account}`;
    warnings.push(
      `This bot's credentials live in ${own}, which it guards: whoever takes the account can stop the bot. Better run it from another account.`,
    );
  }
  return warnings;
}
