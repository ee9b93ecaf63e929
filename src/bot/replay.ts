/** Having been there: recorded observations through the same inspector and the same stories as live, without a store. */
import type { AnyCheck, Finding } from '../checks/check.ts';
import type { Observation, Severity, Subject, Time } from '../checks/observation.ts';
import { tacticsOf, weigh } from './escalation.ts';
import { createQuiet } from './expected.ts';
import { createInspector, type Inspector } from './inspect.ts';
import { findingLine } from './line.ts';
import type { Expectation } from './ports.ts';
import { linkOf } from './rounds.ts';
import { rank } from './severity.ts';
import { bornOf, gather, linkBook, placeFinding, type StoryHead, scopeName } from './story.ts';
import { addSeconds } from './time.ts';

/** Loud: it would be told. Live, what is low while places are still being learnt opens no story at all. */
type Story = StoryHead & { isLoud: boolean; weight: Severity };
export type Replayed = {
  /** Lines for what is new or changed: a finding that is new, or whose severity, story or story's severity changed. */
  take(observations: Observation[]): Record<string, unknown>[];
  /** A last line for every finding, and what the checks could not do. */
  end(): { lines: Record<string, unknown>[]; findings: Finding[]; broken: string[] };
};

/** `learn` takes earlier logs that are only remembered (`--baseline`). */
export function createReplay(options: {
  checks: readonly AnyCheck[];
  params?: Record<string, unknown>;
  /** One that remembers a past already. */
  inspector?: Inspector;
  /** What somebody declared as expected beforehand. */
  expected?: readonly Expectation[];
}): Replayed & { learn(observations: Observation[]): void } {
  const inspector = options.inspector ?? createInspector({ checks: options.checks, ...(options.params ? { params: options.params } : {}) });
  const expected = options.expected ?? [];
  /** A batch is cut where a declared window ends, so that each part is judged by what holds then. */
  const ends = expected.map(({ until }) => until).sort();
  const checks = new Map(options.checks.map((check) => [check.id, check]));
  const book = linkBook();
  const quiet = createQuiet(book);
  const hushed = new Set<string>();
  const stories = new Map<string, Story>();
  /** Stories whose severity may have changed. */
  const touched = new Set<string>();
  const said = new Map<string, { severity: Severity; incident: string; finding: Finding }>();
  const broken = new Set<string>();
  let newest: Time = '';
  let prunedAt: Time = '';

  function inspect(observations: Observation[]): Finding[] {
    for (const one of observations) {
      // Which role a session belongs to joins nothing (story.ts, gather), and nearly every record says it: a log's worth would pile up.
      // Only what somebody declared of a role asks for it.
      if (one.kind === 'identity.linked' && (one.how !== 'session of' || expected.length > 0)) book.add(linkOf(one));
      if (one.at > newest) newest = one.at;
    }
    if (newest !== '' && (prunedAt === '' || newest > addSeconds(prunedAt, 24 * 3600))) {
      prunedAt = newest;
      book.forgetBefore(addSeconds(newest, -14 * 24 * 3600));
    }
    const { changed, withdrawn, broken: failed } = inspector.inspect(observations);
    for (const one of failed) broken.add(`${one.check}: ${one.error}`);
    for (const { key } of withdrawn) {
      const gone = said.get(key);
      if (gone) touched.add(gone.incident);
      said.delete(key);
    }
    return changed;
  }

  /** Puts a finding into a story; answers with the findings whose story changed by it. */
  function place(finding: Finding): string[] {
    // Found in a past that the inspector remembers, before anything was heard here.
    if (finding.at > newest) newest = finding.at;
    const subjects = gather(finding.about, book, addSeconds(finding.at, -60));
    const weekAgo = addSeconds(newest, -7 * 24 * 3600);
    for (const story of stories.values()) if (story.state === 'open' && story.changedAt < weekAgo) story.state = 'resolved';
    const { into, absorbs } = placeFinding(
      finding,
      subjects,
      [...stories.values()].filter((story) => story.isLoud || story.keys.includes(finding.key)),
      newest,
    );
    const beside = (into ? (stories.get(into)?.keys ?? []) : []).flatMap((key) =>
      key === finding.key ? [] : (said.get(key)?.finding ?? []),
    );
    if (expected.length > 0 && quiet.hiding(expected, finding, beside, newest).by) {
      hushed.add(finding.key);
      return [];
    }
    hushed.delete(finding.key);
    const id = into ?? `INC-${stories.size + 1}`;
    const story = stories.get(id) ?? headOf(id, finding, subjects, newest);
    grow(story, finding, subjects);
    stories.set(id, story);
    const moved: string[] = [];
    for (const other of absorbs) moved.push(...absorb(story, other));
    const before = said.get(finding.key);
    said.set(finding.key, { severity: finding.severity, incident: id, finding });
    touched.add(id);
    return before?.severity === finding.severity && before.incident === id ? moved : [...moved, finding.key];
  }

  function absorb(story: Story, other: string): string[] {
    const gone = stories.get(other);
    if (!gone) return [];
    story.subjects = [...new Set([...story.subjects, ...gone.subjects])];
    story.keys = [...new Set([...story.keys, ...gone.keys])];
    stories.set(other, { ...gone, state: 'joined' });
    const keys = [...said].filter(([, one]) => one.incident === other).map(([key]) => key);
    for (const key of keys) said.set(key, { ...said.get(key)!, incident: story.id });
    touched.add(story.id);
    return keys;
  }

  /** Stories that new links show to be one, the older number stays. */
  function joinAll(): string[] {
    const live = [...stories.values()].filter((story) => story.state !== 'joined').sort((a, b) => a.number - b.number);
    const holder = new Map<Subject, Story>();
    const moved: string[] = [];
    for (const story of live) {
      const subjects = gather(story.subjects, book, addSeconds(story.beganAt, -60));
      const older = subjects.map((subject) => holder.get(subject)).find((one) => one !== undefined);
      const home = older ?? story;
      if (older) moved.push(...absorb(older, story.id));
      else story.subjects = subjects;
      for (const subject of subjects) holder.set(subject, home);
    }
    return moved;
  }

  /** Weighs the stories that changed; answers with the findings of those whose severity did. */
  function weighAll(): string[] {
    const moved: string[] = [];
    for (const id of touched) {
      const story = stories.get(id);
      if (!story || story.state === 'joined') continue;
      const mine = story.keys.flatMap((key) => {
        const one = said.get(key);
        if (one?.incident !== id) return [];
        const check = checks.get(one.finding.check);
        // What a check on trial says is told in the digest only, whatever it says.
        const severity = check?.maturity === 'trial' ? ('low' as const) : one.finding.severity;
        return [{ ...one.finding, severity, tactics: tacticsOf(check) }];
      });
      const { severity } = weigh(mine, bornOf(mine, book));
      if (severity === story.weight) continue;
      story.weight = severity;
      moved.push(...mine.map(({ key }) => key));
    }
    touched.clear();
    return moved;
  }

  const lineOf = (key: string): Record<string, unknown>[] => {
    const one = said.get(key);
    return one ? [findingLine(one.finding, one.incident, checks.get(one.finding.check), stories.get(one.incident)?.weight)] : [];
  };

  const replayed: ReturnType<typeof createReplay> = {
    learn(observations) {
      for (const finding of inspect(observations)) place(finding);
    },
    take(observations) {
      const end = ends.find((time) => newest < time && observations.some(({ at }) => at >= time));
      if (end !== undefined && observations.some(({ at }) => at < end))
        return [observations.filter(({ at }) => at < end), observations.filter(({ at }) => at >= end)].flatMap((part) =>
          replayed.take(part),
        );
      const changed = inspect(observations);
      // Who somebody was created by may be heard after what they did.
      for (const one of observations)
        if (one.kind === 'identity.linked' && one.how === 'created')
          for (const story of stories.values()) if (story.subjects.includes(one.from)) touched.add(story.id);
      if (changed.length === 0 && touched.size === 0) return [];
      const keys = new Set(changed.flatMap(place));
      if (changed.length > 0) for (const key of joinAll()) keys.add(key);
      for (const key of weighAll()) keys.add(key);
      return [...keys].flatMap(lineOf);
    },
    end() {
      // The inspector forgets what is long over; what was said is kept here to the end.
      for (const finding of inspector.findings()) if (!hushed.has(finding.key)) place(finding);
      joinAll();
      for (const id of stories.keys()) touched.add(id);
      weighAll();
      const last = [...said.values()].sort((a, b) => rank(b.severity) - rank(a.severity) || (a.finding.at < b.finding.at ? -1 : 1));
      return { lines: last.flatMap((one) => lineOf(one.finding.key)), findings: last.map((one) => one.finding), broken: [...broken] };
    },
  };

  return replayed;
}

function headOf(id: string, finding: Finding, subjects: Subject[], now: Time): Story {
  return {
    id,
    number: Number(id.slice(4)),
    state: 'open',
    beganAt: finding.at,
    changedAt: now,
    subjects,
    scopes: [scopeName(finding.place.scope)],
    keys: [finding.key],
    severity: finding.severity,
    isLoud: false,
    weight: finding.severity,
  };
}

function grow(story: Story, finding: Finding, subjects: Subject[]): void {
  if (rank(finding.severity) > rank(story.severity)) story.severity = finding.severity;
  if (!finding.learning || rank(finding.severity) > rank('low')) story.isLoud = true;
  story.subjects = [...new Set([...story.subjects, ...subjects])];
  if (!story.keys.includes(finding.key)) story.keys = [...story.keys, finding.key];
  const scope = scopeName(finding.place.scope);
  if (!story.scopes.includes(scope)) story.scopes = [...story.scopes, scope];
  if (finding.at < story.beganAt) story.beganAt = finding.at;
  if (finding.at > story.changedAt) story.changedAt = finding.at;
}
