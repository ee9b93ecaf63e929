/** The operator's template for push: rules in every region, one queue that collects. Generated, so that the rules follow the translation. */
import { probePrefix, pushPrefix, queueName } from './push-names.ts';

/** EventBridge takes at most 2,048 characters a pattern (EventBridge quotas). */
export const mostPatternCharacters = 2_048;

/** What AWS services say by themselves, without a trail; see the EventBridge event reference of each. */
export const nativePattern = [
  {
    source: ['aws.ec2'],
    'detail-type': ['EC2 Instance State-change Notification'],
    detail: { state: ['pending', 'running'] },
  },
  { source: ['aws.ec2'], 'detail-type': ['EC2 Spot Instance Request Fulfillment'] },
  { source: ['aws.ecs'], 'detail-type': ['ECS Task State Change'], detail: { lastStatus: ['PENDING', 'RUNNING'] } },
  { source: ['aws.guardduty'], 'detail-type': ['GuardDuty Finding'] },
  { source: ['aws.access-analyzer'], 'detail-type': ['Access Analyzer Finding'] },
  { source: ['aws.ce'], 'detail-type': ['Anomaly Detected'] },
  { source: ['aws.health'], 'detail-type': ['AWS Health Event', 'AWS Health Abuse Event'], detail: { service: ['RISK', 'ABUSE'] } },
] as const;

/** How CloudTrail's records are called on the bus. */
const recorded = ['AWS API Call via CloudTrail', 'AWS Console Sign In via CloudTrail', 'AWS Service Event via CloudTrail'];

/** Calls that begin so are reads; a rule that is simply on is given writes alone (EventBridge user guide, read-only management events). */
const reads = /^(?:Get|List|Describe|Lookup|Search|BatchGet|Head|Simulate|View)/;
/** CloudTrail counts these among the reads, whatever they sound like. */
const readsToo = /^(?:sts:AssumeRole|bedrock:(?:Invoke|Converse)|kms:(?:Decrypt|GenerateDataKey))/;
/** These services end their calls' names with a version: CreateFunction20150331. */
const versioned = /^(?:lambda|cloudfront):/;

type NamePattern = string | { prefix: string };

/** The names of writes among the calls that the translation knows ('service:Call'), as they stand in CloudTrail, sorted. */
export function pushedNames(calls: Iterable<string>): NamePattern[] {
  const names = new Map<string, NamePattern>();
  for (const call of [...calls].sort()) {
    const name = call.slice(call.indexOf(':') + 1);
    if (!call.includes(':') || reads.test(name) || readsToo.test(call)) continue;
    if (versioned.test(call)) names.set(name, { prefix: name });
    else if (!names.has(name)) names.set(name, name);
  }
  return [...names].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, pattern]) => pattern);
}

/** As many patterns as the names need, none over the limit. */
export function recordPatterns(calls: Iterable<string>): Record<string, unknown>[] {
  const patternOf = (eventName: NamePattern[]) => ({ 'detail-type': recorded, detail: { eventName } });
  const groups: NamePattern[][] = [[]];
  for (const name of pushedNames(calls)) {
    const group = groups.at(-1)!;
    if (JSON.stringify(patternOf([...group, name])).length <= mostPatternCharacters) group.push(name);
    else groups.push([name]);
  }
  return groups.map(patternOf);
}

/** Whatever root does by hand, and the bot's own probes. */
const rootPattern = {
  'detail-type': recorded,
  detail: { userIdentity: { type: ['Root'] }, eventType: ['AwsApiCall', 'AwsConsoleSignIn'] },
};
const probePattern = {
  source: ['aws.ec2'],
  'detail-type': ['AWS API Call via CloudTrail'],
  detail: { eventName: ['DeleteKeyPair'], requestParameters: { keyName: [{ prefix: probePrefix }] } },
};

/**
 * A CloudFormation template, as plain data: one stack in each region. In the home region it also makes the bus on which the events of all
 * regions meet, and the queue. `calls` are the keys of the translation's tables.
 */
