import type { Policy } from './policy.ts';

const allow = (Action: string[]): Policy => ({ Statement: [{ Effect: 'Allow', Action, Resource: ['*'] }] });

/** What AWS attaches to a user whose key leaked, cut to the services simulated here. */
const quarantine: Policy = {
  Statement: [
    {
      Effect: 'Deny',
      Action: [
        'cloudtrail:LookupEvents',
        'ec2:RunInstances',
        'ec2:StartInstances',
        'ec2:RequestSpotInstances',
        'iam:AttachUserPolicy',
        'iam:CreateAccessKey',
        'iam:CreateLoginProfile',
        'iam:CreateUser',
        'iam:DeleteAccessKey',
        'iam:ListUsers',
        'iam:PutUserPolicy',
        'iam:UpdateAccessKey',
        'sts:GetFederationToken',
        'sts:GetSessionToken',
      ],
      Resource: ['*'],
    },
  ],
};

/** What the named AWS managed policies come down to, for the services simulated here. They are shortened: the names are AWS's, the content is not. */
const byName: Record<string, Policy> = {
  AdministratorAccess: allow(['*']),
  PowerUserAccess: { Statement: [{ Effect: 'Allow', NotAction: ['iam:*', 'organizations:*', 'account:*'], Resource: ['*'] }] },
  ReadOnlyAccess: allow(['*:Describe*', '*:Get*', '*:List*', 'cloudtrail:LookupEvents']),
  SecurityAudit: allow(['*:Describe*', '*:Get*', '*:List*', 'cloudtrail:LookupEvents']),
  ViewOnlyAccess: allow(['*:Describe*', '*:List*']),
  AmazonEC2FullAccess: allow(['ec2:*', 'autoscaling:*', 'elasticloadbalancing:*', 'cloudwatch:*']),
  AmazonEC2ReadOnlyAccess: allow(['ec2:Describe*']),
  AmazonS3FullAccess: allow(['s3:*']),
  AmazonS3ReadOnlyAccess: allow(['s3:Get*', 's3:List*']),
  AmazonSESFullAccess: allow(['ses:*']),
  AWSLambda_FullAccess: allow(['lambda:*']),
  AWSLambda_ReadOnlyAccess: allow(['lambda:Get*', 'lambda:List*']),
  AutoScalingFullAccess: allow(['autoscaling:*', 'ec2:Describe*', 'cloudwatch:*', 'iam:CreateServiceLinkedRole']),
  AmazonECS_FullAccess: allow(['ecs:*', 'ec2:*', 'autoscaling:*', 'elasticloadbalancing:*', 'logs:*', 'iam:PassRole']),
  AmazonEC2ContainerRegistryPowerUser: allow(['ecr:*']),
  AmazonEKSClusterPolicy: allow(['ec2:*', 'autoscaling:*', 'elasticloadbalancing:*']),
  AmazonEKSWorkerNodePolicy: allow(['ec2:Describe*', 'eks:DescribeCluster']),
  AmazonSageMakerFullAccess: allow(['sagemaker:*', 's3:*', 'ecr:*', 'logs:*', 'iam:PassRole']),
  AmazonBedrockFullAccess: allow(['bedrock:*']),
  AmazonElasticMapReduceFullAccess: allow(['elasticmapreduce:*', 'ec2:*', 's3:*', 'iam:PassRole']),
  AWSBatchFullAccess: allow(['batch:*', 'ec2:Describe*', 'ecs:*', 'logs:*', 'iam:PassRole']),
  AWSCodeBuildAdminAccess: allow(['codebuild:*', 'ecr:*', 'logs:*']),
  AWSGlueConsoleFullAccess: allow(['glue:*', 's3:*', 'iam:PassRole']),
  AWSCloudFormationFullAccess: allow(['cloudformation:*']),
  AWSCloudTrail_FullAccess: allow(['cloudtrail:*']),
  AmazonDynamoDBFullAccess: allow(['dynamodb:*']),
  AmazonRDSFullAccess: allow(['rds:*', 'cloudwatch:*']),
  AmazonRoute53FullAccess: allow(['route53:*']),
  AmazonSNSFullAccess: allow(['sns:*']),
  AmazonSQSFullAccess: allow(['sqs:*']),
  AmazonSSMFullAccess: allow(['ssm:*']),
  AmazonSSMManagedInstanceCore: allow(['ssm:Get*', 'ssm:List*', 'ssmmessages:*', 'ec2messages:*']),
  AmazonVPCFullAccess: allow(['ec2:*']),
  CloudWatchFullAccess: allow(['cloudwatch:*', 'logs:*', 'sns:*']),
  CloudWatchFullAccessV2: allow(['cloudwatch:*', 'logs:*', 'sns:*']),
  CloudWatchReadOnlyAccess: allow(['cloudwatch:Get*', 'cloudwatch:List*', 'cloudwatch:Describe*']),
  SecretsManagerReadWrite: allow(['secretsmanager:*']),
  ServiceQuotasFullAccess: allow(['servicequotas:*']),
  AWSSupportAccess: allow(['support:*']),
  AWSOrganizationsFullAccess: allow(['organizations:*']),
  AWSBillingReadOnlyAccess: allow(['ce:Get*', 'budgets:View*', 'budgets:Describe*']),
  IAMFullAccess: allow(['iam:*']),
  IAMReadOnlyAccess: allow(['iam:Get*', 'iam:List*']),
  IAMUserChangePassword: allow(['iam:ChangePassword', 'iam:GetAccountPasswordPolicy']),
  IAMSelfManageServiceSpecificCredentials: allow(['iam:*ServiceSpecificCredential*']),
  Billing: allow(['ce:*', 'budgets:*', 'aws-portal:*']),
  DatabaseAdministrator: allow(['rds:*', 'dynamodb:*', 'cloudwatch:*', 'iam:PassRole']),
  DataScientist: allow(['sagemaker:*', 'elasticmapreduce:*', 's3:*', 'ec2:*', 'iam:PassRole']),
  NetworkAdministrator: allow(['ec2:*', 'elasticloadbalancing:*', 'route53:*', 'autoscaling:Describe*']),
  SystemAdministrator: allow(['ec2:*', 'ssm:*', 'cloudwatch:*', 'cloudtrail:*', 's3:*', 'rds:*', 'iam:PassRole']),
  SupportUser: allow(['support:*', '*:Describe*', '*:List*']),
  AWSDenyAll: { Statement: [{ Effect: 'Deny', Action: ['*'], Resource: ['*'] }] },
  AWSCompromisedKeyQuarantine: quarantine,
  AWSCompromisedKeyQuarantineV2: quarantine,
  AWSCompromisedKeyQuarantineV3: quarantine,
};

const folder = 'arn:aws:iam::aws:policy/';
export const managedPolicyNames = Object.keys(byName);
const jobFunctions = [
  'Billing',
  'DatabaseAdministrator',
  'DataScientist',
  'NetworkAdministrator',
  'SupportUser',
  'SystemAdministrator',
  'ViewOnlyAccess',
];
export const managedPolicyArn = (name: string) => folder + (jobFunctions.includes(name) ? 'job-function/' : '') + name;
/** Also when somebody leaves out or makes up the folder within AWS's own. */
export const managedPolicy = (arn: string): Policy | undefined => (arn.startsWith(folder) ? byName[arn.replace(/^.*\//, '')] : undefined);
