/** Builders that show only what matters. */

import { openIncident } from '../../src/bot/advance.ts';
import type { Incident, Plan } from '../../src/bot/incident.ts';
import type { Policy } from '../../src/bot/people.ts';
import type { PlanItem } from '../../src/bot/ports.ts';
import type { Finding } from '../../src/checks/check.ts';
import type { Actor, Place, Subject } from '../../src/checks/observation.ts';

export const at = (minute: number): string => new Date(Date.UTC(2026, 10, 3, 12, minute)).toISOString();
export const scope = { cloud: 'aws', level: 'account', id: '123456789012' } as const;
export const place = (region = 'us-west-2'): Place => ({ scope, region });
export const user = (name: string): Actor => ({
  subject: `principal:arn:aws:iam::123456789012:user/${name}`,
  name,
  kind: 'user',
  home: scope,
});
export const machine = (id: string, region = 'us-west-2'): Subject => `resource:arn:aws:ec2:${region}:123456789012:instance/${id}`;

export const policy = (over: Partial<Policy> = {}): Policy => ({
  people: [
    { id: 'ada', name: 'Ada', role: 'admin' },
    { id: 'bob', name: 'Bob', role: 'admin' },
    { id: 'grace', name: 'Grace', role: 'responder' },
  ],
  expiresSeconds: 900,
  twoPeopleAboveUsdPerHour: 50,
  mostResources: 500,
  actions: 'on',
  pageAfterSeconds: 600,
  zone: 'UTC',
  ...over,
});

export const finding = (over: Partial<Finding> = {}): Finding => ({
  key: 'compute/never-used-region:aws/123456789012/us-west-2',
  check: 'compute/never-used-region',
  at: at(0),
  place: place(),
  severity: 'high',
  title: 'Machines run in us-west-2, where this account never ran any',
  about: [machine('i-1')],
  evidence: ['event-1'],
  usdPerHour: { [machine('i-1')]: 5 },
  facts: {},
  remedies: [],
  learning: false,
  ...over,
});

export const item = (id: string, over: Partial<PlanItem> = {}): PlanItem => ({
  id,
  verb: 'stop-compute',
  resource: machine(id),
  place: place(),
  does: `Stop ${id}`,
  before: { state: 'running' },
  undo: 'full',
  ...over,
});

export const plan = (over: Partial<Plan> = {}): Plan => ({
  id: 'plan-1',
  kind: 'contain',
  hash: 'hash-1',
  madeAt: at(1),
  askedBy: 'grace',
  expiresAt: at(16),
  executeBefore: at(31),
  items: [item('i-1'), item('i-2')],
  follows: { actors: [user('ci').subject], names: ['ci'], startersOf: [], since: at(0), until: at(60), most: 5 },
  shutBy: at(20),
  shutWhy: 'IAM agrees within minutes',
  holes: [],
  spared: [],
  usdPerHour: 10,
  peopleNeeded: 1,
  ...over,
});

export const opened = (): Incident => openIncident('INC-1', at(0), finding(), [machine('i-1')], []);
