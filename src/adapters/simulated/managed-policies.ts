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
  IAMFullAccess: allow(['iam:*']),
  IAMReadOnlyAccess: allow(['iam:Get*', 'iam:List*']),
  Billing: allow(['ce:*', 'budgets:*', 'aws-portal:*']),
  AWSDenyAll: { Statement: [{ Effect: 'Deny', Action: ['*'], Resource: ['*'] }] },
  AWSCompromisedKeyQuarantine: quarantine,
  AWSCompromisedKeyQuarantineV2: quarantine,
  AWSCompromisedKeyQuarantineV3: quarantine,
};

const folder = 'arn:aws:iam::aws:policy/';
export const managedPolicyNames = Object.keys(byName);
export const managedPolicyArn = (name: string) => folder + name;
export const managedPolicy = (arn: string): Policy | undefined => byName[arn.replace(folder, '').replace('job-function/', '')];
