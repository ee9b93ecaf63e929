/** A finding as one line of NDJSON, the same for `replay` and for the findings file (an external contract). */
import type { AnyCheck, Finding } from '../checks/check.ts';
import type { Severity } from '../checks/observation.ts';

/** `incidentSeverity`: of the story as a whole, where there is one; it may be worse than each of its findings. */
export function findingLine(
  finding: Finding,
  incident: string,
  check: AnyCheck | undefined,
  incidentSeverity?: Severity,
): Record<string, unknown> {
  const prices = Object.values(finding.usdPerHour);
  return {
    key: finding.key,
    check: finding.check,
    severity: finding.severity,
    at: finding.at,
    cloud: finding.place.scope.cloud,
    account: finding.place.scope.level === 'account' ? finding.place.scope.id : null,
    region: finding.place.region === 'global' ? null : finding.place.region,
    principal: finding.actor ? finding.actor.subject.slice('principal:'.length) : null,
    title: finding.title,
    incident,
    ...(incidentSeverity === undefined ? {} : { incidentSeverity }),
    evidence: finding.evidence,
    usdPerHour: prices.length > 0 ? Math.round(prices.reduce((sum, usd) => sum + usd, 0) * 10_000) / 10_000 : null,
    maturity: check?.maturity ?? 'stable',
    learning: finding.learning,
    tactics: check ? [check.tactic] : [],
  };
}
