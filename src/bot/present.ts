/**
 * What people read about a story: the living card, the question before acting, what happened, the details, and refusals. Pure: a view
 * goes in, a message comes out; the clock is `view.now`. Strings from outside (names, titles) are put in as they are: each platform
 * escapes and cuts them where it renders them.
 */
import type { RemedyKind } from '../checks/check.ts';
import type { Actor, Place, Scope, Severity, Subject, Time } from '../checks/observation.ts';
import { severities } from '../checks/observation.ts';
import type { Refusal } from './approval.ts';
import { type Meant, mean } from './button.ts';
import type { Incident, Plan, Step, StoryFinding } from './incident.ts';
import type { Form, Message, Part, Piece, Text } from './message.ts';
import { approvers, type Person, type Policy } from './people.ts';
import type { Look, Machine, PlanItem } from './ports.ts';
import { count, cut, dollars, duration, listed, maskedKey, nextClock, rate, secondsBetween, shortName, whole, zoneName } from './words.ts';

/** All that is known about one story at one moment. */
export type View = {
  incident: Incident;
  /** Of this story, also those that are gone. */
  machines: Machine[];
  looks: Look[];
  policy: Policy;
  accounts: { scope: Scope; name: string }[];
  now: Time;
  /** In plain words why nothing can be done here, if so. */
  cannotAct?: string;
  auditHash: string;
  keyAges?: Record<Subject, { createdAt?: Time; lastUsedAt?: Time }>;
  /** Who started a machine. */
  startedBy: Record<Subject, Subject>;
};
/** A message with the meanings of its buttons, which the store must keep before the message is posted. */
export type Shown = { message: Message; buttons: Meant[] };

/** The living card: what is happening, what it costs, what was looked at, what can be done. At most twelve lines before its buttons. */
export function card(view: View): Shown {
  const { incident } = view;
  const money = costs(view);
  const buttons = cardButtons(view, money);
  const calm = isOver(incident);
  const head = calm ? undefined : incident.severity;
  const rows = [
    row('Who', who(view)),
    row('From', from(incident)),
    row('What', what(view, money)),
    row('Costs', costLine(view, money)),
    row('Looked', lookedLine(view)),
  ].filter((found) => found.lines.length > 0);
  // Twelve lines: the rows, then how it stands, then what was withdrawn, then how the steps ended, as far as there is room.
  let room = 12 - 1 - rows.reduce((lines, found) => lines + found.lines.length, 0);
  const state = stateLines(view).slice(0, Math.max(1, room));
  room -= state.length;
  const gone = withdrawn(incident, room);
  room -= gone.length;
  const outcome = acted(incident) && incident.state !== 'acting' ? outcomeLines(view).slice(0, Math.max(0, Math.min(3, room))) : [];
  const parts: Part[] = [
    {
      kind: 'header',
      ...(head ? { severity: head } : {}),
      text: calm ? `${ending(incident)}: ${headline(view)}` : headline(view),
      aside: [incident.id, ' · began ', { time: incident.beganAt, as: 'ago' }],
    },
    ...(rows.length > 0 ? [{ kind: 'facts' as const, rows }] : []),
    ...gone,
    ...[...state, ...outcome].map((text): Part => ({ kind: 'text', text })),
    ...(buttons.length > 0 ? [{ kind: 'buttons' as const, buttons: buttons.map((meant) => meant.button) }] : []),
  ];
  return { message: { summary: notification(view, money), ...(head ? { severity: head } : {}), parts }, buttons };
}

/** The question before acting: the whole plan, what is left alone, until when it holds, and two buttons. Closed, it keeps the plan and says how it ended. */
export function question(view: View): Shown {
  const { incident, policy, now } = view;
  const { plan } = incident;
  if (!plan) {
    const text = 'This question is closed: there is no plan any more. The card says how things stand.';
    return { message: { summary: cut(`${incident.id}: the question is closed`, 110), parts: [{ kind: 'text', text }] }, buttons: [] };
  }
  const open = incident.state === 'asking' && now < plan.expiresAt;
  const buttons = open
    ? [
        mean(
          { kind: 'approve', incident: incident.id, plan: plan.id, hash: plan.hash },
          planWords[plan.kind].button,
          plan.kind === 'undo' ? 'primary' : 'danger',
        ),
        mean({ kind: 'decline', incident: incident.id, plan: plan.id, hash: plan.hash }, 'Not now', 'plain'),
      ]
    : [];
  const groups = byVerb(plan.items);
  const parts: Part[] = [
    { kind: 'header', text: `${planWords[plan.kind].asks} ${incident.id} in ${accountsOf(view, plan.items).join(', ') || 'no account'}?` },
    {
      kind: 'list',
      ordered: true,
      items: groups.map(([verb, items]): Text => [...doing(verb, items, plan.kind), ...undoWords(items, plan.kind)]),
    },
    ...planNotes(plan, now).map((text): Part => ({ kind: 'text', text })),
    ...(open ? askingLines(view, plan) : [{ kind: 'text' as const, text: closedWords(view, plan) }]),
    ...(buttons.length > 0 ? [{ kind: 'buttons' as const, buttons: buttons.map((meant) => meant.button) }] : []),
  ];
  const saves = plan.usdPerHour > 0 && plan.kind !== 'undo' ? `, saves ${rate(plan.usdPerHour)}` : '';
  const waits = `${planWords[plan.kind].asks} ${incident.id}? ${count(plan.items.length, 'step')}${saves}`;
  const needs = `${policy.people.length > 0 ? ' · waits for an admin' : ''}`;
  return { message: { summary: oneLine(`${waits}${open ? needs : ' · closed'}`, 110), parts }, buttons };
}

/** What was done, by whom, with every exception by name, what is still open, and when it is looked at again. */
export function result(view: View): Message {
  const { incident } = view;
  const lines = acted(incident) ? [actedHead(view), ...outcomeLines(view)] : [['Nothing has been done yet in ', incident.id, '.']];
  const holes = isUndo(incident) ? [] : (planOf(incident)?.holes ?? []);
  const parts: Part[] = [
    ...lines.map((text): Part => ({ kind: 'text', text })),
    ...(holes.length > 0 ? [{ kind: 'text' as const, text: `Still open: ${listed(holes, 5)}.` }] : []),
    ...stateLines(view, 'result').map((text): Part => ({ kind: 'text', text })),
    {
      kind: 'text',
      quiet: true,
      text: [
        undoable(incident).length > 0 ? 'Undo is on the card. ' : 'There is nothing to undo. ',
        'Audit up to ',
        ...hash(view.auditHash),
      ],
    },
  ];
  return { summary: oneLine(`${incident.id}: ${plain(lines[0] ?? '')}`, 110), parts };
}

