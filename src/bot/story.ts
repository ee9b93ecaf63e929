/**
 * Which findings belong together. Findings are about subjects; links between subjects join findings into one story.
 * Pure: the links and the open stories come in, the decision goes out.
 */
import type { Finding } from '../checks/check.ts';
import type { Actor, Scope, Severity, Subject, Time } from '../checks/observation.ts';
import type { Incident } from './incident.ts';
import type { Link } from './ports.ts';
import { rank } from './severity.ts';

/** At most so many subjects are gathered around a finding, so that an attacker's noise cannot grow a story without end. */
const mostSubjects = 2000;
/** Sessions of sessions, users creating users: followed this far. */
const mostSteps = 6;
const hourMs = 3_600_000;
/** A bill speaks of whole days, and comes a day late. */
const billMs = 48 * hourMs;
const weekMs = 7 * 24 * hourMs;

/** The links known, by either end; the newest of a pair stays. */
export type LinkBook = {
  add(links: Iterable<Link>): void;
  /** Links whose `from` is the subject. */
  above(subject: Subject): Iterable<Link>;
  /** Links whose `to` is the subject. */
  below(subject: Subject): Iterable<Link>;
  /** Drops links older than that, except which key belongs to whom. */
  forgetBefore(time: Time): void;
};

export function linkBook(links: Iterable<Link> = []): LinkBook {
  const above = new Map<Subject, Map<string, Link>>();
  const below = new Map<Subject, Map<string, Link>>();
  const put = (side: Map<Subject, Map<string, Link>>, subject: Subject, key: string, link: Link) => {
    const known = side.get(subject) ?? new Map<string, Link>();
    // Whatever came last, the newest stays: the order of arrival must not matter.
    if ((known.get(key)?.at ?? '') < link.at) known.set(key, link);
    side.set(subject, known);
  };
  const book: LinkBook = {
    add(more) {
      for (const link of more) {
        put(above, link.from, `${link.how} ${link.to}`, link);
        put(below, link.to, `${link.how} ${link.from}`, link);
      }
    },
    above: (subject) => above.get(subject)?.values() ?? [],
    below: (subject) => below.get(subject)?.values() ?? [],
    forgetBefore(time) {
      for (const side of [above, below])
        for (const [subject, known] of side) {
          for (const [key, link] of known) if (link.at < time && link.how !== 'key of') known.delete(key);
          if (known.size === 0) side.delete(subject);
        }
    },
  };
  book.add(links);
  return book;
}

/**
 * Everything that belongs to these subjects. Upwards: a machine to who started it, a session to who assumed it, a key to its user.
 * Downwards, only what came since `since`: what an actor started, assumed or created. A role joins nothing (many share it, only the
 * session tells them apart), a network address neither, and whoever once created a user is not that user's accomplice.
 */
export function gather(seeds: Iterable<Subject>, book: LinkBook, since: Time): Subject[] {
  const found = new Set<Subject>([...seeds].filter(joins));
  let edge = [...found];
  for (let step = 0; step < mostSteps && edge.length > 0; step += 1) {
    const next: Subject[] = [];
    const reach = (subject: Subject) => {
      if (!found.has(subject) && found.size < mostSubjects && joins(subject)) {
        found.add(subject);
        next.push(subject);
      }
    };
    for (const subject of edge) {
      for (const link of book.above(subject)) if (link.how === 'started' || link.how === 'assumed' || link.how === 'key of') reach(link.to);
      for (const link of book.below(subject)) {
        if (link.how === 'key of') reach(link.from);
        else if (link.how !== 'session of' && link.at >= since) reach(link.from);
      }
    }
    edge = next;
  }
  return [...found];
}

/** When these actors were created, where a link says so: the last time before the act. */
export function bornOf(acts: Iterable<{ actor?: Actor; at: Time }>, book: LinkBook): Record<Subject, Time> {
  const born: Record<Subject, Time> = {};
  for (const { actor, at } of acts)
    for (const link of actor ? book.above(actor.subject) : [])
      if (actor && link.how === 'created' && link.at <= at && (born[actor.subject] ?? '') < link.at) born[actor.subject] = link.at;
  return born;
}