export function pushTemplate(calls: Iterable<string>): Record<string, unknown> {
  const sub = (text: string) => ({ 'Fn::Sub': text });
  const home = { 'Fn::If': ['HasHome', { Ref: 'HomeRegion' }, { Ref: 'AWS::Region' }] };
  const busArn = { 'Fn::Sub': [`arn:\${AWS::Partition}:events:\${Home}:\${AWS::AccountId}:event-bus/${queueName}`, { Home: home }] };
  const queueArn = sub(`arn:\${AWS::Partition}:sqs:\${AWS::Region}:\${AWS::AccountId}:${queueName}`);
  const ruleArn = { 'Fn::GetAtt': ['Collect', 'Arn'] };

  const forward = (name: string, what: string, pattern: unknown) => ({
    Type: 'AWS::Events::Rule',
    Properties: {
      Name: `${pushPrefix}${name}`,
      Description: `Cloudwarden: ${what}`,
      State: 'ENABLED',
      EventPattern: pattern,
      Targets: [{ Id: 'bus', Arn: busArn, RoleArn: { 'Fn::GetAtt': ['Forwarder', 'Arn'] } }],
    },
  });
  const rules: [string, ReturnType<typeof forward>][] = [
    ...nativePattern.map((pattern, index): [string, ReturnType<typeof forward>] => [
      `Native${index + 1}`,
      forward(`native-${index + 1}`, pattern['detail-type'].join(', '), pattern),
    ]),
    ...recordPatterns(calls).map((pattern, index): [string, ReturnType<typeof forward>] => [
      `Calls${index + 1}`,
      forward(`calls-${index + 1}`, 'calls that spend money, give rights or blind guards', pattern),
    ]),
    ['Root', forward('root', 'whatever root does', rootPattern)],
    ['Probe', forward('probe', 'the bot’s own tries of this path', probePattern)],
  ];

  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Description:
      'Cloudwarden: events of this account as they happen, into a queue that the bot reads. One stack in each region, the home region first.',
    Parameters: {
      HomeRegion: {
        Type: 'String',
        Default: '',
        AllowedPattern: '^$|^[a-z]{2,}(-[a-z]+)+-\\d$',
        Description: 'The region whose queue collects the events of all regions. Empty: this region has a queue of its own.',
      },
    },
    Conditions: {
      HasHome: { 'Fn::Not': [{ 'Fn::Equals': [{ Ref: 'HomeRegion' }, ''] }] },
      IsHome: {
        'Fn::Or': [{ 'Fn::Equals': [{ Ref: 'HomeRegion' }, ''] }, { 'Fn::Equals': [{ Ref: 'HomeRegion' }, { Ref: 'AWS::Region' }] }],
      },
    },
    Resources: {
      Bus: { Type: 'AWS::Events::EventBus', Condition: 'IsHome', Properties: { Name: queueName } },
      Unread: {
        Type: 'AWS::SQS::Queue',
        Condition: 'IsHome',
        Properties: {
          QueueName: `${queueName}-unread`,
          SqsManagedSseEnabled: true,
          MessageRetentionPeriod: 1_209_600,
          RedriveAllowPolicy: { redrivePermission: 'byQueue', sourceQueueArns: [queueArn] },
        },
      },
      Queue: {
        Type: 'AWS::SQS::Queue',
        Condition: 'IsHome',
        Properties: {
          QueueName: queueName,
          SqsManagedSseEnabled: true,
          MessageRetentionPeriod: 345_600,
          VisibilityTimeout: 120,
          ReceiveMessageWaitTimeSeconds: 20,
          RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['Unread', 'Arn'] }, maxReceiveCount: 5 },
        },
      },
      QueuePolicy: {
        Type: 'AWS::SQS::QueuePolicy',
        Condition: 'IsHome',
        Properties: {
          Queues: [{ Ref: 'Queue' }],
          PolicyDocument: {
            Version: '2012-10-17',
            Statement: [
              {
                Sid: 'TheRuleMaySend',
                Effect: 'Allow',
                Principal: { Service: 'events.amazonaws.com' },
                Action: 'sqs:SendMessage',
                Resource: { 'Fn::GetAtt': ['Queue', 'Arn'] },
                Condition: { ArnEquals: { 'aws:SourceArn': ruleArn } },
              },
              {
                // Also whoever has every right in the account: a forged event could otherwise hide a true one among many.
                Sid: 'NobodyElseMaySend',
                Effect: 'Deny',
                Principal: '*',
                Action: 'sqs:SendMessage',
                Resource: { 'Fn::GetAtt': ['Queue', 'Arn'] },
                Condition: { ArnNotEquals: { 'aws:SourceArn': ruleArn } },
              },
            ],
          },
        },
      },
      UnreadPolicy: {
        Type: 'AWS::SQS::QueuePolicy',
        Condition: 'IsHome',
        Properties: {
          Queues: [{ Ref: 'Unread' }],
          PolicyDocument: {
            Version: '2012-10-17',
            Statement: [
              {
                // SQS itself moves messages here, without this right.
                Sid: 'NobodyMaySend',
                Effect: 'Deny',
                Principal: '*',
                Action: 'sqs:SendMessage',
                Resource: { 'Fn::GetAtt': ['Unread', 'Arn'] },
              },
            ],
          },
        },
      },
      Collect: {
        Type: 'AWS::Events::Rule',
        Condition: 'IsHome',
        Properties: {
          Name: `${pushPrefix}collect`,
          Description: 'Cloudwarden: what the regions sent, into the queue',
          EventBusName: { Ref: 'Bus' },
          State: 'ENABLED',
          // Nobody but AWS may put events on a bus whose source begins so.
          EventPattern: { account: [{ Ref: 'AWS::AccountId' }], source: [{ prefix: 'aws.' }] },
          Targets: [{ Id: 'queue', Arn: { 'Fn::GetAtt': ['Queue', 'Arn'] } }],
        },
      },
      Forwarder: {
        Type: 'AWS::IAM::Role',
        Properties: {
          RoleName: sub(`${pushPrefix}forwarder-\${AWS::Region}`),
          AssumeRolePolicyDocument: {
            Version: '2012-10-17',
            Statement: [
              {
                Effect: 'Allow',
                Principal: { Service: 'events.amazonaws.com' },
                Action: 'sts:AssumeRole',
                Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
              },
            ],
          },
          Policies: [
            {
              PolicyName: 'Forward',
              PolicyDocument: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'events:PutEvents', Resource: busArn }] },
            },
          ],
        },
      },
      ...Object.fromEntries(rules),
    },
    Outputs: {
      Queue: { Condition: 'IsHome', Description: 'accounts → push → queues', Value: { Ref: 'Queue' } },
    },
  };
}
