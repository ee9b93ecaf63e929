/** GuardDuty, Config, Security Hub and the other watchers: switched off, made blind, or looked at. */
import type { Subject } from '../../../../checks/observation.ts';
import { type Act, firstOf, looked, named, perhapsWeakened, request, type Table, weakened } from '../meaning.ts';
import { at, fields, flag, list, text } from '../reading.ts';

const detector = (act: Act): Subject => named(act, 'guardduty', 'detector/', text(request(act.event), 'detectorId'));
const recorder = (act: Act): Subject =>
  named(
    act,
    'config',
    'config-recorder/',
    text(request(act.event), 'configurationRecorderName') ?? text(request(act.event), 'configurationRecorder', 'name') ?? 'default',
  );
const macie = (act: Act): Subject => named(act, 'macie2', '', 'macie');
const inspector = (act: Act): Subject => named(act, 'inspector2', '', 'inspector');
const hub = (act: Act): Subject => named(act, 'securityhub', 'hub/', 'default');
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
/** Accounts that join later are not watched; newer requests have a word for it, and the flag beside it means nothing. */
const overlooksNewcomers = ({ event }: Act): boolean => {
  const whom = text(request(event), 'autoEnableOrganizationMembers')?.toUpperCase();
  return whom !== undefined ? whom === 'NONE' : flag(request(event), 'autoEnable') === false;
};
const isPaused = ({ event }: Act): boolean => text(request(event), 'status')?.toUpperCase() === 'PAUSED';
const isUnused = ({ event }: Act): boolean => flag(request(event), 'activate') === false;
const rulesHide = ({ event }: Act): boolean =>
  list(request(event), 'actions').some((one) => text(one, 'findingFieldsUpdate', 'workflow', 'status')?.toUpperCase() === 'SUPPRESSED');
const hidesFindings = ({ event }: Act): boolean =>
  text(request(event), 'workflow', 'status')?.toUpperCase() === 'SUPPRESSED' ||
  text(request(event), 'recordState')?.toUpperCase() === 'ARCHIVED';

const analyzed = (act: Act): Subject => named(act, 'detective', 'graph/', text(request(act.event), 'graphArn'));
const analyzer = (act: Act): Subject =>
  named(act, 'access-analyzer', 'analyzer/', text(request(act.event), 'analyzerName') ?? text(request(act.event), 'analyzerArn'));
const configured = (kind: string, field: string) => (act: Act) => named(act, 'config', kind, text(request(act.event), field));

