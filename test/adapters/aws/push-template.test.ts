import { describe, expect, it } from 'vitest';
import { mostPatternCharacters, pushedNames, pushTemplate } from '../../../src/adapters/aws/push-template.ts';
import { acts } from '../../../src/adapters/aws/translate/acts.ts';
import { translateNotification } from '../../../src/adapters/aws/translate/notifications.ts';

type Properties = Record<string, unknown>;
type Resource = { Type: string; Condition?: string; Properties: Properties };
type Statement = { Effect: string; Principal: unknown; Action: string; Condition?: Record<string, Record<string, unknown>> };

const calls = [...acts.keys()];
const resources = pushTemplate(calls).Resources as Record<string, Resource>;
const rules = Object.values(resources).filter(({ Type, Condition }) => Type === 'AWS::Events::Rule' && Condition === undefined);
const patterns = rules.map(({ Properties: { EventPattern } }) => EventPattern as Record<string, unknown>);

/** Whether EventBridge would take it: exact texts, prefixes, and objects inside. */
function takes(pattern: unknown, event: unknown): boolean {
  if (Array.isArray(pattern)) {
    return pattern.some((one: unknown) =>
      typeof one === 'object' && one !== null && 'prefix' in one ? String(event).startsWith(String(one.prefix)) : one === event,
    );
  }
  return Object.entries(pattern as object).every(
    ([name, inside]) => typeof event === 'object' && event !== null && takes(inside, (event as Record<string, unknown>)[name]),
  );
}
const isPushed = (event: Record<string, unknown>): boolean => patterns.some((pattern) => takes(pattern, event));
const call = (eventName: string, more: Record<string, unknown> = {}) => ({
  source: 'aws.any',
  account: '123456789012',
  'detail-type': 'AWS API Call via CloudTrail',
  detail: { eventName, eventType: 'AwsApiCall', userIdentity: { type: 'IAMUser' }, ...more },
});

describe('the rules', () => {
  it('take every write that the translation knows, and no pattern is longer than EventBridge allows', () => {
    const reads = /:(?:Get|List|Describe|Lookup|View)|^sts:AssumeRo|^bedrock:(?:Invoke|Converse)/;

    const missing = calls.filter((name) => !reads.test(name) && !isPushed(call(name.slice(name.indexOf(':') + 1))));

    expect(missing).toEqual([]);
    expect(patterns.filter((pattern) => JSON.stringify(pattern).length > mostPatternCharacters)).toEqual([]);
  });

  it('take nothing that the translation does not know', () => {
    const known = new Set(calls.map((name) => name.slice(name.indexOf(':') + 1)));

    const names = pushedNames(calls).map((name) => (typeof name === 'string' ? name : name.prefix));

    expect(names.filter((name) => !known.has(name))).toEqual([]);
    expect(['GetCallerIdentity', 'PutObject', 'DeleteKeyPair'].filter((name) => isPushed(call(name)))).toEqual([]);
  });

  it('take calls whose names end with a version', () => {
    expect(isPushed(call('CreateFunction20150331'))).toBe(true);
    expect(isPushed(call('UpdateFunctionCode20150331v2'))).toBe(true);
  });

  it('take what root does, and the bot’s own tries', () => {
    const probe = { ...call('DeleteKeyPair', { requestParameters: { keyName: 'cloudwarden-probe-0f1e' } }), source: 'aws.ec2' };

    expect(isPushed(call('PutObject', { userIdentity: { type: 'Root' } }))).toBe(true);
    expect(isPushed(probe)).toBe(true);
  });

  it('take what services say by themselves', () => {
    const said = (source: string, type: string, detail: Record<string, unknown> = {}) => ({ source, 'detail-type': type, detail });

    expect(isPushed(said('aws.ec2', 'EC2 Instance State-change Notification', { state: 'pending' }))).toBe(true);
    expect(isPushed(said('aws.ec2', 'EC2 Instance State-change Notification', { state: 'stopping' }))).toBe(false);
    expect(isPushed(said('aws.ec2', 'EC2 Spot Instance Request Fulfillment'))).toBe(true);
    expect(isPushed(said('aws.ecs', 'ECS Task State Change', { lastStatus: 'RUNNING' }))).toBe(true);
    expect(isPushed(said('aws.guardduty', 'GuardDuty Finding', { severity: 8 }))).toBe(true);
    expect(isPushed(said('aws.health', 'AWS Health Event', { service: 'RISK' }))).toBe(true);
    expect(isPushed(said('aws.health', 'AWS Health Event', { service: 'EC2' }))).toBe(false);
  });
});

describe('what is pushed', () => {
  it('is of kinds that the translation knows', () => {
    const types = patterns.flatMap((pattern) => (pattern['detail-type'] as string[] | undefined) ?? []);

    const unknown = types.filter((type) =>
      translateNotification({ 'detail-type': type, detail: {} }, { by: 'aws/push' }).problem?.startsWith(
        'an event of a kind nobody asked for',
      ),
    );

    expect(new Set(types).size).toBeGreaterThan(9);
    expect(unknown).toEqual([]);
  });
});

describe('the queue', () => {
  const document = resources.QueuePolicy?.Properties.PolicyDocument as { Statement: Statement[] } | undefined;
  const statements = document?.Statement ?? [];

  it('takes messages from the one rule, and from nobody else, whatever rights they have', () => {
    const rule = { 'Fn::GetAtt': ['Collect', 'Arn'] };

    expect(statements.map(({ Effect, Principal, Action, Condition }) => [Effect, Principal, Action, Condition])).toEqual([
      ['Allow', { Service: 'events.amazonaws.com' }, 'sqs:SendMessage', { ArnEquals: { 'aws:SourceArn': rule } }],
      ['Deny', '*', 'sqs:SendMessage', { ArnNotEquals: { 'aws:SourceArn': rule } }],
    ]);
  });

  it('is encrypted, and puts aside what nobody could read', () => {
    expect(resources.Queue?.Properties).toMatchObject({
      SqsManagedSseEnabled: true,
      RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['Unread', 'Arn'] }, maxReceiveCount: 5 },
    });
    expect(resources.Unread?.Properties).toMatchObject({ SqsManagedSseEnabled: true });
  });

  it('gets what came from AWS itself in this account, and nothing that somebody put on the bus', () => {
    expect(resources.Collect?.Properties.EventPattern).toEqual({ account: [{ Ref: 'AWS::AccountId' }], source: [{ prefix: 'aws.' }] });
  });
});

describe('the template', () => {
  it('gives everything a name that begins with the bot’s own', () => {
    const names = Object.values(resources).flatMap(({ Properties: given }) =>
      ['Name', 'QueueName', 'RoleName'].flatMap((one) => {
        const name = given[one];
        return name === undefined ? [] : [typeof name === 'string' ? name : String((name as Record<string, unknown>)['Fn::Sub'])];
      }),
    );

    expect(names.length).toBeGreaterThan(8);
    expect(names.filter((name) => !name.startsWith('cloudwarden-'))).toEqual([]);
  });

  it('lets its role put events on the one bus and nothing else', () => {
    const policies = resources.Forwarder?.Properties.Policies as {
      PolicyDocument: { Statement: { Action: string; Resource: unknown }[] };
    }[];
    const policy = policies[0];

    expect(policy?.PolicyDocument.Statement).toHaveLength(1);
    expect(policy?.PolicyDocument.Statement[0]?.Action).toBe('events:PutEvents');
    expect(JSON.stringify(policy?.PolicyDocument.Statement[0]?.Resource)).toContain('event-bus/cloudwarden-events');
  });
});
