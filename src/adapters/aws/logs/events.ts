/** Where the events are in a parsed piece of JSON. */

export type Found = { kind: 'event'; event: unknown } | { kind: 'not a record' | 'broken record' | 'digest' | 'container' };

/** Hands on every CloudTrail event of a value: an event, an array, a log file, an answer of LookupEvents, an EventBridge envelope. */
export function eventsOf(value: unknown, found: (one: Found) => void, depth = 0): void {
  if (Array.isArray(value)) {
    if (value.length === 0) found({ kind: 'container' });
    for (const one of value) {
      if (depth < 3) eventsOf(one, found, depth + 1);
      else found({ kind: 'not a record' });
    }
    return;
  }
  if (typeof value !== 'object' || value === null) return found({ kind: 'not a record' });
  const object = value as Record<string, unknown>;
  if (typeof object.eventName === 'string' && (object.eventTime !== undefined || object.eventSource !== undefined)) {
    return found({ kind: 'event', event: object });
  }
  for (const name of ['Records', 'Events', 'logEvents', 'events']) {
    const inside = object[name];
    if (Array.isArray(inside) && depth < 3) return eventsOf(inside, found, depth + 1);
  }
  // LookupEvents, and CloudWatch Logs, carry the event as text.
  const text = object.CloudTrailEvent ?? object.message;
  if (typeof text === 'string') {
    let event: unknown;
    try {
      event = JSON.parse(text);
    } catch {
      return found({ kind: 'broken record' });
    }
    return depth < 4 ? eventsOf(event, found, depth + 1) : found({ kind: 'not a record' });
  }
  if (typeof object.detail === 'object' && object.detail !== null && depth < 4) return eventsOf(object.detail, found, depth + 1);
  found({ kind: 'digestS3Object' in object || 'digestEndTime' in object ? 'digest' : 'not a record' });
}
