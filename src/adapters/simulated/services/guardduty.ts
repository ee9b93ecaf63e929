import type * as gd from '@aws-sdk/client-guardduty';
import { AwsError } from '../fault.ts';
import { pageOf } from '../page.ts';
import { arnOf, hex, list, put, remove, type Thing, take } from '../shelf.ts';
import type { Call, Operation, World } from '../world.ts';

export const guardDutyOperations: Record<string, Operation> = {
  ListDetectors: (world, _input: gd.ListDetectorsRequest, call): gd.ListDetectorsResponse => ({
    DetectorIds: list(world, detectors, call.region).map((each) => each.id),
  }),
  GetDetector(world, input: gd.GetDetectorRequest, call): gd.GetDetectorResponse {
    const thing = find(world, input.DetectorId, call);
    return {
      CreatedAt: new Date(thing.madeMs).toISOString(),
      FindingPublishingFrequency: 'SIX_HOURS',
      ServiceRole: `arn:aws:iam::${world.accountId}:role/aws-service-role/guardduty.amazonaws.com/AWSServiceRoleForAmazonGuardDuty`,
      Status: thing.facts.enabled ? 'ENABLED' : 'DISABLED',
      Tags: {},
    };
  },
  CreateDetector(world, input: gd.CreateDetectorRequest, call): gd.CreateDetectorResponse {
    if (list(world, detectors, call.region).length) {
      throw new AwsError('BadRequestException', 'The request is rejected because a detector already exists for the current account.');
    }
    return { DetectorId: openDetector(world, call, input.Enable ?? true).id };
  },
  UpdateDetector(world, input: gd.UpdateDetectorRequest, call): object {
    const thing = find(world, input.DetectorId, call);
    if (input.Enable !== undefined) thing.facts.enabled = input.Enable;
    return {};
  },
  DeleteDetector(world, input: gd.DeleteDetectorRequest, call): object {
    remove(world, detectors, find(world, input.DetectorId, call));
    return {};
  },
  ListFindings(world, input: gd.ListFindingsRequest, call): gd.ListFindingsResponse {
    find(world, input.DetectorId, call);
    const criterion = input.FindingCriteria?.Criterion ?? {};
    const found = findingsAt(world, call).filter((finding) =>
      Object.entries(criterion).every(([name, condition]) => fits(finding, name, condition)),
    );
    const { items, next } = pageOf(found, input.MaxResults ?? 50, input.NextToken);
    return { FindingIds: items.map((each) => each.Id ?? ''), NextToken: next ?? '' };
  },
  GetFindings(world, input: gd.GetFindingsRequest, call): gd.GetFindingsResponse {
    find(world, input.DetectorId, call);
    const wanted = new Set(input.FindingIds);
    return { Findings: findingsAt(world, call).filter((each) => wanted.has(each.Id ?? '')) };
  },
  ListFilters: (): gd.ListFiltersResponse => ({ FilterNames: [] }),
  ListIPSets: (): gd.ListIPSetsResponse => ({ IpSetIds: [] }),
};

const detectors = 'guardduty/detector';
export const findingsShelf = 'guardduty/finding';

/** A region has one detector or none. */
export function openDetector(world: World, call: Pick<Call, 'region' | 'ms' | 'caller'>, enabled: boolean): Thing {
  const id = hex(world, 32);
  return put(world, detectors, call as Call, { id, arn: arnOf(world, 'guardduty', call.region, `detector/${id}`), facts: { enabled } });
}

function find(world: World, id: string | undefined, call: Call): Thing {
  const thing = take(world, detectors, call.region, id);
  if (!thing) {
    throw new AwsError('BadRequestException', 'The request is rejected because the input detectorId is not owned by the current account.');
  }
  return thing;
}

/** The scenario's findings of this region that are out by now. */
const findingsAt = (world: World, call: Call): gd.Finding[] =>
  list(world, findingsShelf, call.region)
    .filter((each) => each.madeMs <= call.ms)
    .map((each) => each.facts as unknown as gd.Finding);

function fits(finding: gd.Finding, name: string, condition: gd.Condition): boolean {
  const { Equals, Eq, NotEquals, Neq } = condition;
  const actual = { type: finding.Type, severity: finding.Severity, 'service.archived': 'false', id: finding.Id, region: finding.Region }[
    name
  ];
  const asTime =
    name === 'updatedAt' || name === 'createdAt'
      ? Date.parse((name === 'updatedAt' ? finding.UpdatedAt : finding.CreatedAt) ?? '')
      : undefined;
  const number = asTime ?? (typeof actual === 'number' ? actual : undefined);
  const least = condition.GreaterThanOrEqual ?? condition.Gte;
  const above = condition.GreaterThan ?? condition.Gt;
  const most = condition.LessThanOrEqual ?? condition.Lte;
  const below = condition.LessThan ?? condition.Lt;
  if (number !== undefined) {
    return (
      (least === undefined || number >= Number(least)) &&
      (above === undefined || number > Number(above)) &&
      (most === undefined || number <= Number(most)) &&
      (below === undefined || number < Number(below))
    );
  }
  if (actual === undefined) throw new AwsError('BadRequestException', `The simulated account cannot filter findings by ${name}.`);
  const same = Equals ?? Eq;
  const other = NotEquals ?? Neq;
  return (!same?.length || same.includes(String(actual))) && !other?.includes(String(actual));
}
