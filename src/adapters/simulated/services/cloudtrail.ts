import type {
  Trail as AwsTrail,
  CreateTrailRequest,
  CreateTrailResponse,
  DeleteTrailRequest,
  DescribeTrailsRequest,
  DescribeTrailsResponse,
  GetTrailStatusRequest,
  GetTrailStatusResponse,
  LookupEventsRequest,
  LookupEventsResponse,
  PutEventSelectorsRequest,
  PutEventSelectorsResponse,
  StartLoggingRequest,
  StopLoggingRequest,
} from '@aws-sdk/client-cloudtrail';
import type { LoggedEvent } from '../event-log.ts';
import { AwsError } from '../fault.ts';
import { readToken, writeToken } from '../page.ts';
import type { Call, Operation, Trail, World } from '../world.ts';

export const cloudtrailOperations: Record<string, Operation> = {
  LookupEvents(world, input: LookupEventsRequest, call): LookupEventsResponse {
    const most = input.MaxResults ?? 50;
    if (most < 1 || most > 50) throw new AwsError('InvalidMaxResultsException', 'A maximum results value must be between 1 and 50.');
    if ((input.LookupAttributes?.length ?? 0) > 1)
      throw new AwsError('InvalidLookupAttributesException', 'Only one lookup attribute can be given.');
    const fromMs = Math.max(input.StartTime?.getTime() ?? 0, call.ms - historyMs);
    const untilMs = input.EndTime?.getTime() ?? call.ms;
    if (fromMs > untilMs && input.StartTime && input.StartTime > (input.EndTime ?? new Date(call.ms))) {
      throw new AwsError('InvalidTimeRangeException', 'The start time must not be after the end time.');
    }
    const found: LoggedEvent[] = [];
    let more = false;
    // Record times are whole seconds: an end inside a second still takes that second's events.
    for (const event of world.events.read(call.region, before(input.NextToken))) {
      if (event.ms < fromMs - (fromMs % 1000)) break;
      if (event.ms > untilMs || event.visibleMs > call.ms || !(input.LookupAttributes ?? []).every(attributeFits(event))) continue;
      if (found.length === most) {
        more = true;
        break;
      }
      found.push(event);
    }
    const last = found.at(-1);
    return {
      Events: found.map(eventShape),
      ...(more && last ? { NextToken: writeToken(`${last.ms}/${last.turn}`) } : {}),
    };
  },

  DescribeTrails(world, input: DescribeTrailsRequest, call): DescribeTrailsResponse {
    const shadows = input.includeShadowTrails ?? true;
    const wanted = input.trailNameList ?? [];
    const trails = [...world.trails.values()].filter(
      (trail) =>
        (trail.region === call.region || (shadows && trail.everyRegion)) &&
        (!wanted.length || wanted.includes(trail.name) || wanted.includes(trail.arn)),
    );
    return { trailList: trails.map(trailShape) };
  },

  GetTrailStatus(world, input: GetTrailStatusRequest, call): GetTrailStatusResponse {
    const trail = trailOf(world, input.Name, call);
    return {
      IsLogging: trail.logging,
      ...(trail.logging ? { StartLoggingTime: new Date(trail.sinceMs) } : { StopLoggingTime: new Date(trail.sinceMs) }),
    };
  },

  StopLogging(world, input: StopLoggingRequest, call): object {
    Object.assign(trailOf(world, input.Name, call, 'home'), { logging: false, sinceMs: call.ms });
    return {};
  },
  StartLogging(world, input: StartLoggingRequest, call): object {
    Object.assign(trailOf(world, input.Name, call, 'home'), { logging: true, sinceMs: call.ms });
    return {};
  },

  CreateTrail(world, input: CreateTrailRequest, call): CreateTrailResponse {
    const name = input.Name ?? '';
    const arn = trailArn(world, call.region, name);
    if (world.trails.has(arn))
      throw new AwsError('TrailAlreadyExistsException', `Trail ${name} already exists for customer: ${world.accountId}`);
    const trail: Trail = {
      arn,
      name,
      region: call.region,
      bucket: input.S3BucketName ?? '',
      everyRegion: input.IsMultiRegionTrail ?? false,
      logging: false,
      sinceMs: call.ms,
      selectors: [],
    };
    world.trails.set(arn, trail);
    const { Name, TrailARN, S3BucketName, IsMultiRegionTrail } = trailShape(trail);
    return { Name, TrailARN, S3BucketName, IsMultiRegionTrail };
  },
  DeleteTrail(world, input: DeleteTrailRequest, call): object {
    world.trails.delete(trailOf(world, input.Name, call, 'home').arn);
    return {};
  },
  PutEventSelectors(world, input: PutEventSelectorsRequest, call): PutEventSelectorsResponse {
    const trail = trailOf(world, input.TrailName, call, 'home');
    trail.selectors = input.EventSelectors ?? input.AdvancedEventSelectors ?? [];
    return { TrailARN: trail.arn, ...(input.EventSelectors ? { EventSelectors: input.EventSelectors } : {}) };
  },
};

