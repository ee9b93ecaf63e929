/** GuardDuty, Config, Security Hub and the other watchers: switched off, made blind, or looked at. */
import type { Subject } from '../../../../checks/observation.ts';
import { type Act, firstOf, looked, named, perhapsWeakened, request, type Table, weakened } from '../meaning.ts';
import { at, fields, flag, list, number, text } from '../reading.ts';

const detector = (act: Act): Subject => named(act, 'guardduty', 'detector/', text(request(act.event), 'detectorId'));
const recorder = (act: Act): Subject =>
  named(
    act,
    'config',
    'config-recorder/',
    text(request(act.event), 'configurationRecorderName') ?? text(request(act.event), 'configurationRecorder', 'name') ?? 'default',
  );
const macie = (act: Act): Subject => named(act, 'macie2', '', 'macie');
const hub = (act: Act): Subject => named(act, 'securityhub', 'hub/', 'default');
const flowLogs = (act: Act): Subject[] => {
  const asked = list(request(act.event, 'DeleteFlowLogsRequest') ?? request(act.event), 'FlowLogId');
  return (asked.length > 0 ? asked : [undefined])
    .map((one) => named(act, 'ec2', 'vpc-flow-log/', typeof one === 'string' ? one : text(one, 'content')))
    .slice(0, 100);
};
const isArchiving = ({ event }: Act): boolean => text(request(event), 'action')?.toUpperCase() === 'ARCHIVE';
const isActive = ({ event }: Act): boolean => flag(request(event), 'activate') === true;
/** A list that is in use may be filled anew. */
const isRelocated = ({ event }: Act): boolean =>
  text(request(event), 'location') !== undefined && flag(request(event), 'activate') !== false;
const isSlowed = (act: Act): boolean => text(request(act.event), 'findingPublishingFrequency')?.toUpperCase() === 'SIX_HOURS';
/** Kinds of data it no longer looks at: `features` in newer requests, `dataSources` in older ones. */
const losesSight = ({ event }: Act): boolean =>
  list(request(event), 'features').some((one) => text(one, 'status')?.toUpperCase() === 'DISABLED') ||
  ['s3Logs', 'kubernetes', 'malwareProtection'].some((name) => holdsOff(at(request(event), 'dataSources', name), 0));
const holdsOff = (value: unknown, depth: number): boolean =>
  flag(value, 'enable') === false ||
  (depth < 4 && Object.values(fields(value) ?? {}).some((inside) => typeof inside === 'object' && holdsOff(inside, depth + 1)));
const hidesFindings = ({ event }: Act): boolean =>
  text(request(event), 'workflow', 'status')?.toUpperCase() === 'SUPPRESSED' ||
  text(request(event), 'recordState')?.toUpperCase() === 'ARCHIVED';

/** Names by which logs of what happened are known. A name may raise a suspicion, never lower one. */
const evidenceName = /cloud-?trail|\btrail\b|audit|guard-?duty|flow-?logs?|aws-?logs|security-?(?:lake|logs?)|resolver-?quer/i;
const logGroup = (act: Act): Subject => named(act, 'logs', 'log-group:', text(request(act.event), 'logGroupName'));
const isEvidence = ({ event }: Act): boolean => evidenceName.test(text(request(event), 'logGroupName') ?? '');
const bucket = ({ event }: Act): Subject => `resource:arn:aws:s3:::${text(request(event), 'bucketName') ?? 'unknown'}`;
const isEvidenceBucket = ({ event }: Act): boolean => evidenceName.test(text(request(event), 'bucketName') ?? '');
/** Fewer days than a detector, or whoever comes to help, needs to read what happened. */
const soonDays = 30;
const forgetsSoon = (act: Act): boolean =>
  isEvidenceBucket(act) &&
  list(request(act.event, 'LifecycleConfiguration'), 'Rule').some((rule) => {
    const days = number(rule, 'Expiration', 'Days');
    return text(rule, 'Status') !== 'Disabled' && days !== undefined && days < soonDays;
  });

/** An object of a log that AWS writes into a bucket: 'AWSLogs/123456789012/CloudTrail/…'. */
const evidenceKey = /(?:^|\/)AWSLogs\/(?:.*\/)?(?:CloudTrail(?:-Digest|-Insight)?|Config|GuardDuty|vpcflowlogs|vpcdnsquerylogs)\//i;
const isEvidenceObject = ({ event }: Act): boolean =>
  [text(request(event), 'key'), ...list(request(event), 'delete', 'objects').map((one) => text(one, 'key'))].some(
    (key) => key !== undefined && evidenceKey.test(key),
  );
/** Which objects are deleted together, most records do not tell. */
const areEvidence = (act: Act): boolean =>
  isEvidenceObject(act) || (isEvidenceBucket(act) && list(request(act.event), 'delete', 'objects').length === 0);
const keptForDays = ({ event }: Act): boolean => (number(request(event), 'retentionInDays') ?? soonDays) < soonDays;

