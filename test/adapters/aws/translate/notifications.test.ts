import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { guardDutyFinding } from '../../../../src/adapters/aws/translate/guardduty-finding.ts';
import { translateNotification } from '../../../../src/adapters/aws/translate/notifications.ts';
import type { Place } from '../../../../src/checks/observation.ts';
import { account, record, translate } from './records.ts';

const envelope = (kind: string, detail: object, more: object = {}) => ({
  version: '0',
  id: '7bf73129-1428-4cd3-a780-95db273d1602',
  'detail-type': kind,
  source: 'aws.example',
  account,
  time: '2026-03-01T14:02:05Z',
  region: 'eu-west-1',
  resources: [],
  detail,
  ...more,
});
const heard = '2026-03-01T14:03:00.000Z';
const read = (message: unknown) => translateNotification(message, { heard, by: 'aws/push' });
const place: Place = { scope: { cloud: 'aws', level: 'account', id: account }, region: 'eu-west-1' };

const finding = {
  schemaVersion: '2.0',
  accountId: account,
  region: 'eu-west-1',
  id: '16afba5c5c43e07c9e3e5e2e544e95df',
  type: 'CryptoCurrency:EC2/BitcoinTool.B!DNS',
  severity: 8,
  title: 'Bitcoin-related domain name queried by EC2 instance i-0aaaaaaaaaaaaaaa1.',
  createdAt: '2026-03-01T13:50:00.000Z',
  updatedAt: '2026-03-01T14:00:00.000Z',
  resource: { resourceType: 'Instance', instanceDetails: { instanceId: 'i-0aaaaaaaaaaaaaaa1' } },
  service: { serviceName: 'guardduty', count: 3, archived: false, additionalInfo: { value: '{}', type: 'default' } },
};
const capitals = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(capitals)
    : typeof value === 'object' && value !== null
      ? Object.fromEntries(Object.entries(value).map(([name, inside]) => [name.charAt(0).toUpperCase() + name.slice(1), capitals(inside)]))
      : value;

describe('a recorded call', () => {
  it('is the same observation with the same ids as from the event history', () => {
    const event = record('ec2:RunInstances', { awsRegion: 'eu-west-1', requestParameters: { instanceType: 'c5.large' } });

    const pushed = read(envelope('AWS API Call via CloudTrail', event));
    const polled = translate(event);

    const id = (one: { id: string; kind: string; at: string }) => [one.id, one.kind, one.at];
    expect(pushed.observations.map(id)).toEqual(polled.observations.map(id));
    expect(pushed.observations[0]).toMatchObject({ by: 'aws/push', heard });
    expect(pushed.raw).toEqual(polled.raw);
    expect(pushed.problem).toBeUndefined();
  });

  it('may be a sign-in', () => {
    const event = record('signin:ConsoleLogin', { eventType: 'AwsConsoleSignIn', responseElements: { ConsoleLogin: 'Success' } });

    expect(read(envelope('AWS Console Sign In via CloudTrail', event)).observations[0]).toMatchObject({ kind: 'signed.in' });
  });
});

describe('a change of state', () => {
  it('asks for a look at the inventory there, and claims nothing itself', () => {
    const started = envelope('EC2 Instance State-change Notification', { 'instance-id': 'i-0aaaaaaaaaaaaaaa1', state: 'pending' });
    const task = envelope('ECS Task State Change', {
      taskArn: `arn:aws:ecs:eu-west-1:${account}:task/c/0123`,
      clusterArn: `arn:aws:ecs:eu-west-1:${account}:cluster/c`,
      lastStatus: 'PROVISIONING',
    });
    const spot = envelope('EC2 Spot Instance Request Fulfillment', {
      'spot-instance-request-id': 'sir-1',
      'instance-id': 'i-0aaaaaaaaaaaaaaa1',
    });

    expect(read(started)).toMatchObject({
      observations: [],
      hint: { region: 'eu-west-1', service: 'EC2', resource: `resource:arn:aws:ec2:eu-west-1:${account}:instance/i-0aaaaaaaaaaaaaaa1` },
    });
    expect(read(task).hint).toEqual({
      region: 'eu-west-1',
      service: 'ECS',
      resource: `resource:arn:aws:ecs:eu-west-1:${account}:task/c/0123`,
    });
    expect(read(spot).hint).toMatchObject({ region: 'eu-west-1', service: 'EC2' });
  });
});

