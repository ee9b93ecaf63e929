/** Where the events are in a parsed piece of JSON. */
import { completed, parsed, respelt, textOf, unfolded } from './wrapped.ts';

export type Found = { kind: 'event'; event: unknown } | { kind: 'not a record' | 'broken record' | 'digest' | 'container' };

/**
 * Every CloudTrail event of a value: an event, an array, a log file, an answer of LookupEvents, an EventBridge envelope; or what another tool
 * wrapped around them, as long as nothing else was found.
 */
export function eventsOf(value: unknown): Found[] {
  const found: Found[] = [];
  collect(value, found, 0);
  return found;
}

/** A record as it stands, in no wrapping. */
export function isEvent(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { eventName, eventTime, eventSource } = value as Record<string, unknown>;
  return typeof eventName === 'string' && eventName !== '' && (eventTime !== undefined || eventSource !== undefined);
}

/** A list in a list in an answer, in what a search returns: deeper is nothing that anybody writes. */
const mostDepth = 6;

function collect(value: unknown, found: Found[], depth: number): void {
  if (typeof value !== 'object' || value === null || depth > mostDepth) {
    found.push({ kind: 'not a record' });
  } else if (Array.isArray(value)) {
    if (value.length === 0) found.push({ kind: 'container' });
    for (const one of value) collect(one, found, depth + 1);
  } else if (isEvent(value)) {
    found.push({ kind: 'event', event: unfolded(value) });
  } else {
    const object = value as Record<string, unknown>;
    const inside = listIn(object) ?? (isObject(object.detail) ? completed(object.detail, object) : undefined) ?? respelt(object);
    // LookupEvents, and CloudWatch Logs, carry the event as text.
    const text = object.CloudTrailEvent ?? object.message;
    const event = inside === undefined && typeof text === 'string' ? completed(parsed(text), object) : undefined;
    if (inside !== undefined || event !== undefined) {
      collect(inside ?? event, found, depth + 1);
    } else if (!collectWrapped(object, found, depth)) {
      const isDigest = 'digestS3Object' in object || 'digestEndTime' in object;
      found.push({ kind: typeof text === 'string' ? 'broken record' : isDigest ? 'digest' : 'not a record' });
    }
  }
}

/** Only what has its time: what describes many calls at once has their name, too (CloudTrail Insights). */
function collectWrapped(object: Record<string, unknown>, found: Found[], depth: number): boolean {
  const before = found.length;
  const take = (part: unknown): void => {
    const within: Found[] = [];
    collect(part, within, depth + 1);
    for (const one of within) if (one.kind === 'event' && hasTime(one.event)) found.push(one);
  };
  const text = textOf(object);
  if (text !== undefined) take(text);
  // The same record as text and in fields: once is enough.
  if (found.length === before) for (const part of Object.values(object)) if (isObject(part)) take(part);
  return found.length > before;
}

const hasTime = (event: unknown): boolean => (event as { eventTime?: unknown }).eventTime !== undefined;

const listIn = (object: Record<string, unknown>): unknown =>
  ['Records', 'Events', 'logEvents', 'events'].map((name) => object[name]).find((one) => Array.isArray(one));
const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;
