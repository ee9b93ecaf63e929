/** Where the events are in a parsed piece of JSON. */

export type Found = { kind: 'event'; event: unknown } | { kind: 'not a record' | 'broken record' | 'digest' | 'container' };

/** Every CloudTrail event of a value: an event, an array, a log file, an answer of LookupEvents, an EventBridge envelope. */
export function eventsOf(value: unknown): Found[] {
  const found: Found[] = [];
  collect(value, found, 0);
  return found;
}

/** A list in a list in an answer: deeper is nothing that AWS writes. */
const mostDepth = 4;

function collect(value: unknown, found: Found[], depth: number): void {
  if (typeof value !== 'object' || value === null || depth > mostDepth) {
    found.push({ kind: 'not a record' });
  } else if (Array.isArray(value)) {
    if (value.length === 0) found.push({ kind: 'container' });
    for (const one of value) collect(one, found, depth + 1);
  } else {
    const object = value as Record<string, unknown>;
    const inside = listIn(object) ?? (isObject(object.detail) ? object.detail : undefined);
    // LookupEvents, and CloudWatch Logs, carry the event as text.
    const text = object.CloudTrailEvent ?? object.message;
    if (
      typeof object.eventName === 'string' &&
      object.eventName !== '' &&
      (object.eventTime !== undefined || object.eventSource !== undefined)
    ) {
      found.push({ kind: 'event', event: object });
    } else if (inside !== undefined) {
      collect(inside, found, depth + 1);
    } else if (typeof text === 'string') {
      const event = parsed(text);
      if (event === undefined) found.push({ kind: 'broken record' });
      else collect(event, found, depth + 1);
    } else {
      found.push({ kind: 'digestS3Object' in object || 'digestEndTime' in object ? 'digest' : 'not a record' });
    }
  }
}

const listIn = (object: Record<string, unknown>): unknown =>
  ['Records', 'Events', 'logEvents', 'events'].map((name) => object[name]).find((one) => Array.isArray(one));
const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