/** Everything that is known, for the one who asks: findings with facts and evidence, machines, steps, looks, the course of events. */
export function details(view: View): Message {
  const { incident, now } = view;
  const findings = Object.values(incident.findings).sort(worstFirst);
  const steps = Object.values(incident.steps);
  const machines = [...view.machines].sort((a, b) => (b.usdPerHour ?? 0) - (a.usdPerHour ?? 0));
  const parts: Part[] = [
    { kind: 'header', severity: incident.severity, text: headline(view), aside: incident.id },
    ...findings.slice(0, 10).flatMap((finding) => findingParts(finding)),
    ...(findings.length > 10
      ? [{ kind: 'text' as const, quiet: true, text: `${count(findings.length - 10, 'more finding')} in the record.` }]
      : []),
    ...section(
      'Machines',
      machines.map((machine) => machineLine(view, machine)),
      15,
    ),
    ...section('What was done', steps.map(stepLine), 20),
    ...section(
      'Spared',
      (planOf(incident)?.spared ?? []).map((spared) => `${whole(spared.count)}: ${spared.why}`),
      10,
    ),
    ...section('How far was looked into', incident.lookedInto, 5),
    ...section(
      'Looks',
      view.looks.map((look) => lookLine(look, now)),
      20,
    ),
    ...section(
      'Course of events',
      incident.history.toReversed().map((happened): Text => [{ time: happened.at, as: 'date' }, ' ', happened.text]),
      12,
    ),
    { kind: 'text', quiet: true, text: ['Audit up to ', ...hash(view.auditHash), '. The card in the room shows what can be done.'] },
  ];
  return { summary: oneLine(`${incident.id}: details`, 110), parts };
}

/** One line for lists: "INC-41 key of “jenkins” is 400 days old (low) · taken by Ada". */
export function asLine(incident: Incident, policy: Policy): string {
  const words: Record<Incident['state'], string> = {
    open: incident.owner ? `taken by ${nameOf(policy, incident.owner.by)}` : 'nobody has taken it',
    planning: 'a plan is being made',
    asking: 'a question waits for an answer',
    acting: 'being acted on',
    watching: incident.watch?.containedAt ? 'contained' : 'acted on, being watched',
    resolved: 'closed',
    expected: 'expected',
    joined: `part of ${incident.joinedInto ?? 'another story'}`,
  };
  return oneLine(`${incident.id} ${storyHeadline(incident)} (${incident.severity}) · ${words[incident.state]}`, 300);
}

/** A refusal in plain words, private to the one who pressed. Says what can be done instead, or that nothing was done. */
export function refusal(refused: Refusal): Message {
  const text = refusalText(refused);
  return { summary: oneLine(plain(text), 110), parts: [{ kind: 'text', text }] };
}

function refusalText(refused: Refusal): Text {
  switch (refused.kind) {
    case 'not-approver':
      return [
        `Only admins may do this, and you are not one here. ${adminsAre(refused.approvers)} (You are `,
        { code: refused.id },
        ' in config → people, as a responder.) Nothing was done.',
      ];
    case 'stranger':
      return [
        `Only people of the configuration may do this. ${adminsAre(refused.approvers)} (Your id `,
        { code: refused.id },
        ' is not in config → people.) Nothing was done.',
      ];
    case 'already':
      return `${refused.by} already did this ${duration(refused.secondsAgo)} ago. Nothing was done twice.`;
    case 'plan-old':
      return `This plan is older than ${count(refused.minutes, 'minute')}, so nothing was done. Ask again on the card: a fresh one is read.`;
    case 'plan-changed':
      return 'This is not the plan that is asked about now. The newest question in the thread is; nothing was done.';
    case 'asked-yourself':
      return `You asked for this, so somebody else has to approve it (rule: two people above ${rate(refused.limitUsd)}).`;
    case 'observe-only':
      return 'Nobody is configured who may approve, so this bot only observes. Name an admin in config → people and start it again.';
    case 'actions-off':
      return 'Acting is switched off (actions: off, or paused with pause-actions). Nothing was done; alerts go on.';
    case 'too-many':
      return `This would touch ${whole(refused.count)} resources; the limit is ${whole(refused.most)} (config → approval → mostResources). Nothing was done: stop or revoke alone, or raise the limit.`;
    case 'stale':
      return 'This has moved on since that message was written. The card shows how it stands now; nothing was done.';
    case 'joined':
      return ['This story is part of ', { code: refused.into }, ' now. Please decide there; nothing was done.'];
    case 'busy':
      return `One thing at a time: ${cut(refused.doing, 160)}. Nothing was done twice; the card shows how far it is.`;
    default:
      return refused satisfies never;
  }
}

const adminsAre = (people: Person[]): string =>
  people.length === 0
    ? 'No admin is configured: this bot only observes.'
    : `${people.length === 1 ? 'Admin' : 'Admins'}: ${listed(
        people.map((person) => person.name),
        6,
      )}.`;

// ---- the headline -----------------------------------------------------------------------------------------------------------

/**
 * What is happening to you, in one sentence, from the findings still standing: the worst one's title, or what two of them mean together.
 * Two are only put together when they are about the same key or principal; a key *looks* stolen unless the provider says it leaked.
 */
export function storyHeadline(incident: Incident, running = true): string {
  const active = Object.values(incident.findings)
    .filter((finding) => finding.state === 'active')
    .sort(worstFirst);
  const machines = active.filter((finding) => topic(finding) === 'compute');
  const keys = active.filter(
    (finding) => /^identity\/.*(network|leak)/.test(finding.check) && finding.about.some((subject) => subject.startsWith('credential:')),
  );
  const users = active.filter((finding) => topic(finding) === 'persistence');
  const verb = running ? 'are being' : 'were';
  const together = (one: StoryFinding[], other: StoryFinding[]) =>
    one.find((finding) => other.some((second) => second.about.some((subject) => isIdentity(subject) && finding.about.includes(subject))));
  const key = together(keys, machines);
  if (key) return `Machines ${verb} started with a key that ${saysLeak(key) ? 'has leaked' : 'looks stolen'}`;
  if (together(users, machines)) return `Machines ${verb} started by somebody who also made an administrator`;
  const stolen = together(keys, users);
  if (stolen) return `A key that ${saysLeak(stolen) ? 'has leaked' : 'looks stolen'} made an administrator`;
  return active[0]?.title || incident.headline || 'Nothing that still stands';
}

const headline = (view: View): string => storyHeadline(view.incident, costs(view).running.length > 0);
const topic = (finding: StoryFinding): string => finding.check.split('/')[0] ?? '';
const isIdentity = (subject: Subject): boolean => /^(principal|credential|session):/.test(subject);
const saysLeak = (finding: StoryFinding): boolean => /leak|quarantine/.test(finding.check);
const worstFirst = (a: StoryFinding, b: StoryFinding): number =>
  Number(a.state === 'cleared') - Number(b.state === 'cleared') ||
  severities.indexOf(b.severity) - severities.indexOf(a.severity) ||
  (a.at < b.at ? -1 : a.at > b.at ? 1 : a.key < b.key ? -1 : 1);

