/** Acting: an approved plan carried out step by step, each one audited before and after, begun once whatever dies in between. */
import { isApproved } from './approval.ts';
import type { Desk } from './desk.ts';
import { type Fault, Killed } from './fault.ts';
import type { Effect, Incident, Plan } from './incident.ts';
import type { Policy } from './people.ts';
import { planHash } from './plan.ts';
import type { AuditEntry, Clock, GuardedAccount, Log, PlanItem, Remedier, StepOutcome, Store, Warrant } from './ports.ts';
import { isSo } from './step.ts';
import { scopeName } from './story.ts';

/** So many steps of one kind at once. */
const hands = 8;

export type ActingDeps = {
  accounts: GuardedAccount[];
  store: Store;
  clock: Clock;
  desk: Desk;
  policy: () => Policy;
  log: Log;
  fault: Fault;
};

export type Acting = {
  /** The whole plan, or what is left of it after a crash. An undo is a plan as well. */
  act(incident: Incident, plan: string): Promise<void>;
  /** What came back, or what the approved rule adds. */
  follow(incident: Incident, effect: Extract<Effect, { kind: 'follow' }>): Promise<void>;
};

export function createActing(deps: ActingDeps): Acting {
  const { accounts, store, clock, desk, policy, log, fault } = deps;

  return { act, follow };

  async function act(incident: Incident, planId: string): Promise<void> {
    const { plan } = incident;
    if (incident.state !== 'acting' || plan?.id !== planId) return;
    const begun = plan.items.some((item) => incident.begun?.[item.id] === plan.id);
    const isLate = !begun && clock.now() >= plan.executeBefore;
    const stop = isLate
      ? 'This was approved but could not be begun in time, so it was not begun. Ask again.'
      : whyNotAct(plan, incident.approvals);
    if (stop && !begun) {
      await desk.happen(incident.id, () => ({ kind: 'unplanned', at: clock.now(), why: `${stop} Nothing was done.` }));
      return;
    }
    fault('act: before the first step');
    await inGroups(plan.items, async (item) => {
      if (!whyNotAct(plan, incident.approvals)) await step(incident.id, plan, item, false);
    });
    fault('act: after the last step');
    const interrupted = whyNotAct(plan, incident.approvals);
    await desk.happen(
      incident.id,
      (latest) =>
        interrupted && plan.items.some((item) => !isEnded(latest, plan, item))
          ? { kind: 'interrupted', at: clock.now(), why: interrupted }
          : { kind: 'acted', at: clock.now() },
      (after, moved) =>
        moved
          ? [
              entry(plan, incident.id, interrupted ? 'plan interrupted' : 'plan carried out', {
                plan: plan.id,
                steps: Object.keys(after.steps).length,
              }),
            ]
          : [],
    );
    fault('act: after it was said');
  }

  async function follow(incident: Incident, effect: Extract<Effect, { kind: 'follow' }>): Promise<void> {
    const plan = incident.standing?.plan;
    if (plan?.id !== effect.plan || !plan || incident.state === 'resolved') return;
    const approvals = incident.standing?.approvals ?? [];
    // What is left undone here is found again by the next look.
    await inGroups(effect.items, async (item) => {
      if (!whyNotAct(plan, approvals)) await step(incident.id, plan, item, true);
    });
  }

  /** Asked again before each step: switched off since, approved by nobody who may any more, or not what was approved. */
  function whyNotAct(plan: Plan, approvals: Incident['approvals']): string | undefined {
    if (policy().actions === 'off') return 'Acting was switched off after the approval.';
    if (!isApproved(plan, approvals, policy())) return 'The approval does not hold any more: whoever gave it may not approve now.';
    if (planHash(plan) !== plan.hash) return 'The plan is not the one that was approved.';
    return undefined;
  }

  /** Cut first, then stop: each kind of step in its order, several of a kind at once. */
  async function inGroups(items: PlanItem[], run: (item: PlanItem) => Promise<void>): Promise<void> {
    const order: PlanItem['verb'][] = ['disable-credential', 'deny-principal', 'stop-compute'];
    for (const verb of order) {
      const waiting = items.filter((item) => item.verb === verb);
      const results = await Promise.allSettled(
        Array.from({ length: Math.min(hands, waiting.length) }, async () => {
          for (let item = waiting.shift(); item; item = waiting.shift()) await run(item);
        }),
      );
      // Only when every hand has let go, or a retry would meet one that still works.
      for (const one of results) if (one.status === 'rejected') throw one.reason;
    }
  }

  /** One step: written to the audit before the cloud is touched, done, and its true outcome written after. */
  async function step(id: string, plan: Plan, item: PlanItem, followed: boolean): Promise<void> {
    const undoing = plan.kind === 'undo';
    const incident = await store.incident(id);
    const known = incident?.steps[item.id];
    if (!incident || (undoing ? isSo(known?.undone?.outcome) : known && known.outcome !== 'failed')) return;
    const wasBegun = incident.begun?.[item.id] === plan.id;
    const remedier = remedierOf(accounts, item);
    let outcome: StepOutcome = { outcome: 'refused', why: 'no acting role is configured for this account' };
    if (remedier) {
      const warrant: Warrant = { incident: id, plan: plan.id, approvedBy: approversOf(incident, plan) };
      fault(`step ${item.verb}: before the audit`);
      // If it cannot be audited it does not happen: a throw here leaves the cloud untouched.
      await desk.happen(
        id,
        () => ({ kind: 'stepping', at: clock.now(), item, plan: plan.id }),
        () => [
          entry(
            plan,
            id,
            undoing ? 'about to undo' : 'about to act',
            {
              plan: plan.id,
              item: item.id,
              does: item.does,
              resource: item.resource,
              account: scopeName(item.place.scope),
              region: item.place.region,
              before: item.before,
              followed,
              ...(wasBegun ? { again: true } : {}),
            },
            warrant.approvedBy,
          ),
        ],
      );
      fault(`step ${item.verb}: before the cloud is touched`);
      outcome = await touch(() => (undoing ? remedier.undo(item, warrant) : remedier.apply(item, warrant)));
      // It was begun before and never written down: it is so because of us, and an undo takes it back.
      if (wasBegun && outcome.outcome === 'already so') outcome = { ...outcome, outcome: 'done' };
      fault(`step ${item.verb}: after the cloud was touched`);
    }
    await desk.happen(
      id,
      () =>
        undoing ? { kind: 'unstepped', at: clock.now(), item, outcome } : { kind: 'stepped', at: clock.now(), item, outcome, followed },
      (after) => [
        entry(
          plan,
          id,
          undoing ? 'undone' : 'acted',
          { plan: plan.id, item: item.id, resource: item.resource, ...outcome },
          approversOf(after, plan),
        ),
      ],
    );
    fault(`step ${item.verb}: after it was written`);
  }

  /** A fault of ours in one step is that step's failure; the others go on. */
  async function touch(run: () => Promise<StepOutcome>): Promise<StepOutcome> {
    try {
      return await run();
    } catch (error) {
      if (error instanceof Killed) throw error;
      log.error({ error }, 'a step threw');
      return { outcome: 'failed', why: error instanceof Error ? error.message : String(error) };
    }
  }

  function entry(plan: Plan, incident: string, what: string, data: Record<string, unknown>, who: string[] = []): AuditEntry {
    return {
      at: clock.now(),
      who: who.length > 0 ? who.join(', ') : 'cloudwarden',
      what,
      incident,
      data: { ...data, hash: plan.hash.slice(0, 16) },
    };
  }
}

const isEnded = (incident: Incident, plan: Plan, item: PlanItem): boolean =>
  plan.kind === 'undo' ? incident.steps[item.id]?.undone !== undefined : incident.steps[item.id] !== undefined;

const approversOf = (incident: Incident, plan: Plan): string[] => [
  ...new Set(
    [...(incident.standing?.approvals ?? []), ...incident.approvals]
      .filter((approval) => approval.hash === plan.hash)
      .map((approval) => approval.by),
  ),
];

/** Who may touch what this item names; undefined where nothing can be done from here. */
export const remedierOf = (accounts: GuardedAccount[], item: PlanItem): Remedier | undefined =>
  accounts.find((account) => scopeName(account.scope) === scopeName(item.place.scope))?.remedier;
