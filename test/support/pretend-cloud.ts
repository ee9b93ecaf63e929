/**
 * A guarded account made of a few maps: machines, keys and denials, an inventory that is seconds old, a log that is minutes late, and a
 * remedier that looks before it acts and counts what it really wrote.
 */
import type { Batch, Clock, GuardedAccount, PlanItem, Remedier, Source, StepOutcome } from '../../src/bot/ports.ts';
import type { Remedy } from '../../src/checks/check.ts';
import type { Actor, Observation, Subject, Time } from '../../src/checks/observation.ts';
import { scope } from './stories.ts';

export const regions = ['eu-central-1', 'us-west-2', 'sa-east-1'] as const;
export type Region = (typeof regions)[number];
export type Write = { verb: PlanItem['verb']; resource: Subject; undo: boolean; at: Time };
type Machine = { id: string; region: Region; type: string; running: boolean; startedAt: Time; endedAt?: Time; by: string };
type LogRecord = { at: Time; readableAt: Time; key: string; observations: Observation[] };

const lagSeconds = 300;
export const keySubject = (id: string): Subject => `credential:${id}`;
export const userSubject = (name: string): Subject => `principal:arn:aws:iam::123456789012:user/${name}`;
export const machineSubject = ({ id, region }: Pick<Machine, 'id' | 'region'>): Subject =>
  `resource:arn:aws:ec2:${region}:123456789012:instance/${id}`;

export type PretendAccount = GuardedAccount & {
  remedier: Remedier;
  /** The truth. */
  machines: Machine[];
  keys: Map<string, { user: string; active: boolean }>;
  denied: Set<string>;
  /** What was really changed by the remedier. */
  writes: Write[];
  /** Starts machines with a key, if the key still may. Answers with how many. */
  launch(key: string, region: Region, options?: { count?: number; type?: string }): number;
  running(): number;
  /** The log says, at once, that a user was made with a key. */
  madeUser(name: string, withKey: string): void;
  /** Regions that cannot be read. */
  denyReading: Set<string>;
  /** Sources that throw. */
  broken: Set<string>;
  /** How many batches were read, for tests of what was looked at. */
  looks: { source: string; at: Time }[];
};

