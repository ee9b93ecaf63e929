/** The life of an incident (one story): its types, and `advance`, the pure function that moves it. */
import type { Finding } from '../checks/check.ts';
import { type Actor, type Severity, type Subject, severities, type Time } from '../checks/observation.ts';
import { againstApproving, isApproved } from './approval.ts';
import type { MessageRef } from './message.ts';
import type { Policy } from './people.ts';
import type { PlanItem, StepOutcome } from './ports.ts';

/** One human, however many chat accounts. */
export type PersonId = string;

/** What was shown, hashed and approved together. */
export type Plan = {
  id: string;
  /** 'undo' takes back what an earlier plan did. */
  kind: 'contain' | 'stop' | 'revoke' | 'undo';
  hash: string;
  madeAt: Time;
  askedBy: PersonId;
  /** A press after this is refused. */
  expiresAt: Time;
  /** Approved, but not begun by then: it is not begun. */
  executeBefore: Time;
  items: PlanItem[];
  /** Also whatever these start (and identities they create) until then, at most so many resources. */
  follows?: {
    actors: Subject[];
    names: string[];
    /** Machines whose starter the log has not named yet: whoever it names belongs to the actors. */
    startersOf: Subject[];
    since: Time;
    until: Time;
    most: number;
  };
  /** When the door is really shut, and what stays open. */
  shutBy: Time;
  shutWhy: string;
  holes: string[];
  spared: { count: number; why: string }[];
  usdPerHour: number;
  peopleNeeded: number;
};

export type Step = StepOutcome & { item: PlanItem; at: Time; followed: boolean; undone?: StepOutcome & { at: Time } };
export type StoryFinding = Finding & { state: 'active' | 'cleared'; clearedWhy?: string; changedAt: Time };

export type Approval = { by: PersonId; hash: string; at: Time };

export type Incident = {
  id: string;
  version: number;
  state: 'open' | 'planning' | 'asking' | 'acting' | 'watching' | 'resolved' | 'expected' | 'joined';
  joinedInto?: string;
  openedAt: Time;
  /** Time of the first act, by the provider's clock. */
  beganAt: Time;
  changedAt: Time;
  severity: Severity;
  headline: string;
  findings: Record<string, StoryFinding>;
  /** Everything the story is about: its findings' subjects and what is linked to them. */
  subjects: Subject[];
  actors: Actor[];
  /** The plan that is asked about or carried out. */
  plan?: Plan;
  approvals: Approval[];
  /** The approved plan whose steps and following rule are in force. */
  standing?: { plan: Plan; approvals: Approval[] };
  steps: Record<string, Step>;
  /** Steps that were begun, by the plan they were begun under: after a crash "already so" may have been us. */
  begun?: Record<string, string>;
  /** What an earlier plan did to the items of the plan that is being carried out; an undo goes back to the state before that. */
  earlier?: Record<string, Step>;
  /** The looks after acting. Contained is not said before the last of them. */
  watch?: { looks: { due: Time; saw?: string }[]; containedAt?: Time };
  owner?: { by: PersonId; at: Time };
  pagedAt?: Time;
  resolved?: { at: Time; why: string; by?: PersonId };
  /** Where `lookInto` stopped, in plain words. */
  lookedInto: string[];
  /** The living card on each platform, and the message of the question. */
  cards: MessageRef[];
  questions: (MessageRef & { plan: string })[];
  /** Plans whose question still looks open in the chat: it is drawn once more when it is closed, and then left alone. */
  asked?: Plan[];
  /** What happened, for the thread and the record; the newest last, at most 100. */
  history: { at: Time; text: string }[];
};

