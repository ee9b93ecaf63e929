/** Looking again, after acting: does it hold, did something come back, does anything go on that no approved plan covers? */
import type { Subject } from '../checks/observation.ts';
import { remedierOf } from './acting.ts';
import type { Desk } from './desk.ts';
import { type Fault, Killed } from './fault.ts';
import type { Effect, Incident, Plan } from './incident.ts';
import type { Policy } from './people.ts';
import { makePlan, namingSeconds } from './plan.ts';
import type { Clock, GuardedAccount, Machine, PlanItem, Store } from './ports.ts';
import type { Rounds } from './rounds.ts';
import { gather, type LinkBook } from './story.ts';
import { addSeconds } from './time.ts';
import { count, isPassword, listed, shortName } from './words.ts';

export type LookingAgainDeps = {
  accounts: GuardedAccount[];
  store: Store;
  clock: Clock;
  desk: Desk;
  rounds: Rounds;
  book: LinkBook;
  policy: () => Policy;
  fault: Fault;
};

export type LookAgain = (incident: Incident, effect: Extract<Effect, { kind: 'look again' }>) => Promise<void>;

export function createLookAgain(deps: LookingAgainDeps): LookAgain {
  const { accounts, store, clock, desk, rounds, book, policy, fault } = deps;

  return lookAgain;

  async function lookAgain(incident: Incident, effect: Extract<Effect, { kind: 'look again' }>): Promise<void> {
    const { standing } = incident;
    if (!standing || standing.plan.id !== effect.plan || !incident.watch) return;
    const began = clock.now();
    fault('look again: before it looks');
    await rounds.lookFresh(incident);
    fault('look again: after it looked');
    const fresh = (await store.incident(incident.id)) ?? incident;
    // Approved and not got to, because acting was interrupted.
    const missed = standing.plan.items.filter((item) => !fresh.steps[item.id]);
    const back: PlanItem[] = [...missed];
    const unseen: string[] = [];
    for (const done of Object.values(fresh.steps)) {
      if (done.undone || done.outcome === 'gone' || done.outcome === 'refused') continue;
      const seen = await remedierOf(accounts, done.item)
        ?.verify(done.item)
        .catch((error: unknown) => {
          if (error instanceof Killed) throw error;
          return { state: 'unseen' as const, why: error instanceof Error ? error.message : String(error) };
        });
      if (seen?.state === 'undone') back.push(done.item);
      if (seen?.state === 'unseen') unseen.push(`${done.item.does}: ${seen.why ?? 'could not be read'}`);
    }
    const isLast = !incident.watch.looks.some((look) => look.saw === undefined && look.due > effect.due);
    const { more, beyond, unnamed } = await whatElse(fresh, standing.plan, isLast);
    const lists = new Set(accounts.flatMap(({ sources }) => sources.flatMap((one) => (one.lists === 'machines' ? one.name : []))));
    const blind = (await store.looks()).filter((look) => lists.has(look.source) && look.at >= began && !look.complete);
    const saw = [
      missed.length > 0 ? `${missed.length} approved ${missed.length === 1 ? 'step is' : 'steps are'} not done yet` : '',
      back.length > missed.length ? `${back.length - missed.length} of ${Object.keys(fresh.steps).length} steps do not hold` : '',
      more.length > 0 ? newWords(more, book) : '',
      beyond.machines > 0 ? `${beyond.machines} ${beyond.machines === 1 ? 'machine' : 'machines'} of this story still run` : '',
      beyond.waysIn > 0 ? 'who starts the machines is known now and is not cut off' : '',
    ].filter(Boolean);
    const unseenWords = [...blind.map((look) => look.gap ?? look.place.region), ...unseen].slice(0, 3);
    if (saw.length === 0 && unnamed > 0)
      saw.push(`waiting for the log to name who started ${unnamed} ${unnamed === 1 ? 'machine' : 'machines'}`);
    const words =
      saw.length > 0 ? saw.join('; ') : unseenWords.length > 0 ? `could not see ${unseenWords.join('; ')}` : 'nothing came back';
    const left = beyond.machines + beyond.waysIn;
    await desk.happen(incident.id, () => ({ kind: 'looked', at: clock.now(), due: effect.due, saw: words, back, more, beyond: left }));
    fault('look again: after it was written');
  }

  /**
   * What goes on besides the plan's steps: `more` is covered by its following rule, `beyond` is the story's and is not covered. `unnamed`
   * machines are so young that the log may still name one whom the rule covers: only the last look does not wait for it.
   */
  async function whatElse(
    incident: Incident,
    plan: Plan,
    isLast: boolean,
  ): Promise<{ more: PlanItem[]; beyond: { machines: number; waysIn: number }; unnamed: number }> {
    const { follows } = plan;
    const steps = Object.values(incident.steps).filter((step) => !step.undone);
    const done = new Set(steps.map((step) => `${step.item.verb} ${step.item.resource}`));
    const machines = (await rounds.machinesOf(incident)).filter(
      (machine) => !machine.goneAt && !done.has(`stop-compute ${machine.resource}`),
    );
    const named = (follows?.startersOf ?? []).flatMap((machine) =>
      [...book.above(machine)].flatMap((link) => (link.how === 'started' ? [link.to] : [])),
    );
    const actors = new Set(follows ? gather([...follows.actors, ...named], book, follows.since) : []);
    const story = new Set(incident.subjects);
    const startedBy = (machine: Machine, who: Set<Subject>) =>
      [...book.above(machine.resource)].some((link) => link.how === 'started' && who.has(link.to));
    const isSpared = (machine: Machine) =>
      [...book.above(machine.resource)].some((link) => link.how === 'started') && !startedBy(machine, story);
    const covered = machines.filter((machine) => startedBy(machine, actors) && machine.startedAt >= (follows?.since ?? ''));
    const youngest = addSeconds(clock.now(), -namingSeconds);
    const isUnnamed = (machine: Machine) =>
      follows !== undefined &&
      !isLast &&
      machine.startedAt > youngest &&
      ![...book.above(machine.resource)].some((link) => link.how === 'started');
    const others = machines.filter((machine) => !covered.includes(machine) && !isSpared(machine) && !isUnnamed(machine));
    const unnamed = machines.filter(isUnnamed).length;
    const isWayIn = (subject: Subject) => subject.startsWith('credential:') || subject.startsWith('session:');
    const waysIn = plan.kind === 'contain' && !follows && incident.subjects.some(isWayIn) ? 1 : 0;
    const beyond = { machines: others.length, waysIn };
    if (!follows) return { more: [], beyond, unnamed };
    const wide: Policy = { ...policy(), mostResources: Number.POSITIVE_INFINITY };
    const ruled: Incident = { ...incident, subjects: [...actors] };
    const asked = { want: 'contain', by: plan.askedBy, now: clock.now(), policy: wide, accounts, book } as const;
    const made = await makePlan({ ...asked, id: plan.id, incident: ruled, machines: covered });
    const more = 'none' in made ? [] : made.items.filter((item) => !done.has(`${item.verb} ${item.resource}`));
    return { more, beyond, unnamed };
  }
}

/** What is new, by name: machines by their regions, whoever could start more by what people call them. */
function newWords(items: PlanItem[], book: LinkBook): string {
  const machines = items.filter((item) => item.verb === 'stop-compute');
  const regions = [...new Set(machines.map((item) => item.place.region))];
  const subjects = items.filter((item) => item.verb !== 'stop-compute').map((item) => item.resource);
  // Who before with what.
  const waysIn = subjects.toSorted((a, b) => Number(isKey(a)) - Number(isKey(b))).map((subject) => wayIn(subject, book));
  return [
    machines.length > 0 ? `${count(machines.length, 'new machine')} in ${regions.join(', ')}` : '',
    waysIn.length > 0 ? `${count(waysIn.length, 'new way in', 'new ways in')} (${listed(waysIn, 4)})` : '',
  ]
    .filter(Boolean)
    .join(' and ');
}

function wayIn(subject: Subject, book: LinkBook): string {
  const name = shortName(subject);
  if (!isKey(subject)) return name;
  const owner = [...book.above(subject)].find((link) => link.how === 'key of')?.to;
  return owner ? `a key of ${shortName(owner)}` : `key ${name}`;
}

const isKey = (subject: Subject): boolean => subject.startsWith('credential:') && !isPassword(subject);
