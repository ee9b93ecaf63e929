/**
 * What people said is expected: each for one account, one check (or everything about machines), a time and a cap in dollars an hour.
 * Principals are named by their id, never by a pattern, and nothing an attacker can choose widens it. Touched guards and our own
 * blindness are never hidden. What was hidden is counted and named, so that it can be looked at.
 */
import { createHash } from 'node:crypto';
import type { Finding } from '../checks/check.ts';
import type { Scope, Subject, Time } from '../checks/observation.ts';
import type { Expectation, Hidden } from './ports.ts';
import { type LinkBook, scopeName } from './story.ts';
import { addSeconds } from './time.ts';

/** What falls into a declared window may be heard that much after its end. */
const lateSeconds = 900;
/** Whoever acts for a principal is at most so many links away from it: key of, session of, assumed. */
const mostSteps = 3;
const daySeconds = 24 * 3600;
/** Declared for a principal it may last a quarter of a year, for everybody in a region a week. */
export const mostDays = { principal: 90, region: 7 };

/** A window that is declared beforehand. `what`: a check's id, or 'machines' for all that is about computing. */
export type Declaration = {
  what: string;
  scope: Scope;
  /** Absent: any, for one principal. */
  region?: string;
  /** Absent: anybody, in one region. */
  principal?: Subject;
  from: Time;
  until: Time;
  upToUsdPerHour: number;
  by: string;
};

/** What stands against declaring this, in plain words; undefined when nothing does. */
export function againstDeclaring(given: Declaration): string | undefined {
  const { what, region, principal, from, until, upToUsdPerHour } = given;
  if (!isHideable(what)) return 'Touched guards and blind spots cannot be expected: they always alarm.';
  if (region === undefined && principal === undefined)
    return 'Name a region or a principal: what holds for everybody everywhere hides too much.';
  if ([what, region ?? '', principal ?? ''].some((name) => /[*?]/.test(name)))
    return 'Patterns are not understood: name one region and one principal by its id.';
  const days = (Date.parse(until) - Date.parse(from)) / (daySeconds * 1000);
  const most = principal ? mostDays.principal : mostDays.region;
  if (!(days > 0)) return 'It must end after it begins.';
  if (days > most) return principal ? `At most ${most} days.` : `At most ${most} days where no principal is named.`;
  if (!(upToUsdPerHour >= 0 && upToUsdPerHour <= 100_000)) return 'Give a cap from 0 to 100000 dollars an hour.';
  return undefined;
}

/** The expectation that a declaration stands for. Throws where something stands against it. */
export function declared(given: Declaration): Expectation {
  const against = againstDeclaring(given);
  if (against) throw new Error(`This cannot be declared: ${against}`);
  const { what, scope, region, principal, from, until, upToUsdPerHour, by } = given;
  return {
    id: `declared ${createHash('sha256')
      .update(JSON.stringify([what, scopeName(scope), region, principal, from, until, by]))
      .digest('hex')
      .slice(0, 12)}`,
    kind: principal && Date.parse(until) - Date.parse(from) > 7 * daySeconds * 1000 ? 'principal' : 'window',
    check: what,
    region: region ?? 'any',
    scope,
    ...(principal ? { principal } : {}),
    capUsdPerHour: upToUsdPerHour,
    ...{ from, until, by, at: from, hid: 0 },
  };
}

/** Touched guards and our own blindness are never hidden. */
export const isHideable = (check: string): boolean => !check.startsWith('evasion/') && !check.startsWith('coverage/');

/** What people type to name one. */
export const codeOf = ({ id }: Pick<Expectation, 'id'>): string => createHash('sha256').update(id).digest('hex').slice(0, 6);

/** When it stops to hide: what falls into a declared window may be heard a little later, what a person ended hides nothing more. */
export const overAt = ({ from, until, endedBy }: Expectation): Time =>
  from === undefined || endedBy !== undefined ? until : addSeconds(until, lateSeconds);

export type Quiet = {
  /**
   * The expectation that hides this finding now. `over`: one that would, were it not for its cap.
   * @param beside the other findings of its story: what they cost counts against the cap
   */
  hiding(
    expectations: readonly Expectation[],
    finding: Finding,
    beside: readonly Finding[],
    now: Time,
  ): { by?: Expectation; over?: Expectation };
};

/** Remembers what each declared window has hidden already, so that many small things are not each below the cap. */
export function createQuiet(book: LinkBook): Quiet {
  const hidden = new Map<string, Map<string, Record<Subject, number>>>();

  function costs(one: Expectation, finding: Finding, beside: readonly Finding[]): number {
    const before =
      one.from === undefined ? [] : [...(hidden.get(one.id) ?? [])].flatMap(([key, usd]) => (key === finding.key ? [] : [usd]));
    const prices = new Map(
      [...before, ...beside.map(({ usdPerHour }) => usdPerHour), finding.usdPerHour].flatMap((usd) => Object.entries(usd)),
    );
    return [...prices.values()].reduce((sum, usd) => sum + usd, 0);
  }

  return {
    hiding(expectations, finding, beside, now) {
      if (!isHideable(finding.check)) return {};
      const fitting = expectations.filter((one) => now < overAt(one) && isAbout(one, finding) && isBy(one, finding, book));
      const by = fitting.find((one) => costs(one, finding, beside) <= one.capUsdPerHour);
      if (!by) return fitting[0] ? { over: fitting[0] } : {};
      if (by.from !== undefined) hidden.set(by.id, (hidden.get(by.id) ?? new Map()).set(finding.key, finding.usdPerHour));
      return { by };
    },
  };
}

/** What is written down of a finding that was hidden. */
export const hiddenOf = (finding: Finding, at: Time): Hidden => ({
  key: finding.key,
  title: finding.title,
  at,
  usdPerHour: Object.values(finding.usdPerHour).reduce((sum, usd) => sum + usd, 0),
});

/** Who may start machines may also have the limit raised for them, and they will cost something. */
const isAboutMachines = (check: string): boolean =>
  check.startsWith('compute/') || check === 'identity/quota-asked' || check === 'spend/run-rate-above-usual';

function isAbout(one: Expectation, { check, place, at }: Finding): boolean {
  return (
    (one.check === check || (one.check === 'machines' && isAboutMachines(check))) &&
    (one.region === 'any' || one.region === place.region) &&
    scopeName(one.scope) === scopeName(place.scope) &&
    (one.from === undefined || (one.from <= at && at < one.until))
  );
}

/**
 * Everybody the finding is laid at the door of acts for that principal, or another would hide behind it. Where the log has named nobody
 * yet, a declared window of one region waits for it: whoever else it names is told then.
 */
function isBy(one: Expectation, { about, actor }: Finding, book: LinkBook): boolean {
  const { principal } = one;
  if (principal === undefined) return true;
  const doers = new Set(about.filter((subject) => !/^(resource|network|scope):/.test(subject)));
  for (const subject of about)
    if (subject.startsWith('resource:')) for (const link of book.above(subject)) if (link.how === 'started') doers.add(link.to);
  if (doers.size === 0) return one.from !== undefined && one.region !== 'any' && (actor === undefined || actor.subject === principal);
  return [...doers].every((doer) => actsFor(doer, principal, book));
}

function actsFor(doer: Subject, principal: Subject, book: LinkBook): boolean {
  let edge = [doer];
  for (let step = 0; step <= mostSteps; step += 1) {
    if (edge.includes(principal)) return true;
    edge = edge.flatMap((subject) =>
      [...book.above(subject)].filter(({ how }) => how === 'key of' || how === 'session of' || how === 'assumed').map(({ to }) => to),
    );
  }
  return false;
}
