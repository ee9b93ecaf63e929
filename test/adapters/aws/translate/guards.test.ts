import { describe, expect, it } from 'vitest';
import type { Kind } from '../../../../src/checks/observation.ts';
import { account, first, kindsOf, record, role, translate, user } from './records.ts';

const made = (call: string, requestParameters: object | null, more: object = {}) => record(call, { requestParameters, ...more });
const kindOf = (call: string, asked: object | null, more: object = {}): Kind | undefined =>
  kindsOf(translate(made(call, asked, more)).observations)[0];
const detector = { detectorId: 'd' };
const allow = (...more: object[]) => JSON.stringify({ Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }, ...more] });

/** What weakens a guard, and beside it the request that is most like it and does not. */
type Case = [call: string, asked: object, says: object, innocent?: object];

describe('a guard that looks for attacks', () => {
  const cases: Case[] = [
    ['guardduty:DeleteThreatIntelSet', detector, { guard: 'threat detector' }],
    ['guardduty:UpdateThreatIntelSet', { ...detector, activate: false }, { guard: 'threat detector' }, { ...detector, activate: true }],
    ['guardduty:CreateTrustedEntitySet', { ...detector, activate: true }, { guard: 'threat detector' }, { ...detector, activate: false }],
    [
      'guardduty:UpdateOrganizationConfiguration',
      { ...detector, autoEnableOrganizationMembers: 'NONE' },
      { guard: 'threat detector', perhaps: true },
      { ...detector, autoEnable: false, autoEnableOrganizationMembers: 'ALL' },
    ],
    ['guardduty:ArchiveFindings', { ...detector, findingIds: ['x'] }, { guard: 'alarm', perhaps: true }],
    ['securityhub:BatchDisableStandards', {}, { guard: 'alarm', perhaps: true }],
    [
      'securityhub:CreateAutomationRule',
      { actions: [{ findingFieldsUpdate: { workflow: { status: 'SUPPRESSED' } } }] },
      { guard: 'threat detector', perhaps: true },
      { actions: [{ findingFieldsUpdate: { workflow: { status: 'NOTIFIED' } } }] },
    ],
    ['securityhub:UpdateOrganizationConfiguration', { autoEnable: false }, { guard: 'threat detector' }, { autoEnable: true }],
    ['macie2:CreateFindingsFilter', { action: 'ARCHIVE' }, { guard: 'threat detector' }, { action: 'NOOP' }],
    ['macie2:DisassociateFromAdministratorAccount', {}, { guard: 'threat detector' }],
    ['macie2:DeleteMember', { id: account }, { guard: 'threat detector' }],
    ['macie2:UpdateMemberSession', { id: account, status: 'PAUSED' }, { guard: 'threat detector' }, { id: account, status: 'ENABLED' }],
    ['inspector2:DisassociateMember', { accountId: account }, { guard: 'threat detector' }],
    ['access-analyzer:UpdateFindings', { status: 'ARCHIVED' }, { guard: 'alarm', perhaps: true }, { status: 'ACTIVE' }],
    ['config:DeleteServiceLinkedConfigurationRecorder', {}, { guard: 'configuration recorder' }],
    ['iam:DeleteAccountPasswordPolicy', {}, { guard: 'sign-in rules' }],
    ['sso:UpdateMfaDeviceManagementForDirectory', {}, { guard: 'sign-in rules', perhaps: true }],
    ['monitoring:SetAlarmState', { alarmName: 'bill', stateValue: 'OK' }, { guard: 'alarm' }, { alarmName: 'bill', stateValue: 'ALARM' }],
    ['ses:UpdateAccountSendingEnabled', { enabled: true }, { guard: 'budget', perhaps: true }, { enabled: false }],
    [
      'sns:DeleteTopic',
      { topicArn: `arn:aws:sns:us-east-1:${account}:billing-alarm` },
      { guard: 'alarm', perhaps: true },
      { topicArn: `arn:aws:sns:us-east-1:${account}:orders` },
    ],
  ];
  weakens(cases);
});