export type Happening = { at: Time } & (
  | { kind: 'found'; finding: Finding; subjects: Subject[]; actors: Actor[] }
  | { kind: 'cleared'; key: string; why: string }
  | { kind: 'taken'; by: PersonId }
  | { kind: 'asked'; by: PersonId; want: Plan['kind'] }
  | { kind: 'planned'; plan: Plan }
  | { kind: 'unplanned'; why: string }
  /** Carrying out stopped half-way: what was done stays done and is watched. */
  | { kind: 'interrupted'; why: string }
  | { kind: 'approved'; by: PersonId; hash: string }
  | { kind: 'declined'; by: PersonId }
  /** The cloud is about to be touched: saved with the audit row, before. */
  | { kind: 'stepping'; item: PlanItem; plan: string }
  | { kind: 'stepped'; item: PlanItem; outcome: StepOutcome; followed: boolean }
  | { kind: 'unstepped'; item: PlanItem; outcome: StepOutcome }
  | { kind: 'acted' }
  /** `back`: steps somebody undid. `more`: new items that the approved rule covers. `beyond`: what belongs to the story, goes on, and is not covered. */
  | { kind: 'looked'; due: Time; saw: string; back: PlanItem[]; more: PlanItem[]; beyond: number }
  /** Machines of the story changed; only the card must be drawn again. */
  | { kind: 'refreshed' }
  /** Links showed more that belongs to the story. */
  | { kind: 'grown'; subjects: Subject[] }
  | { kind: 'looked into'; note: string; subjects: Subject[]; actors: Actor[] }
  | { kind: 'expected'; by: PersonId; until: Time }
  | { kind: 'resolved'; by?: PersonId; why: string }
  | { kind: 'expired' }
  | { kind: 'joined'; into: string }
  | { kind: 'absorbed'; other: Incident }
  | { kind: 'due'; what: 'page' }
  | { kind: 'posted'; what: 'card'; ref: MessageRef }
  | { kind: 'posted'; what: 'question'; ref: MessageRef; plan: string }
  /** The question about that plan was drawn there for the last time. */
  | { kind: 'closed'; plan: string; platform: string }
  /** Some platforms got it and these did not: they get it later, and keep nobody waiting. */
  | { kind: 'unsent'; effect: Extract<Effect, { kind: 'show' | 'nudge' }>; platforms: string[] }
);

/** Data, saved with the incident in one transaction; something else carries them out, at least once. */
export type Effect =
  /** Render the latest card and question; an older version is never sent after a newer. */
  | { kind: 'show'; only?: string }
  /** A new short message in the thread. `mention` only where somebody must look. `result`: what was done stands in it, as far as it is known when it is sent. `only`: to that platform. */
  | { kind: 'nudge'; text: string; mention: boolean; result?: true; only?: string }
  | { kind: 'page'; at: Time }
  | { kind: 'look into'; subjects: Subject[] }
  | { kind: 'plan'; want: Plan['kind']; by: PersonId }
  | { kind: 'act'; plan: string }
  | { kind: 'follow'; plan: string; items: PlanItem[] }
  | { kind: 'look again'; plan: string; due: Time }
  | { kind: 'expire'; plan: string; at: Time };

export type Advanced = { incident: Incident; effects: Effect[] };

/** A story that begins with a finding. */
export function openIncident(id: string, at: Time, finding: Finding, subjects: Subject[], actors: Actor[]): Incident {
  return {
    id,
    version: 0,
    state: 'open',
    openedAt: at,
    beganAt: finding.at,
    changedAt: at,
    severity: 'info',
    headline: finding.title,
    findings: {},
    subjects,
    actors,
    approvals: [],
    steps: {},
    lookedInto: [],
    cards: [],
    questions: [],
    history: [],
  };
}

/**
 * Moves a story by one happening. Pure: the incident after, and what must be done, as data. Whatever does not fit the story's state
 * changes nothing; nothing is ever acted on without an approved, unexpired plan by allowed people.
 */
