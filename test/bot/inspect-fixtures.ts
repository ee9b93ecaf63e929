/** Made-up checks that use every kind of memory, and random streams of observations for them. */
import fc from 'fast-check';
import { z } from 'zod';
import type { AnyCheck, Finding } from '../../src/checks/check.ts';
import { defineCheck } from '../../src/checks/check.ts';
import type { Observation, Severity } from '../../src/checks/observation.ts';
import { production } from '../checks/observed.ts';

const nothing: string[] = [];
const about = {
  why: '',
  falseAlarms: nothing,
  misses: nothing,
  tactic: '',
  references: nothing,
  maturity: 'stable' as const,
  nature: 'event' as const,
};

function said(key: string, check: string, now: Observation, severity: Severity, learning: boolean, evidence = now.evidence): Finding {
  return {
    key,
    check,
    at: now.at,
    place: now.place,
    severity,
    title: `${check} ${severity}`,
    about: [],
    evidence: [...evidence],
    usdPerHour: {},
    facts: {},
    remedies: [],
    learning,
  };
}

/** A region nobody used in the last ten days. */
export const newRegion: AnyCheck = defineCheck({
  ...about,
  id: 'made-up/new-region',
  title: 'New region',
  watches: ['compute.asked'],
  remembers: { regions: { kind: 'seen', key: (o) => (o.outcome ? undefined : o.place.region), days: 10 } },
  params: z.object({}),
  evaluate: (now, { regions }) =>
    regions.known
      ? []
      : [said(`made-up/new-region:${now.place.region}`, 'made-up/new-region', now, regions.learning ? 'low' : 'high', regions.learning)],
});

/** More machines in half an hour than ever before; cites the whole half hour. */
export const jump: AnyCheck = defineCheck({
  ...about,
  id: 'made-up/jump',
  title: 'Jump',
  watches: ['compute.asked'],
  remembers: {
    recent: { kind: 'recent', key: (o) => o.place.region, minutes: 30, most: 6 },
    biggest: { kind: 'most', key: (o) => o.place.region, value: (_, { recent }) => machines(recent ?? []), days: 10 },
  },
  params: z.object({}),
  evaluate(now, { recent, biggest }) {
    const sum = machines(recent);
    if (sum < 6 || sum < 2 * biggest.value) return [];
    const severity = sum >= 4 * biggest.value ? 'high' : 'medium';
    return [
      said(
        `made-up/jump:${now.place.region}`,
        'made-up/jump',
        now,
        severity,
        false,
        recent.flatMap(({ evidence }) => evidence),
      ),
    ];
  },
});

/** Like a jump, but held against windows that ended before this one began; shows what it was held against. */
export const surge: AnyCheck = defineCheck({
  ...about,
  id: 'made-up/surge',
  title: 'Surge',
  watches: ['compute.asked'],
  remembers: {
    recent: { kind: 'recent', key: (o) => o.place.region, minutes: 30, most: 6 },
    biggest: { kind: 'most', key: (o) => o.place.region, value: (_, { recent }) => machines(recent ?? []), days: 3, after: 30 },
  },
  params: z.object({}),
  evaluate(now, { recent, biggest }) {
    const severity = machines(recent) > 12 + biggest.value ? 'medium' : 'low';
    return [
      said(
        `made-up/surge:${now.id}:${biggest.value}`,
        'made-up/surge',
        now,
        severity,
        false,
        recent.flatMap(({ evidence }) => evidence),
      ),
    ];
  },
});

/** Shows what a `seen` memory answers, to the last detail. */
export const habit: AnyCheck = defineCheck({
  ...about,
  id: 'made-up/habit',
  title: 'Habit',
  watches: ['compute.asked', 'principal.acted'],
  remembers: { doers: { kind: 'seen', key: (o) => o.actor?.name, days: 2 } },
  params: z.object({}),
  evaluate: (now, { doers }) => [
    said(
      `made-up/habit:${now.id}:${doers.known}:${doers.first}:${doers.last}:${doers.days}`,
      'made-up/habit',
      now,
      now.kind === 'principal.acted' && !doers.known ? 'medium' : 'low',
      doers.learning,
    ),
  ],
});

/** More money in a day than on the day before. */
export const costly: AnyCheck = defineCheck({
  ...about,
  id: 'made-up/costly',
  title: 'Costly',
  watches: ['spend.recorded'],
  remembers: { days: { kind: 'daily', key: (o) => o.place.region, day: (o) => o.day, value: (o) => o.cost.amount, days: 5 } },
  params: z.object({}),
  evaluate(now, { days }) {
    const today = days.find(({ day }) => day === now.day)!;
    const before = Math.max(0, ...days.filter(({ day }) => day < now.day).map(({ value }) => value));
    return today.value > 2 * before + 5
      ? [said(`made-up/costly:${now.place.region}:${now.day}`, 'made-up/costly', now, today.value > 4 * before + 5 ? 'high' : 'low', false)]
      : [];
  },
});