describe('the record of what happened', () => {
  const bucketName = 'aws-cloudtrail-logs-of-ours';
  const loggingOf = (...clusterLogging: object[]) => ({ name: 'shop', logging: { clusterLogging } });
  const cases: Case[] = [
    ['cloudtrail:PutInsightSelectors', { trailName: 't', insightSelectors: [] }, { guard: 'audit log', perhaps: true }, { trailName: 't' }],
    ['cloudtrail:UpdateEventDataStore', { eventDataStore: 's', retentionPeriod: 7 }, { guard: 'audit log' }, { retentionPeriod: 366 }],
    ['s3:DeleteBucketPolicy', { bucketName }, { guard: 'audit log', perhaps: true }, { bucketName: 'pictures' }],
    [
      's3:PutBucketVersioning',
      { bucketName, VersioningConfiguration: { Status: 'Suspended' } },
      { guard: 'audit log', perhaps: true },
      { bucketName, VersioningConfiguration: { Status: 'Enabled' } },
    ],
    [
      's3:PutBucketLogging',
      { bucketName: 'pictures', BucketLoggingStatus: { xmlns: 'http://doc.s3.amazonaws.com/2006-03-01' } },
      { guard: 'alarm', perhaps: true },
      { bucketName: 'pictures', BucketLoggingStatus: { LoggingEnabled: { TargetBucket: 'logs' } } },
    ],
    [
      'eks:UpdateClusterConfig',
      loggingOf({ types: ['api', 'audit'], enabled: false }),
      { guard: 'audit log', perhaps: true },
      loggingOf({ types: ['audit'], enabled: true }, { types: ['api', 'scheduler'], enabled: false }),
    ],
    ['securitylake:DeleteAwsLogSource', {}, { guard: 'audit log', perhaps: true }],
    [
      'bedrock:PutModelInvocationLoggingConfiguration',
      { loggingConfig: { textDataDeliveryEnabled: false } },
      { guard: 'audit log', perhaps: true },
      { loggingConfig: { s3Config: { bucketName: 'logs' } } },
    ],
  ];
  weakens(cases);
});

describe('what stands before networks', () => {
  const cases: Case[] = [
    ['waf-regional:DeleteLoggingConfiguration', { resourceArn: 'arn:aws:x' }, { guard: 'network log' }],
    [
      'network-firewall:UpdateLoggingConfiguration',
      { firewallName: 'f', loggingConfiguration: { logDestinationConfigs: [] } },
      { guard: 'network log' },
      { firewallName: 'f', loggingConfiguration: { logDestinationConfigs: [{ logType: 'ALERT' }] } },
    ],
    ['route53:DeleteQueryLoggingConfig', { id: 'q' }, { guard: 'network log' }],
    ['network-firewall:DeleteFirewallPolicy', { firewallPolicyName: 'p' }, { guard: 'firewall' }],
    ['fms:DeletePolicy', { policyId: 'p' }, { guard: 'firewall' }],
    ['ec2:EnableSerialConsoleAccess', {}, { guard: 'firewall' }],
  ];
  weakens(cases);

  it('is not weakened by closing the serial console again', () => {
    expect(kindOf('ec2:DisableSerialConsoleAccess', {})).toBe('principal.acted');
  });
});

describe('the guard rails of an organization', () => {
  const how = 'guard rail removed';

  it('fall when a policy forbids nothing any more, and stand when it forbids something', () => {
    const deny = { Effect: 'Deny', Action: 'organizations:LeaveOrganization', Resource: '*' };

    expect(first(made('organizations:UpdatePolicy', { policyId: 'p-1', content: allow() }), 'organization.changed').how).toBe(how);
    expect(kindOf('organizations:UpdatePolicy', { policyId: 'p-1', content: allow(deny) })).toBe('principal.acted');
  });

  it('fall with the service that watches all accounts, and not with another', () => {
    const disabled = (servicePrincipal: string) => made('organizations:DisableAWSServiceAccess', { servicePrincipal });

    expect(first(disabled('guardduty.amazonaws.com'), 'organization.changed')).toMatchObject({ how, to: 'guardduty.amazonaws.com' });
    expect(kindOf('organizations:DisableAWSServiceAccess', { servicePrincipal: 'ram.amazonaws.com' })).toBe('principal.acted');
    expect(kindOf('organizations:DeregisterDelegatedAdministrator', { servicePrincipal: 'ram.amazonaws.com' })).toBe('principal.acted');
    expect(first(made('controltower:DisableControl', { controlIdentifier: 'c' }), 'organization.changed').how).toBe(how);
    expect(kindOf('controltower:EnableControl', { controlIdentifier: 'c' })).toBe('principal.acted');
  });
});

