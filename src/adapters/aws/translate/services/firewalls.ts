/** What stands before web sites, networks and models, and the logs of what passes: taken away or switched off. */
import type { Subject } from '../../../../checks/observation.ts';
import { type Act, named, request, type Table, weakened } from '../meaning.ts';
import { at, list, text } from '../reading.ts';

const flowLogs = (act: Act): Subject[] => {
  const asked = list(request(act.event, 'DeleteFlowLogsRequest') ?? request(act.event), 'FlowLogId');
  return (asked.length > 0 ? asked : [undefined])
    .map((one) => named(act, 'ec2', 'vpc-flow-log/', typeof one === 'string' ? one : text(one, 'content')))
    .slice(0, 100);
};
const wall = (act: Act): Subject => {
  const { event } = act;
  const name =
    text(request(event), 'name') ??
    text(request(event), 'webACLId') ??
    text(request(event), 'ruleGroupId') ??
    text(request(event), 'ruleId') ??
    text(request(event), 'firewallName') ??
    text(request(event), 'firewallPolicyName') ??
    text(request(event), 'ruleGroupName') ??
    text(request(event), 'protectionId') ??
    text(request(event), 'policyId') ??
    text(request(event), 'firewallRuleGroupAssociationId') ??
    text(request(event), 'firewallArn') ??
    text(request(event), 'resourceArn');
  return named(act, 'wafv2', 'firewall/', name);
};
const guardRail = (act: Act): Subject => named(act, 'bedrock', 'guardrail/', text(request(act.event), 'guardrailIdentifier'));
const queryLog = (act: Act): Subject =>
  named(act, 'route53resolver', 'resolver-query-log-config/', text(request(act.event), 'resolverQueryLogConfigId'));
/** Of whoever asks for the names in a zone. */
const zoneLog = (act: Act): Subject => named(act, 'route53', 'queryloggingconfig/', text(request(act.event), 'id'));
/** A firewall that is told no place to write to. */
const logsNothing = ({ event }: Act): boolean => {
  const config = at(request(event), 'loggingConfiguration');
  return config !== undefined && list(config, 'logDestinationConfigs').length === 0;
};

export const firewalls: Table = {
  // Logs of the network are what a detector, or whoever cleans up, would have read.
  'ec2:DeleteFlowLogs': weakened('network log', 'deleted', flowLogs),
  'route53resolver:DeleteResolverQueryLogConfig': weakened('network log', 'log of name look-ups deleted', queryLog),
  'route53resolver:DisassociateResolverQueryLogConfig': weakened('network log', 'names are no longer logged for a network', queryLog),
  'wafv2:DeleteLoggingConfiguration': weakened('network log', 'a firewall logs no more', wall),
  'waf:DeleteLoggingConfiguration': weakened('network log', 'a firewall logs no more', wall),
  'waf-regional:DeleteLoggingConfiguration': weakened('network log', 'a firewall logs no more', wall),
  'network-firewall:UpdateLoggingConfiguration': weakened('network log', 'a firewall logs no more', wall, logsNothing),
  'route53:DeleteQueryLoggingConfig': weakened('network log', 'names asked for in a zone are no longer logged', zoneLog),

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
  'network-firewall:DeleteFirewallPolicy': weakened('firewall', 'its rules deleted', wall),
  'network-firewall:DeleteRuleGroup': weakened('firewall', 'a group of rules deleted', wall),
  'route53resolver:DisassociateFirewallRuleGroup': weakened('firewall', 'names are no longer filtered for a network', wall),
  'fms:DeletePolicy': weakened('firewall', 'a policy for all accounts deleted', wall),
  'fms:DisassociateAdminAccount': weakened('firewall', 'its administrator removed', wall),
  // With it machines are entered past every rule of the network.
  'ec2:EnableSerialConsoleAccess': weakened('firewall', 'machines may be entered by their serial console', (act) =>
    named(act, 'ec2', '', 'serial-console-access'),
  ),
  'bedrock:DeleteGuardrail': weakened('firewall', 'a guard rail for models deleted', guardRail),
  'bedrock:UpdateGuardrail': weakened('firewall', 'a guard rail for models changed', guardRail),
};
