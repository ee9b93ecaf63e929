import { GetCostAndUsageCommand } from '@aws-sdk/client-cost-explorer';
import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { ListUsersCommand } from '@aws-sdk/client-iam';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openAwsSession } from '../../../src/adapters/aws/session.ts';
import { outside, troubleOf } from '../../../src/adapters/aws/trouble.ts';
import { OutsideError } from '../../../src/bot/ports.ts';
import { account, callerXml, instancesXml, type Said, type StandIn, sessionOn, standIn } from './aws-stand-in.ts';

let aws: StandIn;
let answers: Record<string, Said>;
beforeEach(async () => {
  answers = {};
  aws = await standIn(({ service, operation }) => answers[`${service}:${operation}`] ?? { error: 'AccessDenied', status: 403 });
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await aws.close();
});

const assumed = `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials><AccessKeyId>ASIAIOSFODNN7EXAMPLE</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`;
const noUsers = '<ListUsersResponse><ListUsersResult><Users/><IsTruncated>false</IsTruncated></ListUsersResult></ListUsersResponse>';
const warrant = { incident: 'INC-42', plan: 'p1', approvedBy: ['ada', 'grace hopper'] };

describe('whose credentials', () => {
  it('uses what it is handed, whatever the environment says, and keeps one client per region', async () => {
    vi.stubEnv('AWS_ENDPOINT_URL', 'http://127.0.0.1:1');
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAENVIRONMENT00000');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'x');
    vi.stubEnv('AWS_PROFILE', 'does-not-exist');
    answers['ec2:DescribeInstances'] = instancesXml([]);
    const session = await sessionOn(aws);

    await (await session.read.ec2('eu-west-1')).send(new DescribeInstancesCommand({}));

    expect(aws.asked).toMatchObject([{ region: 'eu-west-1', key: 'AKIAIOSFODNN7EXAMPLE' }]);
    expect(await session.read.ec2('eu-west-1')).toBe(await session.read.ec2('eu-west-1'));
    expect(await session.read.ec2('eu-west-1')).not.toBe(await session.read.ec2('eu-west-2'));
    session.close();
  });

  it('honours AWS_ENDPOINT_URL when nothing is handed over', async () => {
    vi.stubEnv('AWS_ENDPOINT_URL', aws.endpoint);
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAENVIRONMENT00000');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'x');
    answers['sts:GetCallerIdentity'] = callerXml(`arn:aws:iam::${account}:root`);

    const session = await openAwsSession({ account: '', name: 'x' });

    expect(session.scope.id).toBe(account);
    expect(aws.asked).toMatchObject([{ operation: 'GetCallerIdentity', key: 'AKIAENVIRONMENT00000' }]);
    session.close();
  });

  it('reads through the read role, with its external id', async () => {
    answers['sts:AssumeRole'] = assumed;
    answers['iam:ListUsers'] = noUsers;
    const session = await sessionOn(aws, { read: { role: `arn:aws:iam::${account}:role/reader`, externalId: 'ext' } });

    await (await session.read.iam()).send(new ListUsersCommand({}));

    expect(aws.asked.map(({ operation, key }) => [operation, key])).toEqual([
      ['AssumeRole', 'AKIAIOSFODNN7EXAMPLE'],
      ['ListUsers', 'ASIAIOSFODNN7EXAMPLE'],
    ]);
    expect(aws.asked[0]?.input).toMatchObject({
      RoleArn: `arn:aws:iam::${account}:role/reader`,
      ExternalId: 'ext',
      RoleSessionName: 'cloudwarden-read',
    });
    expect(session.meter.take().map((row) => row.operation)).toEqual(['sts:AssumeRole', 'iam:ListUsers']);
    session.close();
  });

  it('acts through the act role in the name of who approved, one session a warrant', async () => {
    answers['sts:AssumeRole'] = assumed;
    answers['iam:ListUsers'] = noUsers;
    const session = await sessionOn(aws, { act: { role: `arn:aws:iam::${account}:role/actor` } });

    await (await (await session.act(warrant)).iam()).send(new ListUsersCommand({}));
    await (await (await session.act({ ...warrant })).iam()).send(new ListUsersCommand({}));

    expect(aws.asked.map((one) => one.operation)).toEqual(['AssumeRole', 'ListUsers', 'ListUsers']);
    expect(aws.asked[0]?.input).toMatchObject({ RoleSessionName: 'cloudwarden-INC-42', SourceIdentity: 'ada,grace-hopper' });
    session.close();
  });

  it('takes on the act role once for all services', async () => {
    answers['sts:AssumeRole'] = assumed;
    answers['iam:ListUsers'] = noUsers;
    answers['ec2:DescribeInstances'] = instancesXml([]);
    const session = await sessionOn(aws, { act: { role: `arn:aws:iam::${account}:role/actor` } });
    const clients = await session.act(warrant);

    await Promise.all([
      (await clients.iam()).send(new ListUsersCommand({})),
      (await clients.ec2('us-east-1')).send(new DescribeInstancesCommand({})),
      (await clients.ec2('sa-east-1')).send(new DescribeInstancesCommand({})),
    ]);

    expect(aws.asked.filter((one) => one.operation === 'AssumeRole')).toHaveLength(1);
    expect(aws.asked).toHaveLength(4);
    session.close();
  });

  it('acts with its own credentials, never the read role, when no act role is configured', async () => {
    answers['iam:ListUsers'] = noUsers;
    const session = await sessionOn(aws, { read: { role: `arn:aws:iam::${account}:role/reader` } });

    await (await (await session.act(warrant)).iam()).send(new ListUsersCommand({}));

    expect(aws.asked).toMatchObject([{ operation: 'ListUsers', key: 'AKIAIOSFODNN7EXAMPLE' }]);
    session.close();
  });

  it('says what was tried when AWS does not say who we are', async () => {
    await expect(sessionOn(aws, { account: '' })).rejects.toThrow(
      new OutsideError('asking AWS whose credentials these are: not allowed (AccessDenied)', false),
    );
  });
});

