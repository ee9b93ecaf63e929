/** The life of a story: one pure function, `advance`, moves it by whatever happens. */
import type { Finding } from '../checks/check.ts';
import type { Actor, Subject, Time } from '../checks/observation.ts';
import { acted, looked, lookSoon } from './after-acting.ts';
import { againstApproving, isApproved } from './approval.ts';
import { weigh } from './escalation.ts';
import type { Advanced, Approval, Effect, Happening, Incident, PersonId, Plan, Step, StoryFinding } from './incident.ts';
import { noted, nudged, plus, resolve, show, withoutPlan } from './moves.ts';
import { nameOf, type Policy } from './people.ts';
import { rank, worst } from './severity.ts';
import { isSo } from './step.ts';
import { addSeconds } from './time.ts';

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
      return show(noted({ ...incident, owner: { by: happening.by, at } }, at, `${nameOf(policy, happening.by)} is on it.`));

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
      return nudged(atRest(incident), at, `${nameOf(policy, happening.by)} said not now. Nothing was done.`, false);

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
      const born = { ...before.born, ...happening.born };
      const isYounger = Object.keys(born).length > Object.keys(before.born ?? {}).length;
      if (news.length === 0 && !isYounger) return unchanged;
      const grown = weighed({ ...incident, subjects: [...before.subjects, ...news], ...(isYounger ? { born } : {}) });
      const after = news.length > 0 ? plus(lookSoon(grown, at), intoWhat(before, news)) : show(grown);
      if (grown.severity === before.severity) return after;
      return plus(risen(after.incident, before, at), [...after.effects.filter(({ kind }) => kind !== 'show'), ...pages(grown, at, policy)]);
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
        `${nameOf(policy, happening.by)} says this is expected until ${happening.until.slice(0, 10)}.`,
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
      const born = { ...other.born, ...before.born };
      const merged = weighed({
        ...incident,
        beganAt: other.beganAt < before.beganAt ? other.beganAt : before.beganAt,
        severity: worst(before.severity, other.severity),
        ...(Object.keys(born).length > 0 ? { born } : {}),
        findings: { ...other.findings, ...before.findings },
        subjects: [...before.subjects, ...other.subjects.filter((subject) => !known.has(subject))],
        actors: united(before.actors, other.actors),
        ...((before.owner ?? other.owner) ? { owner: before.owner ?? other.owner! } : {}),
        ...((before.pagedAt ?? other.pagedAt) ? { pagedAt: before.pagedAt ?? other.pagedAt! } : {}),
      });
      const calm = noted(merged, at, `${other.id} proved to be part of this.`);
      // The other's page is not sent any more: this story takes it over.
      return plus(
        calm.severity === before.severity ? show(calm) : risen(calm, before, at),
        rank(other.severity) >= rank('high') || calm.severity !== before.severity ? pages(calm, at, policy) : [],
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
  const tactics = happening.tactics ?? known?.tactics ?? [];
  const after = weighed({
    ...incident,
    beganAt: finding.at < before.beganAt ? finding.at : before.beganAt,
    headline: known || rank(finding.severity) <= rank(before.raised?.from ?? before.severity) ? before.headline : finding.title,
    findings: {
      ...before.findings,
      [finding.key]: { ...finding, state: 'active', changedAt: at, ...(tactics.length > 0 ? { tactics } : {}) },
    },
    subjects: [...subjects],
    actors: united(before.actors, happening.actors),
    ...(happening.born ? { born: { ...before.born, ...happening.born } } : {}),
  });
  const { severity } = after;
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

/** Back to where the story stood before the question: the plan in force, if there is one, stays in force. */
function atRest(incident: Incident): Incident {
  const { plan: _, ...rest } = incident;
  const { standing, watch } = incident;
  if (incident.resolved) return { ...rest, approvals: [], state: incident.resolved.why === 'expected' ? 'expected' : 'resolved' };
  const isWatching = watch !== undefined && watch.containedAt === undefined && watch.looks.some((look) => look.saw === undefined);
  const plan = standing ? { plan: standing.plan, approvals: standing.approvals } : { approvals: [] };
  return { ...rest, ...plan, state: isWatching ? 'watching' : 'open' };
}

function risen(incident: Incident, before: Incident, at: Time): Advanced {
  return nudged(
    incident,
    at,
    `Now ${incident.severity} (was ${before.severity}): ${incident.headline}.${whyRisen(incident, before)}`,
    rank(incident.severity) >= rank('high'),
  );
}

const whyRisen = ({ raised }: Incident, before: Incident): string =>
  raised && raised.why !== before.raised?.why ? ` ${raised.why[0]?.toUpperCase()}${raised.why.slice(1)}.` : '';

/** What was told once is not taken back: a story's severity rises with what stands in it and does not sink. */
function weighed(incident: Incident): Incident {
  const active = Object.values(incident.findings).filter((finding) => finding.state === 'active');
  const { severity, own, why } = weigh(active, incident.born);
  if (rank(severity) < rank(incident.severity)) return incident;
  const { raised: _, ...rest } = incident;
  return { ...rest, severity, ...(why ? { raised: { from: own, why } } : {}) };
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

const closing = (happening: { by?: PersonId; why: string }, policy: Policy): string =>
  happening.by ? `${nameOf(policy, happening.by)} closed this: ${happening.why}.` : `Over: ${happening.why}.`;

const united = (a: Actor[], b: Actor[]): Actor[] => [...new Map([...b, ...a].map((actor) => [actor.subject, actor])).values()].slice(0, 50);
