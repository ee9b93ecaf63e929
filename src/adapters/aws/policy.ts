/** The IAM policies an operator grants, built from what sources and remedies declare. */
import type { Permission } from '../../bot/ports.ts';
import { pushPrefix } from './push-names.ts';

export type Statement = {
  Sid: string;
  Effect: 'Allow' | 'Deny';
  Action: string[];
  Resource: string | string[];
  Condition?: Record<string, Record<string, string>>;
};
export type PolicyDocument = { Version: '2012-10-17'; Statement: Statement[] };

/** The roles of the template; a plan and the act policy leave them alone. */
const roleNames = { read: 'CloudwardenRead', act: 'CloudwardenAct', bot: 'CloudwardenBot' } as const;

/**
 * One policy for these permissions: each action on the narrowest resources AWS judges it by, never an action by wildcard. The act policy
 * ends with a deny that keeps the bot's hands off its own roles.
 * @throws Error for an act action whose resources are not known here.
 */
export function policyDocument(permissions: readonly Permission[], kind: 'read' | 'act'): PolicyDocument {
  const actions = [...new Set(permissions.filter((one) => one.system === 'aws-iam').map((one) => one.name))].sort();
  const reachOf = (action: string): Reach => {
    const reach = reaches.find((one) => one.actions.includes(action));
    if (!reach && kind === 'act') throw new Error(`policy.ts does not know on which resources ${action} acts`);
    return reach ?? everything;
  };
  const statements = [...Map.groupBy(actions, reachOf)].map(
    ([reach, group]): Statement => ({
      Sid: reach.sid,
      Effect: 'Allow',
      Action: group,
      Resource: reach.resource,
      ...(reach.condition ? { Condition: reach.condition } : {}),
    }),
  );
  const order = (statement: Statement) => [...reaches, everything].findIndex((reach) => reach.sid === statement.Sid);
  statements.sort((a, b) => order(a) - order(b));
  const onIam = actions.filter((action) => action.startsWith('iam:'));
  return {
    Version: '2012-10-17',
    Statement:
      kind === 'act' && onIam.length > 0
        ? [
            ...statements,
            {
              Sid: 'HandsOffOurselves',
              Effect: 'Deny',
              Action: onIam,
              Resource: Object.values(roleNames).map((name) => `arn:aws:iam::*:role/${name}`),
            },
          ]
        : statements,
  };
}

/** What the identity the bot runs as needs in its own account: to take on the two roles, and to say who approved. */
export const botPolicy: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [
    {
      Sid: 'TakeOnTheRolesOfGuardedAccounts',
      Effect: 'Allow',
      Action: ['sts:AssumeRole', 'sts:SetSourceIdentity'],
      Resource: [`arn:aws:iam::*:role/${roleNames.read}`, `arn:aws:iam::*:role/${roleNames.act}`],
    },
  ],
};

type Reach = { sid: string; actions: string[]; resource: string; condition?: Statement['Condition'] };

/** By which resources AWS judges an action: Service Authorization Reference, "Actions, resources, and condition keys" of each service. */
const reaches: Reach[] = [
  {
    sid: 'Instances',
    actions: ['ec2:StopInstances', 'ec2:StartInstances', 'ec2:DescribeInstanceAttribute'],
    resource: 'arn:aws:ec2:*:*:instance/*',
  },
  {
    // The same action could write user data, that is, run code as the machine's role: only the stop protection is granted.
    sid: 'StopProtection',
    actions: ['ec2:ModifyInstanceAttribute'],
    resource: 'arn:aws:ec2:*:*:instance/*',
    condition: { StringEqualsIgnoreCase: { 'ec2:Attribute': 'DisableApiStop' } },
  },
  {
    sid: 'Users',
    actions: [
      'iam:GetUser',
      'iam:GetLoginProfile',
      'iam:GetUserPolicy',
      'iam:ListAccessKeys',
      'iam:ListAttachedUserPolicies',
      'iam:ListGroupsForUser',
      'iam:ListMFADevices',
      'iam:ListUserPolicies',
      'iam:UpdateAccessKey',
      'iam:PutUserPolicy',
      'iam:DeleteUserPolicy',
    ],
    resource: 'arn:aws:iam::*:user/*',
  },
  {
    sid: 'Roles',
    actions: ['iam:GetRole', 'iam:GetRolePolicy', 'iam:PutRolePolicy', 'iam:DeleteRolePolicy'],
    resource: 'arn:aws:iam::*:role/*',
  },
  {
    sid: 'QuarantineOfAws',
    actions: ['iam:ListEntitiesForPolicy'],
    resource: 'arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantine*',
  },
  {
    // Taking out of it what was read is the one thing the reading role changes, and only in the bot's own queues.
    sid: 'OwnQueues',
    actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
    resource: `arn:aws:sqs:*:*:${pushPrefix}*`,
  },
  {
    sid: 'ThreatDetectors',
    actions: ['guardduty:GetDetector', 'guardduty:GetFindings', 'guardduty:ListFindings'],
    resource: 'arn:aws:guardduty:*:*:detector/*',
  },
  { sid: 'AccessAnalyzers', actions: ['access-analyzer:ListFindings'], resource: 'arn:aws:access-analyzer:*:*:analyzer/*' },
  { sid: 'KubernetesClusters', actions: ['eks:ListNodegroups'], resource: 'arn:aws:eks:*:*:cluster/*' },
  { sid: 'KubernetesNodes', actions: ['eks:DescribeNodegroup'], resource: 'arn:aws:eks:*:*:nodegroup/*' },
  {
    sid: 'MapReduceClusters',
    actions: [
      'elasticmapreduce:DescribeCluster',
      'elasticmapreduce:ListInstanceFleets',
      'elasticmapreduce:ListInstanceGroups',
      'elasticmapreduce:ListInstances',
    ],
    resource: 'arn:aws:elasticmapreduce:*:*:cluster/*',
  },
  { sid: 'Budgets', actions: ['budgets:ViewBudget'], resource: 'arn:aws:budgets::*:budget/*' },
  { sid: 'OwnActRole', actions: ['iam:SimulatePrincipalPolicy'], resource: `arn:aws:iam::*:role/${roleNames.act}` },
];