describe('the meter', () => {
  it('counts every request with its retries, and the price of Cost Explorer’s', async () => {
    let refuse = 1;
    const flaky = await standIn(({ operation }) =>
      operation === 'GetCostAndUsage'
        ? { ResultsByTime: [] }
        : refuse-- > 0
          ? { error: 'RequestLimitExceeded', status: 503 }
          : instancesXml([]),
    );
    const session = await openAwsSession(
      { account, name: 'x' },
      { endpoint: flaky.endpoint, credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'x' }, maxAttempts: 3 },
    );

    await (await session.read.ec2('us-east-1')).send(new DescribeInstancesCommand({}));
    await (await session.read.costExplorer()).send(
      new GetCostAndUsageCommand({
        TimePeriod: { Start: '2026-01-01', End: '2026-01-02' },
        Granularity: 'DAILY',
        Metrics: ['UnblendedCost'],
      }),
    );

    expect(session.meter.take()).toEqual([
      { operation: 'ec2:DescribeInstances', calls: 2, usd: 0 },
      { operation: 'ce:GetCostAndUsage', calls: 1, usd: 0.01 },
    ]);
    expect(session.meter.take()).toEqual([]);
    session.close();
    await flaky.close();
  });
});

describe('trouble', () => {
  const cases: [string, object, string, boolean][] = [
    ['a denial', { name: 'UnauthorizedOperation', $metadata: { httpStatusCode: 403 } }, 'denied', false],
    ['throttling', { name: 'RequestLimitExceeded', $metadata: { httpStatusCode: 503 } }, 'throttled', true],
    ['wrong credentials', { name: 'AuthFailure', $metadata: { httpStatusCode: 401 } }, 'bad credentials', false],
    ['data that is not there yet', { name: 'DataUnavailableException', $metadata: { httpStatusCode: 400 } }, 'not enabled', false],
    ['a timeout', { name: 'TimeoutError' }, 'no answer', true],
    ['a refused connection', { code: 'ECONNREFUSED', name: 'Error' }, 'no answer', true],
    ['a fault of AWS', { name: 'InternalError', $metadata: { httpStatusCode: 500 } }, 'no answer', true],
    ['something else', { name: 'MalformedPolicyDocument', $metadata: { httpStatusCode: 400 } }, 'other', false],
  ];
  for (const [name, error, sort, again] of cases) {
    it(`knows ${name}`, () => {
      expect(troubleOf(error)).toMatchObject({ sort, again });
      expect(outside('trying', error).again).toBe(again);
    });
  }

  it('survives an error that is none', () => {
    expect(troubleOf(undefined).sort).toBe('other');
    expect(troubleOf('no').sort).toBe('other');
  });

  it('knows a real refused connection', async () => {
    const session = await openAwsSession(
      { account, name: 'x' },
      { endpoint: 'http://127.0.0.1:1', credentials: { accessKeyId: 'A', secretAccessKey: 'x' }, maxAttempts: 1 },
    );

    const error = await (await session.read.iam()).send(new ListUsersCommand({})).catch((caught: unknown) => caught);

    expect(troubleOf(error)).toMatchObject({ sort: 'no answer', again: true });
    session.close();
  });
});
