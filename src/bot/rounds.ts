/** Looking: what the sources bring is kept, inspected and put into stories. */
import type { AnyCheck, Finding } from '../checks/check.ts';
import type { Observation, Subject, Time } from '../checks/observation.ts';
import { openIncident } from './advance.ts';
import { advanceAll, type Desk } from './desk.ts';
import { tacticsOf } from './escalation.ts';
import { createQuiet, hiddenOf, overAt } from './expected.ts';
import type { Happening, Incident } from './incident.ts';
import type { Inspector } from './inspect.ts';
import { findingLine } from './line.ts';
import { withApprovals } from './ourselves.ts';
import type { Policy } from './people.ts';
import type { Batch, Change, Clock, GuardedAccount, Link, Log, Machine, Notices, Source, Store } from './ports.ts';
import { rank } from './severity.ts';
import { bornOf, gather, isPinned, type LinkBook, placeFinding, type StoryHead, scopeName } from './story.ts';
import { addSeconds } from './time.ts';

const daySeconds = 24 * 3600;
const weekSeconds = 7 * daySeconds;
/** How far before a story's first act its links are followed. */
const slackSeconds = 60;

const liveStates: Incident['state'][] = ['open', 'planning', 'asking', 'acting', 'watching'];

export type Rounds = {
  /** One look of one source, start to end. Never throws: what went wrong is a blind spot. False when the look broke off. */
  look(source: Source, options?: { everywhere?: boolean }): Promise<boolean>;
  /** Takes in one batch, from wherever it comes. */
  take(source: Pick<Source, 'name' | 'scope' | 'lists'>, batch: Batch, lookBegan: Time): Promise<void>;
  /** Puts findings into stories (also again, after a restart: what is known already changes nothing). */
  raise(findings: Finding[]): Promise<void>;
  /** After a restart: stories that a crash kept from growing grow now. */
  catchUp(findings: Finding[]): Promise<void>;
  /** What was expected until now and still goes on is told. */
  reviewExpected(): Promise<void>;
  /** A person answered for these findings: what they rest on is learnt like everything else, up to that moment. */
  learn(findings: Finding[], until: Time): Promise<void>;
  /** Everything credentials did since then; what it brought goes through the checks. Answers in plain words how far it got. */
  lookInto(subjects: Subject[], since: Time): Promise<string>;
  /** Before a plan, and at every look after acting: what is there now, and what the story's credentials did lately. Says how far it got. */
  lookFresh(incident: Incident): Promise<string>;
  /** The machines a story is about. */
  machinesOf(incident: Incident): Promise<Machine[]>;
  /** Checks and sources that failed, in plain words, by name. */
  broken(): string[];
};

export type RoundsDeps = {
  accounts: GuardedAccount[];
  store: Store;
  clock: Clock;
  desk: Desk;
  inspector: Inspector;
  checks: readonly AnyCheck[];
  book: LinkBook;
  policy: () => Policy;
  notices: Notices;
  log: Log;
};