export function advance(before: Incident, happening: Happening, policy: Policy): Advanced {
  const { at } = happening;
  const incident: Incident = { ...before, version: before.version + 1, changedAt: at };
  const unchanged: Advanced = { incident: before, effects: [] };
  if (before.state === 'joined' && !['posted', 'closed', 'unsent'].includes(happening.kind)) return unchanged;

  switch (happening.kind) {
    case 'found':
      return found(before, incident, happening, policy);

    case 'cleared': {
      const finding = before.findings[happening.key];
      if (finding?.state !== 'active') return unchanged;
      const cleared: StoryFinding = { ...finding, state: 'cleared', clearedWhy: happening.why, changedAt: at };
      return settle(
        noted({ ...incident, findings: { ...before.findings, [happening.key]: cleared } }, at, `${finding.title}: ${happening.why}`),
      );
    }

    case 'taken':
      if (before.owner) return unchanged;
      return show(noted({ ...incident, owner: { by: happening.by, at } }, at, `${nameOf(happening.by, policy)} is on it.`));

    case 'asked':
      if (before.state === 'planning' || before.state === 'asking' || before.state === 'acting') return unchanged;
      if (policy.actions === 'off') return unchanged;
      return {
        incident: { ...incident, state: 'planning' },
        effects: [{ kind: 'plan', want: happening.want, by: happening.by }, { kind: 'show' }],
      };

    case 'planned':
      if (before.state !== 'planning') return unchanged;
      return {
        incident: {
          ...incident,
          state: 'asking',
          plan: happening.plan,
          approvals: [],
          asked: [...(before.asked ?? []), happening.plan].slice(-5),
        },
        effects: [{ kind: 'show' }, { kind: 'expire', plan: happening.plan.id, at: happening.plan.expiresAt }],
      };

    case 'unplanned': {
      if (before.state !== 'planning' && before.state !== 'acting') return unchanged;
      return nudged(atRest(withEarlier(incident)), at, happening.why, true);
    }

    case 'interrupted':
      return before.state === 'acting' ? acted(before, withEarlier(incident), at, policy, happening.why) : unchanged;

    case 'approved': {
      const person = policy.people.find((one) => one.id === happening.by);
      const { plan } = before;
      if (!person || !plan || againstApproving(before, person, happening.hash, policy, at)) return unchanged;
      const approvals = [...before.approvals, { by: happening.by, hash: happening.hash, at }];
      const approved = noted({ ...incident, approvals }, at, `${person.name} approved.`);
      if (!isApproved(plan, approvals, policy)) return show(approved);
      const owner = before.owner ?? { by: happening.by, at };
      return {
        incident: { ...setAside(approved, plan), state: 'acting', owner, ...inForce(before, plan, approvals) },
        effects: [{ kind: 'act', plan: plan.id }, { kind: 'show' }],
      };
    }

    case 'declined':
      if (before.state !== 'asking') return unchanged;
      return nudged(atRest(incident), at, `${nameOf(happening.by, policy)} said not now. Nothing was done.`, false);

    case 'expired':
      if (before.state !== 'asking' || !before.plan || at < before.plan.expiresAt) return unchanged;
      return nudged(atRest(incident), at, 'Nobody answered the question in time. Nothing was done; ask again when you are ready.', true);

    case 'stepping':
      if (before.begun?.[happening.item.id] === happening.plan) return unchanged;
      return { incident: { ...incident, begun: { ...before.begun, [happening.item.id]: happening.plan } }, effects: [] };

    case 'stepped': {
      const { item, followed } = happening;
      if (before.steps[item.id] && before.steps[item.id]?.outcome !== 'failed') return unchanged;
      if (!followed && before.state !== 'acting') return unchanged;
      const { [item.id]: old, ...earlier } = before.earlier ?? {};
      const stood = old !== undefined && isSo(old.outcome) && !isSo(old.undone?.outcome);
      // An undo goes back to how it was before the first of our steps, not to what we ourselves had made of it.
      const known = stood ? { item: { ...item, before: old.item.before } } : { item };
      const outcome =
        stood && old.outcome === 'done' && happening.outcome.outcome === 'already so'
          ? { ...happening.outcome, outcome: 'done' as const }
          : happening.outcome;
      const step: Step = { ...outcome, ...known, at, followed };
      return show({ ...incident, ...(old ? { earlier } : {}), steps: { ...before.steps, [item.id]: step } });
    }

    case 'unstepped': {
      const step = before.steps[happening.item.id];
      if (before.state !== 'acting' || before.plan?.kind !== 'undo' || !step) return unchanged;
      return show({ ...incident, steps: { ...before.steps, [happening.item.id]: { ...step, undone: { ...happening.outcome, at } } } });
    }

    case 'acted':
      return acted(before, withEarlier(incident), at, policy);

    case 'looked':
      return looked(before, incident, happening, policy);

    case 'refreshed':
      return { incident: { ...incident, changedAt: before.changedAt }, effects: [{ kind: 'show' }] };

    case 'grown': {
      const known = new Set(before.subjects);
      const news = happening.subjects.filter((subject) => !known.has(subject));
      if (news.length === 0) return unchanged;
      return plus(lookSoon({ ...incident, subjects: [...before.subjects, ...news] }, at), intoWhat(before, news));
    }

    case 'looked into': {
      const known = new Set(before.subjects);
      const subjects = [...before.subjects, ...happening.subjects.filter((subject) => !known.has(subject))];
      const lookedInto = [...before.lookedInto.filter((note) => note !== happening.note), happening.note].slice(-5);
      return show({ ...incident, subjects, actors: united(before.actors, happening.actors), lookedInto });
    }

    case 'expected':
      if (before.state === 'acting') return unchanged;
      return nudged(
        { ...unwatched(withoutPlan(incident)), state: 'expected', resolved: { at, why: 'expected', by: happening.by } },
        at,
        `${nameOf(happening.by, policy)} says this is expected until ${happening.until.slice(0, 10)}.`,
        false,
      );

    case 'resolved':
      if (before.state === 'acting' || before.state === 'resolved') return unchanged;
      return nudged(resolve(unwatched(withoutPlan(incident)), at, happening.why, happening.by), at, closing(happening, policy), false);

    case 'joined':
      return show(noted({ ...incident, state: 'joined', joinedInto: happening.into }, at, `Part of ${happening.into}.`));

    case 'absorbed': {
      const { other } = happening;
      const known = new Set(before.subjects);
      const severity = worst(before.severity, other.severity);
      const merged: Incident = {
        ...incident,
        beganAt: other.beganAt < before.beganAt ? other.beganAt : before.beganAt,
        severity,
        findings: { ...other.findings, ...before.findings },
        subjects: [...before.subjects, ...other.subjects.filter((subject) => !known.has(subject))],
        actors: united(before.actors, other.actors),
        ...((before.owner ?? other.owner) ? { owner: before.owner ?? other.owner! } : {}),
        ...((before.pagedAt ?? other.pagedAt) ? { pagedAt: before.pagedAt ?? other.pagedAt! } : {}),
      };
      const calm = noted(merged, at, `${other.id} proved to be part of this.`);
      // The other's page is not sent any more: this story takes it over.
      return plus(
        severity === before.severity ? show(calm) : risen(calm, before, at),
        rank(other.severity) >= rank('high') ? pages(calm, at, policy) : [],
      );
    }

    case 'due':
      return { incident: { ...incident, pagedAt: at }, effects: [] };

    case 'posted':
      return happening.what === 'card'
        ? { incident: { ...incident, changedAt: before.changedAt, cards: [...before.cards, happening.ref] }, effects: [] }
        : {
            incident: {
              ...incident,
              changedAt: before.changedAt,
              questions: [...before.questions, { ...happening.ref, plan: happening.plan }],
            },
            effects: [],
          };

    case 'closed': {
      const questions = before.questions.filter((ref) => ref.plan !== happening.plan || ref.platform !== happening.platform);
      const isClosed = !questions.some((ref) => ref.plan === happening.plan);
      const asked = (before.asked ?? []).filter((plan) => plan.id !== happening.plan || !isClosed);
      return { incident: { ...incident, changedAt: before.changedAt, questions, asked }, effects: [] };
    }

    case 'unsent':
      return {
        incident: { ...incident, changedAt: before.changedAt },
        effects: happening.platforms.map((only) => ({ ...happening.effect, only })),
      };

    default:
      return happening satisfies never;
  }
}

