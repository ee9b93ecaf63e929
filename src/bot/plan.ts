/** Making a plan: which remedies a story calls for, what the cloud says about them, and the hash that people approve. */
import { createHash } from 'node:crypto';
import type { Remedy } from '../checks/check.ts';
import type { Actor, Scope, Subject, Time } from '../checks/observation.ts';
import { peopleNeeded } from './approval.ts';
import type { Incident, Plan } from './incident.ts';
import type { Policy } from './people.ts';
import type { GuardedAccount, Machine, PlanItem } from './ports.ts';
import { isSo } from './step.ts';
import { type LinkBook, scopeName } from './story.ts';
import { addSeconds } from './time.ts';

const watchSeconds = 30 * 60;
/** So long may it take until the log names who started a machine, and IAM agrees everywhere that he is cut off. */
export const namingSeconds = 20 * 60;

export type PlanInput = {
  id: string;
  incident: Incident;
  want: Plan['kind'];
  by: string;
  now: Time;
  policy: Policy;
  accounts: GuardedAccount[];
  /** Machines of the story that are not gone. */
  machines: Machine[];
  book: LinkBook;
};

/** Reads the cloud, changes nothing. Answers with a plan, or in plain words why there is none. Throws `OutsideError` when the cloud cannot be read. */
export async function makePlan(input: PlanInput): Promise<Plan | { none: string }> {
  const { incident, want, policy, now } = input;
  if (want === 'undo') return finish(input, undoItems(incident), [], [], { seconds: 0, why: 'nothing is shut by an undo' });

  const { remedies, spared } = remediesFor(input);
  if (remedies.length === 0)
    return {
      none: `Nothing here can be ${want === 'revoke' ? 'revoked' : 'stopped'}: no running machine and no key of this story is known.`,
    };
  const items: PlanItem[] = [];
  const holes: string[] = [];
  let shut = { seconds: 0, why: 'no credential is cut by this plan' };
  for (const account of input.accounts) {
    const mine = remedies.filter(({ scope }) => scopeName(scope) === scopeName(account.scope)).map(({ remedy }) => remedy);
    if (mine.length === 0) continue;
    if (!account.remedier) {
      holes.push(`${account.name}: nothing can be done from here, no acting role is configured (accounts → act).`);
      continue;
    }
    const part = await account.remedier.plan(mine);
    items.push(...part.items);
    holes.push(...part.holes);
    if (part.shutBySeconds > shut.seconds) shut = { seconds: part.shutBySeconds, why: part.shutWhy };
  }
  const priced = items.map((item) => withPrice(item, input.machines));
  if (priced.length === 0)
    return { none: holes.length > 0 ? `Nothing can be done from here: ${holes.join(' ')}` : 'Nothing is left to do here.' };
  if (priced.length > policy.mostResources) {
    return {
      none: `This would touch ${priced.length} resources; the limit is ${policy.mostResources} (approval → mostResources). Nothing was done.`,
    };
  }
  return finish({ ...input, now }, priced, holes, spared, shut);
}

function finish(
  input: PlanInput,
  items: PlanItem[],
  holes: string[],
  spared: Plan['spared'],
  shut: { seconds: number; why: string },
): Plan | { none: string } {
  const { incident, want, by, now, policy } = input;
  if (items.length === 0) return { none: 'There is nothing to undo.' };
  const isNamed = (machine: Subject) => [...input.book.above(machine)].some((link) => link.how === 'started');
  const startersOf = items.flatMap((item) => (item.verb === 'stop-compute' && !isNamed(item.resource) ? [item.resource] : []));
  const shutBy = addSeconds(now, policy.expiresSeconds + Math.max(shut.seconds, startersOf.length > 0 ? namingSeconds : 0));
  const actors = incident.subjects.filter((subject) => !subject.startsWith('resource:'));
  const follows: Plan['follows'] =
    want === 'contain' && actors.length + startersOf.length > 0
      ? {
          actors,
          names: [...new Set(incident.actors.filter((actor) => actors.includes(actor.subject)).map((actor) => actor.name))],
          startersOf,
          since: incident.beganAt,
          until: addSeconds(shutBy, watchSeconds),
          most: policy.mostResources,
        }
      : undefined;
  const usdPerHour = items.reduce((sum, item) => sum + (item.usdPerHour ?? 0), 0);
  const plan = {
    id: input.id,
    kind: want,
    madeAt: now,
    askedBy: by,
    expiresAt: addSeconds(now, policy.expiresSeconds),
    executeBefore: addSeconds(now, 2 * policy.expiresSeconds),
    items,
    ...(follows ? { follows } : {}),
    shutBy,
    shutWhy: shut.why,
    holes,
    spared,
    usdPerHour,
    peopleNeeded: peopleNeeded(want === 'undo' ? 0 : usdPerHour, policy),
  };
  return { ...plan, hash: planHash(plan) };
}

