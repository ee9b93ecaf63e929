import type { DigestInput } from '../../src/bot/digest.ts';
import type { Incident, Plan, Step, StoryFinding } from '../../src/bot/incident.ts';
import type { Message } from '../../src/bot/message.ts';
import type { Policy } from '../../src/bot/people.ts';
import { asPlainText } from '../../src/bot/plain.ts';
import type { Look, Machine, PlanItem } from '../../src/bot/ports.ts';
import type { View } from '../../src/bot/present.ts';
import type { Finding } from '../../src/checks/check.ts';
import type { Scope, Subject } from '../../src/checks/observation.ts';

/** Builders of a take-over with a stolen key: only what matters is said by the test. */
export const production: Scope = { cloud: 'aws', level: 'account', id: '123456789012' };
export const key: Subject = 'credential:AKIAIOSFODNN7EXAMPLE';
export const ciDeploy: Subject = 'principal:arn:aws:iam::123456789012:user/ci-deploy';
export const newUser: Subject = 'principal:arn:aws:iam::123456789012:user/user-x1x2';
export const password: Subject = 'credential:login-profile/arn:aws:iam::123456789012:user/user-x1x2';
export const instance = (n: number, region = 'us-west-2'): Subject =>
  `resource:arn:aws:ec2:${region}:123456789012:instance/i-${String(n).padStart(4, '0')}`;

export const policy = (over: Partial<Policy> = {}): Policy => ({
  people: [
    { id: 'ada', name: 'Ada', role: 'admin', slack: 'T1/U1' },
    { id: 'grace', name: 'Grace', role: 'admin', slack: 'T1/U2' },
    { id: 'linus', name: 'Linus', role: 'responder', slack: 'T1/U3' },
  ],
  expiresSeconds: 900,
  twoPeopleAboveUsdPerHour: 50,
  mostResources: 500,
  actions: 'on',
  pageAfterSeconds: 600,
  zone: 'Europe/Berlin',
  ...over,
});

export const machine = (n: number, over: Partial<Machine> = {}): Machine => ({
  resource: instance(n, over.place?.region),
  place: { scope: production, region: 'us-west-2' },
  by: 'aws/inventory',
  what: 'instance',
  shape: { type: 'g5.12xlarge', vcpus: 48, gpus: 4 },
  usdPerHour: 5.672,
  estimated: false,
  startedAt: '2026-11-23T14:02:00.000Z',
  seenAt: '2026-11-23T14:05:00.000Z',
  ...over,
});

export const finding = (over: Partial<StoryFinding> & { key: string }): StoryFinding => ({
  check: 'compute/never-used-region',
  at: '2026-11-23T14:02:00.000Z',
  place: { scope: production, region: 'us-west-2' },
  severity: 'high',
  title: 'Machines run in a region this account has never used',
  about: [key, ciDeploy],
  evidence: ['e-1'],
  usdPerHour: {},
  facts: {},
  remedies: [],
  learning: false,
  state: 'active',
  changedAt: '2026-11-23T14:04:00.000Z',
  ...over,
});

export const stop: Finding['remedies'][number] = { kind: 'stop-compute', resources: [instance(1)], over: production };
export const revoke: Finding['remedies'][number] = { kind: 'disable-credential', credential: key };

export const incident = (over: Partial<Incident> = {}): Incident => ({
  id: 'INC-42',
  version: 3,
  state: 'open',
  openedAt: '2026-11-23T14:03:00.000Z',
  beganAt: '2026-11-23T14:02:00.000Z',
  changedAt: '2026-11-23T14:04:00.000Z',
  severity: 'critical',
  headline: '',
  findings: {
    key: finding({
      key: 'key',
      check: 'identity/key-from-new-network',
      severity: 'high',
      title: 'A long-term key is used from a network it has never come from',
      facts: { From: '203.0.113.9 · a hosting network in NL' },
      remedies: [revoke],
    }),
    region: finding({ key: 'region', severity: 'critical', remedies: [stop] }),
  },
  subjects: [key, ciDeploy],
  actors: [{ subject: ciDeploy, name: 'ci-deploy', kind: 'user', home: production }],
  approvals: [],
  steps: {},
  lookedInto: [],
  cards: [],
  questions: [],
  history: [],
  ...over,
});

export const look = (over: Partial<Look> = {}): Look => ({
  source: 'aws/inventory',
  place: { scope: production, region: 'us-west-2' },
  at: '2026-11-23T14:04:46.000Z',
  upTo: '2026-11-23T14:04:46.000Z',
  noun: 'regions',
  of: 17,
  seen: 17,
  complete: true,
  ...over,
});

/** A digest of a morning after which there is nothing to say but money. */
export const calmMorning = (now: string): Omit<DigestInput, 'accounts' | 'costs'> => ({
  now,
  zone: 'Europe/Berlin',
  incidents: [],
  looks: [look({ at: '2026-11-23T07:59:00.000Z', upTo: '2026-11-23T07:59:00.000Z' })],
  troubles: [],
  ownCost: { usd: 0.06, days: 1 },
  policy: policy(),
  auditHash: '0123456789abcdef',
  endpointsElsewhere: [],
  expectations: [],
  deadEffects: 0,
});

