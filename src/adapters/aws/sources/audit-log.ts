/** What was done, and by whom: CloudTrail's event history, region by region. It needs no set-up and cannot be switched off from inside the account. */
import type { CloudTrailClient, Event, LookupAttribute } from '@aws-sdk/client-cloudtrail';
import { z } from 'zod';
import type { Batch, Clock, Cursors, Source } from '../../../bot/ports.ts';
import type { Network, Observation, Of, Place, Shape, Subject, Time } from '../../../checks/observation.ts';
import { type TranslateOptions, translateCloudTrail, withoutRepeatedLinks } from '../translate/cloudtrail.ts';
import { text } from '../translate/reading.ts';
import { troubleOf } from '../trouble.ts';
import { dueRegions, few, inParallel, lookFinished, plusSeconds, regionsLooked, type Sight } from './looking.ts';
import type { Probes } from './probe.ts';
import { mostDepth, sessionKeyOf, takingOf, type Window, whoTook } from './who-took.ts';

export type Reading = {
  network?: () => Promise<(address: string) => Network>;
  shape?: (type: string) => Shape;
  price?: TranslateOptions['price'];
  servicePrices?: TranslateOptions['servicePrices'];
  own?: TranslateOptions['own'];
  ours?: TranslateOptions['ours'];
  /** The bot's own probes are noted and left out. */
  probes?: Probes;
  /** The log speaks of something that a list would show: of that service (absent: EC2), there. Must not throw. */
  onHint?: (hint: { region: string; service: string | undefined }) => void;
};

/**
 * Write events of every enabled region since the last look, with an overlap for what CloudTrail delivers late; once a day the last 24
 * hours again. `history` reads one past day, `lookInto` everything one key, session or user did, reads included, and who took the session.
 */
export function auditLog(sight: Sight, reading: Reading = {}): Source {
  const { session, clock, regions } = sight;
  const pace = openPace(clock);
  const hinted = new Set<string>();
  /** Every record is read several times; only the first says that something is new there. */
  function hintOnce(one: Observation): void {
    if (!isOfLists(one) || hinted.has(one.id)) return;
    if (hinted.size >= mostHinted) hinted.clear();
    hinted.add(one.id);
    reading.onHint?.({ region: one.place.region, service: one.service });
  }

  return {
    name,
    scope: session.scope,
    everySeconds: sight.pace?.beat('log') ?? 300,
    permissions: ['ec2:DescribeRegions', 'cloudtrail:LookupEvents'].map((one) => ({ system: 'aws-iam' as const, name: one })),

    async *collect(cursors, { everywhere } = {}): AsyncGenerator<Batch> {
      const { names, gap } = await dueRegions(sight, name, 'log', everywhere);
      if (names.length === 0) return;
      const read = await reader();
      const saved: Cursors = { ...cursors };
      const streams = names.map((region) => () => read.since(region, readCursor(cursors[region])));
      for await (const { batch, cursor } of inParallel(streams, regionsAtOnce)) {
        // A region's cursor moves with the batch that completes it, never before.
        if (cursor) saved[cursor.region] = JSON.stringify(cursor.value);
        yield { ...batch, cursors: { ...saved } };
      }
      yield { observations: [regionsLooked(name, session.scope, clock.now(), gap)], raw: {}, cursors: { ...saved } };
    },

    async *history(day): AsyncGenerator<Batch> {
      const { names, gap } = await regions();
      const read = await reader();
      const window = { from: `${day}T00:00:00.000Z`, to: plusSeconds(`${day}T00:00:00.000Z`, daySeconds) };
      const holes: Hole[] = [];
      const streams = names.map((region) => () => read.day(region, window, holes));
      for await (const batch of inParallel(streams, regionsAtOnce)) yield batch;
      const gaps = [...(gap !== undefined ? [gap] : []), ...inWords(holes)];
      const heard = clock.now();
      const finished = lookFinished(
        'aws/history',
        { scope: session.scope, region: 'global' },
        {
          noun: 'days of the past',
          of: names.length,
          seen: names.length - holes.filter((hole) => !hole.inPart).length,
          heard,
          since: window.from,
          upTo: earlier(window.to, heard),
          complete: gaps.length === 0,
          gap: gaps.length > 0 ? gaps.join('; ') : undefined,
        },
      );
      yield { observations: [{ ...finished, id: `${finished.id}/${day}` }], raw: {}, cursors: {} };
    },

    async *lookInto(subject, since): AsyncGenerator<Batch> {
      const { names, gap } = await regions();
      yield* (await reader()).everythingOf(subject, since, names, gap);
    },
  };

  async function reader() {
    const network = await reading.network?.();
    return openReader(sight, pace, hintOnce, (event, heard) =>
      reading.probes?.recognise(event, 'poll', heard)
        ? { observations: [], raw: undefined }
        : translateCloudTrail(event, {
            heard,
            by: name,
            ...(network ? { network } : {}),
            ...(reading.shape ? { shape: reading.shape } : {}),
            ...(reading.price ? { price: reading.price } : {}),
            ...(reading.servicePrices ? { servicePrices: reading.servicePrices } : {}),
            ...(reading.own ? { own: reading.own } : {}),
            ...(reading.ours ? { ours: reading.ours } : {}),
          }),
    );
  }
}

