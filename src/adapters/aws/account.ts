/** One guarded AWS account: its sources, what is wrong with how we look at it, and what looking costs. */

import type { Clock, GuardedAccount, Log, Remedier, Source } from '../../bot/ports.ts';
import type { Network } from '../../checks/observation.ts';
import { createPace } from './pace.ts';
import { loadPrices, type PriceTable } from './prices.ts';
import { pushPrefix } from './push-names.ts';
import type { AwsAccountConfig, AwsSession } from './session.ts';
import { accessAnalyzer } from './sources/access-analyzer.ts';
import { auditLog } from './sources/audit-log.ts';
import { health } from './sources/health.ts';
import { identities } from './sources/identities.ts';
import { inventories, listsShowing } from './sources/inventories.ts';
import { openRegions, type Sight } from './sources/looking.ts';
import { metrics, type YoungMachine } from './sources/metrics.ts';
import { type MoneyDeps, moneySources } from './sources/money.ts';
import { probes } from './sources/probe.ts';
import { push } from './sources/push.ts';
import { quarantine } from './sources/quarantine.ts';
import { quotas } from './sources/quotas.ts';
import { threatDetector } from './sources/threat-detector.ts';
import type { TranslateOptions } from './translate/cloudtrail.ts';
import { troubleOf } from './trouble.ts';

export type GuardDeps = {
  session: AwsSession;
  clock: Clock;
  log: Log;
  /** Names the networks of addresses, opened when first needed (networkOnDemand). */
  network?: () => Promise<(address: string) => Network>;
  prices?: PriceTable;
  remedier?: Remedier;
  /** Ids of all accounts this bot guards. */
  guarded?: string[];
  /** Machines that have not run for long; absent: their load is not measured. */
  young?: () => Promise<YoungMachine[]>;
  /** What is known of its costs, and who is asked for them. */
  money?: MoneyDeps;
};

/** Puts an account together. Calls nothing yet. */
export async function guardAwsAccount(config: AwsAccountConfig, deps: GuardDeps): Promise<GuardedAccount> {
  const { session, clock, log, remedier, guarded = [session.scope.id] } = deps;
  const pace = createPace(config.pace ?? (config.push ? 'standard' : 'poll only'), { home: [], seed: session.scope.id });
  const sight: Sight = { session, clock, regions: openRegions(session, clock), pace };
  return {
    scope: session.scope,
    name: config.name,
    ...(config.usualMonthly !== undefined ? { usualMonthlyUsd: config.usualMonthly } : {}),
    sources: sourcesOf(config, deps, sight),
    ...(remedier ? { remedier } : {}),
    warnings: () => warningsAbout(config, session, guarded, log),
    hurry: () => pace.hurry(clock.now()),
    meter: () => session.meter.take(),
  };
}

function sourcesOf(config: AwsAccountConfig, { prices = loadPrices(), network, young, money = {} }: GuardDeps, sight: Sight): Source[] {
  const { clock, pace } = sight;
  const own = { ...(config.read ? { read: config.read.role } : {}), ...(config.act ? { act: config.act.role } : {}) };
  const ours = isOurs(Object.values(own));
  const reading = { shape: prices.shape, price: prices.usdPerHour, servicePrices: prices, own, ours };
  const tries = probes(sight, {
    paths: {
      ...(config.push ? { push: () => pushedWithinSeconds } : {}),
      poll: (region) => lookedUpWithinSeconds + Math.max(0, (pace?.every('log', region, clock.now()) ?? 0) - usualLogSeconds),
    },
  });
  const ears = async (): Promise<Omit<TranslateOptions, 'heard' | 'by'>> => ({
    ...reading,
    ...(network ? { network: await network() } : {}),
  });
  const lookThere = ({ region, service }: { region: string; service: string | undefined }): void => {
    for (const list of listsShowing(service)) pace?.hint(list, region);
  };
  const pushed = config.push
    ? [
        push(sight, {
          queues: config.push.queues,
          reading: ears,
          probes: tries,
          onHint: lookThere,
        }),
      ]
    : [];
  const lists = inventories.map((make) => make(sight, prices));
  return [
    ...lists,
    ...pushed,
    auditLog(sight, { ...reading, probes: tries, onHint: lookThere, ...(network ? { network } : {}) }),
    tries,
    quarantine(sight),
    identities(sight),
    quotas(sight),
    threatDetector(sight),
    accessAnalyzer(sight),
    health(sight, { pushed: config.push !== undefined }),
    ...(young ? [metrics(sight, { young })] : []),
    ...moneySources(config, sight, money),
  ];
}

/** A probe of ours has to come back so soon by either way, or it is late; where the log is read less often, it may take that much longer. */
const pushedWithinSeconds = 300;
const lookedUpWithinSeconds = 1200;
const usualLogSeconds = 300;

/** What the bot lives on: its roles, and the rules, queues and stacks that the push template makes. */
export function isOurs(roles: string[]): (arnOrName: string) => boolean {
  const names = new Set(roles.flatMap((arn) => [arn, arn.slice(arn.lastIndexOf('/') + 1)]));
  return (thing) => names.has(thing) || thing.slice(Math.max(thing.lastIndexOf('/'), thing.lastIndexOf(':')) + 1).startsWith(pushPrefix);
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