function found(before: Incident, incident: Incident, happening: Extract<Happening, { kind: 'found' }>, policy: Policy): Advanced {
  const { finding, at } = happening;
  const known = before.findings[finding.key];
  const isNews = before.version === 0;
  const subjects = new Set([...before.subjects, ...happening.subjects]);
  const severity = worst(before.severity, finding.severity);
  const after: Incident = {
    ...incident,
    beganAt: finding.at < before.beganAt ? finding.at : before.beganAt,
    severity,
    headline: known || rank(finding.severity) <= rank(before.severity) ? before.headline : finding.title,
    findings: { ...before.findings, [finding.key]: { ...finding, state: 'active', changedAt: at } },
    subjects: [...subjects],
    actors: united(before.actors, happening.actors),
  };
  const looks: Effect[] = intoWhat(before, happening.subjects);
  if (before.state === 'resolved' || before.state === 'expected') {
    const { resolved: _, ...again } = after;
    const reopened: Incident = { ...again, state: 'open' };
    delete reopened.watch;
    delete reopened.owner;
    delete reopened.pagedAt;
    return plus(nudged(reopened, at, `This came back after it was closed: ${finding.title}.`, true), [
      ...pages(reopened, at, policy),
      ...looks,
    ]);
  }
  const noted_ = known ? after : noted(after, at, finding.title);
  if (isNews) return plus(show(noted_), [...pages(noted_, at, policy), ...looks]);
  if (severity === before.severity) return plus(subjects.size > before.subjects.length ? lookSoon(noted_, at) : show(noted_), looks);
  return plus(risen(noted_, before, at), [...pages(noted_, at, policy), ...looks]);
}