const wall = (act: Act): Subject => {
  const { event } = act;
  const name =
    text(request(event), 'name') ??
    text(request(event), 'webACLId') ??
    text(request(event), 'ruleGroupId') ??
    text(request(event), 'ruleId') ??
    text(request(event), 'firewallName') ??
    text(request(event), 'protectionId') ??
    text(request(event), 'resourceArn');
  return named(act, 'wafv2', 'firewall/', name);
};
const guardRail = (act: Act): Subject => named(act, 'bedrock', 'guardrail/', text(request(act.event), 'guardrailIdentifier'));
const analyzed = (act: Act): Subject => named(act, 'detective', 'graph/', text(request(act.event), 'graphArn'));
const configured = (kind: string, field: string) => (act: Act) => named(act, 'config', kind, text(request(act.event), field));

const queryLog = (act: Act): Subject =>
  named(act, 'route53resolver', 'resolver-query-log-config/', text(request(act.event), 'resolverQueryLogConfigId'));

export const guards: Table = {
  'guardduty:DeleteDetector': weakened('threat detector', 'deleted', detector),
  'guardduty:UpdateDetector': firstOf(
    weakened('threat detector', 'switched off', detector, ({ event }) => flag(request(event), 'enable') === false),
    perhapsWeakened('threat detector', 'a part of it perhaps switched off', detector, losesSight),
  ),
  'guardduty:CreateFilter': weakened('threat detector', 'findings hidden by a filter', detector, isArchiving),
  'guardduty:UpdateFilter': weakened('threat detector', 'findings hidden by a filter', detector, isArchiving),
  'guardduty:CreateIPSet': weakened('threat detector', 'addresses trusted', detector, isActive),
  'guardduty:UpdateIPSet': firstOf(
    weakened('threat detector', 'addresses trusted', detector, isActive),
    perhapsWeakened('threat detector', 'other addresses perhaps trusted', detector, isRelocated),
  ),
  'guardduty:DeletePublishingDestination': weakened('threat detector', 'findings no longer passed on', detector),
  'guardduty:DisassociateFromMasterAccount': weakened('threat detector', 'cut off from its administrator', detector),
  'guardduty:DisassociateFromAdministratorAccount': weakened('threat detector', 'cut off from its administrator', detector),
  'guardduty:DisassociateMembers': weakened('threat detector', 'member accounts cut off', detector),
  'guardduty:DeleteMembers': weakened('threat detector', 'member accounts cut off', detector),
  'guardduty:StopMonitoringMembers': weakened('threat detector', 'stopped for member accounts', detector),
  'guardduty:DisableOrganizationAdminAccount': weakened('threat detector', 'its administrator removed', detector),
  'guardduty:DeleteInvitations': perhapsWeakened('threat detector', 'invitations of an administrator deleted', detector),
  'guardduty:DeclineInvitations': perhapsWeakened('threat detector', 'invitations of an administrator declined', detector),
  'guardduty:ListDetectors': looked('guards'),
  'guardduty:GetDetector': looked('guards'),
  'guardduty:ListFindings': looked('guards'),
  'guardduty:GetFindings': looked('guards'),

  'config:StopConfigurationRecorder': weakened('configuration recorder', 'stopped', recorder),
  'config:DeleteConfigurationRecorder': weakened('configuration recorder', 'deleted', recorder),
  'config:DeleteDeliveryChannel': weakened('configuration recorder', 'its records are no longer delivered', recorder),
  'config:DeleteConfigRule': perhapsWeakened('configuration recorder', 'a rule deleted', (act) =>
    named(act, 'config', 'config-rule/', text(request(act.event), 'configRuleName')),
  ),
  'config:DeleteOrganizationConfigRule': perhapsWeakened(
    'configuration recorder',
    'a rule deleted',
    configured('organization-config-rule/', 'organizationConfigRuleName'),
  ),
  'config:DeleteConformancePack': perhapsWeakened(
    'configuration recorder',
    'a pack of rules deleted',
    configured('conformance-pack/', 'conformancePackName'),
  ),
  'config:DeleteOrganizationConformancePack': perhapsWeakened(
    'configuration recorder',
    'a pack of rules deleted',
    configured('organization-conformance-pack/', 'organizationConformancePackName'),
  ),
  'config:DeleteConfigurationAggregator': perhapsWeakened(
    'configuration recorder',
    'an aggregator deleted',
    configured('config-aggregator/', 'configurationAggregatorName'),
  ),
  'config:DescribeConfigurationRecorders': looked('guards'),

  'securityhub:DisableSecurityHub': weakened('threat detector', 'Security Hub switched off', hub),
  'securityhub:DisassociateFromMasterAccount': weakened('threat detector', 'Security Hub cut off from its administrator', hub),
  'securityhub:DisassociateFromAdministratorAccount': weakened('threat detector', 'Security Hub cut off from its administrator', hub),
  'securityhub:DisableImportFindingsForProduct': perhapsWeakened('threat detector', 'Security Hub no longer told of findings', hub),
  'securityhub:UpdateFindings': perhapsWeakened('threat detector', 'findings perhaps hidden', hub),
  'securityhub:BatchUpdateFindings': perhapsWeakened('threat detector', 'findings hidden', hub, hidesFindings),
  'securityhub:DeleteInsight': perhapsWeakened('threat detector', 'a view of findings deleted', hub),
  'securityhub:DeleteMembers': weakened('threat detector', 'Security Hub cut off from member accounts', hub),
  'securityhub:DisassociateMembers': weakened('threat detector', 'Security Hub cut off from member accounts', hub),
  'securityhub:DisableOrganizationAdminAccount': weakened('threat detector', 'the administrator of Security Hub removed', hub),
  'securityhub:GetFindings': looked('guards'),
  'detective:DeleteGraph': weakened('threat detector', 'Detective switched off', analyzed),
  'detective:DeleteMembers': perhapsWeakened('threat detector', 'Detective cut off from member accounts', analyzed),
  'inspector2:Disable': weakened('threat detector', 'Inspector switched off', (act) => named(act, 'inspector2', '', 'inspector')),
  'macie2:DisableMacie': weakened('threat detector', 'Macie switched off', macie),
  'macie2:UpdateMacieSession': firstOf(
    weakened('threat detector', 'Macie paused', macie, ({ event }) => text(request(event), 'status')?.toUpperCase() === 'PAUSED'),
    perhapsWeakened('threat detector', 'Macie tells of its findings later', macie, isSlowed),
  ),
  'access-analyzer:DeleteAnalyzer': weakened('threat detector', 'Access Analyzer deleted', (act) =>
    named(act, 'access-analyzer', 'analyzer/', text(request(act.event), 'analyzerName')),
  ),
  // Logs of the network are what a detector, or whoever cleans up, would have read.
  'ec2:DeleteFlowLogs': weakened('network log', 'deleted', flowLogs),
  'route53resolver:DeleteResolverQueryLogConfig': weakened('network log', 'log of name look-ups deleted', queryLog),
  'route53resolver:DisassociateResolverQueryLogConfig': weakened('network log', 'names are no longer logged for a network', queryLog),
  'wafv2:DeleteLoggingConfiguration': weakened('network log', 'a firewall logs no more', wall),
  'logs:DeleteLogGroup': perhapsWeakened('audit log', 'a group of logs deleted', logGroup, isEvidence),
  'logs:DeleteLogStream': perhapsWeakened('audit log', 'a stream of logs deleted', logGroup, isEvidence),
  'logs:PutRetentionPolicy': perhapsWeakened('audit log', 'kept for days only', logGroup, (act) => isEvidence(act) && keptForDays(act)),
  'logs:DeleteSubscriptionFilter': perhapsWeakened('audit log', 'no longer passed on', logGroup, isEvidence),
  // Alarms on what stands in the audit log count with such filters.
  'logs:DeleteMetricFilter': perhapsWeakened('alarm', 'what it counts is no longer counted', logGroup, isEvidence),
  's3:DeleteObject': perhapsWeakened('audit log', 'a part of it deleted', bucket, isEvidenceObject),
  's3:DeleteObjects': perhapsWeakened('audit log', 'parts of it deleted', bucket, areEvidence),
  's3:PutBucketLifecycle': perhapsWeakened('audit log', 'kept for days only', bucket, forgetsSoon),
  's3:PutBucketLifecycleConfiguration': perhapsWeakened('audit log', 'kept for days only', bucket, forgetsSoon),
  's3:DeleteBucket': perhapsWeakened('audit log', 'its bucket deleted', bucket, isEvidenceBucket),
  'bedrock:DeleteModelInvocationLoggingConfiguration': weakened('audit log', 'calls of models are no longer logged', (act) =>
    named(act, 'bedrock', '', 'model-invocation-logging'),
  ),
  'bedrock:DeleteGuardrail': weakened('firewall', 'a guard rail for models deleted', guardRail),
  'bedrock:UpdateGuardrail': weakened('firewall', 'a guard rail for models changed', guardRail),

  // What stands before web sites and networks.
  'wafv2:DeleteWebACL': weakened('firewall', 'its rules deleted', wall),
  'wafv2:DisassociateWebACL': weakened('firewall', 'taken away from what it protected', wall),
  'wafv2:DeleteRuleGroup': weakened('firewall', 'a group of rules deleted', wall),
  'waf:DeleteWebACL': weakened('firewall', 'its rules deleted', wall),
  'waf:DeleteRule': weakened('firewall', 'a rule deleted', wall),
  'waf:DeleteRuleGroup': weakened('firewall', 'a group of rules deleted', wall),
  'waf-regional:DeleteWebACL': weakened('firewall', 'its rules deleted', wall),
  'waf-regional:DisassociateWebACL': weakened('firewall', 'taken away from what it protected', wall),
  'waf-regional:DeleteRule': weakened('firewall', 'a rule deleted', wall),
  'waf-regional:DeleteRuleGroup': weakened('firewall', 'a group of rules deleted', wall),
  'network-firewall:DeleteFirewall': weakened('firewall', 'deleted', wall),
  'shield:DeleteProtection': weakened('firewall', 'a protection against floods deleted', wall),
};
