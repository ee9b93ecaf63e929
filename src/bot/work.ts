/** Carrying out effects: at least once, under a lease, retried with back-off, buried visibly when it never works. */
import type { Subject } from '../checks/observation.ts';
import { isApproved } from './approval.ts';
import type { Meant } from './button.ts';
import type { Desk } from './desk.ts';
import { addSeconds, type Effect, type Incident, type Plan, rank } from './incident.ts';
import type { Message, MessageRef } from './message.ts';
import type { Policy } from './people.ts';
import { makePlan } from './plan.ts';
import {
  type AuditEntry,
  type Chat,
  type Clock,
  type GuardedAccount,
  type Log,
  type Machine,
  type Notices,
  OutsideError,
  type PlanItem,
  type Remedier,
  type StepOutcome,
  type Store,
  type StoredEffect,
  type Warrant,
} from './ports.ts';
import { card, question, type View } from './present.ts';
import type { Rounds } from './rounds.ts';
import { gather, type LinkBook, scopeName } from './story.ts';

const leaseSeconds = 120;
const mostAttempts = 8;
const firstRetrySeconds = 2;
const longestRetrySeconds = 600;
/** So many steps of one kind at once. */
const hands = 8;

export type WorkDeps = {
  accounts: GuardedAccount[];
  chats: Chat[];
  store: Store;
  clock: Clock;
  desk: Desk;
  rounds: Rounds;
  book: LinkBook;
  policy: () => Policy;
  notices: Notices;
  log: Log;
  /** In plain words why nothing can be done at all, if so. */
  cannotAct: () => string | undefined;
  /** Called at every await between approval and done, by name; a test makes it throw, as if the process had been killed there. */
  fault?: (point: string) => void;
};

export type Work = {
  /** Carries out what is due until nothing is. */
  drain(): Promise<void>;
  view(incident: Incident): Promise<View>;
  /** Buttons must be understood before they can be pressed. */
  keep(buttons: Meant[]): Promise<void>;
};