/** An undo puts nothing in force; a smaller plan does not end the following rule of a containment that is still watched. */
function inForce(before: Incident, plan: Plan, approvals: Approval[]): Pick<Incident, 'standing'> {
  if (plan.kind === 'undo') return {};
  const watched = before.standing?.plan.kind === 'contain' && before.watch !== undefined && before.watch.containedAt === undefined;
  return plan.kind !== 'contain' && watched ? {} : { standing: { plan, approvals } };
}

/** What earlier plans did to these items is history once a new plan is carried out; what this plan never gets to keeps it. */
function setAside(incident: Incident, plan: Plan): Incident {
  if (plan.kind === 'undo') return incident;
  const { resolved: _, ...rest } = incident;
  const ids = new Set(plan.items.map((item) => item.id));
  const steps = Object.entries(incident.steps);
  const begun = Object.entries(incident.begun ?? {}).filter(([id]) => !ids.has(id));
  return {
    ...rest,
    earlier: { ...incident.earlier, ...Object.fromEntries(steps.filter(([id]) => ids.has(id))) },
    steps: Object.fromEntries(steps.filter(([id]) => !ids.has(id))),
    begun: Object.fromEntries(begun),
  };
}

function withEarlier(incident: Incident): Incident {
  const { earlier, ...rest } = incident;
  return earlier ? { ...rest, steps: { ...earlier, ...incident.steps } } : incident;
}

function acted(before: Incident, incident: Incident, at: Time, policy: Policy, interrupted?: string): Advanced {
  if (before.state !== 'acting' || !before.plan) return { incident: before, effects: [] };
  const { plan } = before;
  const by = before.approvals.map((approval) => nameOf(approval.by, policy)).join(' and ');
  if (plan.kind === 'undo') {
    const { standing: _, watch: __, resolved: ___, ...rest } = incident;
    const left = plan.items.filter((item) => !isSo(incident.steps[item.id]?.undone?.outcome)).length;
    const text =
      left === 0
        ? `${by} undid what was done. The story is open again.`
        : `${by} undid ${plan.items.length - left} of ${plan.items.length} steps; ${left} not, see the card. The story is open again.`;
    return told(
      { ...withoutPlan(rest), state: 'open' },
      at,
      interrupted ? `${interrupted} ${text}` : text,
      left > 0 || interrupted !== undefined,
    );
  }
  const wrong = plan.items.filter((item) => !isDone(incident.steps[item.id]));
  const until = later(plan.follows?.until ?? plan.shutBy, plus30(plan.shutBy));
  const dues = [1, 5, 15, 30].map((minutes) => addMinutes(at, minutes)).filter((due) => due < until);
  const looks = [...dues, later(until, addMinutes(at, 30))].map((due) => ({ due }));
  const words =
    wrong.length === 0
      ? `${by} approved: ${plan.items.length} of ${plan.items.length} steps done. Looking again until nothing comes back.`
      : `${by} approved: ${plan.items.length - wrong.length} of ${plan.items.length} steps done; ${wrong.length} not, see the card.`;
  const watching: Incident = { ...incident, state: 'watching', watch: { looks } };
  return plus(
    told(watching, at, interrupted ? `${interrupted} ${words}` : words, wrong.length > 0 || interrupted !== undefined),
    looks.map((look) => again(before.standing?.plan ?? plan, look.due)),
  );
}