export function createRounds(deps: RoundsDeps): Rounds {
  const { accounts, store, clock, desk, inspector, book, policy, notices, log } = deps;
  const checks = new Map(deps.checks.map((check) => [check.id, check]));
  const failures = new Map<string, string>();
  const quiet = createQuiet(book);

  const rounds: Rounds = {
    async look(source, options) {
      const began = clock.now();
      const name = `${source.name} ${scopeName(source.scope)}`;
      try {
        for await (const batch of source.collect(await store.cursors(source), options)) await rounds.take(source, batch, began);
        failures.delete(name);
        return true;
      } catch (error) {
        failures.set(name, `${source.name} failed: ${sentence(error)}`);
        log.error({ source: source.name, account: source.scope.id, error }, 'a look failed');
        return false;
      }
    },

    async take(source, batch, lookBegan) {
      const news = await store.keep(source, { ...batch, observations: await withApprovals(batch.observations, store) });
      book.add(batch.observations.flatMap(linkOf));
      const { changed, withdrawn, broken } = inspector.inspect(news);
      for (const one of broken) {
        failures.set(one.check, `the check ${one.check} failed: ${one.error}`);
        log.error({ check: one.check, error: one.error }, 'a check failed');
      }
      await rounds.raise(changed);
      for (const gone of withdrawn) await clear(gone.key, gone.why);
      if (news.some((one) => one.kind === 'identity.linked')) await growStories();
      await clearGone(source, batch, lookBegan);
    },

    async raise(findings) {
      for (const finding of [...findings].sort((a, b) => rank(b.severity) - rank(a.severity))) {
        const raised = await raiseOne(finding);
        if (!raised) continue;
        // Where the story as a whole became worse, all that stands in it is handed on with that.
        const others = raised.worse ? Object.values(raised.story?.findings ?? {}).filter((one) => one.key !== finding.key) : [];
        for (const one of [finding, ...others.filter((other) => other.state === 'active')])
          await notices
            .finding(findingLine(one, raised.id, checks.get(one.check), raised.story?.severity))
            .catch((error: unknown) => log.warn({ error }, 'a finding could not be handed on'));
      }
    },

    async catchUp(findings) {
      const dayAgo = addSeconds(clock.now(), -24 * 3600);
      const told = new Set((await store.incidents({ states: liveStates })).flatMap((story) => Object.keys(story.findings)));
      await rounds.raise(findings.filter((finding) => finding.at >= dayAgo || told.has(finding.key)));
      await growStories();
    },

    async reviewExpected() {
      const now = clock.now();
      for (const one of await store.expectations(addSeconds(now, -30 * daySeconds))) {
        if (one.reviewed || overAt(one) > now) continue;
        const keys = new Set(one.hidden?.map(({ key }) => key));
        const left = keys.size > 0 ? inspector.findings().filter(({ key }) => keys.has(key)) : [];
        for (const finding of left) {
          const resources = finding.about.filter((subject) => subject.startsWith('resource:'));
          const goesOn = resources.length > 0 && (await store.machines({ resources, running: true })).length > 0;
          if (goesOn && checks.get(finding.check)?.nature === 'state') await rounds.raise([finding]);
        }
        await store.saveExpectation({ ...one, reviewed: true });
      }
    },

    async learn(findings, until) {
      const [first] = findings.map((finding) => finding.at).sort();
      if (first === undefined) return;
      const records = new Set(findings.flatMap((finding) => finding.evidence));
      const evidence: Observation[] = [];
      for await (const one of store.observations(first))
        if (one.at <= until && (records.has(one.id) || one.evidence.some((id) => records.has(id)))) evidence.push(one);
      inspector.forgive(
        findings.map((finding) => finding.key),
        until,
        evidence,
      );
    },

    async lookInto(subjects, since) {
      const notes: string[] = [];
      for (const account of accounts)
        for (const source of account.sources) {
          if (!source.lookInto) continue;
          for (const subject of subjects) {
            try {
              for await (const batch of source.lookInto(subject, since)) {
                await rounds.take(source, batch, clock.now());
                for (const one of batch.observations) if (one.kind === 'look.finished' && one.gap) notes.push(one.gap);
              }
            } catch (error) {
              notes.push(`could not look into ${subject.slice(-4)}: ${sentence(error)}`);
              log.warn({ source: source.name, error }, 'looking into a subject failed');
            }
          }
        }
      return [...new Set(notes)].join('; ');
    },

    async lookFresh(incident) {
      const scopes = new Set(Object.values(incident.findings).map((finding) => scopeName(finding.place.scope)));
      for (const account of accounts) {
        if (!scopes.has(scopeName(account.scope))) continue;
        for (const source of account.sources) if (source.lists === 'machines') await rounds.look(source, { everywhere: true });
      }
      const who = incident.subjects.filter((subject) => subject.startsWith('credential:') || subject.startsWith('session:')).slice(0, 20);
      return rounds.lookInto(who, addSeconds(incident.beganAt, -3600));
    },

    machinesOf: async (incident) => {
      const resources = incident.subjects.filter((subject) => subject.startsWith('resource:'));
      return resources.length > 0 ? store.machines({ resources }) : [];
    },

    broken: () => [...failures.values()],
  };

  /** The story a finding went into, how it then is, and whether it had been less bad; nothing where it tells nobody anything. */
  async function raiseOne(given: Finding): Promise<{ id: string; story: Incident | undefined; worse: boolean } | undefined> {
    const check = checks.get(given.check);
    // A check on trial speaks in the digest only.
    let finding: Finding = check?.maturity === 'trial' && rank(given.severity) > rank('low') ? { ...given, severity: 'low' } : given;
    // "Seen for the first time" by somebody who has only begun to look is no story yet; it is judged again when more is known.
    if (finding.learning && rank(finding.severity) <= rank('low')) return undefined;
    const subjects = gather(finding.about, book, addSeconds(finding.at, -slackSeconds));
    let placed: string | undefined;
    let before: Incident | undefined;
    await desk.decide(async () => {
      const now = clock.now();
      const stories = await storiesNow(now);
      const { into, absorbs } = placeFinding(finding, subjects, stories.map(headOf), now);
      const target = stories.find((story) => story.id === into);
      placed = target?.id;
      before = target;
      const known = target?.findings[finding.key];
      if (target && known?.state === 'active' && sameFinding(known, finding) && absorbs.length === 0) return [];
      const beside = Object.values(target?.findings ?? {}).filter((one) => one.key !== finding.key);
      const expected = quiet.hiding(await store.expectations(addSeconds(now, -daySeconds)), finding, beside, now);
      if (expected.by) {
        await store.countHidden(expected.by.id, hiddenOf(finding, now));
        placed = undefined;
        return [];
      }
      // Looking faster costs money: what is known already, or long over, is no reason to.
      const isWorse = known?.state !== 'active' || rank(known.severity) < rank(finding.severity);
      if (isWorse && rank(finding.severity) >= rank('medium') && finding.at >= addSeconds(now, -daySeconds))
        accounts.find(({ scope }) => scopeName(scope) === scopeName(finding.place.scope))?.hurry?.();
      if (expected.over) finding = { ...finding, facts: { ...finding.facts, Expected: `up to $${expected.over.capUsdPerHour} an hour` } };
      const found: Extract<Happening, { kind: 'found' }> = {
        ...{ kind: 'found', at: now, finding, subjects, actors: finding.actor ? [finding.actor] : [] },
        ...{ tactics: tacticsOf(check), born: bornOf([finding], book) },
      };
      if (!target) {
        placed = `INC-${await store.nextIncidentNumber()}`;
        const opened = advanceAll(openIncident(placed, now, finding, subjects, found.actors), [found], policy());
        return [{ incident: opened.incident, effects: opened.effects, findings: [finding] }];
      }
      const others = stories.filter((story) => absorbs.includes(story.id));
      return join(target, others, [found], [finding], now);
    });
    if (placed === undefined) return undefined;
    const story = await store.incident(placed);
    return { id: placed, story, worse: before !== undefined && story !== undefined && rank(story.severity) > rank(before.severity) };
  }

  /** Whatever is going on, however old, and what was closed within a week. */
  async function storiesNow(now: Time): Promise<Incident[]> {
    const closed = await store.incidents({ states: ['resolved', 'expected'], since: addSeconds(now, -weekSeconds) });
    return [...(await store.incidents({ states: liveStates })), ...closed];
  }

  /** The older story takes the others in; each keeps a card that says where it went. */
  function join(target: Incident, others: Incident[], happenings: Happening[], findings: Finding[], now: Time): Change[] {
    const moved = advanceAll(
      target,
      [...happenings, ...others.map((other): Happening => ({ kind: 'absorbed', at: now, other }))],
      policy(),
    );
    const changes: Change[] = [
      {
        incident: moved.incident,
        effects: moved.effects,
        findings: [...findings, ...others.flatMap((other) => Object.values(other.findings))],
      },
    ];
    for (const other of others) {
      const gone = advanceAll(other, [{ kind: 'joined', at: now, into: target.id }], policy());
      changes.push({ incident: gone.incident, effects: gone.effects });
    }
    return changes.filter((change) => change.incident !== target);
  }

  /** New links may show that a story's actors did more, or that two stories are one. */
  async function growStories(): Promise<void> {
    const live = await store.incidents({ states: liveStates });
    for (const story of live) {
      const subjects = gather(story.subjects, book, addSeconds(story.beganAt, -slackSeconds));
      const born = bornOf(Object.values(story.findings), book);
      const isYounger = Object.keys(born).some((subject) => story.born?.[subject as Subject] === undefined);
      if (subjects.length > story.subjects.length || isYounger)
        await desk.happen(story.id, () => ({ kind: 'grown', at: clock.now(), subjects, born }));
    }
    await joinStories();
  }

  async function joinStories(): Promise<void> {
    await desk.decide(async () => {
      const now = clock.now();
      const live = (await store.incidents({ states: liveStates })).sort((a, b) => numberOf(a) - numberOf(b));
      for (const [index, target] of live.entries()) {
        const mine = new Set(target.subjects);
        const others = live.slice(index + 1).filter((other) => !isPinned(other) && other.subjects.some((subject) => mine.has(subject)));
        if (others.length > 0) return join(target, others, [], [], now);
      }
      return [];
    });
  }

  /** What a complete look no longer returns has ended; a finding that was true only while it ran is cleared. */
  async function clearGone(source: Pick<Source, 'name' | 'scope' | 'lists'>, batch: Batch, lookBegan: Time): Promise<void> {
    if (source.lists !== 'machines') return;
    const now = clock.now();
    const ended = new Set<Subject>();
    for (const one of batch.observations) {
      if (one.kind === 'compute.seen' && !one.running) ended.add(one.resource);
      if (one.kind === 'look.finished' && one.complete && one.place.region !== 'global') {
        for (const machine of await store.markGone(source.name, one.place, lookBegan, now)) ended.add(machine.resource);
      }
    }
    if (ended.size === 0) return;
    for (const story of await store.incidents({ states: liveStates })) {
      for (const finding of Object.values(story.findings)) {
        const machines = finding.about.filter((subject) => subject.startsWith('resource:'));
        if (finding.state !== 'active' || checks.get(finding.check)?.nature !== 'state' || !machines.some((machine) => ended.has(machine)))
          continue;
        const running = (await store.machines({ resources: machines, running: true })).length;
        const known = (await store.machines({ resources: machines })).length;
        if (running === 0 && known === machines.length)
          await desk.happen(story.id, () => ({ kind: 'cleared', at: now, key: finding.key, why: 'none of these machines runs any more' }));
      }
      if (story.subjects.some((subject) => ended.has(subject))) await desk.happen(story.id, () => ({ kind: 'refreshed', at: now }));
    }
  }

  async function clear(key: string, why: string): Promise<void> {
    const now = clock.now();
    for (const story of await storiesNow(now)) {
      if (story.findings[key]?.state === 'active') await desk.happen(story.id, () => ({ kind: 'cleared', at: now, key, why }));
    }
  }

  return rounds;
}

export const headOf = (story: Incident): StoryHead => ({
  id: story.id,
  number: numberOf(story),
  state: story.state,
  severity: story.severity,
  beganAt: story.beganAt,
  changedAt: story.changedAt,
  subjects: story.subjects,
  scopes: [...new Set(Object.values(story.findings).map((finding) => scopeName(finding.place.scope)))],
  keys: Object.keys(story.findings),
});

export const numberOf = (story: Pick<Incident, 'id'>): number => Number(story.id.replace('INC-', ''));

export const linkOf = (one: Observation): Link[] =>
  one.kind === 'identity.linked' ? [{ from: one.from, to: one.to, how: one.how, at: one.at }] : [];

const sameFinding = (a: Finding, b: Finding): boolean =>
  a.severity === b.severity &&
  a.evidence.length === b.evidence.length &&
  a.about.length === b.about.length &&
  a.title === b.title &&
  Object.keys(a.usdPerHour).length === Object.keys(b.usdPerHour).length;

const sentence = (error: unknown): string => (error instanceof Error ? error.message : String(error));
