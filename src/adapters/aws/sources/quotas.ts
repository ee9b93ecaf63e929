/** Where more was asked of AWS than it gives by default: the history of limit requests. A thief raises limits before the machines start. */
import type { RequestedServiceQuotaChange } from '@aws-sdk/client-service-quotas';
import type { Batch, Source } from '../../../bot/ports.ts';
import type { Actor, Observation, Of, Place, Time } from '../../../checks/observation.ts';
import { callerOf } from '../translate/identity.ts';
import { quotaOf } from '../translate/quota.ts';
import { at, text } from '../translate/reading.ts';
import { everyRegion } from './by-region.ts';
import type { Sight } from './looking.ts';

/**
 * What was asked since the last look, or within a day, in every region, and what became of it; older requests are the log's to tell. Each
 * has the same id at every look, and the deed `quota-request/<id>` that the log's record of the same request has. It costs one call per region and look: with 17
 * regions about 3,600 a month by polling alone, for which AWS itself takes nothing.
 */
export function quotas(sight: Sight): Source {
  const { session } = sight;
  return {
    name,
    scope: session.scope,
    everySeconds: sight.pace?.beat('limits') ?? 2 * 3600,
    permissions: ['ec2:DescribeRegions', 'servicequotas:ListRequestedServiceQuotaChangeHistory'].map((one) => ({
      system: 'aws-iam' as const,
      name: one,
    })),
    collect(cursors, { everywhere } = {}): AsyncIterable<Batch> {
      return everyRegion(
        sight,
        { name, what: 'requests for higher limits', cursors, reading: 'limits', everywhere },
        async function* ({ region, place, heard, since }) {
          const { paginateListRequestedServiceQuotaChangeHistory } = await import('@aws-sdk/client-service-quotas');
          const client = await session.read.serviceQuotas(region);
          for await (const page of paginateListRequestedServiceQuotaChangeHistory({ client, pageSize: 100 }, {})) {
            yield {
              observations: (page.RequestedQuotas ?? []).flatMap((request) => told(request, place, heard).filter(({ at }) => at >= since)),
            };
          }
        },
      );
    },
  };
}

const name = 'aws/quotas';

/** The deed of one request; the log's record of it names the same id in its answer. */
const quotaDeed = (requestId: string): string => `quota-request/${requestId}`;

function told(request: RequestedServiceQuotaChange, place: Place, heard: Time): Observation[] {
  const { Id: id, ServiceCode: code = 'unknown', QuotaName, QuotaCode, Created: created, LastUpdated: updated } = request;
  if (id === undefined) return [];
  const actor = requesterOf(request.Requester, place);
  const asked: Of<'quota.asked'> = {
    kind: 'quota.asked',
    id: `${name}/${id}/asked`,
    at: (created ?? updated)?.toISOString() ?? heard,
    heard,
    by: name,
    place,
    evidence: [id],
    deed: quotaDeed(id),
    ...(actor ? { actor } : {}),
    service: code,
    quota: (QuotaName ?? QuotaCode ?? 'a limit').slice(0, 256),
    of: quotaOf(code, QuotaCode, QuotaName),
    ...(request.DesiredValue !== undefined ? { wanted: request.DesiredValue } : {}),
    state: 'asked',
  };
  const state = request.Status === undefined ? 'asked' : (states[request.Status] ?? 'asked');
  if (state === 'asked') return [asked];
  return [asked, { ...asked, id: `${name}/${id}/${state}`, at: updated?.toISOString() ?? asked.at, state }];
}

/** A case that was opened or closed says nothing about its outcome. */
const states: Record<string, Of<'quota.asked'>['state']> = {
  APPROVED: 'granted',
  DENIED: 'refused',
  NOT_APPROVED: 'refused',
  INVALID_REQUEST: 'refused',
};

/** AWS writes who asked as JSON text: `{"accountId": …, "callerArn": …}`. */
function requesterOf(requester: string | undefined, place: Place): Actor | undefined {
  let said: unknown;
  try {
    said = JSON.parse(requester ?? '');
  } catch {
    return undefined;
  }
  const arn = text(at(said, 'callerArn'));
  if (arn === undefined || !arn.startsWith('arn:')) return undefined;
  const type = arn.endsWith(':root') ? 'Root' : arn.includes(':assumed-role/') ? 'AssumedRole' : 'IAMUser';
  return callerOf({ userIdentity: { type, arn, accountId: text(said, 'accountId') ?? place.scope.id } }, place).actor;
}
