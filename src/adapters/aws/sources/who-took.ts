/** Who took a session: the call that made it, looked up in CloudTrail's event history. */
import type { LookupAttribute } from '@aws-sdk/client-cloudtrail';
import type { Subject, Time } from '../../../checks/observation.ts';
import { at, text } from '../translate/reading.ts';
import { timeOf } from '../translate/time.ts';
import { troubleOf } from '../trouble.ts';
import { few, inParallel, plusSeconds } from './looking.ts';

export type Window = { from: Time; to: Time };
/** Reads the events of a region and time that fit an attribute, page by page. */
type EventPages = (region: string, window: Window, attribute: LookupAttribute) => AsyncIterable<{ events: unknown[]; last: boolean }>;

/**
 * The call that made the session, then the one that made its caller's session, up to a lasting key. Taking a role counts as a read and
 * is written under the caller's key, so neither the write events nor the session's own show it.
 */
export async function* whoTook(pages: EventPages, taken: string, seen: unknown, search: Search): AsyncGenerator<unknown> {
  const near = new Set(search.near);
  let key: string | undefined = taken;
  let record = seen;
  for (let depth = 1; key !== undefined; depth += 1) {
    const taking = takingOf(record);
    if (!taking) return;
    if (depth > mostDepth) {
      search.gaps.push(`sessions of sessions beyond depth ${mostDepth}`);
      return;
    }
    const places = search.regions.filter((region) => near.has(region));
    const found = await takingCall(pages, key, taking, places, search);
    if (found === undefined) {
      search.gaps.push(`who took the session …${key.slice(-4)} was not found in ${few(places)}`);
      return;
    }
    yield found;
    near.add(text(found, 'awsRegion') ?? 'us-east-1');
    record = found;
    // A lasting key is the top.
    key = sessionKeyOf(`session:${text(found, 'userIdentity', 'accessKeyId')}`);
  }
}

/** The one call whose answer was this key. Whatever else was taken in the same seconds is not looked at. */
async function takingCall(
  eventPages: EventPages,
  key: string,
  { call, created }: Taking,
  places: string[],
  { gaps, unread }: Search,
): Promise<unknown> {
  const window: Window = { from: plusSeconds(created, -aroundTakingSeconds), to: plusSeconds(created, aroundTakingSeconds) };
  const streams = places.map(
    (region) =>
      async function* (): AsyncGenerator<unknown> {
        let pages = mostPagesOfTakings;
        try {
          for await (const page of eventPages(region, window, { AttributeKey: 'EventName', AttributeValue: call })) {
            const found = page.events.find((event) => text(event, 'responseElements', 'credentials', 'accessKeyId') === key);
            if (found !== undefined) yield found;
            if (--pages > 0 || page.last) continue;
            gaps.push(`too many sessions were taken at once in ${region} to find who took …${key.slice(-4)}`);
            return;
          }
        } catch (error) {
          unread.add(`${region} (${troubleOf(error).words})`);
        }
      },
  );
  for await (const found of inParallel(streams, regionsAtOnce)) return found;
  return undefined;
}

/** Where the call that made a session is searched, `near` only, and where it is said that this could not be done. */
type Search = { regions: string[]; near: ReadonlySet<string>; gaps: string[]; unread: Set<string> };
type Taking = { call: 'AssumeRole' | 'GetSessionToken' | 'GetFederationToken'; created: Time };

/**
 * With which call the session of a record was made, and when. Machines, web and single sign-on and the console get theirs without
 * anybody's key: nothing to find above them.
 */
export function takingOf(record: unknown): Taking | undefined {
  const identity = at(record, 'userIdentity');
  const context = at(identity, 'sessionContext');
  const created = timeOf(at(context, 'attributes', 'creationDate'));
  const keyless =
    at(context, 'ec2RoleDelivery') !== undefined ||
    text(context, 'webIdFederationData', 'federatedProvider') !== undefined ||
    text(context, 'sessionIssuer', 'userName')?.startsWith('AWSReservedSSO_') === true ||
    text(record, 'sessionCredentialFromConsole') === 'true';
  const call = takenWith.get(text(identity, 'type') ?? '');
  return created === undefined || call === undefined || keyless ? undefined : { call, created };
}

const takenWith = new Map<string, Taking['call']>([
  ['AssumedRole', 'AssumeRole'],
  ['IAMUser', 'GetSessionToken'],
  ['Root', 'GetSessionToken'],
  ['FederatedUser', 'GetFederationToken'],
]);

export const sessionKeyOf = (subject: Subject): string | undefined => /^session:(ASIA[A-Z0-9]+)$/.exec(subject)?.[1];

/** How far sessions of sessions are followed. */
export const mostDepth = 4;
const regionsAtOnce = 4;
/** A session is made within seconds of the call that asks for it; the two are written down by different clocks. */
const aroundTakingSeconds = 10;
/** Of all sessions taken in those seconds, in one region. */
const mostPagesOfTakings = 10;
