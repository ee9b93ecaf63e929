/** Carrying out effects: at least once, under a lease, retried with back-off, buried visibly when it never works. */
import type { Subject } from '../checks/observation.ts';
import { isApproved } from './approval.ts';
import type { Meant } from './button.ts';
import type { Desk } from './desk.ts';
import { addSeconds, type Effect, type Incident, isSo, type Plan, rank } from './incident.ts';
import type { Message, MessageRef } from './message.ts';
import type { Policy } from './people.ts';
import { makePlan, planHash } from './plan.ts';
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
import { burn, card, question, result, type View } from './present.ts';
import type { Rounds } from './rounds.ts';
import { gather, type LinkBook, scopeName } from './story.ts';

const leaseSeconds = 120;
const mostAttempts = 8;
/** A chat that is down for most of a day still gets everything. */
const mostTellings = 150;
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
  /** What each message showed last, so that nothing is sent twice in a row. */
  const shown = new Map<string, string>();
  /** Short messages that were sent, by effect and platform: a retry for one platform must not repeat them on the others. */
  const sent = new Set<string>();
  /** One story is drawn on one platform by one hand at a time, or an older state might be sent after a newer. */
  const drawing = new Map<string, Promise<unknown>>();

  const work: Work = {
    async drain() {
      for (;;) {
        const due = (await store.claim(clock.now(), leaseSeconds, 16)).filter((effect) => !inHand.has(effect.id));
        if (due.length === 0) return;
        fault('claimed');
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
        return tell(id, effect, (chat) => show(id, chat));
      case 'nudge':
        return tell(id, effect, (chat) => nudge(number, id, chat, effect));
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

  /**
   * On every platform at once. Those that did not get it get it later, each in a lane of its own, so that one platform that is down keeps
   * nobody waiting; when nobody got it, the whole is tried again.
   */
  async function tell(id: string, effect: Extract<Effect, { kind: 'show' | 'nudge' }>, send: (chat: Chat) => Promise<void>): Promise<void> {
    const wanted = chats.filter((chat) => effect.only === undefined || effect.only === chat.platform);
    const results = await Promise.allSettled(wanted.map(send));
    const missed = wanted.filter((_, index) => results[index]?.status === 'rejected').map((chat) => chat.platform);
    const errors = results.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
    const killed = errors.find((error) => error instanceof Killed);
    if (killed) throw killed;
    if (missed.length === 0) return;
    if (missed.length === wanted.length) throw errors[0];
    log.warn(
      { incident: id, effect: effect.kind, platforms: missed, error: errors[0] },
      'a platform did not get a message and gets it later',
    );
    await desk.happen(id, () => ({ kind: 'unsent', at: clock.now(), effect, platforms: missed }));
  }

  /** Draws the newest card and the questions on one platform. */
  async function show(id: string, chat: Chat): Promise<void> {
    const key = `${id} ${chat.platform}`;
    const before = drawing.get(key) ?? Promise.resolve();
    const turn = before.then(() => drawOn(id, chat));
    const settled = turn.catch(() => undefined);
    drawing.set(key, settled);
    try {
      await turn;
    } finally {
      if (drawing.get(key) === settled) drawing.delete(key);
    }
  }

  async function drawOn(id: string, chat: Chat): Promise<void> {
    const incident = await store.incident(id);
    if (!incident || (incident.cards.length === 0 && rank(incident.severity) < rank('medium'))) return;
    const view = await work.view(incident);
    const drawn = card(view);
    await work.keep(drawn.buttons);
    const known = incident.cards.find((ref) => ref.platform === chat.platform);
    const mention = rank(incident.severity) >= rank('high') ? 'responders' : 'nobody';
    const home =
      known ??
      (await post(chat, drawn.message, { mention, once: `${id}-card` }, (ref) =>
        desk.happen(id, () => ({ kind: 'posted', at: clock.now(), what: 'card', ref })),
      ));
    if (known) await update(chat, known, drawn.message);
    for (const plan of incident.asked ?? []) await drawQuestion(chat, view, plan, home);
  }

  /** A question that is not open any more is drawn once more, without its buttons, and then left alone. */
  async function drawQuestion(chat: Chat, view: View, plan: Plan, home: MessageRef): Promise<void> {
    const { incident } = view;
    const isOpen = incident.state === 'asking' && incident.plan?.id === plan.id;
    const state = isOpen || incident.state !== 'asking' ? incident.state : 'open';
    const drawn = question({ ...view, incident: { ...incident, plan, state } });
    const known = incident.questions.find((ref) => ref.platform === chat.platform && ref.plan === plan.id);
    if (isOpen) await work.keep(drawn.buttons);
    if (known) await update(chat, known, drawn.message);
    else if (isOpen) {
      const options = { under: home, mention: 'responders', once: `${incident.id}-${plan.id.slice(-8)}` } as const;
      await post(chat, drawn.message, options, (ref) =>
        desk.happen(incident.id, () => ({ kind: 'posted', at: clock.now(), what: 'question', ref, plan: plan.id })),
      );
    }
    if (isOpen) return;
    await desk.happen(incident.id, () => ({ kind: 'closed', at: clock.now(), plan: plan.id, platform: chat.platform }));
  }

  async function post(
    chat: Chat,
    message: Message,
    options: { under?: MessageRef; mention: 'nobody' | 'responders'; once: string },
    keep: (ref: MessageRef) => Promise<unknown>,
  ): Promise<MessageRef> {
    fault('telling: before a message is posted');
    const ref = await chat.post(message, options);
    fault('telling: after a message was posted');
    remember(ref, message);
    await keep(ref);
    fault('telling: after its place was kept');
    return ref;
  }

  async function update(chat: Chat, ref: MessageRef, message: Message): Promise<void> {
    if (shown.get(`${ref.platform} ${ref.id}`) === JSON.stringify(message)) return;
    fault('telling: before a message is drawn again');
    await chat.update(ref, message);
    remember(ref, message);
  }

  function remember(ref: MessageRef, message: Message): void {
    shown.delete(`${ref.platform} ${ref.id}`);
    shown.set(`${ref.platform} ${ref.id}`, JSON.stringify(message));
    if (shown.size > 1000) shown.delete(shown.keys().next().value ?? '');
  }

  async function nudge(number: number, id: string, chat: Chat, effect: Extract<Effect, { kind: 'nudge' }>): Promise<void> {
    const key = `${number} ${chat.platform}`;
    if (sent.has(key)) return;
    const homeOf = async () => (await store.incident(id))?.cards.find((ref) => ref.platform === chat.platform);
    let under = await homeOf();
    if (!under) {
      await show(id, chat);
      under = await homeOf();
    }
    const incident = await store.incident(id);
    // Without a card it is a story that nobody was told of.
    if (!under || !incident) return;
    const plain: Message = { summary: `${id}: ${effect.text}`.slice(0, 110), parts: [{ kind: 'text', text: effect.text }] };
    const message = effect.result ? withResult(plain, result(await work.view(incident)), effect.mention || !incident.standing) : plain;
    fault('telling: before a short message is posted');
    await chat.post(message, { under, mention: effect.mention ? 'responders' : 'nobody', once: `${id}-n${number}`.slice(0, 25) });
    sent.add(key);
    if (sent.size > 2000) sent.delete(sent.values().next().value ?? '');
    fault('telling: after a short message was posted');
  }

  async function page(incident: Incident): Promise<void> {
    if (incident.pagedAt || incident.owner || incident.state === 'resolved' || incident.state === 'expected' || incident.state === 'joined')
      return;
    const view = await work.view(incident);
    const { usdPerHour, running } = burn(view);
    await notices.page({
      incident: incident.id,
      severity: incident.severity,
      summary: card(view).message.summary,
      usdPerHour: view.machines.length > 0 || running > 0 ? usdPerHour : null,
    });
    await desk.happen(incident.id, () => ({ kind: 'due', at: clock.now(), what: 'page' }));
  }

  // ---- planning -----------------------------------------------------------------------------------------------------------

  async function plan(incident: Incident, effect: Extract<Effect, { kind: 'plan' }>): Promise<void> {
    if (incident.state !== 'planning') return;
    fault('plan: before it is made');
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
    fault('plan: before it is kept');
    await desk.happen(incident.id, () => {
      const none = policy().actions === 'off' ? 'Acting was switched off, so no plan was made.' : 'none' in made ? made.none : undefined;
      return none !== undefined || 'none' in made
        ? { kind: 'unplanned', at: clock.now(), why: none ?? '' }
        : { kind: 'planned', at: clock.now(), plan: made };
    });
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

  const isEnded = (incident: Incident, plan: Plan, item: PlanItem): boolean =>
    plan.kind === 'undo' ? incident.steps[item.id]?.undone !== undefined : incident.steps[item.id] !== undefined;

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
    const remedier = remedierFor(item);
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
    fault('look again: before it looks');
    await lookFresh(incident);
    fault('look again: after it looked');
    const fresh = (await store.incident(incident.id)) ?? incident;
    // Approved and not got to, because acting was interrupted.
    const missed = standing.plan.items.filter((item) => !fresh.steps[item.id]);
    const back: PlanItem[] = [...missed];
    const unseen: string[] = [];
    for (const done of Object.values(fresh.steps)) {
      if (done.undone || done.outcome === 'gone' || done.outcome === 'refused') continue;
      const seen = await remedierFor(done.item)
        ?.verify(done.item)
        .catch((error: unknown) => {
          if (error instanceof Killed) throw error;
          return { state: 'unseen' as const, why: error instanceof Error ? error.message : String(error) };
        });
      if (seen?.state === 'undone') back.push(done.item);
      if (seen?.state === 'unseen') unseen.push(`${done.item.does}: ${seen.why ?? 'could not be read'}`);
    }
    const { more, beyond } = await whatElse(fresh, standing.plan);
    const blind = (await store.looks()).filter((look) => look.source.endsWith('/inventory') && look.at >= began && !look.complete);
    const saw = [
      missed.length > 0 ? `${missed.length} approved ${missed.length === 1 ? 'step is' : 'steps are'} not done yet` : '',
      back.length > missed.length ? `${back.length - missed.length} of ${Object.keys(fresh.steps).length} steps do not hold` : '',
      more.length > 0 ? newWords(more) : '',
      beyond.machines > 0 ? `${beyond.machines} ${beyond.machines === 1 ? 'machine' : 'machines'} of this story still run` : '',
      beyond.waysIn > 0 ? 'who starts the machines is known now and is not cut off' : '',
    ].filter(Boolean);
    const unseenWords = [...blind.map((look) => look.gap ?? look.place.region), ...unseen].slice(0, 3);
    const words =
      saw.length > 0 ? saw.join('; ') : unseenWords.length > 0 ? `could not see ${unseenWords.join('; ')}` : 'nothing came back';
    const left = beyond.machines + beyond.waysIn;
    await desk.happen(incident.id, () => ({ kind: 'looked', at: clock.now(), due: effect.due, saw: words, back, more, beyond: left }));
    fault('look again: after it was written');
  }

  /** What goes on besides the plan's steps: `more` is covered by its following rule, `beyond` is the story's and is not covered. */
  async function whatElse(incident: Incident, plan: Plan): Promise<{ more: PlanItem[]; beyond: { machines: number; waysIn: number } }> {
    const { follows } = plan;
    const steps = Object.values(incident.steps).filter((step) => !step.undone);
    const done = new Set(steps.map((step) => `${step.item.verb} ${step.item.resource}`));
    const machines = (await rounds.machinesOf(incident)).filter(
      (machine) => !machine.goneAt && !done.has(`stop-compute ${machine.resource}`),
    );
    const named = (follows?.startersOf ?? []).flatMap((machine) =>
      [...book.above(machine)].flatMap((link) => (link.how === 'started' ? [link.to] : [])),
    );
    const actors = new Set(follows ? gather([...follows.actors, ...named], book, follows.since) : []);
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

/** What happened. Where somebody must look, what is wrong stands first; after an undo no plan is left to say whose it was. */
const withResult = (plain: Message, what: Message, withText: boolean): Message =>
  withText ? { ...plain, parts: [...plain.parts, ...what.parts] } : what;

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