const everything: Reach = { sid: 'NotJudgedByResource', actions: [], resource: '*' };

/** Reading actions granted on every resource, each with its reason. A test keeps the list complete. */
export const grantedOnEverything: Readonly<Record<string, string>> = {
  'access-analyzer:ListAnalyzers': 'it lists the analyzers',
  'autoscaling:DescribeAutoScalingGroups': 'AWS judges it by no resource',
  'autoscaling:DescribeLaunchConfigurations': 'AWS judges it by no resource',
  'batch:DescribeComputeEnvironments': 'AWS judges it by no resource',
  'batch:DescribeJobDefinitions': 'AWS judges it by no resource',
  'batch:DescribeJobQueues': 'AWS judges it by no resource',
  'batch:DescribeJobs': 'AWS judges it by no resource',
  'batch:ListJobs': 'AWS judges it by no resource',
  'ce:GetAnomalies': 'the anomalies of all monitors are read',
  'ce:GetCostAndUsage': 'costs belong to no resource',
  'cloudtrail:LookupEvents': 'AWS judges it by no resource',
  'cloudwatch:GetMetricData': 'AWS judges it by no resource',
  'cloudwatch:ListMetrics': 'AWS judges it by no resource',
  'ec2:DescribeFleets': 'AWS judges it by no resource',
  'ec2:DescribeInstances': 'AWS judges it by no resource',
  'ec2:DescribeInstanceTypes': 'AWS judges it by no resource',
  'ec2:DescribeLaunchTemplates': 'AWS judges it by no resource',
  'ec2:DescribeLaunchTemplateVersions': 'AWS judges it by no resource',
  'ec2:DescribeRegions': 'AWS judges it by no resource',
  'ec2:DescribeSpotFleetInstances': 'AWS judges it by no resource',
  'ec2:DescribeSpotFleetRequests': 'AWS judges it by no resource',
  'ec2:DescribeSpotInstanceRequests': 'AWS judges it by no resource',
  'ec2:DescribeSpotPriceHistory': 'AWS judges it by no resource',
  'ecs:DescribeServices': 'the services of every cluster are looked at',
  'ecs:DescribeTaskDefinition': 'AWS judges it by no resource',
  'ecs:DescribeTasks': 'the tasks of every cluster are looked at',
  'ecs:ListClusters': 'AWS judges it by no resource',
  'ecs:ListServices': 'the services of every cluster are looked at',
  'ecs:ListTasks': 'the tasks of every cluster are looked at',
  'eks:ListClusters': 'it lists the clusters',
  'elasticmapreduce:ListClusters': 'it lists the clusters',
  'guardduty:ListDetectors': 'it lists the detectors',
  'health:DescribeAffectedEntities': 'the events are the provider’s, and any of them may be about a leaked key',
  'health:DescribeEvents': 'the events are the provider’s, and any of them may be about a leaked key',
  'iam:GetAccessKeyLastUsed': 'the call names a key, not its user',
  'iam:GetAccountAuthorizationDetails': 'it is about the account as a whole',
  'iam:GetAccountSummary': 'it is about the account as a whole',
  'iam:ListUsers': 'it lists all users',
  'iam:ListVirtualMFADevices': 'it lists all devices, that of root among them',
  'lightsail:GetInstances': 'it lists all machines',
  'sagemaker:DescribeApp': 'every one that runs is looked at, whoever started it',
  'sagemaker:DescribeCluster': 'every one that runs is looked at, whoever started it',
  'sagemaker:DescribeEndpoint': 'every one that runs is looked at, whoever started it',
  'sagemaker:DescribeEndpointConfig': 'every one that runs is looked at, whoever started it',
  'sagemaker:DescribeProcessingJob': 'every one that runs is looked at, whoever started it',
  'sagemaker:DescribeTrainingJob': 'every one that runs is looked at, whoever started it',
  'sagemaker:DescribeTransformJob': 'every one that runs is looked at, whoever started it',
  'sagemaker:ListApps': 'it lists all there are',
  'sagemaker:ListClusters': 'it lists all there are',
  'sagemaker:ListEndpoints': 'it lists all there are',
  'sagemaker:ListNotebookInstances': 'it lists all there are',
  'sagemaker:ListProcessingJobs': 'it lists all there are',
  'sagemaker:ListTrainingJobs': 'it lists all there are',
  'sagemaker:ListTransformJobs': 'it lists all there are',
  'servicequotas:ListRequestedServiceQuotaChangeHistory': 'AWS judges it by no resource',
  'sts:GetCallerIdentity': 'AWS grants it to everybody; it stands here so that the list is complete',
};