/** Over everything that is shown and decides what is done: items with their state before, the rule, the times, the people. */
export function planHash(plan: Omit<Plan, 'hash'>): string {
  const { hash: _, ...content } = plan as Plan;
  return createHash('sha256').update(canonical(content)).digest('hex');
}

/** What the story calls for, cut first, then stop. A machine that somebody outside the story is known to have started is spared. */
function remediesFor(input: PlanInput): { remedies: { remedy: Remedy; scope: Scope }[]; spared: Plan['spared'] } {
  const { incident, want, book } = input;
  const story = new Set(incident.subjects);
  const scopeOf = scopesOf(incident);
  const remedies: { remedy: Remedy; scope: Scope }[] = [];

  if (want !== 'stop') {
    const actors = new Map<Subject, Actor>();
    const cut = (subject: Subject, kind: Actor['kind']) => {
      const known = incident.actors.find((actor) => actor.subject === subject);
      actors.set(subject, known ?? { subject, name: subject.slice(subject.lastIndexOf('/') + 1), kind, home: scopeOf(subject) });
    };
    for (const subject of incident.subjects) {
      if (subject.startsWith('credential:'))
        remedies.push({ remedy: { kind: 'disable-credential', credential: subject }, scope: scopeOf(subject) });
      if (subject.startsWith('principal:')) cut(subject, 'user');
      if (subject.startsWith('session:')) for (const link of book.above(subject)) if (link.how === 'session of') cut(link.to, 'workload');
    }
    for (const finding of Object.values(incident.findings)) {
      for (const remedy of finding.remedies) if (remedy.kind === 'deny-principal') actors.set(remedy.principal.subject, remedy.principal);
    }
    for (const principal of actors.values()) {
      if (principal.kind === 'provider') continue;
      remedies.push({ remedy: { kind: 'deny-principal', principal, over: principal.home }, scope: principal.home });
    }
  }

  const spared: Plan['spared'] = [];
  if (want !== 'revoke') {
    const isSpared = (machine: Machine) => {
      const starters = [...book.above(machine.resource)].filter((link) => link.how === 'started');
      return starters.length > 0 && !starters.some((link) => story.has(link.to));
    };
    const others = input.machines.filter(isSpared);
    if (others.length > 0) spared.push({ count: others.length, why: 'started by somebody who is not part of this story' });
    const before = input.machines.filter((machine) => !isSpared(machine));
    for (const [name, machines] of Map.groupBy(before, (machine) => scopeName(machine.place.scope))) {
      const over = machines[0]?.place.scope;
      if (over && name)
        remedies.push({ remedy: { kind: 'stop-compute', resources: machines.map((machine) => machine.resource), over }, scope: over });
    }
  }
  return { remedies, spared };
}

/** In which account a subject is at home: that of the finding that speaks of it, else of the story's first finding. */
function scopesOf(incident: Incident): (subject: Subject) => Scope {
  const findings = Object.values(incident.findings);
  const scopes = new Map<Subject, Scope>();
  for (const finding of findings) for (const subject of finding.about) scopes.set(subject, finding.place.scope);
  const fallback = findings[0]?.place.scope;
  return (subject) => {
    const scope = scopes.get(subject) ?? fallback;
    if (!scope) throw new Error('a story without a finding has no place');
    return scope;
  };
}

/** What was done and can be undone, newest first. */
function undoItems(incident: Incident): PlanItem[] {
  return Object.values(incident.steps)
    .filter((step) => step.outcome === 'done' && !isSo(step.undone?.outcome) && step.item.undo !== 'none')
    .map((step) => step.item)
    .reverse();
}

const withPrice = (item: PlanItem, machines: Machine[]): PlanItem => {
  const usdPerHour = machines.find((machine) => machine.resource === item.resource)?.usdPerHour;
  return item.usdPerHour === undefined && usdPerHour !== undefined && item.verb === 'stop-compute' ? { ...item, usdPerHour } : item;
};

/** JSON with sorted keys, so that equal plans have equal hashes. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    inner && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : inner,
  );
}
