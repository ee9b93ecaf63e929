/** GuardDuty, Config, Security Hub and the other watchers: switched off, made blind, or looked at. */
import type { Subject } from '../../../../checks/observation.ts';
import { type Act, looked, named, request, type Table, weakened } from '../meaning.ts';
import { flag, list, text } from '../reading.ts';

const detector = (act: Act): Subject => named(act, 'guardduty', 'detector/', text(request(act.event), 'detectorId'));
const recorder = (act: Act): Subject =>
  named(
    act,
    'config',
    'config-recorder/',
    text(request(act.event), 'configurationRecorderName') ?? text(request(act.event), 'configurationRecorder', 'name') ?? 'default',
  );
const hub = (act: Act): Subject => named(act, 'securityhub', 'hub/', 'default');
const flowLogs = (act: Act): Subject[] =>
  list(request(act.event, 'DeleteFlowLogsRequest') ?? request(act.event), 'FlowLogId')
    .map((one) => named(act, 'ec2', 'vpc-flow-log/', typeof one === 'string' ? one : text(one, 'content')))
    .slice(0, 100);
const isArchiving = ({ event }: Act): boolean => text(request(event), 'action')?.toUpperCase() === 'ARCHIVE';
const isActive = ({ event }: Act): boolean => flag(request(event), 'activate') === true;

export const guards: Table = {
  'guardduty:DeleteDetector': weakened('threat detector', 'deleted', detector),
  'guardduty:UpdateDetector': weakened(
    'threat detector',
    'switched off',
    detector,
    ({ event }) => flag(request(event), 'enable') === false,
  ),
  'guardduty:CreateFilter': weakened('threat detector', 'findings hidden by a filter', detector, isArchiving),
  'guardduty:UpdateFilter': weakened('threat detector', 'findings hidden by a filter', detector, isArchiving),
  'guardduty:CreateIPSet': weakened('threat detector', 'addresses trusted', detector, isActive),
  'guardduty:UpdateIPSet': weakened('threat detector', 'addresses trusted', detector, isActive),
  'guardduty:DeletePublishingDestination': weakened('threat detector', 'findings no longer passed on', detector),
  'guardduty:DisassociateFromMasterAccount': weakened('threat detector', 'cut off from its administrator', detector),
  'guardduty:DisassociateFromAdministratorAccount': weakened('threat detector', 'cut off from its administrator', detector),
  'guardduty:DisassociateMembers': weakened('threat detector', 'member accounts cut off', detector),
  'guardduty:DeleteMembers': weakened('threat detector', 'member accounts cut off', detector),
  'guardduty:StopMonitoringMembers': weakened('threat detector', 'stopped for member accounts', detector),
  'guardduty:ListDetectors': looked('guards'),
  'guardduty:GetDetector': looked('guards'),
  'guardduty:ListFindings': looked('guards'),
  'guardduty:GetFindings': looked('guards'),

  'config:StopConfigurationRecorder': weakened('configuration recorder', 'stopped', recorder),
  'config:DeleteConfigurationRecorder': weakened('configuration recorder', 'deleted', recorder),
  'config:DeleteDeliveryChannel': weakened('configuration recorder', 'its records are no longer delivered', recorder),
  'config:DescribeConfigurationRecorders': looked('guards'),

  'securityhub:DisableSecurityHub': weakened('threat detector', 'Security Hub switched off', hub),
  'securityhub:GetFindings': looked('guards'),
  'inspector2:Disable': weakened('threat detector', 'Inspector switched off', (act) => named(act, 'inspector2', '', 'inspector')),
  'macie2:DisableMacie': weakened('threat detector', 'Macie switched off', (act) => named(act, 'macie2', '', 'macie')),
  'access-analyzer:DeleteAnalyzer': weakened('threat detector', 'Access Analyzer deleted', (act) =>
    named(act, 'access-analyzer', 'analyzer/', text(request(act.event), 'analyzerName')),
  ),
  // Logs of the network are what a detector, or whoever cleans up, would have read.
  'ec2:DeleteFlowLogs': weakened('threat detector', 'network log deleted', flowLogs),
  'route53resolver:DeleteResolverQueryLogConfig': weakened('threat detector', 'log of name look-ups deleted', (act) =>
    named(act, 'route53resolver', 'resolver-query-log-config/', text(request(act.event), 'resolverQueryLogConfigId')),
  ),
  'bedrock:DeleteModelInvocationLoggingConfiguration': weakened('audit log', 'calls of models are no longer logged', (act) =>
    named(act, 'bedrock', '', 'model-invocation-logging'),
  ),
};