// ---- the rows ---------------------------------------------------------------------------------------------------------------

const row = (label: string, lines: Text[]): { label: string; lines: Text[] } => ({ label, lines });

function who(view: View): Text[] {
  const { incident } = view;
  const actors = [...new Map(incident.actors.map((actor) => [actor.subject, actor])).values()];
  const keys = incident.subjects.filter((subject) => subject.startsWith('credential:'));
  if (actors.length === 0 && keys.length === 0) {
    return view.machines.length > 0 ? ['not known yet: inventory saw this first, the log that names who comes minutes later'] : [];
  }
  const pieces: Piece[][] = [
    ...actors.slice(0, 2).map(actorWords),
    ...(actors.length > 2 ? [[`${actors.length - 2} more`]] : []),
    ...keys.slice(0, 2).map((key): Piece[] => ['key ', { code: maskedKey(key) }, keyAge(view, key)]),
    ...(keys.length > 2 ? [[`${count(keys.length - 2, 'more key')}`]] : []),
  ];
  return [joined(pieces, ' · ')];
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
function from(incident: Incident): Text[] {
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

function what(view: View, money: Costs): Text[] {
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
  const others = Object.values(view.incident.findings)
    .filter((finding) => finding.state === 'active' && finding.title !== shown)
    .sort(worstFirst);
  const titles = [...new Set(others.map((finding) => finding.title))];
  lines.push(...titles.slice(0, 2).map((title) => cut(title, 160)));
  if (titles.length > 2) lines.push(`${lines.pop()} · ${count(titles.length - 2, 'more finding')} in Details`);
  return lines;
}

function costLine(view: View, money: Costs): Text[] {
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
    acted(incident) && incident.state === 'watching' ? '' : ` · about ${dollars(later)} by 09:00 ${zoneName(policy.zone)} if nobody acts`;
  return [[hourly, ' at list price', unpriced, ...since, ` · ${soFar}${ahead}`]];
}

/** Says what was looked at and what could not be seen; never more. */
function lookedLine(view: View): Text[] {
  const { now } = view;
  const scopes = new Set(Object.values(view.incident.findings).map((finding) => `${finding.place.scope.cloud} ${finding.place.scope.id}`));
  const mine = view.looks.filter((look) => scopes.has(`${look.place.scope.cloud} ${look.place.scope.id}`));
  // A story of an organization or a payer has no looks of its own: then all of them count.
  const looks = mine.length > 0 ? mine : view.looks;
  if (looks.length === 0) return ['nothing has been looked at yet'];
  const pieces: Piece[][] = [];
  const groups = lookGroups(looks);
  // One piece for what is there, one for the log; the other looks only speak through their gaps.
  for (const group of [groups.find((found) => !found.isLog), groups.find((found) => found.isLog)])
    if (group) pieces.push(groupWords(group));
  const gaps = gapWords(looks, now);
  for (const gap of gaps.slice(0, 2)) pieces.push([gap]);
  if (gaps.length > 2) pieces.push([`${count(gaps.length - 2, 'more gap')} in Details`]);
  return [joined(pieces, ' · ')];
}

/** Looks of one kind of thing put together: "17 of 17 regions". */
type LookGroup = { source: string; noun: string; of: number; seen: number; at: Time; behind: number; isLog: boolean };
function lookGroups(looks: Look[]): LookGroup[] {
  return [...Map.groupBy(looks.filter(isOfPlaces), (look) => `${look.source}\n${look.noun}`).values()]
    .map((group): LookGroup => {
      const oldest = group.reduce((a, b) => (b.at < a.at ? b : a));
      const behind = Math.max(...group.map((look) => secondsBetween(look.upTo, look.at)));
      return {
        source: oldest.source,
        noun: oldest.noun,
        of: group.reduce((sum, look) => sum + look.of, 0),
        seen: group.reduce((sum, look) => sum + look.seen, 0),
        at: oldest.at,
        behind,
        isLog: /log|event/.test(oldest.source),
      };
    })
    .sort((a, b) => Number(a.isLog) - Number(b.isLog) || b.of - a.of);
}

/** A look over places, as it is made all the time; not one into a subject, at the past, or at a list. */
const isOfPlaces = (look: Look): boolean => !/^(subjects|days of the past|lists of .*)$/.test(look.noun);

function groupWords(group: LookGroup): Piece[] {
  if (group.isLog)
    return [`events ${duration(group.behind)} behind${group.seen < group.of ? ` in ${group.seen} of ${group.of} ${group.noun}` : ''}`];
  return [`${whole(group.seen)} of ${whole(group.of)} ${group.noun}, `, { time: group.at, as: 'ago' }];
}

/** A look older than this no longer speaks for the present: inventory and log are read every few minutes, the rest at least daily. */
const staleLookSeconds = 30 * 60;
const staleOtherSeconds = 26 * 3600;
/** What could not be seen, in plain words, each once, with its regions. Exported for the digest: a blind spot reads the same everywhere. */
export function gapWords(looks: Look[], now: Time): string[] {
  const gaps = looks.flatMap((look) => {
    const why = look.gap || (look.complete ? undefined : `${look.source} did not finish`);
    return why ? [{ why, region: look.place.region }] : [];
  });
  // The same gap in many regions is one gap, also where its words name the region.
  const same = Map.groupBy(gaps, ({ why, region }) => (why.includes(region) ? why.replaceAll(region, here) : why));
  const told = [...same].map(([why, group]) => {
    const regions = [...new Set(group.map((gap) => gap.region))];
    const names = regions.length > 3 ? count(regions.length, 'region') : listed(regions);
    if (why.includes(here)) return cut(why.replaceAll(here, names), 200);
    return regions.every((region) => region === 'global') || /regions?\b/.test(why) ? cut(why, 200) : `${cut(why, 160)} (${names})`;
  });
  const old = looks.filter(
    (look) => isOfPlaces(look) && secondsBetween(look.at, now) > (/inventory|log/.test(look.source) ? staleLookSeconds : staleOtherSeconds),
  );
  const late = [...Map.groupBy(old, (look) => look.source)].map(([source, group]) => {
    const regions = new Set(group.map((look) => look.place.region)).size;
    const age = Math.max(...group.map((look) => secondsBetween(look.at, now)));
    return `${source} last looked ${duration(age)} ago${regions > 1 ? ` in ${count(regions, 'region')}` : ''}`;
  });
  return [...told, ...late];
}

/** Stands for the region's name while gaps are compared. */
const here = '\u0000';

/** "17 of 17 regions · events 4 min behind", for the digest and `status`. */
export function looksInWords(looks: Look[]): string[] {
  const told = lookGroups(looks).filter((group) => /inventory|log/.test(group.source) || group.seen < group.of);
  return told.map((group) => (group.isLog ? String(groupWords(group)[0]) : `${whole(group.seen)} of ${whole(group.of)} ${group.noun}`));
}

// ---- money ------------------------------------------------------------------------------------------------------------------

type Running = { resource: Subject; type: string; region: string; usdPerHour: number };
type Costs = { perHour: number; soFar: number; since?: Time; estimated: boolean; unpriced: number; machines: number; running: Running[] };

/** How long a machine that only the log has named is still counted as running: by then inventory has looked several times. */
const logOnlySeconds = 3600;

/** USD an hour now and so far, at list price: each machine from its start until it was gone or stopped by a step of this story. */
function costs(view: View): Costs {
  const { incident, machines, now } = view;
  const found: Costs = { perHour: 0, soFar: 0, estimated: false, unpriced: 0, machines: machines.length, running: [] };
  const stops = new Map<Subject, Time>();
  for (const step of Object.values(incident.steps)) {
    if (step.item.verb === 'stop-compute' && (step.outcome === 'gone' || (isSo(step.outcome) && !isSo(step.undone?.outcome))))
      stops.set(step.item.resource, step.at);
  }
  const add = (machine: Running & { startedAt: Time; endedAt?: Time; priced: boolean; estimated: boolean }) => {
    const until = machine.endedAt && machine.endedAt < now ? machine.endedAt : now;
    found.soFar += (machine.usdPerHour * Math.max(0, secondsBetween(machine.startedAt, until))) / 3600;
    if (!machine.priced) found.unpriced += 1;
    else {
      found.estimated ||= machine.estimated;
      if (!found.since || machine.startedAt < found.since) found.since = machine.startedAt;
    }
    if (machine.endedAt) return;
    found.perHour += machine.usdPerHour;
    found.running.push({ resource: machine.resource, type: machine.type, region: machine.region, usdPerHour: machine.usdPerHour });
  };
  for (const machine of machines) {
    const stop = stops.get(machine.resource);
    // A stop before the machine's present start is of an earlier life of it.
    const ends = [machine.goneAt, stop && stop >= machine.startedAt ? stop : undefined].filter((end) => end !== undefined).sort();
    const price = usable(machine.usdPerHour);
    add({
      resource: machine.resource,
      type: machine.shape.type || machine.what,
      region: machine.place.region,
      usdPerHour: price ?? 0,
      priced: price !== undefined,
      estimated: machine.estimated,
      startedAt: machine.startedAt,
      ...(ends[0] ? { endedAt: ends[0] } : {}),
    });
  }
  const counted = new Set(machines.map((machine) => machine.resource));
  for (const finding of Object.values(incident.findings)) {
    if (finding.state !== 'active' || secondsBetween(finding.changedAt, now) > logOnlySeconds) continue;
    for (const [resource, price] of Object.entries(finding.usdPerHour) as [Subject, number][]) {
      if (counted.has(resource) || usable(price) === undefined) continue;
      counted.add(resource);
      found.machines += 1;
      const stop = stops.get(resource);
      add({
        resource,
        type: 'machine named by the log',
        region: finding.place.region,
        usdPerHour: price,
        priced: true,
        estimated: true,
        startedAt: finding.at,
        ...(stop ? { endedAt: stop } : {}),
      });
    }
  }
  return found;
}

const usable = (price: number | undefined): number | undefined => (price !== undefined && price >= 0 && price < 1e6 ? price : undefined);
const sumUsd = (sum: number, machine: Running): number => sum + machine.usdPerHour;

/** What the story costs now, in USD an hour at list price, and so far. For the pager, limits and the notification. */
export function burn(view: View): { usdPerHour: number; soFarUsd: number; running: number } {
  const money = costs(view);
  return { usdPerHour: money.perHour, soFarUsd: money.soFar, running: money.running.length };
}

// ---- how it stands ----------------------------------------------------------------------------------------------------------

const isOver = (incident: Incident): boolean =>
  incident.state === 'resolved' || incident.state === 'expected' || incident.state === 'joined';
function ending(incident: Incident): string {
  if (incident.state === 'joined') return `Part of ${incident.joinedInto ?? 'another story'}`;
  if (incident.state === 'expected') return 'Expected';
  return incident.watch?.containedAt ? 'Contained' : 'Closed';
}
const acted = (incident: Incident): boolean => Object.keys(incident.steps).length > 0;

/** One or two lines: what the story waits for. `in`: a result already says who did what. */
function stateLines(view: View, place: 'card' | 'result' = 'card'): Text[] {
  const { incident, policy, now } = view;
  const { plan, watch } = incident;
  const owner = incident.owner ? [` ${nameOf(policy, incident.owner.by)} is on it.`] : [];
  const why = whyNot(view);
  switch (incident.state) {
    case 'open': {
      const came: Text[] = cameBack(view).length > 0 ? [[{ bold: '▲ Came back: ' }, ...backWords(view)]] : [];
      const done: Text[] = acted(incident) && place === 'card' ? [actedHead(view)] : [];
      const taken: Text[] = incident.owner
        ? [[`${nameOf(policy, incident.owner.by)} is on it since `, { time: incident.owner.at, as: 'clock' }, '.']]
        : why
          ? []
          : ['Nobody has taken this yet.'];
      return [...came, ...done, ...taken, ...(why ? [why] : [])];
    }
    case 'planning':
      return [['The plan is being made: reading what it would touch. Nothing has been changed.', ...owner]];
    case 'asking': {
      if (!plan) return [['A question is being written.', ...owner]];
      if (now >= plan.expiresAt)
        return [['The question ran out at ', { time: plan.expiresAt, as: 'clock' }, '; nothing was done by it.', ...owner]];
      const waits = plan.peopleNeeded > 1 ? `waits for an admin other than ${nameOf(policy, plan.askedBy)}` : 'waits for an admin';
      return [
        [
          `A question is open in the thread until `,
          { time: plan.expiresAt, as: 'clock' },
          `: ${planWords[plan.kind].short}, ${count(plan.items.length, 'step')}${saving(plan)}; ${waits}.`,
          ...owner,
        ],
      ];
    }
    case 'acting': {
      const of = plan?.items.length ?? 0;
      const steps = Object.values(incident.steps).filter((step) => plan?.items.some((item) => item.id === step.item.id));
      const finished = plan?.kind === 'undo' ? steps.filter((step) => step.undone) : steps;
      const failed = finished.filter((step) => badOutcome(plan?.kind === 'undo' ? step.undone?.outcome : step.outcome)).length;
      const followed = Object.values(incident.steps).filter((step) => step.followed).length;
      return [
        [
          { bold: plan?.kind === 'undo' ? 'Undoing: ' : 'Acting: ' },
          `${whole(Math.min(finished.length, of))} of ${count(of, 'step')} finished${failed > 0 ? `, ${whole(failed)} not done` : ''}${followed > 0 ? `, ${whole(followed)} added by the rule` : ''}.`,
        ],
      ];
    }
    case 'watching': {
      const head = place === 'card' ? [actedHead(view)] : [];
      const came: Text[] = cameBack(view).length > 0 ? [[{ bold: '▲ Came back: ' }, ...backWords(view)]] : [];
      const due = (watch?.looks ?? []).filter((look) => look.saw === undefined).map((look) => look.due);
      const saw = (watch?.looks ?? []).filter((look) => look.saw !== undefined);
      if (due.length === 0) return [...came, ...head];
      const last: Piece[] = saw.length > 0 ? [` Last time: ${cut(saw.at(-1)?.saw ?? '', 120)}.`] : [];
      const goal = planOf(incident)?.kind === 'contain' ? ' before it is called contained' : '';
      return [...came, ...head, ['Looking again at ', ...timeList(due), `${goal}.`, ...last]];
    }
    case 'resolved':
    case 'expected': {
      const { resolved } = incident;
      if (!resolved) return [incident.state === 'expected' ? 'Somebody said this is expected.' : 'Closed.'];
      const looked = (watch?.looks ?? []).filter((look) => look.saw !== undefined);
      if (watch?.containedAt && incident.state === 'resolved' && !resolved.by) {
        const looks = looked.length > 0 ? ` in ${count(looked.length, 'look')}` : '';
        return [
          ...(place === 'card' ? [actedHead(view)] : []),
          [`Nothing came back${looks} until `, { time: watch.containedAt, as: 'clock' }, '. Nothing more need be done here.'],
        ];
      }
      const by = resolved.by ? ` by ${nameOf(policy, resolved.by)}` : '';
      const verb = incident.state === 'expected' ? `Said to be expected${by}` : `Closed${by}`;
      return [[`${verb} at `, { time: resolved.at, as: 'clock' }, `: ${cut(resolved.why, 200)}. Nothing more need be done.`]];
    }
    case 'joined':
      return [['Two stories proved to be one. It goes on in ', { code: incident.joinedInto ?? '?' }, '; there is nothing to press here.']];
    default:
      return incident.state satisfies never;
  }
}

/** Why there are no action buttons; undefined when there may be. */
function whyNot(view: View): string | undefined {
  if (approvers(view.policy).length === 0) return 'Nobody is configured who may approve, so this bot only observes (config → people).';
  if (view.policy.actions === 'off') return 'Acting is switched off (actions: off): there are no buttons to stop or revoke.';
  return view.cannotAct ? cut(view.cannotAct, 240) : undefined;
}

/** What runs although steps were taken: started since the first of them. */
function cameBack(view: View): Running[] {
  const first = Object.values(view.incident.steps)
    .filter((step) => !isSo(step.undone?.outcome))
    .map((step) => step.at)
    .sort()[0];
  const late = new Set(
    view.machines.filter((machine) => first !== undefined && machine.startedAt > first).map((machine) => machine.resource),
  );
  return costs(view).running.filter((machine) => late.has(machine.resource));
}

function backWords(view: View): Piece[] {
  const back = cameBack(view);
  const starters = [...new Set(back.map((machine) => view.startedBy[machine.resource]).filter((subject) => subject !== undefined))];
  const by =
    starters.length > 0
      ? `, started by ${listed(
          starters.map((subject) => actorName(view.incident, subject)),
          2,
        )}`
      : '';
  return [`${count(back.length, 'instance')} in ${regionWords(back.map((machine) => machine.region))}${by}.`];
}

const actorName = (incident: Incident, subject: Subject): string =>
  incident.actors.find((actor) => actor.subject === subject)?.name || shortName(subject);

const timeList = (times: Time[]): Piece[] =>
  times.slice(0, 4).flatMap((time, at): Piece[] => (at === 0 ? [{ time, as: 'clock' }] : [', ', { time, as: 'clock' }]));

// ---- what was done ----------------------------------------------------------------------------------------------------------

/** The plan whose steps stand in the story: the one in force, not one that is only asked about. */
const planOf = (incident: Incident): Plan | undefined => incident.standing?.plan ?? incident.plan;
const isUndo = (incident: Incident): boolean => {
  const plan = planOf(incident);
  return plan ? plan.kind === 'undo' : Object.values(incident.steps).some((step) => step.undone);
};

/** "Contained by Ada at 14:09, 7 min after it began." The word is only used once the watch is over. */
function actedHead(view: View): Text {
  const { incident } = view;
  const plan = planOf(incident);
  const undone = isUndo(incident);
  const steps = Object.values(incident.steps);
  const outcomes = steps.map((step) => (undone ? step.undone?.outcome : step.outcome));
  // What the rule added came later; the door was shut by the plan's own steps.
  const own = steps.filter((step) => undone || !step.followed);
  const at =
    (own.length > 0 ? own : steps)
      .map((step) => (undone ? (step.undone?.at ?? step.at) : step.at))
      .sort()
      .at(-1) ?? incident.changedAt;
  const names = plan ? approvedBy(view, plan) : [];
  const by = names.length > 0 ? ` by ${listed(names)}` : '';
  const failed = outcomes.filter(badOutcome).length;
  const verb = undone
    ? 'Undone'
    : incident.watch?.containedAt && plan?.kind === 'contain'
      ? 'Contained'
      : plan
        ? planWords[plan.kind].done
        : 'Acted';
  return [
    { bold: `${failed > 0 ? '◆' : '▣'} ${verb}${by}` },
    ' at ',
    { time: at, as: 'clock' },
    `${undone ? '' : `, ${duration(secondsBetween(incident.beganAt, at))} after it began`}${failed > 0 ? `; ${count(failed, 'step')} not done` : ''}.`,
  ];
}

/** A line per verb with counts, then the exceptions by name, then what the following rule added. */
function outcomeLines(view: View): Text[] {
  const { incident } = view;
  const steps = Object.values(incident.steps);
  const undoing = isUndo(incident);
  const seen = undoing ? steps.filter((step) => step.undone) : steps;
  const outcome = (step: Step): Step['outcome'] => (undoing ? (step.undone?.outcome ?? step.outcome) : step.outcome);
  const why = (step: Step): string | undefined => (undoing ? step.undone?.why : step.why);
  const lines: Text[] = byVerb(seen.map((step) => step.item)).map(([verb, items]) => {
    const group = seen.filter((step) => items.includes(step.item));
    const of = (wanted: Step['outcome']) => group.filter((step) => outcome(step) === wanted).length;
    const extra = [
      of('already so') > 0 ? `${whole(of('already so'))} already so` : '',
      of('gone') > 0 ? `${whole(of('gone'))} gone before` : '',
      of('refused') + of('failed') > 0 ? `${whole(of('refused') + of('failed'))} not done` : '',
    ].filter(Boolean);
    const [done, one, many] = undoing ? verbWords[verb].undone : verbWords[verb].done;
    return `${done} ${whole(of('done'))} of ${count(group.length, one, many)}${verb === 'stop-compute' ? ` in ${regionWords(items.map((item) => item.place.region))}` : ''}${extra.length > 0 ? ` (${extra.join(', ')})` : ''}`;
  });
  const bad = seen.filter((step) => badOutcome(outcome(step)));
  const exceptions = bad
    .slice(0, 5)
    .map((step): Text => [{ code: shortName(step.item.resource) }, `: ${cut(why(step) || 'no reason was given', 240)}`]);
  if (bad.length > 5) exceptions.push(`${count(bad.length - 5, 'more was', 'more were')} not done; Details names them.`);
  const followed = undoing ? [] : seen.filter((step) => step.followed);
  const added: Text[] =
    followed.length === 0
      ? []
      : [
          [
            `Added by the rule, started after the question: `,
            ...codes(
              followed.map((step) => step.item.resource),
              5,
            ),
          ],
        ];
  // What could not be done comes first where there is little room.
  return [...exceptions, ...lines, ...added];
}

const badOutcome = (outcome: Step['outcome'] | undefined): boolean => outcome === 'refused' || outcome === 'failed';

function stepLine(step: Step): Text {
  const end = step.undone ? `; undone: ${step.undone.outcome}${step.undone.why ? ` (${cut(step.undone.why, 120)})` : ''}` : '';
  return [
    { time: step.at, as: 'clock' },
    ` ${cut(step.item.does, 160)}: ${step.outcome}${step.why ? ` (${cut(step.why, 160)})` : ''}${step.followed ? ', by the following rule' : ''}${end}`,
  ];
}

/** Steps whose effect still stands, as far as this story knows. */
const standing = (incident: Incident): Step[] =>
  Object.values(incident.steps).filter((step) => isSo(step.outcome) && !isSo(step.undone?.outcome));
const undoable = (incident: Incident): Step[] => standing(incident).filter((step) => step.outcome === 'done' && step.item.undo !== 'none');
const isSo = (outcome: Step['outcome'] | undefined): boolean => outcome === 'done' || outcome === 'already so';

// ---- the plan in words ------------------------------------------------------------------------------------------------------

const planWords: Record<Plan['kind'], { asks: string; button: string; short: string; done: string }> = {
  contain: { asks: 'Contain', button: 'Contain', short: 'contain', done: 'Done' },
  stop: { asks: 'Stop the machines of', button: 'Stop them', short: 'stop the machines', done: 'Stopped' },
  revoke: { asks: 'Revoke the keys of', button: 'Revoke', short: 'revoke the keys', done: 'Revoked' },
  undo: { asks: 'Undo what was done in', button: 'Undo', short: 'undo', done: 'Undone' },
};

type Words = { does: string; undoes: string; one: string; many: string; done: [string, string, string]; undone: [string, string, string] };
const verbWords: Record<RemedyKind, Words> = {
  'disable-credential': {
    does: 'Deactivate',
    undoes: 'Make active again',
    one: 'access key',
    many: 'access keys',
    done: ['Deactivated', 'access key', 'access keys'],
    undone: ['Made active again', 'access key', 'access keys'],
  },
  'deny-principal': {
    does: 'Deny everything to',
    undoes: 'Take back the denial for',
    one: 'identity',
    many: 'identities',
    done: ['Denied everything to', 'identity', 'identities'],
    undone: ['Took back the denial for', 'identity', 'identities'],
  },
  'stop-compute': {
    does: 'Stop',
    undoes: 'Start again',
    one: 'instance',
    many: 'instances',
    done: ['Stopped', 'instance', 'instances'],
    undone: ['Started again', 'instance', 'instances'],
  },
};

/** Doors before machines: whoever is inside must not start what is being stopped. */
const verbOrder: RemedyKind[] = ['disable-credential', 'deny-principal', 'stop-compute'];
function byVerb(items: PlanItem[]): [RemedyKind, PlanItem[]][] {
  const groups = Map.groupBy(items, (item) => item.verb);
  return [...groups].sort((a, b) => verbOrder.indexOf(a[0]) - verbOrder.indexOf(b[0]));
}

function doing(verb: RemedyKind, items: PlanItem[], kind: Plan['kind']): Piece[] {
  const words = verbWords[verb];
  const does = kind === 'undo' ? words.undoes : words.does;
  const names = codes(
    items.map((item) => item.resource),
    4,
  );
  const where = verb === 'stop-compute' ? ` in ${regionWords(items.map((item) => item.place.region))}` : '';
  return [`${does} ${count(items.length, words.one, words.many)}${where}: `, ...names];
}

function undoWords(items: PlanItem[], kind: Plan['kind']): Piece[] {
  if (kind === 'undo') return [];
  const rank = { full: 'yes', partial: 'in part', none: 'no' } as const;
  const ways = (['none', 'partial', 'full'] as const).flatMap((way) => {
    const number = items.filter((item) => item.undo === way).length;
    return number === 0 ? [] : [number === items.length ? rank[way] : `${rank[way]} for ${whole(number)}`];
  });
  const needs = [...new Set(items.map((item) => item.undoNeeds).filter((need) => need !== undefined && need !== ''))] as string[];
  return [` · undo: ${ways.join(', ')}${needs.length > 0 ? ` (${cut(listed(needs, 2), 160)})` : ''}`];
}

function planNotes(plan: Plan, now: Time): Text[] {
  const { follows } = plan;
  const notes: Text[] = [];
  if (follows) {
    notes.push([
      `Also: whatever ${
        listed(
          follows.names.map((name) => cut(name, 60)),
          4,
        ) || 'these'
      }, or identities they create, start until `,
      { time: follows.until, as: secondsBetween(now, follows.until) > 20 * 3600 ? 'date' : 'clock' },
      `, at most ${count(follows.most, 'resource')}`,
    ]);
  }
  if (plan.spared.length > 0)
    notes.push(
      `Not touched: ${listed(
        plan.spared.map((spared) => `${whole(spared.count)} ${cut(spared.why, 120)}`),
        4,
      )}`,
    );
  if (plan.holes.length > 0)
    notes.push(
      `What stays open: ${listed(
        plan.holes.map((hole) => cut(hole, 160)),
        4,
      )}`,
    );
  if (plan.kind !== 'undo' && plan.shutWhy)
    notes.push(['The door is surely shut by ', { time: plan.shutBy, as: 'clock' }, `: ${cut(plan.shutWhy, 160)}`]);
  return notes;
}

function askingLines(view: View, plan: Plan): Part[] {
  const { policy } = view;
  const starts = plan.kind === 'undo' && plan.usdPerHour > 0 ? `This costs ${dollars(plan.usdPerHour)} an hour again. ` : '';
  const saves = plan.kind !== 'undo' && plan.usdPerHour > 0 ? `Saves ${dollars(plan.usdPerHour)} an hour. ` : '';
  const asker = nameOf(policy, plan.askedBy);
  const two =
    plan.peopleNeeded > 1
      ? `Above ${rate(policy.twoPeopleAboveUsdPerHour)} it takes two people: ${asker} asked, somebody else must approve. `
      : `${asker} asked. `;
  const admins = approvers(policy)
    .filter((person) => plan.peopleNeeded < 2 || person.id !== plan.askedBy)
    .map((person) => person.name);
  return [
    {
      kind: 'text',
      text: [`${saves}${starts}This plan is valid until `, { time: plan.expiresAt, as: 'clock' }, '. No answer means nothing is done.'],
    },
    {
      kind: 'text',
      text: `${two}May approve: ${listed(admins, 6) || 'nobody'}. Whoever does acts in their own name; it will be in the audit log and in the provider's log.`,
    },
  ];
}

/** How a question that is no longer open ended. */
function closedWords(view: View, plan: Plan): Text {
  const { incident, now } = view;
  const names = approvedBy(view, plan);
  if (names.length > 0) return `Approved by ${listed(names)}. The card shows what came of it.`;
  if (now >= plan.expiresAt)
    return ['This question ran out at ', { time: plan.expiresAt, as: 'clock' }, '. Nothing was done by it; ask again on the card.'];
  return incident.state === 'joined'
    ? ['Closed: the story is part of ', { code: incident.joinedInto ?? '?' }, ' now.']
    : 'Closed: nothing was done by it. Ask again on the card.';
}

const approvedBy = (view: View, plan: Plan): string[] => [
  ...new Set(
    [...view.incident.approvals, ...(view.incident.standing?.approvals ?? [])]
      .filter((approval) => approval.hash === plan.hash)
      .map((approval) => nameOf(view.policy, approval.by)),
  ),
];
const saving = (plan: Plan): string => (plan.usdPerHour > 0 && plan.kind !== 'undo' ? `, −${rate(plan.usdPerHour)}` : '');
const nameOf = (policy: Policy, id: string): string => policy.people.find((person) => person.id === id)?.name ?? id;

// ---- buttons ----------------------------------------------------------------------------------------------------------------

function cardButtons(view: View, money: Costs): Meant[] {
  const { incident } = view;
  const id = incident.id;
  const detail = mean({ kind: 'details', incident: id }, 'Details', 'plain');
  const resolve = mean({ kind: 'resolve', incident: id }, 'Close: resolved', 'plain');
  const undo = undoable(incident).length > 0 && !whyNot(view) ? [mean({ kind: 'ask', incident: id, want: 'undo' }, 'Undo …', 'plain')] : [];
  switch (incident.state) {
    case 'joined':
      return [];
    case 'resolved':
    case 'expected':
      return [...undo, detail];
    case 'planning':
    case 'asking':
    case 'acting':
      return [...(incident.owner ? [] : [mean({ kind: 'take', incident: id }, 'I am on it', 'plain')]), detail];
    case 'watching':
      return [...(money.running.length > 0 ? actions(view, money) : []), ...undo, resolve, detail];
    case 'open':
      return [
        ...actions(view, money),
        ...(incident.owner ? [] : [mean({ kind: 'take', incident: id }, 'I am on it', 'plain')]),
        ...(approvers(view.policy).length > 0
          ? [mean({ kind: 'expected', incident: id }, 'This is expected …', 'plain', expectedForm(money.perHour))]
          : []),
        ...undo,
        resolve,
        detail,
      ];
    default:
      return incident.state satisfies never;
  }
}

function actions(view: View, money: Costs): Meant[] {
  if (whyNot(view)) return [];
  const { incident } = view;
  const remedies = Object.values(incident.findings)
    .filter((finding) => finding.state === 'active')
    .flatMap((finding) => finding.remedies);
  const stops = remedies.some((remedy) => remedy.kind === 'stop-compute') && money.running.length > 0;
  const shut = new Set(standing(incident).map((step) => `${step.item.verb} ${step.item.resource}`));
  const keys = new Set(
    remedies.flatMap((remedy) =>
      remedy.kind === 'disable-credential' && !shut.has(`${remedy.kind} ${remedy.credential}`) ? [remedy.credential] : [],
    ),
  );
  const denies = remedies.some((remedy) => remedy.kind === 'deny-principal' && !shut.has(`${remedy.kind} ${remedy.principal.subject}`));
  const cuts = keys.size > 0 || denies;
  const less = money.perHour > 0 ? `  −${rate(money.perHour)}` : '';
  const back = cameBack(view).length > 0;
  const ask = (want: Plan['kind'], label: string, style: 'danger' | 'primary' | 'plain') =>
    mean({ kind: 'ask', incident: incident.id, want }, label, style);
  return [
    ...(stops || cuts ? [ask('contain', `${back ? 'Contain these too' : 'Contain everything'}${less}`, 'danger')] : []),
    ...(stops ? [ask('stop', `Stop ${count(money.running.length, 'instance')}${less}`, 'plain')] : []),
    ...(cuts
      ? [ask('revoke', keys.size > 1 ? `Revoke ${keys.size} keys` : keys.size === 1 ? 'Revoke the key' : 'Shut out who did it', 'plain')]
      : []),
  ];
}

/** The form behind "This is expected": values come back as `cap` (USD an hour, above which it alarms again) and `days` (1 to 30). */
function expectedForm(usdPerHour: number): Form {
  const cap = Math.min(100_000, Math.max(1, Math.ceil(usdPerHour)));
  return {
    title: 'This is expected',
    submit: 'It is expected',
    fields: [
      {
        id: 'cap',
        label: 'Up to how many USD an hour',
        kind: 'number',
        min: 0,
        max: 100_000,
        initial: cap,
        hint: 'Above this it alarms again',
      },
      { id: 'days', label: 'For how many days', kind: 'number', min: 1, max: 30, initial: 7, hint: 'At most 30' },
    ],
  };
}

// ---- small pieces -----------------------------------------------------------------------------------------------------------

function notification(view: View, money: Costs): string {
  const { incident } = view;
  const over = isOver(incident);
  const word = over ? ending(incident) : incident.severity.toUpperCase();
  const each = money.perHour > 0 && !over ? ` ${rate(money.perHour)}` : '';
  const regions = new Set(money.running.map((machine) => machine.region)).size;
  const where = regions > 1 ? ` in ${whole(regions)} regions` : '';
  const names = [...new Set(Object.values(incident.findings).map((finding) => accountName(view, finding.place.scope)))];
  const account = names.length === 0 ? '' : ` (${cut(listed(names, 1), 34)})`;
  const start = `${word}${each}: `;
  const text = headline(view).replace(/^[A-Z](?=[a-z ])/, (letter) => letter.toLowerCase());
  return oneLine(`${start}${oneLine(text, Math.max(20, 110 - start.length - where.length - account.length))}${where}${account}`, 110);
}

/** Struck-through titles, each with its reason, in at most so many lines. */
function withdrawn(incident: Incident, room: number): Part[] {
  const cleared = Object.values(incident.findings).filter((finding) => finding.state === 'cleared');
  if (cleared.length === 0 || room < 1) return [];
  const quiet = (text: string): Part => ({ kind: 'text', quiet: true, text });
  if (room < 2) return [quiet(`${count(cleared.length, 'finding')} withdrawn; Details says why.`)];
  const shown = cleared.slice(0, Math.min(2, Math.floor(room / 2)));
  const left = cleared.length - shown.length;
  return shown.flatMap((finding, at): Part[] => [
    { kind: 'text', struck: true, text: cut(finding.title, 160) },
    quiet(
      `Withdrawn: ${cut(finding.clearedWhy || 'it is no longer so', 160)}${left > 0 && at === shown.length - 1 ? ` · ${whole(left)} more withdrawn` : ''}`,
    ),
  ]);
}

function findingParts(finding: StoryFinding): Part[] {
  const facts = Object.entries(finding.facts).slice(0, 8);
  const rows = [
    row('Severity', [
      `${finding.severity}${finding.learning ? ' · still learning what is usual here' : ''}${finding.state === 'cleared' ? ` · withdrawn: ${cut(finding.clearedWhy || 'it is no longer so', 160)}` : ''}`,
    ]),
    row('Since', [[{ time: finding.at, as: 'date' }, ` · ${finding.place.region}`]]),
    ...facts.map(([label, fact]) => row(cut(label, 40), [cut(fact, 200)])),
    row('About', [codes(finding.about, 4)]),
    row('Evidence', [finding.evidence.length > 0 ? codesOf(finding.evidence, 3) : 'none kept']),
    row('Check', [[{ code: finding.check }]]),
  ];
  return [
    { kind: 'text', text: [{ bold: cut(finding.title, 160) }], ...(finding.state === 'cleared' ? { struck: true } : {}) },
    { kind: 'facts', rows: rows.filter((found) => found.lines.some((line) => !Array.isArray(line) || line.length > 0)) },
  ];
}

function machineLine(view: View, machine: Machine): Text {
  const starter = view.startedBy[machine.resource];
  const price = usable(machine.usdPerHour);
  return [
    { code: shortName(machine.resource) },
    ` ${cut(machine.shape.type || machine.what, 60)}${machine.name ? ` “${cut(machine.name, 60)}”` : ''}, ${machine.place.region}, ${price === undefined ? 'price not known' : `${machine.estimated ? 'about ' : ''}${dollars(price)}/h`}, since `,
    { time: machine.startedAt, as: 'date' },
    ...(starter ? [` by ${actorName(view.incident, starter)}`] : []),
    ...(machine.goneAt ? [', gone ', { time: machine.goneAt, as: 'clock' as const }] : []),
  ];
}

const lookLine = (look: Look, now: Time): Text =>
  `${look.source}, ${look.place.region}: ${whole(look.seen)} of ${whole(look.of)} ${look.noun}, ${duration(secondsBetween(look.at, now))} ago, up to ${duration(secondsBetween(look.upTo, now))} ago${look.gap ? `. ${cut(look.gap, 160)}` : ''}`;

function section(title: string, items: Text[], most: number): Part[] {
  if (items.length === 0) return [];
  const more = items.length - most;
  return [
    { kind: 'text', text: [{ bold: title }] },
    { kind: 'list', items: items.slice(0, most), ...(more > 0 ? { more } : {}) },
  ];
}

/** The hash's first eight characters: what the chat anchors. */
const hash = (audit: string): Piece[] => (audit ? [{ code: audit.slice(0, 8) }] : ['(nothing yet)']);

function accountsOf(view: View, items: { place: Place }[]): string[] {
  const scopes = new Map(items.map((item) => [item.place.scope.id, item.place.scope]));
  return [...scopes.values()].map((scope) => {
    const named = view.accounts.find((account) => account.scope.id === scope.id && account.scope.cloud === scope.cloud);
    return `account ${scope.cloud === 'aws' && /^\d{12}$/.test(scope.id) ? scope.id.replace(/(\d{4})(?=\d)/g, '$1-') : scope.id}${named ? ` (${named.name})` : ''}`;
  });
}
const accountName = (view: View, scope: Scope): string =>
  view.accounts.find((account) => account.scope.id === scope.id && account.scope.cloud === scope.cloud)?.name ?? scope.id;

function regionWords(regions: string[]): string {
  const names = [...new Set(regions)];
  if (names.length === 1) return names[0] ?? '';
  return names.length > 4 ? count(names.length, 'region') : `${names.length} regions (${names.join(', ')})`;
}

const codes = (subjects: Subject[], most: number): Piece[] => codesOf(subjects.map(shortName), most);
const codesOf = (names: string[], most: number): Piece[] => [
  ...names.slice(0, most).flatMap((name, at): Piece[] => (at === 0 ? [{ code: cut(name, 80) }] : [', ', { code: cut(name, 80) }])),
  ...(names.length > most ? [` and ${whole(names.length - most)} more`] : []),
];

const joined = (pieces: Piece[][], between: string): Piece[] => pieces.flatMap((piece, at) => (at === 0 ? piece : [between, ...piece]));
const oneLine = (text: string, most: number): string => cut(text.replace(/\s+/g, ' ').trim(), most);

/** The words of a text without its marks, for a notification. */
function plain(text: Text): string {
  const pieces = Array.isArray(text) ? text : [text];
  return pieces
    .map((piece) => {
      if (typeof piece === 'string') return piece;
      if ('bold' in piece) return piece.bold;
      if ('code' in piece) return piece.code;
      if ('label' in piece) return piece.label;
      return `${piece.time.slice(11, 16)} UTC`;
    })
    .join('');
}

/** For those who order by it. */
export const severityRank = (severity: Severity): number => severities.indexOf(severity);
