/**
 * How loud a story is: as its worst finding, and louder when several kinds of steps of an attack come together, or when somebody acts
 * who did not exist a day ago. Pure, and the same for every order of arrival: only what stands and its times count.
 */
import type { AnyCheck, Finding } from '../checks/check.ts';
import { type Severity, type Subject, severities, type Time } from '../checks/observation.ts';
import { rank } from './severity.ts';
import { cut, duration } from './words.ts';

/** Steps of an attack belong together when they are at most so far apart. */
const togetherMs = 3_600_000;
const youngMs = 24 * 3_600_000;

/** `tactics`: the ATT&CK ids of what the check is about; none for a check on trial. */
export type Weighed = Pick<Finding, 'check' | 'severity' | 'at' | 'about' | 'evidence' | 'actor'> & { tactics?: string[] };
/** `own`: of the worst finding alone. `why`: one sentence, where the story is louder than that. */
export type Weight = { severity: Severity; own: Severity; why?: string };

/** What a check stands for among the tactics of ATT&CK (TA0001 …). Checks on trial raise nothing. */
export const tacticsOf = (check: AnyCheck | undefined): string[] =>
  check === undefined || check.maturity === 'trial' ? [] : [...new Set(check.tactic.match(/TA\d{4}/g) ?? [])];

/**
 * Weighs what stands in a story. Two kinds of steps within 60 minutes make it one level worse than its worst finding, three make it
 * critical, and a principal less than 24 hours old that acts one level more. Only findings of *medium* or more count.
 * @param born when principals were created, as far as that is known
 */
export function weigh(findings: readonly Weighed[], born: Readonly<Record<Subject, Time>> = {}): Weight {
  const own = findings.reduce<Severity>((worst, { severity }) => (rank(severity) > rank(worst) ? severity : worst), 'info');
  const loud = findings.filter(({ severity }) => rank(severity) >= rank('medium'));
  if (loud.length === 0) return { severity: own, own };
  const tactics = kindsTogether(loud);
  const young = youngest(loud, born);
  const levels = (tactics.length >= 3 ? severities.length : tactics.length - 1) + (young ? 1 : 0);
  const severity = severities[Math.min(severities.length - 1, rank(own) + Math.max(0, levels))] ?? own;
  if (severity === own) return { severity, own };
  const whys = [...(tactics.length >= 2 ? [kindsInWords(tactics)] : []), ...(young ? [young] : [])];
  return { severity, own, why: whys.join('; ') };
}

/**
 * The kinds of steps of the hour in which most of them fall. One act that several checks of one topic see (they share a record or a
 * machine) is one step and counts for one kind, or a single launch would escalate itself.
 */
function kindsTogether(loud: readonly Weighed[]): string[] {
  const steps = stepsOf(loud);
  const acts = loud
    .flatMap((finding, index) => (finding.tactics ?? []).map((tactic) => ({ at: Date.parse(finding.at), tactic, step: steps[index]! })))
    .sort((a, b) => a.at - b.at || (a.tactic < b.tactic ? -1 : a.tactic > b.tactic ? 1 : a.step - b.step));
  let best: string[] = [];
  for (let first = 0; first < acts.length; first += 1) {
    if (acts[first - 1]?.at === acts[first]!.at) continue;
    const hour = new Map<string, Set<number>>();
    for (let next = first; next < acts.length && acts[next]!.at - acts[first]!.at <= togetherMs; next += 1)
      hour.set(acts[next]!.tactic, (hour.get(acts[next]!.tactic) ?? new Set()).add(acts[next]!.step));
    if (hour.size <= best.length) continue;
    const kinds = withOwnSteps(hour);
    if (kinds.length > best.length) best = kinds;
  }
  return best;
}

/** The most tactics that can each have a step of their own (a matching, grown one tactic at a time). */
function withOwnSteps(hour: ReadonlyMap<string, ReadonlySet<number>>): string[] {
  const takenBy = new Map<number, string>();
  const find = (tactic: string, tried: Set<number>): boolean => {
    for (const step of hour.get(tactic) ?? []) {
      if (tried.has(step)) continue;
      tried.add(step);
      const holder = takenBy.get(step);
      if (holder !== undefined && !find(holder, tried)) continue;
      takenBy.set(step, tactic);
      return true;
    }
    return false;
  };
  return [...hour.keys()].sort().filter((tactic) => find(tactic, new Set()));
}

/** The number of the step each finding belongs to. */
function stepsOf(findings: readonly Weighed[]): number[] {
  const parent = findings.map((_, index) => index);
  const root = (index: number): number => {
    let top = index;
    while (parent[top] !== top) top = parent[top]!;
    parent[index] = top;
    return top;
  };
  const holder = new Map<string, number>();
  for (const [index, { check, evidence, about }] of findings.entries()) {
    const topic = check.split('/')[0];
    for (const name of [...evidence, ...about.filter((subject) => subject.startsWith('resource:'))]) {
      const key = `${topic} ${name}`;
      const known = holder.get(key);
      if (known === undefined) holder.set(key, index);
      else parent[root(Math.max(root(known), root(index)))] = root(Math.min(root(known), root(index)));
    }
  }
  return findings.map((_, index) => root(index));
}

/** Who acts although they were made less than a day before; the youngest. */
function youngest(loud: readonly Weighed[], born: Readonly<Record<Subject, Time>>): string | undefined {
  const ages = loud
    .flatMap(({ actor, at }) => {
      const since = actor && born[actor.subject];
      const age = since === undefined ? Number.NaN : Date.parse(at) - Date.parse(since);
      return actor && age >= 0 && age < youngMs ? [{ name: actor.name, age }] : [];
    })
    .sort((a, b) => a.age - b.age || (a.name < b.name ? -1 : 1));
  const [first] = ages;
  return first && `${cut(first.name, 60)} was created only ${duration(Math.round(first.age / 1000))} before it acted`;
}

/** The tactics of ATT&CK as people say them. */
const inWords: Record<string, string> = {
  TA0043: 'scouting',
  TA0042: 'preparing',
  TA0001: 'getting in',
  TA0002: 'running programs',
  TA0003: 'staying in',
  TA0004: 'gaining rights',
  TA0005: 'hiding',
  TA0006: 'taking credentials',
  TA0007: 'looking around',
  TA0008: 'moving on',
  TA0009: 'collecting data',
  TA0011: 'remote control',
  TA0010: 'carrying data off',
  TA0040: 'using what is yours',
};
const numbers = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];

function kindsInWords(tactics: string[]): string {
  const order = Object.keys(inWords);
  const names = [...tactics].sort((a, b) => order.indexOf(a) - order.indexOf(b)).map((tactic) => inWords[tactic] ?? tactic);
  return `${numbers[tactics.length] ?? tactics.length} kinds of steps within an hour: ${names.join(', ')}`;
}
