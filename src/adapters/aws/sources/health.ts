/** What AWS Health warns of about the account itself: leaked keys, quarantine, abuse. */
import type { Event } from '@aws-sdk/client-health';
import type { Batch, Source } from '../../../bot/ports.ts';
import type { Observation, Of, Place, Time } from '../../../checks/observation.ts';
import { healthEvent } from '../translate/health-event.ts';
import { troubleOf } from '../trouble.ts';
import { lookFinished, plusSeconds, type Sight } from './looking.ts';

/**
 * Open warnings of the last 30 days about keys and abuse, and what was closed within a day, with the keys and machines they name. The API answers only accounts with a paid
 * support plan (Health user guide); without one it is asked once a day, and the gap says so, unless the same warnings arrive by push
 * (`pushed`), which needs no plan. One call each time while there is no warning: 4,320 a month, free of charge.
 */
export function health({ session, clock }: Pick<Sight, 'session' | 'clock'>, { pushed = false }: { pushed?: boolean } = {}): Source {
  const place: Place = { scope: session.scope, region: 'global' };
  return {
    name,
    scope: session.scope,
    everySeconds: 600,
    permissions: ['health:DescribeEvents', 'health:DescribeAffectedEntities'].map((one) => ({ system: 'aws-iam' as const, name: one })),

    async *collect(cursors): AsyncGenerator<Batch> {
      const heard = clock.now();
      const { refused } = cursors;
      if (refused !== undefined && refused !== '' && refused <= heard && heard < plusSeconds(refused, daySeconds)) {
        yield { observations: [end(heard, pushed ? undefined : noPlan)], raw: {}, cursors: {} };
        return;
      }
      try {
        for await (const events of eventPages(heard)) {
          const affected = await affectedBy(events);
          const observations = events.flatMap((event) => told(event, affected.get(event.arn ?? '') ?? [], heard));
          if (observations.length > 0) yield { observations, raw: {}, cursors: {} };
        }
      } catch (error) {
        const trouble = troubleOf(error);
        const needsPlan = trouble.sort === 'not enabled';
        const gap = needsPlan ? (pushed ? undefined : noPlan) : `warnings of AWS Health could not be read: ${trouble.words}`;
        yield { observations: [end(heard, gap)], raw: {}, cursors: needsPlan ? { refused: heard } : {} };
        return;
      }
      yield { observations: [end(heard)], raw: {}, cursors: refused !== undefined && refused !== '' ? { refused: '' } : {} };
    },
  };

  function told(event: Event, entities: { entityValue?: string }[], heard: Time): Observation[] {
    const region = event.region !== undefined && event.region !== '' ? event.region : 'global';
    const { arn, service, eventTypeCode, startTime, lastUpdatedTime, statusCode } = event;
    // What AWS closed long ago is settled.
    if (statusCode === 'closed' && (lastUpdatedTime?.toISOString() ?? '') < plusSeconds(heard, -daySeconds)) return [];
    const alert = healthEvent(
      {
        eventArn: arn,
        service,
        eventTypeCode,
        startTime: startTime?.toISOString(),
        lastUpdatedTime: lastUpdatedTime?.toISOString(),
        affectedEntities: entities,
      },
      { heard, by: name, place: { scope: session.scope, region } },
    );
    return alert ? [alert] : [];
  }

  function end(heard: Time, gap?: string): Of<'look.finished'> {
    const whole = gap === undefined;
    return lookFinished(name, place, { noun: 'lists of warnings', of: 1, seen: whole ? 1 : 0, heard, upTo: heard, complete: whole, gap });
  }

  async function* eventPages(heard: Time): AsyncGenerator<Event[]> {
    const { paginateDescribeEvents } = await import('@aws-sdk/client-health');
    const filter = { services: ['RISK', 'ABUSE'], lastUpdatedTimes: [{ from: new Date(plusSeconds(heard, -lookBackDays * daySeconds)) }] };
    for await (const page of paginateDescribeEvents({ client: await session.read.health(), pageSize: 100 }, { filter })) {
      if (page.events && page.events.length > 0) yield page.events;
    }
  }

  async function affectedBy(events: Event[]): Promise<Map<string, { entityValue?: string }[]>> {
    const { paginateDescribeAffectedEntities } = await import('@aws-sdk/client-health');
    const client = await session.read.health();
    const found = new Map<string, { entityValue?: string }[]>();
    const arns = events.flatMap((event) => event.arn ?? []);
    for (let first = 0; first < arns.length; first += eventsAtOnce) {
      const filter = { eventArns: arns.slice(first, first + eventsAtOnce) };
      for await (const { entities = [] } of paginateDescribeAffectedEntities({ client, pageSize: 100 }, { filter })) {
        for (const { eventArn = '', entityValue } of entities) {
          if (entityValue === undefined) continue;
          const list = found.get(eventArn) ?? [];
          if (list.length < mostEntities) list.push({ entityValue });
          found.set(eventArn, list);
        }
      }
    }
    return found;
  }
}

const name = 'aws/health';
const daySeconds = 86_400;
const lookBackDays = 30;
/** DescribeAffectedEntities takes up to ten events (Health API reference). */
const eventsAtOnce = 10;
const mostEntities = 50;
const noPlan =
  'AWS shows its warnings about leaked keys and abuse by API only with a paid support plan; by push they arrive without (set up push to see them)';