const name = 'aws/audit-log';
const writes: LookupAttribute = { AttributeKey: 'ReadOnly', AttributeValue: 'false' };
const regionsAtOnce = 4;
/** CloudTrail is usually about five minutes late and promises nothing; twenty minutes are read again every time. */
const overlapSeconds = 1_200;
const usuallyLateSeconds = 300;
const daySeconds = 86_400;
/** 50 events a page; the rest is read in the next rounds. */
const mostPagesPerRound = 60;
/** A whole day of one region is read in one go, up to this. */
const mostPagesPerDay = 2_000;
const mostEventsLookedInto = 5_000;
const mostKeysLookedInto = 50;
const mostHinted = 10_000;

/** A region of which a past day could not be read, or not to its end. */
type Hole = { region: string; why: string; inPart: boolean };
/** Everything before `upTo` was read, except the holes; `full` is when the last 24 hours were last read again. */
const cursorShape = z.object({
  upTo: z.string(),
  full: z.string(),
  holes: z.array(z.object({ from: z.string(), to: z.string() })).max(100),
});
type CursorValue = z.infer<typeof cursorShape>;

function readCursor(saved: string | undefined): CursorValue | undefined {
  if (saved === undefined) return undefined;
  try {
    return cursorShape.parse(JSON.parse(saved));
  } catch {
    // An unreadable cursor costs reading 24 hours again, which finds the same events.
    return undefined;
  }
}

/** What was asked for or made shows in a list from then on. */
export const isOfLists = (one: Observation): one is Of<'compute.asked' | 'launcher.changed' | 'workload.defined'> =>
  (one.kind === 'compute.asked' || one.kind === 'launcher.changed' || one.kind === 'workload.defined') && one.outcome === undefined;

type Step = { batch: Batch; cursor?: { region: string; value: CursorValue } };
type Translate = (event: unknown, heard: Time) => ReturnType<typeof translateCloudTrail>;