describe('rights without bounds', () => {
  const boundary = (permissionsBoundary: string) => ({ userName: 'grace', permissionsBoundary });

  it('are a boundary that bounds nothing, and not one that does', () => {
    expect(
      first(made('iam:PutUserPermissionsBoundary', boundary('arn:aws:iam::aws:policy/AdministratorAccess')), 'access.granted'),
    ).toMatchObject({ to: `principal:arn:aws:iam::${account}:user/grace`, level: 'admin' });
    expect(kindOf('iam:PutUserPermissionsBoundary', boundary(`arn:aws:iam::${account}:policy/developer`))).toBe('principal.acted');
  });

  it('are a permission set whose boundary was removed', () => {
    const permissionSetArn = 'arn:aws:sso:::permissionSet/ssoins-1/ps-1';

    expect(first(made('sso:DeletePermissionsBoundaryFromPermissionSet', { permissionSetArn }), 'access.granted').level).toBe('admin');
    expect(kindOf('sso:PutPermissionsBoundaryToPermissionSet', { permissionSetArn })).toBe('principal.acted');
  });

  it('may stand in an older version of a policy that somebody chooses with a key, and not where a tool or person signed in does', () => {
    const chosen = { policyArn: `arn:aws:iam::${account}:policy/p`, versionId: 'v1' };
    const signedIn = { userIdentity: { ...user, accessKeyId: 'ASIAIOSFODNN7EXAMPLE' } };

    expect(first(made('iam:SetDefaultPolicyVersion', chosen), 'access.granted')).toMatchObject({
      level: 'admin',
      how: 'another version of p',
    });
    for (const more of [signedIn, { userIdentity: role }])
      expect(first(made('iam:SetDefaultPolicyVersion', chosen, more), 'access.granted').level).toBe('other');
  });
});

describe('who is believed', () => {
  it('is changed with the directory, the identity provider or the issuer of tokens, and not by looking at them', () => {
    for (const call of [
      'sso:AssociateDirectory',
      'sso-directory:EnableExternalIdPConfigurationForDirectory',
      'sso:CreateTrustedTokenIssuer',
      'rolesanywhere:CreateProfile',
      'rolesanywhere:EnableTrustAnchor',
    ])
      expect(first(made(call, { name: 'x' }), 'credential.created').form).toBe('federation');
    expect(kindOf('sso-directory:DescribeDirectory', {})).toBe('principal.acted');
    expect(kindOf('rolesanywhere:DisableTrustAnchor', { trustAnchorId: 'x' })).toBe('principal.acted');
  });

  it('is whoever is shown a new password of somebody else’s, and not whoever has one sent to its owner', () => {
    expect(first(made('sso-directory:UpdatePassword', { userId: 'u-1', passwordMode: 'OTP' }), 'credential.created')).toMatchObject({
      form: 'password',
      owner: `principal:${account}/directory/u-1`,
    });
    expect(kindOf('sso-directory:UpdatePassword', { userId: 'u-1', passwordMode: 'EMAIL' })).toBe('principal.acted');
  });
});

describe('what machines that run are told to do', () => {
  const told = (command: string) => ({ documentName: 'AWS-RunShellScript', parameters: { commands: [command] } });

  it('counts where it names a miner, and else is work like any other', () => {
    const mining = first(made('ssm:SendCommand', told('./xmrig -o stratum+tcp://pool.example.com:3333')), 'workload.defined');

    expect(mining.markers).toContainEqual({ kind: 'miner', word: 'xmrig' });
    expect(kindOf('ssm:SendCommand', told('systemctl restart nginx'))).toBe('principal.acted');
    expect(kindOf('ecs:ExecuteCommand', { command: '/bin/sh' })).toBe('principal.acted');
  });
});

describe('what a notebook runs at its start', () => {
  const notebookInstanceName = 'research';

  it('is another script that was put into it, or the script rewritten, and not another size', () => {
    const script = { what: 'the start-up script of a SageMaker notebook', service: 'SageMaker' };

    expect(
      first(made('sagemaker:UpdateNotebookInstance', { notebookInstanceName, lifecycleConfigName: 'x' }), 'workload.defined'),
    ).toMatchObject(script);
    expect(
      first(made('sagemaker:UpdateNotebookInstanceLifecycleConfig', { notebookInstanceLifecycleConfigName: 'x' }), 'workload.defined'),
    ).toMatchObject(script);
    expect(
      first(made('sagemaker:UpdateNotebookInstance', { notebookInstanceName, instanceType: 'ml.t3.large' }), 'workload.defined').what,
    ).toBe('a SageMaker notebook');
    expect(kindOf('sagemaker:UpdateNotebookInstance', { notebookInstanceName, volumeSizeInGB: 20 })).toBe('principal.acted');
  });
});

function weakens(cases: Case[]): void {
  for (const [call, asked, says, innocent] of cases)
    it(`is weakened by ${call}${innocent ? ', not by one that only looks alike' : ''}`, () => {
      expect(first(made(call, asked), 'guard.weakened')).toMatchObject(says);
      if (innocent) expect(kindOf(call, innocent)).toBe('principal.acted');
    });
}