function looked(before: Incident, incident: Incident, happening: Extract<Happening, { kind: 'looked' }>, policy: Policy): Advanced {
  const { standing, watch } = before;
  const { at, due, back, more, saw } = happening;
  if (!standing || !watch || before.state === 'joined') return { incident: before, effects: [] };
  const looks = watch.looks.map((look) => (look.due === due ? { ...look, saw } : look));
  const followed = Object.values(before.steps).filter((step) => step.followed).length;
  const room = Math.max(0, (standing.plan.follows?.most ?? 0) - followed);
  const isPaused = policy.actions === 'off';
  const within = !isPaused && at <= (standing.plan.follows?.until ?? standing.plan.executeBefore);
  const taken = within ? more.filter((item) => !isDone(before.steps[item.id])).slice(0, room) : [];
  const beyond = happening.beyond + more.length - taken.length + (within ? 0 : back.length);
  const items = [...(within ? back : []), ...taken];
  const steps = { ...before.steps };
  // What somebody undid, or failed, is done again: its step is open once more.
  const begun = { ...before.begun };
  const earlier = { ...before.earlier };
  for (const { id } of items) {
    if (steps[id]) earlier[id] = steps[id];
    delete steps[id];
    delete begun[id];
  }
  const watched: Incident = { ...incident, watch: { ...watch, looks }, steps, begun, earlier };
  const isLast = looks.every((look) => look.saw !== undefined);

  if (items.length > 0) {
    const next = isLast ? [addMinutes(at, 5)] : [];
    const after: Incident = { ...watched, watch: { looks: [...looks, ...next.map((time) => ({ due: time }))] } };
    const follow: Effect = { kind: 'follow', plan: standing.plan.id, items };
    return plus(nudged(after, at, `Came back: ${saw}.${uncovered(beyond)}`, true), [
      follow,
      ...next.map((time) => again(standing.plan, time)),
    ]);
  }
  const before_ = watch.looks.filter((look) => look.saw !== undefined).at(-1)?.saw;
  const open = isPaused && beyond > 0 ? ' Acting is paused: nothing is done about it.' : uncovered(beyond);
  if (beyond > 0 && !isLast) return saw === before_ ? show(watched) : nudged(watched, at, `Not over: ${saw}.${open}`, true);
  if (!isLast || before.state !== 'watching') return show(watched);
  if (beyond > 0 || saw.startsWith('could not see'))
    return nudged({ ...watched, state: 'open' }, at, `Not contained: ${saw}.${open}`, true);
  const contained: Incident = { ...watched, watch: { looks, containedAt: at } };
  const text = 'Contained: nothing came back in any look since.';
  const whole = standing.plan.kind === 'contain';
  return told(whole ? resolve(contained, at, 'contained and watched') : { ...contained, state: 'open' }, at, text, false);
}

const uncovered = (beyond: number): string => (beyond > 0 ? ' The approved plan does not cover this: ask for a new one.' : '');

/** A story that is being watched is looked at at once when more is seen to belong to it. */
function lookSoon(incident: Incident, at: Time): Advanced {
  const { watch, standing } = incident;
  if (incident.state !== 'watching' || !watch || !standing) return show(incident);
  if (watch.looks.some((look) => look.saw === undefined && look.due <= addMinutes(at, 1))) return show(incident);
  const looks = [...watch.looks, { due: at }].sort((a, b) => (a.due < b.due ? -1 : 1));
  return plus(show({ ...incident, watch: { ...watch, looks } }), [again(standing.plan, at)]);
}

/** A story without an active finding, a question or a running remedy is over. */
function settle(incident: Incident): Advanced {
  const active = Object.values(incident.findings).some((finding) => finding.state === 'active');
  if (active || incident.state !== 'open') return show(incident);
  return nudged(
    resolve(incident, incident.changedAt, 'every finding is cleared'),
    incident.changedAt,
    'Over: every finding is cleared.',
    false,
  );
}

const resolve = (incident: Incident, at: Time, why: string, by?: PersonId): Incident => ({
  ...incident,
  state: 'resolved',
  resolved: { at, why, ...(by ? { by } : {}) },
});

