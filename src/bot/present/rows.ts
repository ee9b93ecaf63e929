/** The rows of the card: who, from where, what, what it costs. Pure. */
import type { Actor, Subject } from '../../checks/observation.ts';
import type { Incident, StoryFinding } from '../incident.ts';
import type { Piece, Text } from '../message.ts';
import { count, cut, dollars, duration, isPassword, maskedKey, nextClock, secondsBetween, shortName, whole, zoneName } from '../words.ts';
import { headline, topic, worstFirst } from './headline.ts';
import { logBehind } from './looks.ts';
import type { Costs, Running } from './money.ts';
import { joined, regionWords } from './pieces.ts';
import { isOver } from './state.ts';
import type { View } from './view.ts';

export const row = (label: string, lines: Text[]): { label: string; lines: Text[] } => ({ label, lines });

export function who(view: View): Text[] {
  const { incident } = view;
  const actors = [...new Map(incident.actors.map((actor) => [actor.subject, actor])).values()];
  const credentials = incident.subjects.filter((subject) => subject.startsWith('credential:'));
  const passwords = credentials.filter(isPassword);
  const keys = credentials.filter((credential) => !isPassword(credential));
  // Whom only links name: the log came after the findings.
  const linked = incident.subjects.filter(
    (subject) => /^(principal|session):/.test(subject) && !actors.some((actor) => actor.subject === subject),
  );
  const named = linked.filter((subject) => actors.length === 0 || subject.startsWith('principal:'));
  if (actors.length + credentials.length + named.length === 0) {
    if (view.machines.length === 0) return [];
    return [unknownWho(view)];
  }
  const people: Piece[][] = [
    ...actors.map(actorWords),
    ...named.map((subject): Piece[] =>
      subject.startsWith('session:') ? ['session ', { code: maskedKey(subject) }] : [{ bold: cut(shortName(subject), 80) }],
    ),
  ];
  const pieces: Piece[][] = [
    ...people.slice(0, 2),
    ...(people.length > 2 ? [[`${people.length - 2} more`]] : []),
    ...keys.slice(0, 2).map((key): Piece[] => ['key ', { code: maskedKey(key) }, keyAge(view, key)]),
    ...(keys.length > 2 ? [[`${count(keys.length - 2, 'more key')}`]] : []),
    ...passwords.slice(0, 1).map((password): Piece[] => [shortName(password)]),
    ...(passwords.length > 1 ? [[`${count(passwords.length - 1, 'more password')}`]] : []),
  ];
  return [joined(pieces, ' · ')];
}

/** Inventory sees a machine minutes before the log names who started it; how many minutes is said. */
function unknownWho(view: View): string {
  const behind = logBehind(view);
  if (behind === 'unread') return 'not known: inventory saw this, and the log that names who cannot be read';
  const late = behind === 'unknown' ? 'has not been read yet' : `is ${duration(behind.seconds)} behind`;
  return `not known yet: inventory saw this first; the log that names who ${late}`;
}

const actorKinds: Record<Actor['kind'], string> = {
  root: 'the root user',
  user: 'user',
  robot: 'service account',
  workload: 'workload role',
  federated: 'single sign-on as',
  provider: 'the provider itself:',
  unknown: 'somebody called',
};

const actorWords = (actor: Actor): Piece[] =>
  actor.kind === 'root' ? [actorKinds.root] : [`${actorKinds[actor.kind]} `, { bold: cut(actor.name || shortName(actor.subject), 80) }];

function keyAge(view: View, key: Subject): string {
  const { createdAt, lastUsedAt } = view.keyAges?.[key] ?? {};
  const age = createdAt ? `, ${duration(secondsBetween(createdAt, view.now))} old` : '';
  // Use during the story says nothing about habit.
  const rest = lastUsedAt && lastUsedAt < view.incident.beganAt ? secondsBetween(lastUsedAt, view.incident.beganAt) : 0;
  const slept = Object.values(view.incident.findings).find((finding) => finding.about.includes(key) && finding.facts['Not used for'])
    ?.facts['Not used for'];
  const unused = rest > 7 * 86_400 ? duration(rest) : slept ? cut(slept, 40) : undefined;
  return `${age}${unused ? `, not used for ${unused} before` : ''}`;
}