export const item = (n: number, over: Partial<PlanItem> = {}): PlanItem => ({
  id: `step-${n}`,
  verb: 'stop-compute',
  resource: instance(n),
  place: { scope: production, region: 'us-west-2' },
  does: `Stop i-${n} (g5.12xlarge)`,
  before: {},
  usdPerHour: 5.672,
  undo: 'partial',
  undoNeeds: 'start again; memory is lost',
  ...over,
});

export const plan = (over: Partial<Plan> = {}): Plan => ({
  id: 'plan-1',
  kind: 'contain',
  hash: 'hash-1',
  madeAt: '2026-11-23T14:05:00.000Z',
  askedBy: 'ada',
  expiresAt: '2026-11-23T14:20:00.000Z',
  executeBefore: '2026-11-23T14:25:00.000Z',
  items: [
    ...Array.from({ length: 14 }, (_, n) => item(n + 1)),
    item(90, {
      verb: 'disable-credential',
      resource: key,
      does: 'Deactivate access key AKIA…MPLE of user ci-deploy',
      undo: 'full',
      undoNeeds: '',
    }),
    item(91, {
      verb: 'deny-principal',
      resource: ciDeploy,
      does: 'Deny everything to user ci-deploy, its open sessions included',
      undo: 'full',
      undoNeeds: '',
    }),
  ],
  follows: {
    actors: [ciDeploy],
    names: ['ci-deploy'],
    startersOf: [],
    since: '2026-11-23T14:02:00.000Z',
    until: '2026-11-23T14:50:00.000Z',
    most: 200,
  },
  shutBy: '2026-11-23T14:20:00.000Z',
  shutWhy: 'sessions already issued are denied at once; the denial reaches every region within seconds',
  holes: ['roles it assumed in other accounts'],
  spared: [{ count: 9, why: 'that ran before 14:02' }],
  usdPerHour: 79.41,
  peopleNeeded: 2,
  ...over,
});

export const step = (from: PlanItem, over: Partial<Step> = {}): Step => ({
  item: from,
  outcome: 'done',
  at: '2026-11-23T14:09:00.000Z',
  followed: false,
  ...over,
});

export const view = (over: Partial<View> = {}): View => ({
  incident: incident(),
  machines: Array.from({ length: 14 }, (_, n) => {
    const region = ['us-west-2', 'ap-south-1', 'sa-east-1'][n % 3] ?? 'us-west-2';
    return machine(n + 1, { place: { scope: production, region } });
  }),
  looks: [
    look(),
    look({ source: 'aws/audit-log', upTo: '2026-11-23T14:00:46.000Z' }),
    look({ source: 'aws/guard', noun: 'regions', of: 17, seen: 14, complete: false, gap: 'GuardDuty is off in 3 regions' }),
  ],
  policy: policy(),
  accounts: [{ scope: production, name: 'production' }],
  now: '2026-11-23T14:05:00.000Z',
  auditHash: '0123456789abcdef',
  startedBy: {},
  ...over,
});

/** Inventory saw the machines; the log has named nobody. */
export const unknownWho = (over: Partial<Incident> = {}): Incident =>
  incident({
    findings: { region: finding({ key: 'region', severity: 'critical', about: [instance(1)], remedies: [stop] }) },
    subjects: [instance(1)],
    actors: [],
    ...over,
  });

// ---- a story that was acted on --------------------------------------------------------------------------------------------------

export const allDone = Object.fromEntries(plan().items.map((one) => [one.id, step(one)]));
const approvals = [{ by: 'grace', hash: 'hash-1', at: '2026-11-23T14:08:00.000Z' }];
export const watching = (over: Partial<Incident> = {}): Incident =>
  incident({
    state: 'watching',
    plan: plan(),
    approvals,
    standing: { plan: plan(), approvals },
    steps: allDone,
    watch: { looks: [{ due: '2026-11-23T14:10:00.000Z', saw: 'nothing came back' }, { due: '2026-11-23T14:14:00.000Z' }] },
    ...over,
  });
export const stopped = (): View['machines'] => Array.from({ length: 14 }, (_, n) => machine(n + 1));

// ---- reading a message ----------------------------------------------------------------------------------------------------------

export const now = '2026-11-23T14:05:00.000Z';
export const text = (message: Message): string => asPlainText(message, now);
export const labels = (message: Message): string[] =>
  message.parts.flatMap((part) => (part.kind === 'buttons' ? part.buttons.map((button) => button.label) : []));
/** The first line that begins so. */
export const row = (message: Message, label: string): string =>
  text(message)
    .split('\n')
    .find((line) => line.startsWith(label)) ?? '';
