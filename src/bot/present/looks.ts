/** What was looked at, how long ago, and what could not be seen. Pure. */
import type { Time } from '../../checks/observation.ts';
import type { Piece, Text } from '../message.ts';
import type { Look } from '../ports.ts';
import { count, duration, secondsBetween, whole } from '../words.ts';
import { gapWords, late, unseen } from './gaps.ts';
import { joined } from './pieces.ts';
import { isInventory, isLog, isOfPlaces, isPush, isStale, plainSource, sourceWords } from './sources.ts';
import type { View } from './view.ts';

/** Says what was looked at and what could not be seen; never more. */
export function lookedLine(view: View): Text[] {
  const { now } = view;
  const looks = looksOf(view);
  if (looks.length === 0) return ['nothing has been looked at yet'];
  const groups = lookGroups(looks, now);
  // One piece for what is there, one for the log, each with its age; the other looks only speak through their gaps.
  const inventory = groups.find((group) => !group.isLog && isInventory(group.source)) ?? groups.find((group) => !group.isLog);
  const log = groups.find((group) => group.isLog);
  const others = looks.filter((look) => look.source !== inventory?.source && look.source !== log?.source);
  const gaps = [...unseen(looks), ...late(others, now)];
  const pieces: Piece[][] = [];
  if (inventory) pieces.push(inventoryWords(inventory, now));
  // A gap says better why nothing of the log could be read.
  const isPushed = groups.some((group) => isPush(group.source) && group.seen > 0 && group.seen === group.of);
  if (log && (log.seen > 0 || unseen(looks.filter((look) => look.source === log.source)).length === 0))
    pieces.push([logWords(log, isPushed)]);
  for (const gap of gaps.slice(0, 2)) pieces.push([gap]);
  if (gaps.length > 2) pieces.push([`${count(gaps.length - 2, 'more gap')} in Details`]);
  return [joined(pieces, ' · ')];
}

/** The looks at the accounts of the story. A story of an organization or a payer has none of its own: then all of them count. */
function looksOf({ incident, looks }: View): Look[] {
  const scopes = new Set(Object.values(incident.findings).map((finding) => `${finding.place.scope.cloud} ${finding.place.scope.id}`));
  const mine = looks.filter((look) => scopes.has(`${look.place.scope.cloud} ${look.place.scope.id}`));
  return mine.length > 0 ? mine : looks;
}

/**
 * "17 of 17 regions · events 4 min behind", for the digest and `status`: the machines, the log, and of all else only what was not read in
 * full; more than two such are counted.
 */
export function looksInWords(looks: Look[], now?: Time): string[] {
  const groups = lookGroups(looks, now);
  const isPushed = groups.some((group) => isPush(group.source) && group.seen > 0 && group.seen === group.of);
  const first = groups
    .filter((group) => isInventory(group.source))
    .map((group) => `${whole(group.seen)} of ${whole(group.of)} ${group.noun}`);
  const logs = groups.filter((group) => group.isLog).map((group) => logWords(group, isPushed));
  const rest = groups.filter((group) => !isInventory(group.source) && !group.isLog && group.seen < group.of);
  const others =
    rest.length > 2
      ? [`${rest.length} other things read in part or not at all`]
      : rest.map((group) => `${plainSource(group.source)} in ${whole(group.seen)} of ${whole(group.of)} ${group.noun}`);
  return [...first, ...logs, ...others];
}

/** How far the log that names who did what is behind in the accounts of the story, or that it could not be read. */
export function logBehind(view: View): { seconds: number } | 'unread' | 'unknown' {
  const log = lookGroups(looksOf(view), view.now).find((group) => group.isLog);
  return log === undefined ? 'unknown' : log.seen === 0 ? 'unread' : { seconds: log.behind };
}

/** For the details: what could not be seen, then all looks, those over many places in one line each. */
export function lookLines(looks: Look[], now: Time): Text[] {
  const groups = lookGroups(looks, now).map(
    (group): Text => [
      `${sourceWords(group.source)}: ${whole(group.seen)} of ${whole(group.of)} ${group.noun}, oldest look `,
      { time: group.at, as: 'ago' },
      `, up to ${duration(group.behind)} behind`,
    ],
  );
  return [...gapWords(looks, now), ...groups];
}

/** Looks of one kind of thing put together: "17 of 17 regions". */
type LookGroup = { source: string; noun: string; of: number; seen: number; at: Time; behind: number; isLog: boolean };

/** `now`: how far behind is counted from then, else from each look. */
function lookGroups(looks: Look[], now?: Time): LookGroup[] {
  return [...Map.groupBy(looks.filter(isOfPlaces), (look) => `${look.source}\n${look.noun}`).values()]
    .map((group): LookGroup => {
      const oldest = group.reduce((a, b) => (b.at < a.at ? b : a));
      // A place that could not be read has a gap of its own, and would make the rest look older than it is.
      const read = group.filter((look) => look.seen > 0);
      const behind = Math.max(0, ...(read.length > 0 ? read : group).map((look) => secondsBetween(look.upTo, now ?? look.at)));
      return {
        source: oldest.source,
        noun: oldest.noun,
        of: group.reduce((sum, look) => sum + look.of, 0),
        seen: group.reduce((sum, look) => sum + look.seen, 0),
        at: oldest.at,
        behind,
        isLog: isLog(oldest.source),
      };
    })
    .sort((a, b) => Number(a.isLog) - Number(b.isLog) || b.of - a.of);
}

function inventoryWords({ source, seen, of, noun, at }: LookGroup, now: Time): Piece[] {
  return [`${whole(seen)} of ${whole(of)} ${noun}, ${isStale(source, at, now) ? 'last looked at ' : ''}`, { time: at, as: 'ago' }];
}

/** Where events are pushed, the log is only read to see that nobody cut the push, and may be far behind. */
function logWords(log: LookGroup, isPushed: boolean): string {
  if (log.seen === 0) return isPushed ? 'events pushed, their log could not be read' : 'the events could not be read';
  const part = log.seen < log.of ? ` (${whole(log.seen)} of ${whole(log.of)} ${log.noun})` : '';
  return `${isPushed ? 'events pushed, their log' : 'events'} ${duration(log.behind)} behind${part}`;
}