/** Checks write where somebody came from as the fact "From", and of what kind that network is as "Network". */
export function from(incident: Incident): Text[] {
  const found = Object.values(incident.findings)
    .filter((finding) => finding.state === 'active')
    .sort(worstFirst)
    .flatMap(({ facts }) => (facts.From ? [{ from: facts.From, network: facts.Network }] : []));
  const places = [...new Map(found.map((place) => [place.from, place])).values()];
  const first = places.find((place) => place.network) ?? places[0];
  if (!first) return [];
  const more = places.length > 1 ? ` · and ${count(places.length - 1, 'more address', 'more addresses')}` : '';
  return [`${cut(first.from, 120)}${first.network ? ` · ${cut(first.network, 80)}` : ''}${more}`];
}

export function what(view: View, money: Costs): Text[] {
  const lines: Text[] = [];
  const running = money.running;
  const groups = [...Map.groupBy(running, (machine) => machine.type)].sort(
    (a, b) => b[1].reduce(sumUsd, 0) - a[1].reduce(sumUsd, 0) || b[1].length - a[1].length,
  );
  if (groups.length > 0) {
    const named = groups.slice(0, 2).map(([type, group]): Piece[] => [`${whole(group.length)} × `, { code: cut(type, 60) }]);
    const rest = groups.slice(2).reduce((sum, [, group]) => sum + group.length, 0);
    lines.push(
      [
        joined([...named, ...(rest > 0 ? [[`${whole(rest)} of other types`]] : [])], ', '),
        ` running in ${regionWords(running.map((machine) => machine.region))}`,
      ].flat(),
    );
  } else if (view.machines.length > 0) {
    lines.push(`none of ${count(view.machines.length, 'instance')} is running any more`);
  }
  const shown = headline(view);
  const active = Object.values(view.incident.findings)
    .filter((finding) => finding.state === 'active')
    .sort(worstFirst);
  if (view.machines.length === 0 && active[0]) lines.push(...factsLine(active[0]));
  const others = eachTopicFirst(active.filter((finding) => finding.title !== shown));
  const titles = [...new Set(others.map(titled))];
  lines.push(...titles.slice(0, 2));
  if (titles.length > 2) lines.push(`${lines.pop()} · ${count(titles.length - 2, 'more finding')} in Details`);
  return lines;
}

/** The worst of each topic before a second one of any: a new administrator must not stand behind three findings about machines. */
function eachTopicFirst(findings: StoryFinding[]): StoryFinding[] {
  const firsts = [...Map.groupBy(findings, topic).values()].flatMap((group) => group.slice(0, 1));
  return [...firsts, ...findings.filter((finding) => !firsts.includes(finding))];
}

const titled = (finding: StoryFinding): string =>
  `${cut(finding.title, 160)}${finding.facts['New user'] ? `: ${cut(finding.facts['New user'], 60)}` : ''}`;

/** Where there is no machine to speak of, the facts say what it is about: the money, the act, the log. Other rows have the rest. */
function factsLine(finding: StoryFinding): Text[] {
  const facts = Object.entries(finding.facts).filter(([label]) => !['From', 'Network', 'Not used for'].includes(label));
  return facts.length === 0
    ? []
    : [
        facts
          .slice(0, 6)
          .map(([label, fact]) => `${cut(label, 40)}: ${cut(fact, 80)}`)
          .join(' · '),
      ];
}

export function costLine(view: View, money: Costs): Text[] {
  const { now, policy, incident } = view;
  if (money.machines === 0) return [];
  const unpriced = money.unpriced > 0 ? ` (price of ${whole(money.unpriced)} not known)` : '';
  if (money.perHour <= 0 && money.soFar <= 0)
    return [money.running.length > 0 ? `not known: no list price for these${unpriced}` : 'nothing that is priced'];
  const soFar = `${money.estimated ? 'about ' : ''}${dollars(money.soFar)} so far`;
  if (money.running.length === 0) return [[soFar, ' at list price', unpriced, ' · nothing of it is running now']];
  const since: Piece[] = money.since
    ? [' since ', { time: money.since, as: secondsBetween(money.since, now) > 20 * 3600 ? 'date' : 'clock' }]
    : [];
  const hourly: Piece = { bold: `${money.estimated ? 'about ' : ''}${dollars(money.perHour)} an hour` };
  const morning = nextClock(now, '09:00', policy.zone);
  const later = money.soFar + (money.perHour * secondsBetween(now, morning)) / 3600;
  const ahead =
    incident.state === 'acting' || isOver(incident) ? '' : ` · about ${dollars(later)} by 09:00 ${zoneName(policy.zone)} if nobody acts`;
  return [[hourly, ' at list price', unpriced, ...since, ` · ${soFar}${ahead}`]];
}

const sumUsd = (sum: number, machine: Running): number => sum + machine.usdPerHour;
