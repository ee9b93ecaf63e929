/** A peer: whoever is woken by every record whose name stands on one list. The list and how it was made: event-names.yaml. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import type { LoggedEvent } from '../../../src/adapters/simulated/event-log.ts';
import type { Delivery } from '../delivery.ts';
import type { Alarm } from './alarm.ts';

/** By event name; `service` is absent where the name alone is meant. */
export type EventNameList = Map<string, { service?: string; alarms: { set: string; only: Condition[] }[] }[]>;
export type Condition = z.infer<typeof condition>;

/** @throws Error when the file is broken, names a rule it does not list, or lists a name that fewer than two sets alarm on. */
export function loadEventNames(file: URL | string = new URL('./event-names.yaml', import.meta.url)): EventNameList {
  const { sets, rules, names } = schema.parse(parse(readFileSync(file, 'utf8')));
  const list: EventNameList = new Map();
  for (const { name: full, alarms } of names) {
    const read = alarms.map(({ rule, only }) => {
      const [set = '', key = ''] = rule.split('/');
      if (!sets[set] || !rules[set]?.[key]) throw new Error(`${full} names the rule ${rule}, which is not listed`);
      return { set, only };
    });
    if (new Set(read.map((one) => one.set)).size < 2) throw new Error(`fewer than two sets alarm on ${full}`);
    const [name, service] = full.split(':').reverse() as [string, string?];
    list.set(name, [...(list.get(name) ?? []), { ...(service === undefined ? {} : { service }), alarms: read }]);
  }
  return list;
}

/**
 * An alarm for each record on the list at the moment it is heard; the same name, principal and region once in 24 hours. In time order.
 * `push`: heard when it is pushed, and looked up where the push never comes; otherwise always looked up. Nothing is lost when the trail or
 * the push is switched off: kinder to this peer than life would be. `reads`: also of records that only read, which a push rule in its usual
 * state is not given; the program under test skips them too.
 */
export function eventNames(
  records: readonly LoggedEvent[],
  delivery: Pick<Delivery, 'lookup' | 'push'>,
  { push = true, reads = false, list = loadEventNames() }: { push?: boolean; reads?: boolean; list?: EventNameList } = {},
): Alarm[] {
  const heard = records
    .filter((event) => (reads || !event.readOnly) && isAlarming(event, list))
    .map(({ ms, region, record }) => ({
      atMs: ms + ((push ? delivery.push(record.eventID) : undefined) ?? delivery.lookup(record.eventID)),
      because: record.eventName,
      key: JSON.stringify([record.eventName, principalOf(record), region]),
      id: record.eventID,
    }))
    .sort((a, b) => a.atMs - b.atMs || (a.id < b.id ? -1 : 1));
  const last = new Map<string, number>();
  return heard.flatMap(({ atMs, because, key }) => {
    const before = last.get(key);
    if (before !== undefined && atMs - before < dayMs) return [];
    last.set(key, atMs);
    return [{ atMs, because }];
  });
}

const dayMs = 86_400_000;

/** What a rule asks beside the name, as far as a record tells. `more` cannot be told and is taken as met. */
const conditions = {
  success: (event) => event.errorCode === undefined && !signInFailed(event),
  refused: (event) => event.errorCode !== undefined || signInFailed(event),
  root: (event) => text(event.userIdentity, 'type') === 'Root',
  'by-people': (event) =>
    text(event.userIdentity, 'type') !== 'AWSService' &&
    ![text(event.userIdentity, 'invokedBy'), event.sourceIPAddress].some(
      (one) => one?.endsWith('.amazonaws.com') || one === 'AWS Internal',
    ),
  'for-somebody-else': (event) => {
    const user = text(event.requestParameters, 'userName');
    return user !== undefined && !text(event.userIdentity, 'arn')?.endsWith(`/${user}`);
  },
  'without-second-factor': (event) => !signInFailed(event) && text(event.additionalEventData, 'MFAUsed')?.toLowerCase() !== 'yes',
  'not-a-dry-run': (event) => event.errorCode !== 'Client.DryRunOperation',
  administrator: (event) =>
    /:policy\/(AdministratorAccess|PowerUserAccess|IAMFullAccess)$/.test(text(event.requestParameters, 'policyArn') ?? ''),
  everything: (event) => {
    const document = text(event.requestParameters, 'policyDocument') ?? '';
    return (
      /"Effect"\s*:\s*"Allow"/.test(document) && /"Action"\s*:\s*\[?\s*"\*"/.test(document) && /"Resource"\s*:\s*\[?\s*"\*"/.test(document)
    );
  },
  open: (event) => text(event.requestParameters, 'authType') === 'NONE',
  'switched-off': (event) => /"(enable|includeManagementEvents)":"?false/.test(JSON.stringify(event.requestParameters ?? {})),
  'weak-metadata': (event) => /"httpTokens":"optional"/.test(JSON.stringify([event.requestParameters, event.responseElements])),
  more: () => true,
} satisfies Record<string, (event: Recorded) => boolean>;

/** One rule is enough, and all that it asks must hold. */
function isAlarming({ record }: LoggedEvent, list: EventNameList): boolean {
  const listed = (list.get(withoutVersion(record.eventName)) ?? []).filter(
    ({ service }) => service === undefined || record.eventSource === `${service}.amazonaws.com`,
  );
  if (listed.length === 0) return false;
  const event = recorded.parse(record);
  return listed.some(({ alarms }) => alarms.some(({ only }) => only.every((one) => conditions[one](event))));
}

/** CreateFunction20150331, UpdateFunctionCode20150331v2: the suffix is the interface's version. */
const withoutVersion = (name: string): string => name.replace(/20\d{6}(v\d+)?$/, '');

/** The role behind a session, or whoever it is. */
function principalOf(record: LoggedEvent['record']): string {
  const { userIdentity } = recorded.parse(record);
  const issuer = shape.parse(shape.parse(userIdentity?.sessionContext ?? {}).sessionIssuer ?? {});
  return text(issuer, 'arn') ?? text(userIdentity, 'arn') ?? text(userIdentity, 'type') ?? '';
}

const shape = z.record(z.string(), z.unknown());
const recorded = z.object({
  eventName: z.string(),
  eventSource: z.string(),
  errorCode: z.string().optional(),
  sourceIPAddress: z.string().optional(),
  userIdentity: shape.nullish(),
  requestParameters: shape.nullish(),
  responseElements: shape.nullish(),
  additionalEventData: shape.nullish(),
});
type Recorded = z.infer<typeof recorded>;

function text(of: Record<string, unknown> | null | undefined, key: string): string | undefined {
  const value = of?.[key];
  return typeof value === 'string' ? value : undefined;
}
const signInFailed = (event: Recorded): boolean => text(event.responseElements, 'ConsoleLogin') === 'Failure';

const condition = z.enum(Object.keys(conditions) as (keyof typeof conditions)[]);
const schema = z.strictObject({
  collected: z.string(),
  sets: z.record(z.string(), z.strictObject({ repository: z.string(), folder: z.string() })),
  rules: z.record(
    z.string(),
    z.record(
      z.string(),
      z.strictObject({ file: z.string(), commit: z.string().regex(/^[0-9a-f]{40}$/), judgedByName: z.boolean().default(false) }),
    ),
  ),
  names: z.array(
    z.strictObject({
      name: z.string().regex(/^([a-z0-9-]+:)?[A-Z][A-Za-z0-9]+$/),
      alarms: z.array(z.strictObject({ rule: z.string(), only: z.array(condition).default([]), optional: z.boolean().default(false) })),
    }),
  ),
});