// ---- the operator's template ------------------------------------------------------------------------------------------------

/** A CloudFormation template with the two roles, as plain data. */
export function cloudFormation(read: PolicyDocument, act: PolicyDocument): Record<string, unknown> {
  const bot = { AWS: { Ref: 'BotRoleArn' } };
  const knowsUs = { 'sts:ExternalId': { Ref: 'ExternalId' } };
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: 'Cloudwarden: a role that watches this account and, if wanted, a role that stops machines and shuts out principals.',
    Parameters: {
      BotRoleArn: {
        Type: 'String',
        AllowedPattern: '^arn:aws[a-z-]*:iam::\\d{12}:role/.+$',
        Description: 'The role Cloudwarden runs as. Best in another account than this one. It must exist already.',
      },
      ExternalId: {
        Type: 'String',
        NoEcho: true,
        MinLength: 16,
        Description: 'A long random text that stands in the configuration too (openssl rand -hex 16).',
      },
      Mode: {
        Type: 'String',
        AllowedValues: ['observe', 'act'],
        Default: 'observe',
        Description: 'act: also make the role that acts, each time only after a person approved. observe: the bot only looks.',
      },
    },
    Conditions: { MayAct: { 'Fn::Equals': [{ Ref: 'Mode' }, 'act'] } },
    Resources: {
      ReadRole: {
        Type: 'AWS::IAM::Role',
        Properties: {
          RoleName: roleNames.read,
          MaxSessionDuration: 3600,
          AssumeRolePolicyDocument: {
            Version: '2012-10-17',
            Statement: [{ Effect: 'Allow', Principal: bot, Action: 'sts:AssumeRole', Condition: { StringEquals: knowsUs } }],
          },
          Policies: [{ PolicyName: 'Watch', PolicyDocument: read }],
        },
      },
      ActRole: {
        Type: 'AWS::IAM::Role',
        Condition: 'MayAct',
        Properties: {
          RoleName: roleNames.act,
          MaxSessionDuration: 3600,
          AssumeRolePolicyDocument: {
            Version: '2012-10-17',
            Statement: [
              {
                Effect: 'Allow',
                Principal: bot,
                Action: 'sts:AssumeRole',
                // Nobody acts unnamed: who approved stands in CloudTrail as the source identity.
                Condition: { StringEquals: knowsUs, StringLike: { 'sts:SourceIdentity': '?*' } },
              },
              { Effect: 'Allow', Principal: bot, Action: 'sts:SetSourceIdentity' },
            ],
          },
          Policies: [{ PolicyName: 'Act', PolicyDocument: act }],
        },
      },
    },
    Outputs: {
      ReadRole: { Description: 'accounts → read → role', Value: { 'Fn::GetAtt': ['ReadRole', 'Arn'] } },
      ActRole: { Condition: 'MayAct', Description: 'accounts → act → role', Value: { 'Fn::GetAtt': ['ActRole', 'Arn'] } },
    },
  };
}