export const trailArn = (world: Pick<World, 'accountId'>, region: string, name: string) =>
  `arn:aws:cloudtrail:${region}:${world.accountId}:trail/${name}`;

/** The event history holds 90 days. */
const historyMs = 90 * 86_400_000;

function before(token: string | undefined): { ms: number; turn: number } | undefined {
  if (token === undefined) return undefined;
  const [ms, turn] = readToken(token).split('/').map(Number);
  if (ms === undefined || turn === undefined || Number.isNaN(ms) || Number.isNaN(turn)) {
    throw new AwsError('InvalidNextTokenException', 'The token is not valid.');
  }
  return { ms, turn };
}

const attributeFits =
  (event: LoggedEvent) =>
  ({ AttributeKey: key, AttributeValue: value }: { AttributeKey?: string | undefined; AttributeValue?: string | undefined }): boolean => {
    switch (key) {
      case 'EventId':
        return event.record.eventID === value;
      case 'EventName':
        return event.record.eventName === value;
      case 'EventSource':
        return event.record.eventSource === value;
      case 'ReadOnly':
        return String(event.readOnly) === value;
      case 'Username':
        return event.username === value;
      case 'AccessKeyId':
        return event.accessKeyId === value;
      case 'ResourceType':
        return event.resources.some((resource) => resource.ResourceType === value);
      case 'ResourceName':
        return event.resources.some((resource) => resource.ResourceName === value);
      default:
        throw new AwsError('InvalidLookupAttributesException', `There is no lookup attribute ${key}.`);
    }
  };

const eventShape = (event: LoggedEvent) => ({
  EventId: event.record.eventID,
  EventName: event.record.eventName,
  EventSource: event.record.eventSource,
  EventTime: new Date(event.ms - (event.ms % 1000)),
  ReadOnly: String(event.readOnly),
  Username: event.username,
  AccessKeyId: event.accessKeyId,
  Resources: event.resources,
  CloudTrailEvent: JSON.stringify(event.record),
});

/** A trail of every region can be seen from each, but changed only at home. */
function trailOf(world: World, name: string | undefined, call: Call, where?: 'home'): Trail {
  const trail = [...world.trails.values()].find(
    (each) => each.arn === name || (each.name === name && (each.region === call.region || each.everyRegion)),
  );
  if (!trail) throw new AwsError('TrailNotFoundException', `Unknown trail: ${name} for the user: ${world.accountId}`);
  if (where === 'home' && trail.region !== call.region) {
    throw new AwsError('InvalidHomeRegionException', `This trail can only be updated in its home region: ${trail.region}`);
  }
  return trail;
}

const trailShape = (trail: Trail): AwsTrail => ({
  Name: trail.name,
  TrailARN: trail.arn,
  S3BucketName: trail.bucket,
  IsMultiRegionTrail: trail.everyRegion,
  HomeRegion: trail.region,
  IncludeGlobalServiceEvents: true,
  LogFileValidationEnabled: true,
  HasCustomEventSelectors: trail.selectors.length > 0,
  IsOrganizationTrail: false,
});
