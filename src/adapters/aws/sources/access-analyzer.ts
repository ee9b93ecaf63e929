/** Which doors stand open for strangers, as AWS's Access Analyzer reckons it from policies: a second pair of eyes on roles, functions and data. */
import type { FindingSummary } from '@aws-sdk/client-accessanalyzer';
import type { Batch, Source } from '../../../bot/ports.ts';
import type { Of, Place, Subject, Time } from '../../../checks/observation.ts';
import { functionSubject, principalSubject } from '../translate/names.ts';
import { everyRegion, type Part, type Where } from './by-region.ts';
import { plusSeconds, type Sight } from './looking.ts';

/**
 * Doors that the analyzers for access from outside found open since the last look, or within a day; at the first look also older ones with
 * a condition, at their own time, so that partners of old are known. No analyzer is no gap. It asks `ListFindings` and not
 * its second version, which leaves out who is let in. An analyzer is at most half an hour behind a changed policy (IAM user guide); one
 * call per region and look, two where there is an analyzer: about 3,600 a month by polling alone with 17 regions, free of charge.
 */
export function accessAnalyzer(sight: Sight): Source {
  const { session } = sight;
  return {
    name,
    scope: session.scope,
    everySeconds: sight.pace?.beat('limits') ?? 2 * 3600,
    permissions: ['ec2:DescribeRegions', 'access-analyzer:ListAnalyzers', 'access-analyzer:ListFindings'].map((one) => ({
      system: 'aws-iam' as const,
      name: one,
    })),
    collect(cursors, { everywhere } = {}): AsyncIterable<Batch> {
      return everyRegion(sight, { name, what: 'doors for strangers', cursors, reading: 'limits', everywhere }, lookAt);
    },
  };

  async function* lookAt({ region, place, heard, since, isFirst }: Where): AsyncGenerator<Part> {
    const { paginateListAnalyzers, paginateListFindings } = await import('@aws-sdk/client-accessanalyzer');
    const client = await session.read.accessAnalyzer(region);
    for await (const { analyzers = [] } of paginateListAnalyzers({ client }, {})) {
      for (const analyzer of analyzers) {
        if (analyzer.arn === undefined || (analyzer.type !== 'ACCOUNT' && analyzer.type !== 'ORGANIZATION')) continue;
        let left = mostPages;
        const scanned = analyzer.createdAt ? plusSeconds(analyzer.createdAt.toISOString(), firstScanSeconds) : '';
        const active = { analyzerArn: analyzer.arn, filter: { status: { eq: ['ACTIVE'] } } };
        for await (const { findings = [], nextToken } of paginateListFindings({ client, pageSize: 100 }, active)) {
          yield {
            observations: findings
              .flatMap((finding) => told(finding, place, heard))
              .filter(({ at, unconditional }) => at > scanned && (at >= since || (isFirst && !unconditional))),
            ...(--left <= 0 && nextToken !== undefined
              ? { gap: `more open doors in ${region} than are read at once: ${mostPages * 100} were read` }
              : {}),
          };
          if (left <= 0) break;
        }
      }
    }
  }
}

const name = 'aws/access-analyzer';
const mostPages = 20;
/** What a new analyzer finds at once stood there before it. */
const firstScanSeconds = 3 * 3600;

function told(finding: FindingSummary, place: Place, heard: Time): Of<'trust.opened'>[] {
  const { id, resource, resourceType, resourceOwnerAccount: owner, principal = {}, condition = {} } = finding;
  // An organization's analyzer tells of all its accounts.
  if (id === undefined || resource === undefined || (owner !== undefined && owner !== place.scope.id)) return [];
  const to = outsiders(principal, finding.isPublic === true);
  const isRole = resourceType === 'AWS::IAM::Role';
  return [
    {
      kind: 'trust.opened',
      id: `${name}/${place.region}/${id}`,
      at: finding.createdAt?.toISOString() ?? heard,
      heard,
      by: name,
      // Every region's analyzer tells of the same roles.
      place: isRole ? { scope: place.scope, region: 'global' } : place,
      evidence: [id],
      resource: resourceOf(resource, resourceType, place),
      to,
      unconditional: finding.isPublic === true || Object.keys(condition).length === 0,
      door: isRole
        ? 'role'
        : resourceType === 'AWS::Lambda::Function' || resourceType === 'AWS::Lambda::LayerVersion'
          ? 'function'
          : 'data',
    },
  ];
}

/** `{ AWS: '*' }`, `{ AWS: '111122223333' }`, `{ Federated: 'accounts.google.com' }`, `{ CanonicalUser: … }` */
function outsiders(principal: Record<string, string>, isPublic: boolean): string {
  const [name] = Object.values(principal);
  if (isPublic || name === undefined || name === '*') return '*';
  const account = /^(?:arn:[\w-]+:(?:iam|sts)::)?(\d{12})(?::|$)/.exec(name)?.[1];
  const provider = /^arn:[\w-]+:iam::\d{12}:(?:oidc|saml)-provider\/(.+)$/.exec(name)?.[1];
  return (provider ?? account ?? name).slice(0, 256);
}

function resourceOf(arn: string, type: string | undefined, place: Place): Subject {
  if (type === 'AWS::IAM::Role') return `resource:${principalSubject(arn).slice('principal:'.length)}`;
  return type === 'AWS::Lambda::Function' ? functionSubject(place, arn) : `resource:${arn}`;
}