const joins = (subject: Subject): boolean => !subject.startsWith('network:') && !subject.startsWith('scope:');

/** What placing a finding needs to know of a story. */
export type StoryHead = Pick<Incident, 'id' | 'state' | 'severity' | 'beganAt' | 'changedAt' | 'subjects'> & {
  number: number;
  scopes: string[];
  keys: string[];
};

export type Placement = { into: string | undefined; absorbs: string[] };

/**
 * Where a finding goes: the story that holds its key (within 7 days), else the stories that share a subject with it, else, for machines
 * nobody is known to have started yet, the account's story of the same hour; only what is loud on both sides, or an innocent machine
 * would be stopped with its neighbours and a quiet story would swallow an alarm. The oldest number stays, the others become part of it;
 * a story with an open question or a running remedy is never renumbered, so it stays beside until it is done.
 */
export function placeFinding(finding: Finding, subjects: Subject[], stories: StoryHead[], now: Time): Placement {
  const around = new Set(subjects);
  const scope = scopeName(finding.place.scope);
  const recent = stories.filter((story) => story.state !== 'joined' && (isLive(story) || ms(now) - ms(story.changedAt) < weekMs));
  const byKey = recent.filter((story) => story.keys.includes(finding.key));
  const live = recent.filter(isLive);
  const bySubject = live.filter((story) => story.subjects.some((subject) => around.has(subject)));
  const matches = [...new Set([...byKey, ...bySubject])].sort((a, b) => a.number - b.number);
  const unattributed =
    !subjects.some((subject) => !subject.startsWith('resource:')) && finding.about.some((subject) => subject.startsWith('resource:'));
  // What a whole account costs too much belongs to what is wrong with its machines.
  const isBill = finding.check.startsWith('spend/') && finding.about.every((subject) => subject.startsWith('scope:'));
  if (matches.length === 0 && (unattributed || isBill) && isLoud(finding)) {
    const apartMs = isBill ? billMs : hourMs;
    const neighbour = live
      .filter((story) => isLoud(story) && story.scopes.includes(scope) && story.subjects.some((subject) => subject.startsWith('resource:')))
      .filter((story) => Math.abs(ms(finding.at) - ms(story.beganAt)) < apartMs || Math.abs(ms(finding.at) - ms(story.changedAt)) < apartMs)
      .sort((a, b) => a.number - b.number)[0];
    if (neighbour) return { into: neighbour.id, absorbs: [] };
  }
  // And the other way round: machines that are found when so far only the bill has spoken.
  if (matches.length === 0 && isLoud(finding) && finding.about.some((subject) => subject.startsWith('resource:'))) {
    const bill = live
      .filter(
        (story) =>
          isLoud(story) && story.scopes.includes(scope) && story.keys.length > 0 && story.keys.every((key) => key.startsWith('spend/')),
      )
      .filter((story) => Math.abs(ms(finding.at) - ms(story.beganAt)) < billMs)
      .sort((a, b) => a.number - b.number)[0];
    if (bill) return { into: bill.id, absorbs: [] };
  }
  const [oldest] = matches;
  if (!oldest) return { into: undefined, absorbs: [] };
  const others = matches.slice(1).filter((story) => isLive(story) && !isPinned(story));
  return { into: oldest.id, absorbs: others.map((story) => story.id) };
}

export const scopeName = (scope: Scope): string => `${scope.cloud}/${scope.id}`;

/** A story with an open question or a running remedy keeps its number. */
export const isPinned = (story: Pick<Incident, 'state'>): boolean =>
  story.state === 'planning' || story.state === 'asking' || story.state === 'acting' || story.state === 'watching';

const isLive = (story: Pick<Incident, 'state'>): boolean =>
  story.state !== 'resolved' && story.state !== 'expected' && story.state !== 'joined';
const isLoud = ({ severity }: { severity: Severity }): boolean => rank(severity) >= rank('medium');
const ms = (time: Time): number => Date.parse(time);
