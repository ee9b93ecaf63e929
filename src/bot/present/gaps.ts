/** What could not be seen, in plain words: short also when a dozen sources fail in all regions for one reason. Pure. */
import type { Time } from '../../checks/observation.ts';
import type { Look } from '../ports.ts';
import { count, cut, duration, listed, secondsBetween } from '../words.ts';
import { isInventory, isLog, isOfPlaces, isStale, plainSource, sourceWords } from './sources.ts';

/** Each once, with its regions, what matters most first. Exported for the digest: a blind spot reads the same everywhere. */
export const gapWords = (looks: Look[], now: Time): string[] => [...unseen(looks), ...late(looks, now)];

type Gap = { why: string; regions: string[]; weight: number };

export function unseen(looks: Look[]): string[] {
  const single = looks.flatMap(gapsOf);
  // The same gap in many regions is one gap, also where its words name the region.
  const gaps = [...Map.groupBy(single, ({ why }) => why)].map(
    ([why, group]): Gap => ({
      why,
      regions: [...new Set(group.map((gap) => gap.region))],
      weight: Math.max(...group.map((gap) => gap.weight)),
    }),
  );
  const byReason = Map.groupBy(gaps, ({ why }) => partsOf(why)?.reason ?? why);
  return [...byReason.values()]
    .flatMap((group) =>
      group.length >= fewest
        ? [{ text: together(group), weight: Math.max(...group.map(({ weight }) => weight)) }]
        : group.map((gap) => ({ text: alone(gap), weight: gap.weight })),
    )
    .sort((a, b) => b.weight - a.weight)
    .map(({ text }) => text);
}

export function late(looks: Look[], now: Time): string[] {
  const old = looks.filter((look) => isOfPlaces(look) && isStale(look.source, look.at, now));
  const bySource = [...Map.groupBy(old, (look) => look.source)]
    .map(([source, group]) => ({
      source,
      regions: new Set(group.map((look) => look.place.region)).size,
      age: Math.max(...group.map((look) => secondsBetween(look.at, now))),
    }))
    .sort((a, b) => weightOf(b.source) - weightOf(a.source));
  if (bySource.length < fewest)
    return bySource.map(
      ({ source, regions, age }) =>
        `${sourceWords(source)} were last read ${duration(age)} ago${regions > 1 ? ` in ${count(regions, 'region')}` : ''}`,
    );
  const age = Math.max(...bySource.map((one) => one.age));
  return [
    `${listed(
      bySource.map(({ source }) => plainSource(source)),
      3,
    )} were last read up to ${duration(age)} ago`,
  ];
}

/** From so many on they are told together. */
const fewest = 3;
/** Stands for the region's name while gaps are compared. */
const here = '\u0000';
const weightOf = (source: string): number => (isInventory(source) ? 2 : isLog(source) ? 1 : 0);

/** A source may name several in one breath; each that says what could not be read stands for itself. */
function gapsOf({ source, place: { region }, gap, complete }: Look): { why: string; region: string; weight: number }[] {
  if (!gap && complete) return [];
  const said = gap || `${plainSource(source)} could not be read: a look did not finish`;
  const pieces = said.split('; ');
  const whys = pieces.every((piece) => partsOf(piece)) ? pieces : [said];
  const weight = weightOf(source);
  return whys.map((why) => ({ why: why.includes(region) ? why.replaceAll(region, here) : why, region, weight }));
}

/** "the containers of eu-west-1 could not be read: not allowed (AccessDenied)". The provider's word for it differs from service to service. */
function partsOf(why: string): { what: string; reason: string; code?: string } | undefined {
  const [, what, reason, code] = /^(.+?) could not be read: ([^;]+?)(?: \(([\w.]+)\))?$/.exec(why) ?? [];
  return what === undefined || reason === undefined ? undefined : { what, reason, ...(code === undefined ? {} : { code }) };
}

function alone({ why, regions }: Gap): string {
  const names = namesOf(regions);
  if (why.includes(here)) return cut(why.replaceAll(here, names), 200);
  return regions.every((region) => region === 'global') || /regions?\b/.test(why) ? cut(why, 200) : `${cut(why, 160)} (${names})`;
}

/** Different things, one reason. What each of them misses may be fewer regions than all of them together. */
function together(gaps: Gap[]): string {
  const parts = gaps.map(({ why }) => partsOf(why)).filter((part) => part !== undefined);
  const things = [...new Set(gaps.toSorted((a, b) => b.weight - a.weight).map(({ why }) => nameOf(partsOf(why)?.what ?? why)))];
  const regions = [...new Set(gaps.flatMap((gap) => gap.regions))].filter((region) => region !== 'global');
  const isSame = gaps.every((gap) => gap.regions.length === regions.length);
  const names = isSame ? namesOf(regions) : regions.length > 3 ? `up to ${count(regions.length, 'region')}` : regions.join(' or ');
  const where = regions.length === 0 ? '' : ` in ${names}`;
  const codes = [...new Set(parts.map(({ code }) => code))];
  const code = codes.length === 1 && codes[0] !== undefined ? ` (${codes[0]})` : '';
  return cut(`${listed(things, 3)} could not be read${where}: ${parts[0]?.reason ?? ''}${code}`, 240);
}

const nameOf = (what: string): string => what.replace(` of ${here}`, '').replaceAll(here, 'a region');
const namesOf = (regions: string[]): string => (regions.length > 3 ? count(regions.length, 'region') : listed(regions));
