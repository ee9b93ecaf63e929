/** What was looked at, how long ago, and what could not be seen. Pure. */
import type { Time } from '../../checks/observation.ts';
import type { Piece, Text } from '../message.ts';
import type { Look } from '../ports.ts';
import { count, cut, duration, listed, secondsBetween, whole } from '../words.ts';
import { joined } from './pieces.ts';
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
  if (log && (log.seen > 0 || unseen(looks.filter((look) => look.source === log.source)).length === 0)) pieces.push([logWords(log)]);
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

/** "17 of 17 regions · events 4 min behind", for the digest and `status`. */
export function looksInWords(looks: Look[], now?: Time): string[] {
  const told = lookGroups(looks, now).filter((group) => isInventory(group.source) || group.isLog || group.seen < group.of);
  return told.map((group) => (group.isLog ? logWords(group) : `${whole(group.seen)} of ${whole(group.of)} ${group.noun}`));
}

/** How far the log that names who did what is behind in the accounts of the story, or that it could not be read. */
export function logBehind(view: View): { seconds: number } | 'unread' | 'unknown' {
  const log = lookGroups(looksOf(view), view.now).find((group) => group.isLog);
  return log === undefined ? 'unknown' : log.seen === 0 ? 'unread' : { seconds: log.behind };
}

/** All looks for the details: those over many places in one line each. */
export function lookLines(looks: Look[], now: Time): Text[] {
  const groups = lookGroups(looks, now).map(
    (group): Text => [
      `${sourceWords(group.source)}: ${whole(group.seen)} of ${whole(group.of)} ${group.noun}, oldest look `,
      { time: group.at, as: 'ago' },
      `, up to ${duration(group.behind)} behind`,
    ],
  );
  return [...groups, ...gapWords(looks, now)];
}

/** A look older than this no longer speaks for the present: inventory and log are read every few minutes, the rest at least daily. */
const staleLookSeconds = 30 * 60;

const staleOtherSeconds = 26 * 3600;

/** What could not be seen, in plain words, each once, with its regions. Exported for the digest: a blind spot reads the same everywhere. */
export const gapWords = (looks: Look[], now: Time): string[] => [...unseen(looks), ...late(looks, now)];

function unseen(looks: Look[]): string[] {
  const gaps = looks.flatMap((look) => {
    const why = look.gap || (look.complete ? undefined : `${sourceWords(look.source)}: a look did not finish`);
    return why ? [{ why, region: look.place.region }] : [];
  });
  // The same gap in many regions is one gap, also where its words name the region.
  const same = Map.groupBy(gaps, ({ why, region }) => (why.includes(region) ? why.replaceAll(region, here) : why));
  return [...same].map(([why, group]) => {
    const regions = [...new Set(group.map((gap) => gap.region))];
    const names = regions.length > 3 ? count(regions.length, 'region') : listed(regions);
    if (why.includes(here)) return cut(why.replaceAll(here, names), 200);
    return regions.every((region) => region === 'global') || /regions?\b/.test(why) ? cut(why, 200) : `${cut(why, 160)} (${names})`;
  });
}

function late(looks: Look[], now: Time): string[] {
  const old = looks.filter((look) => isOfPlaces(look) && isStale(look.source, look.at, now));
  return [...Map.groupBy(old, (look) => look.source)].map(([source, group]) => {
    const regions = new Set(group.map((look) => look.place.region)).size;
    const age = Math.max(...group.map((look) => secondsBetween(look.at, now)));
    return `${sourceWords(source)} was last read ${duration(age)} ago${regions > 1 ? ` in ${count(regions, 'region')}` : ''}`;
  });
}

const isInventory = (source: string): boolean => /inventory/.test(source);
const isStale = (source: string, at: Time, now: Time): boolean =>
  secondsBetween(at, now) > (isInventory(source) || isLog(source) ? staleLookSeconds : staleOtherSeconds);

/** Stands for the region's name while gaps are compared. */
const here = '\u0000';

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

/** A look over places, as it is made all the time; not one into a subject, at the past, or at a list. */
const isOfPlaces = (look: Look): boolean => !/^(subjects|days of the past|lists of .*)$/.test(look.noun);

const isLog = (source: string): boolean => /log|event/.test(source);

function inventoryWords({ source, seen, of, noun, at }: LookGroup, now: Time): Piece[] {
  return [`${whole(seen)} of ${whole(of)} ${noun}, ${isStale(source, at, now) ? 'last looked at ' : ''}`, { time: at, as: 'ago' }];
}

function logWords(log: LookGroup): string {
  if (log.seen === 0) return 'the events could not be read';
  return `events ${duration(log.behind)} behind${log.seen < log.of ? ` (${whole(log.seen)} of ${whole(log.of)} ${log.noun})` : ''}`;
}

const sources: Record<string, string> = {
  inventory: 'the list of machines',
  'audit-log': 'the event log',
  identities: 'users and keys',
  costs: 'the costs',
};
/** What a person would call a source; its own name stands behind for whoever must look it up. */
function sourceWords(source: string): string {
  const name = sources[source.slice(source.indexOf('/') + 1)];
  return name ? `${name} (${source})` : source;
}
