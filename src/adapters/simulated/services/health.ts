import type * as health from '@aws-sdk/client-health';
import { AwsError } from '../fault.ts';
import { pageOf } from '../page.ts';
import { shelf } from '../shelf.ts';
import type { Call, Operation, World } from '../world.ts';

export const healthOperations: Record<string, Operation> = {
  DescribeEvents(world, input: health.DescribeEventsRequest, call): health.DescribeEventsResponse {
    const { services, eventTypeCodes, eventStatusCodes } = input.filter ?? {};
    const found = eventsAt(world, call).filter(
      ({ event }) =>
        (!services?.length || services.includes(event.service ?? '')) &&
        (!eventTypeCodes?.length || eventTypeCodes.includes(event.eventTypeCode ?? '')) &&
        (!eventStatusCodes?.length || eventStatusCodes.includes(event.statusCode ?? 'open')),
    );
    const { items, next } = pageOf(found, input.maxResults ?? 100, input.nextToken);
    return { events: items.map(({ event }) => event), ...(next ? { nextToken: next } : {}) };
  },
  DescribeEventDetails: (world, input: health.DescribeEventDetailsRequest, call): health.DescribeEventDetailsResponse => ({
    successfulSet: eventsAt(world, call)
      .filter(({ event }) => input.eventArns?.includes(event.arn ?? ''))
      .map(({ event, text }) => ({ event, eventDescription: { latestDescription: text } })),
    failedSet: [],
  }),
  DescribeAffectedEntities(world, input: health.DescribeAffectedEntitiesRequest, call): health.DescribeAffectedEntitiesResponse {
    const found = eventsAt(world, call).filter(({ event }) => input.filter?.eventArns?.includes(event.arn ?? ''));
    return {
      entities: found.flatMap(({ event, entities, sinceMs }) =>
        entities.map((entityValue, at) => ({
          entityArn: `${event.arn}/${at}`,
          eventArn: event.arn,
          entityValue,
          awsAccountId: world.accountId,
          lastUpdatedTime: new Date(sinceMs),
          statusCode: 'IMPAIRED' as const,
        })),
      ),
    };
  },
};

export const healthShelf = 'health/event';
export type HealthFacts = { event: health.Event; text: string; entities: string[] };

/** AWS gives the API to accounts with Business support or more; events by push need none. */
function eventsAt(world: World, call: Call): (HealthFacts & { sinceMs: number })[] {
  if (!world.hasSupportPlan)
    throw new AwsError('SubscriptionRequiredException', 'The AWS Health API is not available with your support plan.');
  return [...shelf(world, healthShelf).values()]
    .filter((each) => each.madeMs <= call.ms)
    .map((each) => ({ ...(each.facts as HealthFacts), sinceMs: each.madeMs }));
}
