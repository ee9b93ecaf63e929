import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { guardAwsAccount } from '../../../src/adapters/aws/account.ts';
import type { AwsAccountConfig } from '../../../src/adapters/aws/session.ts';
import { focusLines } from '../../../src/adapters/costs/focus-lines.ts';
import type { GuardedAccount } from '../../../src/bot/ports.ts';
import { account, callerXml, handClock, quietLog, type Said, type StandIn, sessionOn, standIn } from './aws-stand-in.ts';

let aws: StandIn;
let caller: Said;
/** Who the bot is before it takes on a role; where that is somebody else. */
let home: Said | undefined;
beforeEach(async () => {
  home = undefined;
  aws = await standIn(({ operation, key }) => (operation === 'AssumeRole' ? assumed : key === 'ASIA1' ? caller : (home ?? caller)));
});
afterEach(() => aws.close());

const exports = 's3://example-billing/focus/daily';
const assumed =
  '<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA1</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>';

async function guard(config: Partial<AwsAccountConfig> = {}): Promise<GuardedAccount> {
  const full = { account, name: 'production', ...config };
  return guardAwsAccount(full, { session: await sessionOn(aws, full), clock: handClock('2026-03-01T14:00:00.000Z'), log: quietLog() });
}

describe('a guarded AWS account', () => {
  it('has a source for everything that is looked at, its name and usual bill, and calls nothing before it is asked', async () => {
    const guarded = await guard({ usualMonthly: 150 });

    expect(guarded.sources.map((one) => one.name)).toEqual([
      'aws/inventory',
      'aws/scaling',
      'aws/containers',
      'aws/learning',
      'aws/batch',
      'aws/kubernetes',
      'aws/emr',
      'aws/lightsail',
      'aws/audit-log',
      'aws/probes',
      'aws/quarantine',
      'aws/identities',
      'aws/quotas',
      'aws/threat-detector',
      'aws/access-analyzer',
      'aws/health',
      'aws/costs',
      'aws/budgets',
      'aws/cost-anomalies',
    ]);
    expect(guarded).toMatchObject({ name: 'production', usualMonthlyUsd: 150, scope: { cloud: 'aws', level: 'account', id: account } });
    expect(guarded.remedier).toBeUndefined();
    expect(aws.asked).toEqual([]);
  });

  it('waits at its queues where events are pushed, and reads estimated charges where Cost Explorer is switched off', async () => {
    const queue = `https://sqs.eu-central-1.amazonaws.com/${account}/cloudwarden-events`;
    const guarded = await guard({ push: { queues: [queue] }, costExplorer: 'off' });

    const names = guarded.sources.map((one) => one.name);

    expect(names).toContain('aws/push');
    expect(names.filter((one) => /cost|budget/.test(one))).toEqual(['aws/estimated/costs', 'aws/budgets']);
  });

  it.each([
    ['an export takes the place of Cost Explorer', { costs: { exports } }, {}, ['aws/exports/costs', 'aws/budgets']],
    [
      'an export beside Cost Explorer, where that is asked for by name',
      { costs: { exports }, costExplorer: 'on' as const },
      {},
      ['aws/costs', 'aws/exports/costs', 'aws/budgets', 'aws/cost-anomalies'],
    ],
    [
      'an export alone, where Cost Explorer is off',
      { costs: { exports }, costExplorer: 'off' as const },
      {},
      ['aws/exports/costs', 'aws/budgets'],
    ],
    ['budgets alone, where a payer is asked for the costs', {}, { paidBy: '210987654321' }, ['aws/budgets']],
  ])('reads what it costs at one place: %s', async (_what, config, money, expected) => {
    const session = await sessionOn(aws);
    const deps = { session, clock: handClock('2026-03-01T14:00:00.000Z'), log: quietLog(), money: { readBill: focusLines, ...money } };

    const { sources } = await guardAwsAccount({ account, name: 'production', ...config }, deps);

    expect(sources.map(({ name }) => name).filter((one) => /cost|budget/.test(one))).toEqual(expected);
  });

  it('warns of root', async () => {
    caller = callerXml(`arn:aws:iam::${account}:root`);

    expect(await (await guard()).warnings()).toContainEqual(expect.stringMatching(/runs as root/));
  });

  it('warns of an IAM user, by name', async () => {
    caller = callerXml(`arn:aws:iam::${account}:user/team/warden`);

    expect(await (await guard()).warnings()).toContainEqual(expect.stringMatching(/runs as the IAM user warden\./));
  });

  it('warns when it lives where it guards, and not when it comes in through a role from elsewhere', async () => {
    caller = callerXml(`arn:aws:sts::${account}:assumed-role/reader/cloudwarden-read`);

    expect(await (await guard()).warnings()).toEqual([expect.stringMatching(/live in account production, which it guards/)]);
    home = callerXml('arn:aws:sts::210987654321:assumed-role/warden/i-1', '210987654321');
    expect(await (await guard({ read: { role: `arn:aws:iam::${account}:role/reader` } })).warnings()).toEqual([]);
  });

  it('warns of its own home behind a role as well: a user, or an account that it guards', async () => {
    caller = callerXml(`arn:aws:sts::${account}:assumed-role/reader/cloudwarden-read`);
    home = callerXml(`arn:aws:iam::${account}:user/warden`);

    const warnings = await (await guard({ read: { role: `arn:aws:iam::${account}:role/reader` } })).warnings();

    expect(warnings).toEqual([
      expect.stringMatching(/runs as the IAM user warden\./),
      expect.stringMatching(/live in account production, which it guards/),
    ]);
  });

  it('warns of credentials of another account than the configured one', async () => {
    caller = callerXml('arn:aws:sts::210987654321:assumed-role/reader/x', '210987654321');

    expect(await (await guard()).warnings()).toEqual([
      expect.stringMatching(/configured as 123456789012, but the credentials belong to 210987654321/),
    ]);
  });

  it('says so when AWS does not answer', async () => {
    caller = { error: 'InvalidClientTokenId', status: 403 };

    expect(await (await guard()).warnings()).toEqual([
      expect.stringMatching(/AWS does not say who this bot is there: the credentials are not accepted there \(InvalidClientTokenId/),
    ]);
  });

  it('counts what it asked', async () => {
    caller = callerXml(`arn:aws:sts::${account}:assumed-role/reader/x`);
    const guarded = await guard();

    await guarded.warnings();

    expect(guarded.meter()).toEqual([{ operation: 'sts:GetCallerIdentity', calls: 1, usd: 0 }]);
  });
});
