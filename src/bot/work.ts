/** Carrying out effects: at least once, under a lease, retried with back-off, buried visibly when it never works. */
import { type ActingDeps, createActing } from './acting.ts';
import { Killed } from './fault.ts';
import type { Effect, Incident } from './incident.ts';
import { createLookAgain, type LookingAgainDeps } from './looking-again.ts';
import { makePlan } from './plan.ts';
import { OutsideError, type StoredEffect } from './ports.ts';
import { createTelling, type Telling, type TellingDeps } from './telling.ts';
import { addSeconds } from './time.ts';

const leaseSeconds = 120;
const mostAttempts = 8;
/** A chat that is down for most of a day still gets everything. */
const mostTellings = 150;
const firstRetrySeconds = 2;
const longestRetrySeconds = 600;

export type WorkDeps = TellingDeps & ActingDeps & LookingAgainDeps;

export type Work = Pick<Telling, 'view' | 'keep'> & {
  /** Carries out what is due until nothing is. */
  drain(): Promise<void>;
};

export function createWork(deps: WorkDeps): Work {
  const { accounts, store, clock, desk, rounds, book, policy, log, fault } = deps;
  const telling = createTelling(deps);
  const acting = createActing(deps);
  const lookAgain = createLookAgain(deps);
  /** What this process is carrying out now: a lease that ran out under a long effect must not start it a second time. */
  const inHand = new Set<number>();

  async function drain(): Promise<void> {
    for (;;) {
      const due = (await store.claim(clock.now(), leaseSeconds, 16)).filter((effect) => !inHand.has(effect.id));
      if (due.length === 0) return;
      fault('claimed');
      await Promise.all(due.map(one));
    }
  }

  async function one(stored: StoredEffect): Promise<void> {
    inHand.add(stored.id);
    try {
      await carryOut(stored);
      fault(`${stored.effect.kind}: before it is ticked off`);
      await store.finish(stored.id);
      fault(`${stored.effect.kind}: after it was ticked off`);
    } catch (error) {
      if (error instanceof Killed) throw error;
      await failed(stored, error);
    } finally {
      inHand.delete(stored.id);
    }
  }

  async function failed({ id, incident, effect, attempts }: StoredEffect, error: unknown): Promise<void> {
    const why = error instanceof Error ? error.message : String(error);
    const most = effect.kind === 'show' || effect.kind === 'nudge' || effect.kind === 'page' ? mostTellings : mostAttempts;
    const isHopeless = (error instanceof OutsideError && !error.again) || attempts >= most;
    log[isHopeless ? 'error' : 'warn']({ incident, effect: effect.kind, attempt: attempts, error }, 'an effect was not carried out');
    if (!isHopeless) {
      const wait = Math.min(longestRetrySeconds, firstRetrySeconds * 2 ** Math.min(attempts, 20));
      await store.postpone(id, addSeconds(clock.now(), wait), why);
      return;
    }
    await store.bury(id, why);
    // Whatever gave up, the story must not wait for it for ever.
    const at = clock.now();
    if (effect.kind === 'plan') await desk.happen(incident, () => ({ kind: 'unplanned', at, why: `No plan could be made: ${why}` }));
    if (effect.kind === 'act')
      await desk.happen(incident, () => ({ kind: 'interrupted', at, why: `Carrying out the plan failed: ${why}` }));
    if (effect.kind === 'look again')
      await desk.happen(incident, () => ({
        kind: 'looked',
        at,
        due: effect.due,
        saw: `could not see: ${why}`,
        back: [],
        more: [],
        beyond: 0,
      }));
  }

  async function carryOut({ id: number, incident: id, effect }: StoredEffect): Promise<void> {
    const incident = await store.incident(id);
    if (!incident) return;
    switch (effect.kind) {
      case 'show':
        return telling.show(id, effect);
      case 'nudge':
        return telling.nudge(id, number, effect);
      case 'page':
        return telling.page(incident);
      case 'look into': {
        const note = await rounds.lookInto(effect.subjects, addSeconds(incident.beganAt, -24 * 3600));
        await desk.happen(id, () => ({ kind: 'looked into', at: clock.now(), note, subjects: [], actors: [] }));
        return;
      }
      case 'plan':
        return plan(incident, effect);
      case 'act':
        return acting.act(incident, effect.plan);
      case 'follow':
        return acting.follow(incident, effect);
      case 'look again':
        return lookAgain(incident, effect);
      case 'expire':
        if (incident.plan?.id === effect.plan) await desk.happen(id, () => ({ kind: 'expired', at: clock.now() }));
        return;
      default:
        return effect satisfies never;
    }
  }

  async function plan(incident: Incident, effect: Extract<Effect, { kind: 'plan' }>): Promise<void> {
    if (incident.state !== 'planning') return;
    fault('plan: before it is made');
    await rounds.lookFresh(incident);
    const fresh = (await store.incident(incident.id)) ?? incident;
    const machines = (await rounds.machinesOf(fresh)).filter((machine) => !machine.goneAt);
    const id = `${incident.id}-v${incident.version}`;
    const made = await makePlan({
      id,
      incident: fresh,
      want: effect.want,
      by: effect.by,
      now: clock.now(),
      policy: policy(),
      accounts,
      machines,
      book,
    });
    fault('plan: before it is kept');
    await desk.happen(incident.id, () => {
      const none = policy().actions === 'off' ? 'Acting was switched off, so no plan was made.' : 'none' in made ? made.none : undefined;
      return none !== undefined || 'none' in made
        ? { kind: 'unplanned', at: clock.now(), why: none ?? '' }
        : { kind: 'planned', at: clock.now(), plan: made };
    });
  }

  return { drain, view: telling.view, keep: telling.keep };
}