export function createWork(deps: WorkDeps): Work {
  const { accounts, chats, store, clock, desk, rounds, book, policy, notices, log } = deps;
  const fault = deps.fault ?? (() => undefined);
  /** What this process is carrying out now: a lease that ran out under a long effect must not start it a second time. */
  const inHand = new Set<number>();
  const shown = new Map<string, string>();

  const work: Work = {
    async drain() {
      for (;;) {
        const due = (await store.claim(clock.now(), leaseSeconds, 16)).filter((effect) => !inHand.has(effect.id));
        if (due.length === 0) return;
        await Promise.all(due.map(one));
      }
    },

    async view(incident) {
      const machines = await rounds.machinesOf(incident);
      const startedBy: Record<Subject, Subject> = {};
      for (const machine of machines)
        for (const link of book.above(machine.resource)) if (link.how === 'started') startedBy[machine.resource] = link.to;
      const cannotAct = deps.cannotAct();
      return {
        incident,
        machines,
        looks: await store.looks(),
        policy: policy(),
        accounts: accounts.map(({ scope, name }) => ({ scope, name })),
        now: clock.now(),
        auditHash: (await store.lastAuditHash()).slice(0, 8),
        startedBy,
        ...(cannotAct ? { cannotAct } : {}),
      };
    },

    async keep(buttons) {
      if (buttons.length === 0) return;
      await store.saveButtons(
        buttons.map(({ button, meaning }) => ({ id: button.id, meaning, ...(button.form ? { form: button.form } : {}) })),
      );
    },
  };

  async function one(stored: StoredEffect): Promise<void> {
    inHand.add(stored.id);
    try {
      await carryOut(stored.incident, stored.effect);
      fault(`${stored.effect.kind}: before it is ticked off`);
      await store.finish(stored.id);
    } catch (error) {
      if (error instanceof Killed) throw error;
      const why = error instanceof Error ? error.message : String(error);
      const isHopeless = (error instanceof OutsideError && !error.again) || stored.attempts >= mostAttempts;
      log[isHopeless ? 'error' : 'warn'](
        { incident: stored.incident, effect: stored.effect.kind, attempt: stored.attempts, error },
        'an effect was not carried out',
      );
      if (isHopeless) {
        await store.bury(stored.id, why);
        if (stored.effect.kind === 'plan')
          await desk.happen(stored.incident, () => ({ kind: 'unplanned', at: clock.now(), why: `No plan could be made: ${why}` }));
      } else {
        const wait = Math.min(longestRetrySeconds, firstRetrySeconds * 2 ** stored.attempts);
        await store.postpone(stored.id, addSeconds(clock.now(), wait), why);
      }
    } finally {
      inHand.delete(stored.id);
    }
  }

  async function carryOut(id: string, effect: Effect): Promise<void> {
    const incident = await store.incident(id);
    if (!incident) return;
    switch (effect.kind) {
      case 'show':
        return show(incident);
      case 'nudge':
        return nudge(incident, effect);
      case 'page':
        return page(incident);
      case 'look into': {
        const note = await rounds.lookInto(effect.subjects, addSeconds(incident.beganAt, -24 * 3600));
        await desk.happen(id, () => ({ kind: 'looked into', at: clock.now(), note, subjects: [], actors: [] }));
        return;
      }
      case 'plan':
        return plan(incident, effect);
      case 'act':
        return act(incident, effect.plan);
      case 'follow':
        return follow(incident, effect);
      case 'look again':
        return lookAgain(incident, effect);
      case 'expire':
        if (incident.plan?.id === effect.plan) await desk.happen(id, () => ({ kind: 'expired', at: clock.now() }));
        return;
      default:
        return effect satisfies never;
    }
  }

  // ---- telling ------------------------------------------------------------------------------------------------------------

  /** Draws the newest card and question on every platform; one platform's failure does not keep the others waiting. */
  async function show(incident: Incident): Promise<void> {
    if (incident.cards.length === 0 && rank(incident.severity) < rank('medium')) return;
    const view = await work.view(incident);
    const drawn = card(view);
    await work.keep(drawn.buttons);
    const asked = incident.plan && (incident.state === 'asking' || incident.questions.length > 0) ? question(view) : undefined;
    if (asked) await work.keep(asked.buttons);
    const failures: unknown[] = [];
    for (const chat of chats) {
      try {
        const mention = rank(incident.severity) >= rank('high') ? 'responders' : 'nobody';
        const home = await draw(chat, incident, 'card', drawn.message, { mention, once: `${incident.id}-card` });
        if (asked && home)
          await draw(chat, incident, 'question', asked.message, {
            under: home,
            mention: 'responders',
            once: `${incident.id}-${incident.plan?.id.slice(-8)}`,
          });
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }

  async function draw(
    chat: Chat,
    incident: Incident,
    what: 'card' | 'question',
    message: Message,
    options: { under?: MessageRef; mention: 'nobody' | 'responders'; once: string },
  ): Promise<MessageRef | undefined> {
    const refs = what === 'card' ? incident.cards : incident.questions;
    const ref = refs.find((one) => one.platform === chat.platform);
    const key = `${chat.platform} ${ref?.id ?? 'new'}`;
    const text = JSON.stringify(message);
    if (ref) {
      if (shown.get(key) !== text) await chat.update(ref, message);
      shown.set(key, text);
      return ref;
    }
    const posted = await chat.post(message, options);
    shown.set(`${chat.platform} ${posted.id}`, text);
    if (shown.size > 1000) shown.delete(shown.keys().next().value ?? '');
    await desk.happen(incident.id, () => ({ kind: 'posted', at: clock.now(), what, ref: posted }));
    return posted;
  }

  async function nudge(incident: Incident, effect: Extract<Effect, { kind: 'nudge' }>): Promise<void> {
    if (incident.cards.length === 0) return;
    const message: Message = { summary: `${incident.id}: ${effect.text}`.slice(0, 110), parts: [{ kind: 'text', text: effect.text }] };
    const failures: unknown[] = [];
    for (const chat of chats) {
      const under = incident.cards.find((ref) => ref.platform === chat.platform);
      if (!under) continue;
      await chat
        .post(message, { under, mention: effect.mention ? 'responders' : 'nobody' })
        .catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw failures[0];
  }

  async function page(incident: Incident): Promise<void> {
    if (incident.pagedAt || incident.owner || incident.state === 'resolved' || incident.state === 'expected' || incident.state === 'joined')
      return;
    const view = await work.view(incident);
    const usd = view.machines.filter((machine) => !machine.goneAt).reduce((sum, machine) => sum + (machine.usdPerHour ?? 0), 0);
    await notices.page({
      incident: incident.id,
      severity: incident.severity,
      summary: card(view).message.summary,
      usdPerHour: view.machines.length > 0 ? usd : null,
    });
    await desk.happen(incident.id, () => ({ kind: 'due', at: clock.now(), what: 'page' }));
  }

  // ---- planning -----------------------------------------------------------------------------------------------------------

  async function plan(incident: Incident, effect: Extract<Effect, { kind: 'plan' }>): Promise<void> {
    if (incident.state !== 'planning') return;
    await lookFresh(incident);
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
    await desk.happen(incident.id, () =>
      'none' in made ? { kind: 'unplanned', at: clock.now(), why: made.none } : { kind: 'planned', at: clock.now(), plan: made },
    );
  }

  /** Before a plan, and at every look after acting: what is there now, and what the story's credentials did lately. */
  async function lookFresh(incident: Incident): Promise<string> {
    const scopes = new Set(Object.values(incident.findings).map((finding) => scopeName(finding.place.scope)));
    for (const account of accounts) {
      if (!scopes.has(scopeName(account.scope))) continue;
      for (const source of account.sources) if (source.name.endsWith('/inventory')) await rounds.look(source);
    }
    const who = incident.subjects.filter((subject) => subject.startsWith('credential:') || subject.startsWith('session:')).slice(0, 20);
    return rounds.lookInto(who, addSeconds(incident.beganAt, -3600));
  }

  // ---- acting -------------------------------------------------------------------------------------------------------------

  async function act(incident: Incident, planId: string): Promise<void> {
    const { plan } = incident;
    if (incident.state !== 'acting' || plan?.id !== planId) return;
    const stop = whyNotAct(incident, plan, incident.approvals);
    if (stop) {
      await desk.happen(incident.id, () => ({ kind: 'unplanned', at: clock.now(), why: stop }));
      return;
    }
    fault('act: before the first step');
    await inGroups(plan.items, (item) => step(incident.id, plan, item, false));
    fault('act: after the last step');
    await desk.happen(
      incident.id,
      () => ({ kind: 'acted', at: clock.now() }),
      (after, moved) =>
        moved ? [entry(plan, incident.id, 'plan carried out', { plan: plan.id, steps: Object.keys(after.steps).length })] : [],
    );
    fault('act: after it was said');
  }

  async function follow(incident: Incident, effect: Extract<Effect, { kind: 'follow' }>): Promise<void> {
    const plan = incident.standing?.plan;
    if (plan?.id !== effect.plan || !plan || incident.state === 'resolved') return;
    if (policy().actions === 'off' || !incident.standing || !isApproved(plan, incident.standing.approvals, policy())) return;
    await inGroups(effect.items, (item) => step(incident.id, plan, item, true));
  }

  /** Not begun: switched off since, approved by nobody allowed any more, or too late. Begun: it is finished. */
  function whyNotAct(incident: Incident, plan: Plan, approvals: Incident['approvals']): string | undefined {
    const begun = plan.items.some((item) => incident.steps[item.id] && plan.kind !== 'undo');
    if (policy().actions === 'off') return 'Acting was switched off after the approval. Nothing more was done.';
    if (!isApproved(plan, approvals, policy()))
      return 'The approval does not hold any more: whoever gave it may not approve now. Nothing was done.';
    if (!begun && clock.now() >= plan.executeBefore)
      return 'This was approved but could not be begun in time, so it was not begun. Ask again.';
    return undefined;
  }

  /** Cut first, then stop: each kind of step in its order, several of a kind at once. */
  async function inGroups(items: PlanItem[], run: (item: PlanItem) => Promise<void>): Promise<void> {
    const order: PlanItem['verb'][] = ['disable-credential', 'deny-principal', 'stop-compute'];
    for (const verb of order) {
      const waiting = items.filter((item) => item.verb === verb);
      await Promise.all(
        Array.from({ length: Math.min(hands, waiting.length) }, async () => {
          for (let item = waiting.shift(); item; item = waiting.shift()) await run(item);
        }),
      );
    }
  }

  /** One step: written to the audit before the cloud is touched, done, and its true outcome written after. */
  async function step(id: string, plan: Plan, item: PlanItem, followed: boolean): Promise<void> {
    const undoing = plan.kind === 'undo';
    const incident = await store.incident(id);
    const known = incident?.steps[item.id];
    if (!incident || (undoing ? known?.undone : known && known.outcome !== 'failed')) return;
    const remedier = remedierFor(item);
    let outcome: StepOutcome = { outcome: 'refused', why: 'no acting role is configured for this account' };
    if (remedier) {
      const warrant: Warrant = { incident: id, plan: plan.id, approvedBy: approversOf(incident, plan) };
      fault(`step ${item.verb}: before the audit`);
      // If it cannot be audited it does not happen: a throw here leaves the cloud untouched.
      await store.audit(
        entry(
          plan,
          id,
          undoing ? 'about to undo' : 'about to act',
          { plan: plan.id, item: item.id, does: item.does, resource: item.resource, before: item.before, followed },
          warrant.approvedBy,
        ),
      );
      fault(`step ${item.verb}: before the cloud is touched`);
      outcome = undoing ? await remedier.undo(item, warrant) : await remedier.apply(item, warrant);
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

  const approversOf = (incident: Incident, plan: Plan): string[] => [
    ...new Set(
      [...(incident.standing?.approvals ?? []), ...incident.approvals]
        .filter((approval) => approval.hash === plan.hash)
        .map((approval) => approval.by),
    ),
  ];

  const entry = (plan: Plan, incident: string, what: string, data: Record<string, unknown>, who: string[] = []): AuditEntry => ({
    at: clock.now(),
    who: who.length > 0 ? who.join(', ') : 'cloudwarden',
    what,
    incident,
    data: { ...data, hash: plan.hash.slice(0, 16) },
  });

  const remedierFor = (item: PlanItem): Remedier | undefined =>
    accounts.find((account) => scopeName(account.scope) === scopeName(item.place.scope))?.remedier;

  // ---- looking again ------------------------------------------------------------------------------------------------------

  async function lookAgain(incident: Incident, effect: Extract<Effect, { kind: 'look again' }>): Promise<void> {
    const { standing } = incident;
    if (!standing || standing.plan.id !== effect.plan || !incident.watch) return;
    const began = clock.now();
    await lookFresh(incident);
    const fresh = (await store.incident(incident.id)) ?? incident;
    const back: PlanItem[] = [];
    const unseen: string[] = [];
    for (const done of Object.values(fresh.steps)) {
      if (done.undone || done.outcome === 'gone' || done.outcome === 'refused') continue;
      const seen = await remedierFor(done.item)?.verify(done.item);
      if (seen?.state === 'undone') back.push(done.item);
      if (seen?.state === 'unseen') unseen.push(`${done.item.does}: ${seen.why ?? 'could not be read'}`);
    }
    const { more, beyond } = await whatElse(fresh, standing.plan);
    const blind = (await store.looks()).filter((look) => look.source.endsWith('/inventory') && look.at >= began && !look.complete);
    const saw = [
      back.length > 0 ? `${back.length} of ${Object.keys(fresh.steps).length} steps were undone by somebody` : '',
      more.length > 0 ? newWords(more) : '',
      beyond.machines > 0 ? `${beyond.machines} ${beyond.machines === 1 ? 'machine' : 'machines'} of this story still run` : '',
      beyond.waysIn > 0 ? 'who starts the machines is known now and is not cut off' : '',
    ].filter(Boolean);
    const unseenWords = [...blind.map((look) => look.gap ?? look.place.region), ...unseen].slice(0, 3);
    const words =
      saw.length > 0 ? saw.join('; ') : unseenWords.length > 0 ? `could not see ${unseenWords.join('; ')}` : 'nothing came back';
    const left = beyond.machines + beyond.waysIn;
    await desk.happen(incident.id, () => ({ kind: 'looked', at: clock.now(), due: effect.due, saw: words, back, more, beyond: left }));
  }

  /** What goes on besides the plan's steps: `more` is covered by its following rule, `beyond` is the story's and is not covered. */
  async function whatElse(incident: Incident, plan: Plan): Promise<{ more: PlanItem[]; beyond: { machines: number; waysIn: number } }> {
    const { follows } = plan;
    const steps = Object.values(incident.steps).filter((step) => !step.undone);
    const done = new Set(steps.map((step) => `${step.item.verb} ${step.item.resource}`));
    const machines = (await rounds.machinesOf(incident)).filter(
      (machine) => !machine.goneAt && !done.has(`stop-compute ${machine.resource}`),
    );
    const actors = new Set(follows ? gather(follows.actors, book, follows.since) : []);
    const story = new Set(incident.subjects);
    const startedBy = (machine: Machine, who: Set<Subject>) =>
      [...book.above(machine.resource)].some((link) => link.how === 'started' && who.has(link.to));
    const isSpared = (machine: Machine) =>
      [...book.above(machine.resource)].some((link) => link.how === 'started') && !startedBy(machine, story);
    const covered = machines.filter((machine) => startedBy(machine, actors) && machine.startedAt >= (follows?.since ?? ''));
    const others = machines.filter((machine) => !covered.includes(machine) && !isSpared(machine));
    const isWayIn = (subject: Subject) => subject.startsWith('credential:') || subject.startsWith('session:');
    const waysIn = plan.kind === 'contain' && !follows && incident.subjects.some(isWayIn) ? 1 : 0;
    const beyond = { machines: others.length, waysIn };
    if (!follows) return { more: [], beyond };
    const wide: Policy = { ...policy(), mostResources: Number.POSITIVE_INFINITY };
    const ruled: Incident = { ...incident, subjects: [...actors] };
    const asked = { want: 'contain', by: plan.askedBy, now: clock.now(), policy: wide, accounts, book } as const;
    const made = await makePlan({ ...asked, id: plan.id, incident: ruled, machines: covered });
    const more = 'none' in made ? [] : made.items.filter((item) => !done.has(`${item.verb} ${item.resource}`));
    return { more, beyond };
  }

  return work;
}

/** Thrown by a fault port: the process is to be thought dead from here on. */
export class Killed extends Error {}

function newWords(items: PlanItem[]): string {
  const machines = items.filter((item) => item.verb === 'stop-compute');
  const regions = [...new Set(machines.map((item) => item.place.region))];
  const others = items.length - machines.length;
  return [
    machines.length > 0 ? `${machines.length} new ${machines.length === 1 ? 'machine' : 'machines'} in ${regions.join(', ')}` : '',
    others > 0 ? `${others} new ${others === 1 ? 'way in' : 'ways in'}` : '',
  ]
    .filter(Boolean)
    .join(' and ');
}