/** Back to where the story stood before the question: the plan in force, if there is one, stays in force. */
function atRest(incident: Incident): Incident {
  const { plan: _, ...rest } = incident;
  const { standing, watch } = incident;
  if (incident.resolved) return { ...rest, approvals: [], state: incident.resolved.why === 'expected' ? 'expected' : 'resolved' };
  const isWatching = watch !== undefined && watch.containedAt === undefined && watch.looks.some((look) => look.saw === undefined);
  const plan = standing ? { plan: standing.plan, approvals: standing.approvals } : { approvals: [] };
  return { ...rest, ...plan, state: isWatching ? 'watching' : 'open' };
}

function withoutPlan(incident: Incident): Incident {
  const { plan: _, ...rest } = incident;
  return { ...rest, approvals: [] };
}

function risen(incident: Incident, before: Incident, at: Time): Advanced {
  return nudged(
    incident,
    at,
    `Now ${incident.severity} (was ${before.severity}): ${incident.headline}.`,
    rank(incident.severity) >= rank('high'),
  );
}

function pages(incident: Incident, at: Time, policy: Policy): Effect[] {
  if (incident.pagedAt || incident.owner) return [];
  if (incident.severity === 'critical') return [{ kind: 'page', at }];
  return incident.severity === 'high' ? [{ kind: 'page', at: addSeconds(at, policy.pageAfterSeconds) }] : [];
}

/** Credentials, sessions and principals that a story has just learned of are looked into. */
function intoWhat(before: Incident, subjects: Subject[]): Effect[] {
  const known = new Set(before.version === 0 ? [] : before.subjects);
  const news = subjects.filter((subject) => !known.has(subject) && !subject.startsWith('resource:')).slice(0, 20);
  return news.length > 0 ? [{ kind: 'look into', subjects: news }] : [];
}

/** A person has closed it: it is not watched any more, and nothing more is done by the rule. */
function unwatched(incident: Incident): Incident {
  if (incident.watch?.containedAt) return incident;
  const { watch: _, ...rest } = incident;
  return rest;
}

/** Did it, or was it so already. */
export const isSo = (outcome: StepOutcome['outcome'] | undefined): boolean => outcome === 'done' || outcome === 'already so';
const isDone = (step: Step | undefined): boolean => step !== undefined && step.outcome !== 'failed' && step.outcome !== 'refused';
const show = (incident: Incident): Advanced => ({ incident, effects: [{ kind: 'show' }] });
const plus = (advanced: Advanced, effects: Effect[]): Advanced => ({ ...advanced, effects: [...advanced.effects, ...effects] });
const again = (plan: Plan, due: Time): Effect => ({ kind: 'look again', plan: plan.id, due });
const nudged = (incident: Incident, at: Time, text: string, mention: boolean): Advanced => ({
  incident: noted(incident, at, text),
  effects: [{ kind: 'show' }, { kind: 'nudge', text, mention }],
});
/** Says what was done, from the story as it then is. */
const told = (incident: Incident, at: Time, text: string, mention: boolean): Advanced => ({
  incident: noted(incident, at, text),
  effects: [{ kind: 'show' }, { kind: 'nudge', text, mention, result: true }],
});
const noted = (incident: Incident, at: Time, text: string): Incident => ({
  ...incident,
  history: [...incident.history, { at, text }].slice(-100),
});
const nameOf = (id: PersonId, policy: Policy): string => policy.people.find((person) => person.id === id)?.name ?? id;
const closing = (happening: { by?: PersonId; why: string }, policy: Policy): string =>
  happening.by ? `${nameOf(happening.by, policy)} closed this: ${happening.why}.` : `Over: ${happening.why}.`;
const united = (a: Actor[], b: Actor[]): Actor[] => [...new Map([...b, ...a].map((actor) => [actor.subject, actor])).values()].slice(0, 50);
export const rank = (severity: Severity): number => severities.indexOf(severity);
const worst = (a: Severity, b: Severity): Severity => (rank(a) >= rank(b) ? a : b);
export const addSeconds = (time: Time, seconds: number): Time => new Date(Date.parse(time) + seconds * 1000).toISOString();
const addMinutes = (time: Time, minutes: number): Time => addSeconds(time, minutes * 60);
const plus30 = (time: Time): Time => addMinutes(time, 30);
const later = (a: Time, b: Time): Time => (a > b ? a : b);