describe('a finding of GuardDuty', () => {
  it('says what it is about, and has one id by both paths', () => {
    const [pushed] = read(envelope('GuardDuty Finding', finding)).observations;
    const polled = guardDutyFinding(capitals(finding), { heard, by: 'aws/threat-detector', place });

    expect(pushed).toMatchObject({
      kind: 'provider.alerted',
      rule: 'CryptoCurrency:EC2/BitcoinTool.B!DNS',
      severity: 'high',
      about: 'mining',
      at: '2026-03-01T14:00:00.000Z',
      subjects: [`resource:arn:aws:ec2:eu-west-1:${account}:instance/i-0aaaaaaaaaaaaaaa1`],
    });
    expect(polled).toEqual({ ...pushed, by: 'aws/threat-detector' });
  });

  it('names the key and its owner', () => {
    const key = { accessKeyDetails: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', userName: 'ada', userType: 'IAMUser' } };
    const alert = guardDutyFinding(
      { ...finding, type: 'UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS', resource: key },
      { heard, by: 't', place },
    );

    expect(alert).toMatchObject({
      about: 'leak',
      subjects: ['credential:AKIAIOSFODNN7EXAMPLE', `principal:arn:aws:iam::${account}:user/ada`],
    });
  });

  it('names all that a sequence of attacks names', () => {
    const sequence = {
      actors: [
        { id: 'a', user: { name: 'ada', uid: `arn:aws:iam::${account}:user/ada`, credentialUid: 'AKIAIOSFODNN7EXAMPLE', type: 'IAMUser' } },
      ],
      resources: [{ uid: `arn:aws:ec2:eu-west-1:${account}:instance/i-0aaaaaaaaaaaaaaa1`, resourceType: 'EC2_INSTANCE' }],
    };
    const alert = guardDutyFinding(
      {
        ...finding,
        type: 'AttackSequence:EC2/CompromisedInstanceGroup',
        severity: 9.5,
        resource: {},
        service: { detection: { sequence } },
      },
      { heard, by: 't', place },
    );

    expect(alert).toMatchObject({ about: 'takeover', severity: 'critical' });
    expect(alert?.subjects.length).toBe(3);
  });

  it('that is a sample is marked and informs only, by either path', () => {
    const pushed = { ...finding, service: { additionalInfo: { sample: true } } };
    const polled = { ...finding, service: { additionalInfo: { value: '{"sample":true}', type: 'default' } } };

    for (const sample of [pushed, polled]) {
      expect(guardDutyFinding(sample, { heard, by: 't', place })).toMatchObject({ severity: 'info', sample: true });
    }
  });
});

describe('a warning of AWS Health', () => {
  const warning = {
    eventArn: 'arn:aws:health:us-east-1::event/RISK/AWS_RISK_CREDENTIALS_EXPOSED/AWS_RISK_CREDENTIALS_EXPOSED_1',
    service: 'RISK',
    eventTypeCode: 'AWS_RISK_CREDENTIALS_EXPOSED',
    eventTypeCategory: 'issue',
    startTime: 'Sun, 01 Mar 2026 14:00:00 GMT',
    affectedEntities: [{ entityValue: 'AKIAIOSFODNN7EXAMPLE' }, { entityValue: 'ada' }],
  };

  it('names the keys that leaked', () => {
    expect(read(envelope('AWS Health Event', warning)).observations).toMatchObject([
      {
        kind: 'provider.alerted',
        about: 'leak',
        severity: 'critical',
        at: '2026-03-01T14:00:00.000Z',
        subjects: ['credential:AKIAIOSFODNN7EXAMPLE', `principal:arn:aws:iam::${account}:user/ada`],
      },
    ]);
  });

  it('tells complaints about what is published from attacks on others, and says nothing of AWS’s own troubles', () => {
    const about = (service: string, eventTypeCode: string) => read(envelope('AWS Health Event', { ...warning, service, eventTypeCode }));

    expect(about('ABUSE', 'AWS_ABUSE_DOS_REPORT').observations).toMatchObject([{ about: 'takeover', severity: 'high' }]);
    expect(about('ABUSE', 'AWS_ABUSE_COPYRIGHT_DMCA_REPORT').observations).toMatchObject([{ about: 'other', severity: 'low' }]);
    expect(about('EC2', 'AWS_EC2_OPERATIONAL_ISSUE')).toMatchObject({ observations: [] });
    expect(about('EC2', 'AWS_EC2_OPERATIONAL_ISSUE').problem).toBeUndefined();
  });

  it('keeps the pages of a long one apart', () => {
    const id = (page: string) => read(envelope('AWS Health Event', { ...warning, page, totalPages: '2' })).observations[0]?.id;

    expect(id('1')).not.toBe(id('2'));
  });
});

describe('other kinds', () => {
  it('a door found open by Access Analyzer', () => {
    const open = {
      id: '22222222-dcba-4444-dcba-333333333333',
      status: 'ACTIVE',
      resourceType: 'AWS::IAM::Role',
      resource: `arn:aws:iam::${account}:role/path/r`,
      principal: { AWS: '210987654321' },
      condition: {},
      isPublic: false,
      isDeleted: false,
      createdAt: '2026-03-01T13:00:00Z',
    };

    expect(read(envelope('Access Analyzer Finding', open)).observations).toMatchObject([
      {
        kind: 'trust.opened',
        id: 'aws/access-analyzer/eu-west-1/22222222-dcba-4444-dcba-333333333333',
        resource: `resource:arn:aws:iam::${account}:role/r`,
        to: '210987654321',
        unconditional: true,
        door: 'role',
      },
    ]);
    expect(read(envelope('Access Analyzer Finding', { ...open, status: 'RESOLVED' })).observations).toEqual([]);
  });

  it('a rise of the bill', () => {
    const rise = {
      anomalyId: '12345678-abcd',
      anomalyStartDate: '2026-02-28T00:00:00Z',
      dimensionValue: 'Amazon SageMaker',
      impact: { totalImpact: 120.5 },
    };

    expect(read(envelope('Anomaly Detected', rise)).observations).toMatchObject([
      { kind: 'provider.alerted', id: `aws/cost-anomalies/${account}/12345678-abcd`, about: 'money', severity: 'medium' },
    ]);
  });

  it('are a problem and no fault', () => {
    expect(read(envelope('Something New', {}))).toMatchObject({ observations: [], problem: expect.stringContaining('Something New') });
    expect(read('hello').problem).toBeDefined();
    expect(read(envelope('GuardDuty Finding', {})).problem).toBeDefined();
  });

  it('never make it throw', () => {
    const kinds = [
      'AWS API Call via CloudTrail',
      'EC2 Instance State-change Notification',
      'EC2 Spot Instance Request Fulfillment',
      'ECS Task State Change',
      'GuardDuty Finding',
      'AWS Health Event',
      'Access Analyzer Finding',
      'Anomaly Detected',
    ];
    const names = [
      'id',
      'type',
      'severity',
      'resource',
      'service',
      'eventArn',
      'eventTypeCode',
      'affectedEntities',
      'principal',
      'status',
      'impact',
      'anomalyId',
      'taskArn',
      'instance-id',
    ];
    const detail = fc.oneof(
      fc.jsonValue(),
      fc.dictionary(fc.constantFrom(...names), fc.oneof(fc.jsonValue(), fc.constantFrom('RISK', 'ACTIVE', 'x'))),
    );
    fc.assert(
      fc.property(fc.constantFrom(...kinds), detail, fc.jsonValue(), (kind, inside, odd) => {
        const { observations, raw } = read({ ...envelope(kind, {}), detail: inside, region: odd, time: odd });

        expect(() => JSON.stringify(raw)).not.toThrow();
        for (const one of observations) expect(one.at).toBe(new Date(one.at).toISOString());
      }),
      { seed: 7, numRuns: 2_000 },
    );
  });
});