export function pretendAccount(clock: Clock): PretendAccount {
  const machines: Machine[] = [];
  const keys = new Map<string, { user: string; active: boolean }>([['AKIAIOSFODNN7EXAMPLE', { user: 'ci-deploy', active: true }]]);
  const denied = new Set<string>();
  const writes: Write[] = [];
  const records: LogRecord[] = [];
  const denyReading = new Set<string>();
  const broken = new Set<string>();
  const looks: PretendAccount['looks'] = [];
  let count = 0;

  const actorOf = (user: string): Actor => ({ subject: userSubject(user), name: user, kind: 'user', home: scope });
  const look = (source: string, region: string, noun: string, gap?: string): Observation => {
    const now = clock.now();
    return {
      ...{
        kind: 'look.finished',
        id: `${source}/${region}/${now}`,
        at: now,
        heard: now,
        by: source,
        place: { scope, region },
        evidence: [],
      },
      ...{ source, noun, of: 1, seen: gap ? 0 : 1, since: now, upTo: now, complete: gap === undefined },
      ...(gap ? { gap } : {}),
    } as Observation;
  };
  const shapeOf = (type: string) =>
    type.startsWith('g5') ? { type, family: 'g5', vcpus: 48, gpus: 4 } : { type, family: type.split('.')[0] ?? type, vcpus: 2 };

  const inventory: Source = {
    name: 'pretend/inventory',
    scope,
    everySeconds: 120,
    permissions: [],
    async *collect(): AsyncGenerator<Batch> {
      looks.push({ source: this.name, at: clock.now() });
      if (broken.has(this.name)) throw new Error('the inventory broke');
      for (const region of regions) {
        const heard = clock.now();
        if (denyReading.has(region)) {
          yield { observations: [look(this.name, region, 'regions', `${region} could not be read: denied`)], raw: {}, cursors: {} };
          continue;
        }
        const observations = machines
          .filter((one) => one.region === region)
          .map((one): Observation => {
            const resource = machineSubject(one);
            return {
              kind: 'compute.seen',
              id: `${resource}@${one.running ? one.startedAt : `${one.startedAt}:ended`}`,
              at: one.running ? one.startedAt : (one.endedAt ?? heard),
              heard,
              by: this.name,
              place: { scope, region },
              evidence: [resource],
              resource,
              what: 'EC2 instance',
              shape: shapeOf(one.type),
              perHour: { amount: 5, currency: 'USD', usd: 5 },
              estimated: false,
              running: one.running,
            };
          });
        yield { observations: [...observations, look(this.name, region, 'regions')], raw: {}, cursors: {} };
      }
    },
  };

  const log: Source = {
    name: 'pretend/audit-log',
    scope,
    everySeconds: 300,
    permissions: [],
    async *collect(): AsyncGenerator<Batch> {
      looks.push({ source: this.name, at: clock.now() });
      if (broken.has(this.name)) throw new Error('the log broke');
      const now = clock.now();
      const readable = records.filter((one) => one.readableAt <= now);
      yield {
        observations: [...readable.flatMap((one) => one.observations), look(this.name, 'eu-central-1', 'regions')],
        raw: Object.fromEntries(readable.flatMap((one) => one.observations.flatMap((each) => each.evidence.map((id) => [id, { id }])))),
        cursors: { 'eu-central-1': now },
      };
    },
    async *lookInto(subject, since): AsyncGenerator<Batch> {
      const now = clock.now();
      const mine = records.filter((one) => one.readableAt <= now && one.at >= since && keySubject(one.key) === subject);
      yield { observations: mine.flatMap((one) => one.observations), raw: {}, cursors: {} };
    },
  };

  const remedier: Remedier = {
    scope,
    permissions: [],
    async plan(remedies) {
      return { items: remedies.flatMap(itemsOf), holes: [], shutBySeconds: 60, shutWhy: 'everybody agrees within a minute' };
    },
    apply: async (item) => change(item, false),
    undo: async (item) => change(item, true),
    async verify(item) {
      return { state: isSo(item) ? 'holds' : 'undone' };
    },
  };

  const itemBase = { place: { scope, region: 'global' }, undo: 'full' as const };
  function itemsOf(remedy: Remedy): PlanItem[] {
    switch (remedy.kind) {
      case 'disable-credential': {
        const key = keys.get(remedy.credential.slice('credential:'.length));
        const item = { ...itemBase, id: `cut ${remedy.credential}`, verb: remedy.kind, resource: remedy.credential };
        return key?.active ? [{ ...item, does: `Deactivate ${remedy.credential}`, before: { active: true } }] : [];
      }
      case 'deny-principal': {
        const { subject, name } = remedy.principal;
        const item = { ...itemBase, id: `deny ${subject}`, verb: remedy.kind, resource: subject };
        return denied.has(name) ? [] : [{ ...item, does: `Deny everything to ${name}`, before: { denied: false } }];
      }
      case 'stop-compute':
        return machines
          .filter((one) => one.running && remedy.resources.includes(machineSubject(one)))
          .map((one) => ({
            ...{ id: `stop ${one.id}`, verb: remedy.kind, resource: machineSubject(one), place: { scope, region: one.region } },
            ...{ does: `Stop ${one.id}`, before: { running: true }, undo: 'full' as const },
          }));
      default:
        return remedy satisfies never;
    }
  }

  const nameOf = (subject: Subject): string => subject.slice(subject.lastIndexOf('/') + 1);
  const machineOf = (item: PlanItem) => machines.find((one) => machineSubject(one) === item.resource);
  const keyOf = (item: PlanItem) => keys.get(item.resource.slice('credential:'.length));

  function isSo(item: PlanItem): boolean {
    if (item.verb === 'disable-credential') return keyOf(item)?.active === false;
    if (item.verb === 'deny-principal') return denied.has(nameOf(item.resource));
    return machineOf(item)?.running !== true;
  }

  /** Looks first; `undo` goes back to the state before that stands in the item. */
  function change(item: PlanItem, undo: boolean): StepOutcome {
    const before = item.before as { active?: boolean; denied?: boolean; running?: boolean };
    if (isSo(item) !== undo) return { outcome: 'already so' };
    if (undo && before.active !== true && before.denied !== false && before.running !== true) return { outcome: 'already so' };
    writes.push({ verb: item.verb, resource: item.resource, undo, at: clock.now() });
    const key = keyOf(item);
    const machine = machineOf(item);
    if (item.verb === 'disable-credential' && key) key.active = undo;
    if (item.verb === 'deny-principal') denied[undo ? 'delete' : 'add'](nameOf(item.resource));
    if (item.verb === 'stop-compute' && machine) {
      machine.running = undo;
      if (undo) machine.startedAt = clock.now();
      else machine.endedAt = clock.now();
    }
    return { outcome: 'done' };
  }

  return {
    scope,
    name: 'production',
    sources: [inventory, log],
    remedier,
    warnings: async () => [],
    meter: () => [],
    machines,
    keys,
    denied,
    writes,
    denyReading,
    broken,
    looks,
    madeUser(name, withKey) {
      const at = clock.now();
      const base = { at, heard: at, by: 'pretend/audit-log', place: { scope, region: 'global' }, evidence: [`made-${name}`] };
      const link: Observation = {
        ...{ ...base, kind: 'identity.linked', id: `made-${name}` },
        ...{ from: userSubject(name), to: keySubject(withKey), how: 'created' },
      };
      records.push({ at, readableAt: at, key: withKey, observations: [link] });
    },
    running: () => machines.filter((one) => one.running).length,
    launch(key, region, { count: wanted = 1, type = 'g5.12xlarge' } = {}) {
      const owner = keys.get(key);
      if (!owner?.active || denied.has(owner.user)) return 0;
      const at = clock.now();
      const started = Array.from({ length: wanted }, (): Machine => {
        count += 1;
        return { id: `i-${String(count).padStart(5, '0')}`, region, type, running: true, startedAt: at, by: key };
      });
      machines.push(...started);
      const event = `event-${count}`;
      const base = { at, heard: at, by: 'pretend/audit-log', place: { scope, region }, evidence: [event], actor: actorOf(owner.user) };
      const acted = { ...base, credential: keySubject(key) };
      const link = { ...base, kind: 'identity.linked' as const };
      records.push({
        at,
        readableAt: new Date(Date.parse(at) + lagSeconds * 1000).toISOString(),
        key,
        observations: [
          {
            ...acted,
            kind: 'compute.asked',
            id: event,
            resources: started.map(machineSubject),
            count: wanted,
            what: 'EC2 instance',
            shape: shapeOf(type),
          },
          { ...link, id: `${event}/key`, from: keySubject(key), to: userSubject(owner.user), how: 'key of' },
          ...started.map(
            (one): Observation => ({
              ...link,
              id: `${event}/${one.id}`,
              from: machineSubject(one),
              to: keySubject(key),
              how: 'started',
            }),
          ),
        ],
      });
      return wanted;
    },
  };
}