const passwordRules = (act: Act): Subject => named(act, 'iam', '', 'account-password-policy');
const factorRules = (act: Act): Subject => named(act, 'sso', '', 'second-factor-rules');

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
  'guardduty:UpdateOrganizationConfiguration': perhapsWeakened('threat detector', 'off in new accounts', detector, overlooksNewcomers),
  'guardduty:UpdateMemberDetectors': perhapsWeakened('threat detector', 'a part of it off in member accounts', detector, losesSight),
  'guardduty:DeleteThreatIntelSet': weakened('threat detector', 'a list of known attackers deleted', detector),
  'guardduty:UpdateThreatIntelSet': weakened('threat detector', 'a list of known attackers switched off', detector, isUnused),
  'guardduty:DeleteThreatEntitySet': weakened('threat detector', 'a list of known attackers deleted', detector),
  'guardduty:UpdateThreatEntitySet': weakened('threat detector', 'a list of known attackers switched off', detector, isUnused),
  'guardduty:CreateTrustedEntitySet': weakened('threat detector', 'addresses trusted', detector, isActive),
  'guardduty:UpdateTrustedEntitySet': weakened('threat detector', 'addresses trusted', detector, isActive),
  // Whoever works through findings does so every day.
  'guardduty:ArchiveFindings': perhapsWeakened('alarm', 'findings of GuardDuty put away', detector),
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
  'config:DeleteServiceLinkedConfigurationRecorder': weakened('configuration recorder', 'deleted', recorder),
  'config:DescribeConfigurationRecorders': looked('guards'),

  'securityhub:DisableSecurityHub': weakened('threat detector', 'Security Hub switched off', hub),
  'securityhub:DisassociateFromMasterAccount': weakened('threat detector', 'Security Hub cut off from its administrator', hub),
  'securityhub:DisassociateFromAdministratorAccount': weakened('threat detector', 'Security Hub cut off from its administrator', hub),
  'securityhub:DisableImportFindingsForProduct': perhapsWeakened('threat detector', 'Security Hub no longer told of findings', hub),
  'securityhub:UpdateFindings': perhapsWeakened('threat detector', 'findings perhaps hidden', hub),
  'securityhub:BatchUpdateFindings': perhapsWeakened('threat detector', 'findings hidden', hub, hidesFindings),
  'securityhub:DeleteInsight': perhapsWeakened('threat detector', 'a view of findings deleted', hub),
  'securityhub:UpdateInsight': perhapsWeakened('threat detector', 'a view of findings changed', hub),
  'securityhub:BatchDisableStandards': perhapsWeakened('alarm', 'a standard is no longer checked', hub),
  'securityhub:CreateAutomationRule': perhapsWeakened('threat detector', 'findings hidden by a rule', hub, rulesHide),
  'securityhub:DisableSecurityHubV2': weakened('threat detector', 'Security Hub switched off', hub),
  'securityhub:UpdateOrganizationConfiguration': perhapsWeakened(
    'threat detector',
    'Security Hub off in new accounts',
    hub,
    overlooksNewcomers,
  ),
  'securityhub:DeleteMembers': weakened('threat detector', 'Security Hub cut off from member accounts', hub),
  'securityhub:DisassociateMembers': weakened('threat detector', 'Security Hub cut off from member accounts', hub),
  'securityhub:DisableOrganizationAdminAccount': weakened('threat detector', 'the administrator of Security Hub removed', hub),
  'securityhub:GetFindings': looked('guards'),
  'detective:DeleteGraph': weakened('threat detector', 'Detective switched off', analyzed),
  'detective:DeleteMembers': perhapsWeakened('threat detector', 'Detective cut off from member accounts', analyzed),
  'detective:DisassociateMembership': perhapsWeakened('threat detector', 'Detective cut off from its administrator', analyzed),
  'detective:DisableOrganizationAdminAccount': weakened('threat detector', 'the administrator of Detective removed', analyzed),
  'inspector2:Disable': weakened('threat detector', 'Inspector switched off', inspector),
  'inspector2:DisassociateMember': weakened('threat detector', 'Inspector cut off from a member account', inspector),
  'inspector2:DisableDelegatedAdminAccount': weakened('threat detector', 'the administrator of Inspector removed', inspector),
  'macie2:DisableMacie': weakened('threat detector', 'Macie switched off', macie),
  'macie2:UpdateMacieSession': firstOf(
    weakened('threat detector', 'Macie paused', macie, isPaused),
    perhapsWeakened('threat detector', 'Macie tells of its findings later', macie, isSlowed),
  ),
  'macie2:UpdateMemberSession': weakened('threat detector', 'Macie paused in a member account', macie, isPaused),
  'macie2:DeleteMember': weakened('threat detector', 'Macie cut off from a member account', macie),
  'macie2:DisassociateMember': weakened('threat detector', 'Macie cut off from a member account', macie),
  'macie2:DisassociateFromAdministratorAccount': weakened('threat detector', 'Macie cut off from its administrator', macie),
  'macie2:DisassociateFromMasterAccount': weakened('threat detector', 'Macie cut off from its administrator', macie),
  'macie2:DisableOrganizationAdminAccount': weakened('threat detector', 'the administrator of Macie removed', macie),
  'macie2:CreateFindingsFilter': weakened('threat detector', 'findings of Macie hidden by a filter', macie, isArchiving),
  'macie2:UpdateFindingsFilter': weakened('threat detector', 'findings of Macie hidden by a filter', macie, isArchiving),
  // Shorter passwords, older ones and those used before will do from then on.
  'iam:DeleteAccountPasswordPolicy': weakened('sign-in rules', 'what a password must be like was deleted', passwordRules),
  'sso:UpdateMfaDeviceManagementForDirectory': perhapsWeakened('sign-in rules', 'when a second factor is asked for', factorRules),
  'sso:PutMfaDeviceManagementForDirectory': perhapsWeakened('sign-in rules', 'when a second factor is asked for', factorRules),
  'access-analyzer:DeleteAnalyzer': weakened('threat detector', 'Access Analyzer deleted', analyzer),
  'access-analyzer:CreateArchiveRule': perhapsWeakened('alarm', 'findings of Access Analyzer put away by a rule', analyzer),
  'access-analyzer:UpdateFindings': perhapsWeakened(
    'alarm',
    'findings of Access Analyzer put away',
    analyzer,
    ({ event }) => text(request(event), 'status')?.toUpperCase() === 'ARCHIVED',
  ),
};
