/** Telling people: the card, the questions, short messages and the page, on every platform, each message once. */
import type { Scope, Subject, Time } from '../checks/observation.ts';
import type { Meant } from './button.ts';
import type { Desk } from './desk.ts';
import { type Fault, Killed } from './fault.ts';
import type { Effect, Incident, Plan } from './incident.ts';
import type { Message, MessageRef } from './message.ts';
import type { Policy } from './people.ts';
import type { Chat, Clock, GuardedAccount, Log, Look, Notices, Store } from './ports.ts';
import { burn, card, question, result, type View } from './present.ts';
import type { Rounds } from './rounds.ts';
import { rank } from './severity.ts';
import type { LinkBook } from './story.ts';

export type TellingDeps = {
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
  fault: Fault;
  /** In plain words why nothing can be done at all, if so. */
  /** For stories of these accounts; without, for any. */
  cannotAct: (scopes?: Scope[]) => string | undefined;
};

export type Telling = {
  /** The newest card and the questions. Throws when no platform got them. */
  show(id: string, effect: Extract<Effect, { kind: 'show' }>): Promise<void>;
  /** A short message beside the card. `number`: the effect's, by which a repeated send is known. */
  nudge(id: string, number: number, effect: Extract<Effect, { kind: 'nudge' }>): Promise<void>;
  /** Wakes somebody, unless somebody is on it. */
  page(incident: Incident): Promise<void>;
  /** All that is shown of a story now. */
  view(incident: Incident): Promise<View>;
  /** Buttons must be understood before they can be pressed. */
  keep(buttons: Meant[]): Promise<void>;
};

export function createTelling(deps: TellingDeps): Telling {
  const { accounts, chats, store, clock, desk, rounds, book, policy, notices, log, fault } = deps;
  /** What each message showed last, so that nothing is sent twice in a row. */
  const shown = new Map<string, string>();
  /** Short messages that were sent, by effect and platform: a retry for one platform must not repeat them on the others. */
  const sent = new Set<string>();
  /** One story is drawn on one platform by one hand at a time, or an older state might be sent after a newer. */
  const drawing = new Map<string, Promise<unknown>>();

  const telling: Telling = {
    show: (id, effect) => tell(id, effect, (chat) => show(id, chat)),
    nudge: (id, number, effect) => tell(id, effect, (chat) => nudge(number, id, chat, effect)),

    async page(incident) {
      if (
        incident.pagedAt ||
        incident.owner ||
        incident.state === 'resolved' ||
        incident.state === 'expected' ||
        incident.state === 'joined'
      )
        return;
      const view = await telling.view(incident);
      const { usdPerHour, running } = burn(view);
      await notices.page({
        incident: incident.id,
        severity: incident.severity,
        summary: card(view).message.summary,
        usdPerHour: view.machines.length > 0 || running > 0 ? usdPerHour : null,
      });
      await desk.happen(incident.id, () => ({ kind: 'due', at: clock.now(), what: 'page' }));
    },

    async view(incident) {
      const machines = await rounds.machinesOf(incident);
      const startedBy: Record<Subject, Subject> = {};
      for (const machine of machines)
        for (const link of book.above(machine.resource)) if (link.how === 'started') startedBy[machine.resource] = link.to;
      const cannotAct = deps.cannotAct(Object.values(incident.findings).map((finding) => finding.place.scope));
      const looks = await store.looks();
      return {
        incident,
        machines,
        looks,
        policy: policy(),
        accounts: accounts.map(({ scope, name }) => ({ scope, name })),
        now: clock.now(),
        auditHash: (await store.lastAuditHash()).slice(0, 8),
        keyAges: looks.some(listsKeys) ? await keyAges(incident) : {},
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
    // Nobody is told of what is not urgent, nor that a story they never heard of is part of another.
    if (!incident || (incident.cards.length === 0 && (incident.state === 'joined' || rank(incident.severity) < rank('medium')))) return;
    const view = await telling.view(incident);
    const drawn = card(view);
    await telling.keep(drawn.buttons);
    const known = incident.cards.find((ref) => ref.platform === chat.platform);
    const mention = incident.state !== 'joined' && rank(incident.severity) >= rank('high') ? 'responders' : 'nobody';
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
    if (isOpen) await telling.keep(drawn.buttons);
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
    const message = effect.result ? withResult(plain, result(await telling.view(incident)), effect.mention || !incident.standing) : plain;
    fault('telling: before a short message is posted');
    await chat.post(message, { under, mention: effect.mention ? 'responders' : 'nobody', once: `${id}-n${number}`.slice(0, 25) });
    sent.add(key);
    if (sent.size > 2000) sent.delete(sent.values().next().value ?? '');
    fault('telling: after a short message was posted');
  }

  /** When each key of the story was made: the oldest link that says whose key it is. */
  async function keyAges(incident: Incident): Promise<NonNullable<View['keyAges']>> {
    const keys = incident.subjects.filter((subject) => subject.startsWith('credential:'));
    const ages: Record<Subject, { createdAt: Time }> = {};
    for (const { from, how, at } of keys.length > 0 ? await store.links(keys) : [])
      if (how === 'key of' && keys.includes(from) && !(ages[from] && ages[from].createdAt <= at)) ages[from] = { createdAt: at };
    return ages;
  }

  return telling;
}

/** Only a list of the keys says when they were made; without one, the oldest link is merely the first use that was seen. */
const listsKeys = ({ source, complete }: Look): boolean => source.endsWith('/identities') && complete;

/** What happened. Where somebody must look, what is wrong stands first; after an undo no plan is left to say whose it was. */
const withResult = (plain: Message, what: Message, withText: boolean): Message =>
  withText ? { ...plain, parts: [...plain.parts, ...what.parts] } : what;