function openReader(sight: Sight, pace: Pace, onHint: (one: Observation) => void, translate: Translate) {
  const { session, clock } = sight;
  return { since, day, everythingOf };

  async function* since(region: string, cursor: CursorValue | undefined): AsyncGenerator<Step> {
    const now = clock.now();
    const full = cursor === undefined || plusSeconds(cursor.full, daySeconds) <= now;
    const from = cursor === undefined ? plusSeconds(now, -daySeconds) : plusSeconds(earlier(cursor.upTo, now), -overlapSeconds);
    const dayAgo = plusSeconds(now, -daySeconds);
    const fresh: Window = { from: full ? earlier(from, dayAgo) : from, to: now };
    const holes: Window[] = [];
    const dedupe = once();
    let pages = mostPagesPerRound;
    let trouble: string | undefined;
    let freshRead = false;
    let newest: Time | undefined;

    for (const window of [fresh, ...(cursor?.holes ?? [])]) {
      if (pages <= 0 || trouble !== undefined) {
        holes.push(window);
        continue;
      }
      let readBackTo = window.to;
      let finished = false;
      try {
        for await (const page of eventPages(region, window, writes)) {
          pages -= 1;
          readBackTo = page.oldest ?? readBackTo;
          finished = page.last;
          newest = later(newest, page.newest ?? window.from);
          const batch = toBatch(page.events, now, dedupe);
          if (batch.observations.some(({ actor }) => actor && actor.kind !== 'provider')) sight.pace?.used(region);
          for (const one of batch.observations) onHint(one);
          if (batch.observations.length > 0) yield { batch };
          if (pages <= 0 && !finished) break;
        }
      } catch (error) {
        trouble = troubleOf(error).words;
      }
      // Pages come newest first: what is left is the older part. Its newest second may be half read.
      if (!finished && (readBackTo !== window.to || window !== fresh))
        holes.push({ from: window.from, to: plusSeconds(readBackTo, readBackTo === window.to ? 0 : 1) });
      if (window === fresh) freshRead = finished || readBackTo !== window.to;
    }

    const value: CursorValue = {
      upTo: freshRead ? now : (cursor?.upTo ?? dayAgo),
      full: full && freshRead ? now : (cursor?.full ?? plusSeconds(now, -2 * daySeconds)),
      holes: holes.filter((hole) => freshRead || hole !== fresh).slice(0, 100),
    };
    const oldest = value.holes.reduce<Time | undefined>(
      (first, hole) => (first === undefined || hole.from < first ? hole.from : first),
      undefined,
    );
    const gap =
      trouble !== undefined
        ? `the events of ${region} could not be read: ${trouble}`
        : oldest !== undefined
          ? `more events than are read at once in ${region}: still reading back to ${oldest.slice(0, 16).replace('T', ' ')} UTC`
          : undefined;
    yield {
      batch: {
        observations: [
          lookFinished(name, placeOf(region), {
            noun: 'regions',
            of: 1,
            seen: gap === undefined ? 1 : 0,
            heard: now,
            since: fresh.from,
            upTo: later(newest, trouble === undefined ? plusSeconds(now, -usuallyLateSeconds) : value.upTo),
            complete: gap === undefined,
            gap,
          }),
        ],
        raw: {},
        cursors: {},
      },
      cursor: { region, value },
    };
  }

  async function* day(region: string, window: Window, holes: Hole[]): AsyncGenerator<Batch> {
    const heard = clock.now();
    const dedupe = once();
    let pages = mostPagesPerDay;
    try {
      for await (const page of eventPages(region, window, writes)) {
        const batch = toBatch(page.events, heard, dedupe);
        if (batch.observations.length > 0) yield batch;
        if (--pages <= 0 && !page.last) {
          holes.push({ region, why: 'there were more than are read of one day', inPart: true });
          break;
        }
      }
    } catch (error) {
      holes.push({ region, why: troubleOf(error).words, inPart: false });
    }
  }

  async function* everythingOf(subject: Subject, since: Time, regions: string[], shortList: string | undefined): AsyncGenerator<Batch> {
    const heard = clock.now();
    const dedupe = once();
    const queue: { attribute: LookupAttribute; depth: number; label: string }[] = [];
    const asked = new Set<string>();
    const gaps: string[] = shortList !== undefined ? [shortList] : [];
    const unread = new Set<string>();
    let events = 0;
    const ownSession = sessionKeyOf(subject);
    let ownRecord: unknown;
    const ownRegions = new Set(['us-east-1']);
    const follow = (attribute: LookupAttribute | undefined, depth: number): void => {
      const label = `${attribute?.AttributeKey} ${attribute?.AttributeValue}`;
      if (!attribute || asked.has(label)) return;
      asked.add(label);
      queue.push({ attribute, depth, label });
    };
    const first = attributeOf(subject);
    if (!first) gaps.push(`the event history cannot be searched for ${kindOf(subject)}; its sessions are followed one by one`);
    follow(first, 1);

    while (queue.length > 0 && events < mostEventsLookedInto) {
      const next = queue.shift();
      if (!next) break;
      if (asked.size > mostKeysLookedInto) gaps.push(`more than ${mostKeysLookedInto} sessions`);
      const streams = regions.map(
        (region) =>
          async function* (): AsyncGenerator<unknown[]> {
            try {
              for await (const page of eventPages(region, { from: since, to: heard }, next.attribute)) {
                if (events >= mostEventsLookedInto) return;
                yield page.events;
              }
            } catch (error) {
              unread.add(`${region} (${troubleOf(error).words})`);
            }
          },
      );
      for await (const page of inParallel(streams, regionsAtOnce)) {
        const fitting = page.slice(0, Math.max(0, mostEventsLookedInto - events));
        events += fitting.length;
        for (const record of fitting) {
          if (ownSession === undefined || text(record, 'userIdentity', 'accessKeyId') !== ownSession) continue;
          ownRegions.add(text(record, 'awsRegion') ?? 'us-east-1');
          ownRecord ??= takingOf(record) && record;
        }
        const batch = toBatch(fitting, heard, dedupe);
        for (const one of batch.observations) {
          if (one.kind !== 'identity.linked' || (one.how !== 'assumed' && one.how !== 'created' && one.how !== 'key of')) continue;
          // Forward only: to the sessions and keys that were made, never to whoever else uses a role.
          if (
            one.how === 'key of' &&
            !batch.observations.some((other) => other.kind === 'credential.created' && other.credential === one.from)
          )
            continue;
          if (next.depth >= mostDepth) gaps.push(`sessions of sessions beyond depth ${mostDepth}`);
          else if (asked.size < mostKeysLookedInto) follow(attributeOf(one.from), next.depth + 1);
        }
        if (batch.observations.length > 0) yield batch;
        if (events >= mostEventsLookedInto) break;
      }
    }
    if (ownSession !== undefined && ownRecord !== undefined) {
      const taken = whoTook(eventPages, ownSession, ownRecord, { regions, near: ownRegions, gaps, unread });
      for await (const record of taken) {
        const batch = toBatch([record], heard, dedupe);
        if (batch.observations.length > 0) yield batch;
      }
    }
    if (events >= mostEventsLookedInto) gaps.push(`stopped after ${mostEventsLookedInto.toLocaleString('en')} events`);
    if (unread.size > 0) gaps.push(`not read: ${few([...unread])}`);

    const finished = lookFinished('aws/look-into', placeOf('global'), {
      noun: 'subjects',
      of: 1,
      seen: gaps.length === 0 ? 1 : 0,
      heard,
      upTo: heard,
      complete: gaps.length === 0,
      gap: gaps.length > 0 ? [...new Set(gaps)].join('; ') : undefined,
    });
    yield { observations: [{ ...finished, id: `${finished.id}/${subject}`, evidence: [subject] }], raw: {}, cursors: {} };
  }

  /** Newest first. `oldest` is the time of the oldest event read so far. */
  async function* eventPages(
    region: string,
    window: Window,
    attribute: LookupAttribute,
  ): AsyncGenerator<{ events: unknown[]; oldest?: Time; newest?: Time; last: boolean }> {
    const { LookupEventsCommand } = await import('@aws-sdk/client-cloudtrail');
    const client: CloudTrailClient = await session.read.cloudtrail(region);
    let token: string | undefined;
    let oldest: Time | undefined;
    let newest: Time | undefined;
    do {
      await pace(region);
      const answer = await client.send(
        new LookupEventsCommand({
          LookupAttributes: [attribute],
          StartTime: new Date(window.from),
          EndTime: new Date(window.to),
          MaxResults: 50,
          ...(token !== undefined ? { NextToken: token } : {}),
        }),
      );
      const events = answer.Events ?? [];
      for (const event of events) {
        const time = event.EventTime?.toISOString();
        if (time !== undefined && (oldest === undefined || time < oldest)) oldest = time;
        if (time !== undefined) newest = later(newest, time);
      }
      token = answer.NextToken;
      yield {
        events: events.map(recordOf),
        ...(oldest !== undefined ? { oldest } : {}),
        ...(newest !== undefined ? { newest } : {}),
        last: token === undefined,
      };
    } while (token !== undefined);
  }

  function toBatch(events: unknown[], heard: Time, { isNew, links }: Once): Batch {
    const observations: Observation[] = [];
    const raw: Record<string, unknown> = {};
    for (const event of events) {
      const translated = translate(event, heard);
      const id = translated.observations[0]?.id;
      if (id === undefined || !isNew(id)) continue;
      observations.push(...links(translated.observations));
      raw[id] = translated.raw;
    }
    return { observations, raw, cursors: {} };
  }

  function placeOf(region: string): Place {
    return { scope: session.scope, region };
  }
}

