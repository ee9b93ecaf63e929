/** A plan in words. Pure. */
import type { RemedyKind } from '../../checks/check.ts';
import type { Time } from '../../checks/observation.ts';
import type { Plan } from '../incident.ts';
import type { Part, Text } from '../message.ts';
import type { PlanItem } from '../ports.ts';
import { count, cut, listed, rate, secondsBetween, whole } from '../words.ts';
import { codes, regionWords } from './pieces.ts';

export const planWords: Record<Plan['kind'], { asks: string; button: string; short: string; done: string }> = {
  contain: { asks: 'Contain', button: 'Contain', short: 'contain', done: 'Done' },
  stop: { asks: 'Stop the machines of', button: 'Stop them', short: 'stop the machines', done: 'Stopped' },
  revoke: { asks: 'Revoke the keys of', button: 'Revoke', short: 'revoke the keys', done: 'Revoked' },
  undo: { asks: 'Undo what was done in', button: 'Undo', short: 'undo', done: 'Undone' },
};

/** `…` stands for how many of what. */
type Words = { does: string; undoes: string; one: string; many: string; done: string; undone: string };

/** A user is denied everything, a role loses its open sessions: a plan's own items say which, a count says "cut off". */
export const verbWords: Record<RemedyKind, Words> = {
  'disable-credential': {
    does: 'Deactivate …',
    undoes: 'Activate … again',
    one: 'access key',
    many: 'access keys',
    done: 'Deactivated …',
    undone: 'Activated … again',
  },
  'deny-principal': {
    does: 'Cut off …',
    undoes: 'Let … in again',
    one: 'identity',
    many: 'identities',
    done: 'Cut off …',
    undone: 'Let … in again',
  },
  'stop-compute': {
    does: 'Stop …',
    undoes: 'Start … again',
    one: 'instance',
    many: 'instances',
    done: 'Stopped …',
    undone: 'Started … again',
  },
};

/** Doors before machines: whoever is inside must not start what is being stopped. */
const verbOrder: RemedyKind[] = ['disable-credential', 'deny-principal', 'stop-compute'];

export function byVerb(items: PlanItem[]): [RemedyKind, PlanItem[]][] {
  const groups = Map.groupBy(items, (item) => item.verb);
  return [...groups].sort((a, b) => verbOrder.indexOf(a[0]) - verbOrder.indexOf(b[0]));
}

/** Up to so many of a verb are said one by one, in the words of the plan. */
const mostSingly: Record<RemedyKind, number> = { 'disable-credential': 3, 'deny-principal': 3, 'stop-compute': 2 };

/** The lines of a plan: what will be done, and how it is undone. */
export function planLines(plan: Plan): Text[] {
  return byVerb(plan.items).flatMap(([verb, items]): Text[] => {
    if (plan.kind !== 'undo' && items.length <= mostSingly[verb]) return items.map((item) => `${cut(item.does, 240)}${undoWords([item])}`);
    const words = verbWords[verb];
    const said = (plan.kind === 'undo' ? words.undoes : words.does).replace('…', count(items.length, words.one, words.many));
    const where = verb === 'stop-compute' ? ` in ${regionWords(items.map((item) => item.place.region))}` : '';
    const names = codes(
      items.map((item) => item.resource),
      4,
    );
    return [[`${said}${where}: `, ...names, plan.kind === 'undo' ? '' : undoWords(items)]];
  });
}

function undoWords(items: PlanItem[]): string {
  const needs = needsWords(items.flatMap((item) => (item.undoNeeds ? [item.undoNeeds] : [])));
  const ways = (['none', 'partial', 'full'] as const).flatMap((way) => {
    const number = items.filter((item) => item.undo === way).length;
    return number === 0 ? [] : [{ word: { full: 'yes', partial: 'in part', none: 'no' }[way], number }];
  });
  const [only] = ways;
  if (ways.length === 1 && only)
    return ` · undo: ${only.word === 'in part' && needs ? needs : `${only.word}${needs ? ` (${needs})` : ''}`}`;
  return ` · undo: ${ways.map(({ word, number }) => `${word} for ${whole(number)}`).join(', ')}${needs ? ` (${needs})` : ''}`;
}

/** What most need first; of the others only what comes on top of that. */
function needsWords(needs: string[]): string {
  const [most, ...others] = [...Map.groupBy(needs, (need) => need)]
    .map(([need, same]) => ({ need, number: same.length }))
    .sort((a, b) => b.number - a.number);
  if (!most) return '';
  const more = others.slice(0, 2).map(({ need, number }) => {
    const rest = need.startsWith(most.need) ? need.slice(most.need.length).replace(/^[,;\s]*(and )?/, '') : need;
    return `; ${whole(number)} of them: ${cut(rest, 160)}`;
  });
  return `${cut(most.need, 160)}${more.join('')}`;
}

/** What the plan covers beyond its items, what it leaves alone and when it has taken effect. */
export function planNotes(plan: Plan, now: Time): Text[] {
  const { follows } = plan;
  const notes: Text[] = [];
  if (follows) {
    const names = follows.names.map((name) => cut(name, 60));
    const unnamed = names.length === 0 && follows.startersOf.length > 0;
    const starters = 'whoever started these machines is cut off once the log names them, and whatever they';
    notes.push([
      `Also: ${unnamed ? starters : `whatever ${listed(names, 4) || 'these'}`}, or identities they create, start until `,
      { time: follows.until, as: secondsBetween(now, follows.until) > 20 * 3600 ? 'date' : 'clock' },
      `, at most ${count(follows.most, 'resource')}, without asking again`,
    ]);
  }
  if (plan.spared.length > 0) notes.push(`Not touched: ${listed(plan.spared.map(sparedWords), 4)}`);
  // Not "shut": a plan that cuts nobody off shuts no door.
  if (plan.kind !== 'undo' && plan.shutWhy)
    notes.push(['In force by ', { time: plan.shutBy, as: 'clock' }, ` at the latest: ${cut(plan.shutWhy, 200)}`]);
  return notes;
}

/** "9 machines started by somebody else". */
export const sparedWords = (spared: Plan['spared'][number]): string => `${count(spared.count, 'machine')} ${cut(spared.why, 120)}`;

/** What stays open, one line each: a link in it must not be cut. */
export function holesParts(title: string, holes: string[]): Part[] {
  if (holes.length === 0) return [];
  const shown = holes.slice(0, 5);
  return [
    { kind: 'text', text: [{ bold: title }] },
    { kind: 'list', items: shown.map((hole) => cut(hole, 400)), ...(holes.length > 5 ? { more: holes.length - 5 } : {}) },
  ];
}

export const saving = (plan: Plan): string => (plan.usdPerHour > 0 && plan.kind !== 'undo' ? `, −${rate(plan.usdPerHour)}` : '');