/** Like a habit, but of acts it only remembers it never speaks; never asks when somebody was seen first. */
export const familiar: AnyCheck = defineCheck({
  ...about,
  id: 'made-up/familiar',
  title: 'Familiar',
  watches: ['compute.asked', 'principal.acted'],
  judges: ['compute.asked'],
  remembers: { doers: { kind: 'seen', key: (o) => o.actor?.name, days: 2 } },
  params: z.object({}),
  evaluate: (now, { doers }) => [
    said(
      `made-up/familiar:${now.id}:${doers.known}:${doers.last}:${doers.days}`,
      'made-up/familiar',
      now,
      now.kind === 'compute.asked' && now.count > 7 ? 'medium' : 'low',
      doers.learning,
    ),
  ],
});

export const madeUp = [newRegion, jump, surge, habit, costly];
/** None of these judges what somebody just did: it is held without its content. */
export const madeUpOfLogs = [newRegion, jump, surge, familiar, costly];

const start = Date.parse('2026-11-01T00:00:00.000Z');
const timeOf = (minutes: number): string => new Date(start + minutes * 60_000).toISOString();

/** Events that are heard within 20 hours of their time, so that any order of them is within the horizon. */
export const streamWithin = (minutes: number, most: number): fc.Arbitrary<Observation[]> =>
  fc
    .array(
      fc.record({
        minute: fc.integer({ min: 0, max: minutes }),
        sort: fc.constantFrom('asked', 'asked', 'asked', 'acted', 'spend', 'look'),
        region: fc.constantFrom('a', 'b'),
        actor: fc.constantFrom('ada', 'eve'),
        amount: fc.integer({ min: 1, max: 9 }),
        shared: fc.boolean(),
        outcome: fc.constantFrom(undefined, undefined, undefined, 'denied' as const),
      }),
      { minLength: 1, maxLength: most, size: 'max' },
    )
    .map((drawn) => drawn.map((facts, index) => made(facts, index)));

type Drawn = {
  minute: number;
  sort: string;
  region: string;
  actor: string;
  amount: number;
  shared: boolean;
  outcome: 'denied' | undefined;
};

function made({ minute, sort, region, actor, amount, shared, outcome }: Drawn, index: number): Observation {
  const id = `o${index}`;
  const common = {
    id,
    at: timeOf(minute),
    heard: timeOf(minute + 60),
    by: 'made-up',
    place: { scope: production, region },
    evidence: shared ? [`shared-${minute % 7}`, id] : [id],
    actor: { subject: `principal:${actor}`, name: actor, kind: 'user', home: production } as const,
    ...(outcome ? { outcome } : {}),
  };
  switch (sort) {
    case 'asked':
      return { ...common, kind: 'compute.asked', resources: [], count: amount, what: 'instance' };
    case 'acted':
      return { ...common, kind: 'principal.acted', operation: 'made:Up' };
    case 'spend': {
      const { actor: _, outcome: __, ...bill } = common;
      const cost = { amount: amount / 10, currency: 'USD' };
      return { ...bill, kind: 'spend.recorded', day: common.at.slice(0, 10), service: 'made-up', cost, charge: 'usage', provisional: true };
    }
    default: {
      const { actor: _, outcome: __, ...look } = common;
      return {
        ...look,
        kind: 'look.finished',
        source: 'made-up',
        noun: 'regions',
        of: 1,
        seen: 1,
        since: timeOf(minute - amount * 1440),
        upTo: common.at,
        complete: true,
      };
    }
  }
}

/** The same amount heard again later with another value, as bills and inventories are. */
export const revised = (observation: Observation, by: number): Observation =>
  observation.kind === 'spend.recorded'
    ? { ...observation, heard: timeOf(100_000 + by), cost: { amount: by / 3, currency: 'USD' } }
    : observation.kind === 'compute.asked'
      ? { ...observation, heard: timeOf(100_000 + by), count: by }
      : observation.kind === 'principal.acted' && observation.actor
        ? { ...observation, heard: timeOf(100_000 + by), actor: { ...observation.actor, name: by % 2 === 0 ? 'ada' : 'eve' } }
        : observation;

const machines = (recent: readonly { count?: number }[]): number => recent.reduce((sum, { count }) => sum + (count ?? 0), 0);