type Once = { isNew: (id: string) => boolean; links: (observations: Observation[]) => Observation[] };
/** Within one look, overlapping windows bring the same event twice. */
function once(): Once {
  const ids = new Set<string>();
  return {
    isNew: (id) => !ids.has(id) && ids.add(id) !== undefined,
    links: withoutRepeatedLinks(),
  };
}

const inWords = (holes: Hole[]): string[] =>
  [...Map.groupBy(holes, ({ why }) => why)].map(
    ([why, same]) => `the past of ${few(same.map(({ region }) => region).sort())} could not be read: ${why}`,
  );

/** The whole record is JSON inside the answer; what is beside it stands in when it cannot be read. */
function recordOf(event: Event): unknown {
  try {
    if (event.CloudTrailEvent !== undefined) return JSON.parse(event.CloudTrailEvent);
  } catch {
    // Cut by the provider; the outline below is better than nothing.
  }
  return {
    eventID: event.EventId,
    eventName: event.EventName,
    eventSource: event.EventSource,
    eventTime: event.EventTime?.toISOString(),
    userIdentity: { userName: event.Username, accessKeyId: event.AccessKeyId },
  };
}

/** How the event history is searched for a subject: by key for keys and sessions, by name for users. A role has no search of its own. */
function attributeOf(subject: Subject): LookupAttribute | undefined {
  const name = subject.slice(subject.indexOf(':') + 1);
  if (/^(?:credential|session):A[KS]IA[A-Z0-9]+$/.test(subject)) return { AttributeKey: 'AccessKeyId', AttributeValue: name };
  if (/^principal:arn:[\w-]+:iam::\d*:user\//.test(subject))
    return { AttributeKey: 'Username', AttributeValue: name.slice(name.lastIndexOf('/') + 1) };
  if (/^principal:arn:[\w-]+:iam::\d*:root$/.test(subject)) return { AttributeKey: 'Username', AttributeValue: 'root' };
  return undefined;
}

const kindOf = (subject: Subject): string => (subject.includes(':role/') ? 'a role' : 'this');
const earlier = (a: Time, b: Time): Time => (a < b ? a : b);
const later = (a: Time | undefined, b: Time): Time => (a !== undefined && a > b ? a : b);

/** LookupEvents takes two requests a second in each region (CloudTrail quotas). */
type Pace = (region: string) => Promise<void>;
function openPace(clock: Clock): Pace {
  const next = new Map<string, number>();
  return async (region) => {
    const now = Date.parse(clock.now());
    const free = Math.max(now, next.get(region) ?? 0);
    next.set(region, free + 500);
    if (free > now) await clock.sleep((free - now) / 1000);
  };
}
