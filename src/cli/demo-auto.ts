/** The demo's scripted admin: asks for containment of every story of *high* or more, approves, and tells what happens as it happens. */
import type { Scenario } from '../adapters/simulated/scenario.ts';
import type { Simulated } from '../adapters/simulated/simulated.ts';
import type { Bot } from '../bot/bot.ts';
import { type Meaning, mean } from '../bot/button.ts';
import type { Incident, Plan, StoryFinding } from '../bot/incident.ts';
import type { Clock, PlanItem, Store } from '../bot/ports.ts';
import { storyHeadline } from '../bot/present.ts';
import { rank } from '../bot/severity.ts';
import { addSeconds } from '../bot/time.ts';
import { count, dollars, listed, maskedKey, shortName } from '../bot/words.ts';
import type { RemedyKind } from '../checks/check.ts';
import { type DemoPace, needsMore } from './demo-pace.ts';

export type Teller = { line(text: string): void; json: boolean };

type Stage = {
  bot: Bot;
  store: Store;
  simulated: Simulated;
  /** As it is played: its steps count from `startedAt`. */
  scenario: Scenario;
  startedAt: string;
  clock: Clock;
  pace: DemoPace;
  /** Virtual seconds per real second, unless there is nothing to do but to look again. */
  speed: number;
  teller: Teller;
};

/** All in the account's time. Ada is not at her desk when the alarm comes. */
const comesAfterSeconds = 5 * 60;
const asksAgainAfterSeconds = 2 * 60;
const givesUpAfterHours = 4;
/** After the last step of a scenario without an alarm. */
const staysQuietSeconds = 30 * 60;
/** While an account is only looked at again: minutes of watching become seconds. The times told stay the account's own. */
const watchingSpeed = 300;

/** True when no machine of the intruder runs any more and every story is over. */
export async function playAlone(stage: Stage): Promise<boolean> {
  const { store, clock, pace, teller } = stage;
  const told: Told = { findings: new Set(), history: new Map(), plans: new Set(), picture: new Map() };
  const asked = new Map<string, string>();
  await pace.begun;
  const began = clock.now();
  const lastStep = addSeconds(stage.startedAt, Math.max(0, ...stage.scenario.attack.map((step) => step.at)));
  let isFast = false;
  for (;;) {
    await new Promise((wake) => setTimeout(wake, 150));
    const stories = (await store.incidents({})).sort((a, b) => (a.openedAt < b.openedAt ? -1 : 1));
    for (const story of stories) await tell(stage, story, told);
    const loud = stories.filter((story) => rank(story.severity) >= rank('high') && story.state !== 'joined');
    const now = clock.now();
    for (const story of loud) {
      const next = asked.get(story.id) ?? addSeconds(story.openedAt, comesAfterSeconds);
      // The card must be there before anybody can press it.
      if (story.cards.length > 0 && now >= next && needsContaining(story)) {
        asked.set(story.id, addSeconds(now, asksAgainAfterSeconds));
        await press(stage, { kind: 'ask', incident: story.id, want: 'contain' });
      }
      if (story.state === 'asking' && story.plan && story.questions.some((question) => question.plan === story.plan?.id))
        await press(stage, { kind: 'approve', incident: story.id, plan: story.plan.id, hash: story.plan.hash });
    }
    const onlyLooks = loud.length > 0 && loud.every((story) => isOver(story) || (story.state === 'watching' && !needsContaining(story)));
    if (onlyLooks !== isFast) {
      isFast = onlyLooks;
      pace.speed(isFast ? Math.max(stage.speed, watchingSpeed) : stage.speed);
      const times = Math.max(stage.speed, watchingSpeed);
      if (isFast && !teller.json && !loud.every(isOver))
        teller.line(
          `${clockTime(now)}  Nothing to do but to look again: from here the account’s time runs ${times} times as fast as yours.`,
        );
    }
    if (loud.length > 0 && loud.every(isOver) && loud.some((story) => story.watch?.containedAt)) return end(stage, stories);
    if (loud.length === 0 && now > addSeconds(lastStep, staysQuietSeconds)) return end(stage, stories);
    if (now > addSeconds(began, givesUpAfterHours * 3600)) return end(stage, stories);
  }
}

const isOver = (story: Incident): boolean => story.state === 'resolved' || story.state === 'expected';

/** Open, or acted on while something goes on that no approved plan covers. */
function needsContaining(story: Incident): boolean {
  if (story.state === 'open') return !story.watch?.containedAt;
  const last = story.watch?.looks.filter((look) => look.saw !== undefined).at(-1)?.saw;
  return story.state === 'watching' && last !== undefined && needsMore(last);
}

let presses = 0;
async function press({ bot }: Stage, meaning: Meaning): Promise<void> {
  presses += 1;
  await bot.press({
    id: `auto-${presses}`,
    button: mean(meaning, '').button.id,
    by: { platform: 'console', user: 'ada', space: 'console', name: 'Ada' },
    ref: { platform: 'console', room: '', id: '' },
  });
}

// ---- telling ------------------------------------------------------------------------------------------------------------

/** What has been said of each story, so that everything is said once. */
type Told = { findings: Set<string>; history: Map<string, number>; plans: Set<string>; picture: Map<string, string> };

async function tell(stage: Stage, story: Incident, told: Told): Promise<void> {
  const news = Object.values(story.findings).filter((finding) => !told.findings.has(`${story.id} ${finding.key}`));
  for (const { key } of news) told.findings.add(`${story.id} ${key}`);
  for (const [title, same] of Map.groupBy(news, (finding) => finding.title)) await say(stage, story, told, same[0]?.changedAt, title, same);

  // A finding's title stands in the history too; it has been told above, with its regions.
  const titles = new Set(Object.values(story.findings).map((finding) => finding.title));
  const known = told.history.get(story.id) ?? 0;
  told.history.set(story.id, story.history.length);
  for (const { at, text } of story.history.slice(known)) if (!titles.has(text)) await say(stage, story, told, at, text);

  if (story.state === 'asking' && story.plan && !told.plans.has(story.plan.id)) {
    told.plans.add(story.plan.id);
    await say(stage, story, told, story.plan.madeAt, `Ada asks to contain everything. ${planInWords(story.plan)}`);
  }
}

async function say(
  stage: Stage,
  story: Incident,
  told: Told,
  at: string | undefined,
  text: string,
  findings: StoryFinding[] = [],
): Promise<void> {
  const { store, teller, clock } = stage;
  const regions = [...new Set(findings.map((finding) => finding.place.region))].filter((region) => region !== 'global');
  const resources = story.subjects.filter((subject) => subject.startsWith('resource:'));
  const machines = resources.length > 0 ? await store.machines({ resources, running: true }) : [];
  const usdPerHour = machines.reduce((sum, machine) => sum + (machine.usdPerHour ?? 0), 0);
  const who = story.actors.map((actor) => actor.name);
  const keys = story.subjects.filter((subject) => /^credential:A[KS]IA/.test(subject)).map((key) => maskedKey(key));
  const time = at ?? clock.now();
  if (teller.json) {
    const approvals = story.approvals.map((approval) => approval.by);
    const facts = { incident: story.id, severity: story.severity, state: story.state, headline: storyHeadline(story), text };
    teller.line(
      JSON.stringify({ at: time, ...facts, regions, who, keys, running: machines.length, usdPerHour: round(usdPerHour), approvals }),
    );
    return;
  }
  const where = regions.length > 0 ? `: ${listed(regions, 6)}` : '';
  teller.line(`${clockTime(time)}  ${story.id}  ${(findings[0]?.severity ?? '').toUpperCase().padEnd(8)}  ${text}${where}`);
  const picture = [
    who.length > 0
      ? `by ${listed(who)}${keys.length > 0 ? ` (${count(keys.length, 'key')}: ${listed(keys)})` : ''}`
      : 'by whom is not known yet',
    machines.length > 0 ? `${count(machines.length, 'machine')} running, ${dollars(usdPerHour)} an hour` : 'no machine running',
  ].join(' · ');
  if (told.picture.get(story.id) === picture) return;
  told.picture.set(story.id, picture);
  teller.line(`${' '.repeat(14 + story.id.length)}          ${picture}`);
}

/** Per verb, how many and where. */
function planInWords(plan: Plan): string {
  const groups = [...Map.groupBy(plan.items, (item) => item.verb)].map(([verb, items]) => verbs[verb](items));
  const rule = plan.follows
    ? `; also whatever ${listed(plan.follows.names) || 'those who started these machines'} start until ${clockTime(plan.follows.until)}, at most ${plan.follows.most}`
    : '';
  return `The plan: ${groups.join('; ')}${rule}. Saves ${dollars(plan.usdPerHour)} an hour.`;
}

const names = (items: PlanItem[]): string => listed(items.map((item) => shortName(item.resource)));
const regionsOf = (items: PlanItem[]): string => listed([...new Set(items.map((item) => item.place.region))], 6);
const verbs: Record<RemedyKind, (items: PlanItem[]) => string> = {
  'disable-credential': (items) => `switch off ${names(items)}`,
  'deny-principal': (items) => `deny everything to ${names(items)}`,
  'stop-compute': (items) => `stop ${count(items.length, 'machine')} in ${regionsOf(items)}`,
};

function end({ simulated, scenario, startedAt, clock, teller }: Stage, stories: Incident[]): boolean {
  const running = intruders(simulated, scenario, startedAt).length;
  const loud = stories.filter((story) => rank(story.severity) >= rank('high') && story.state !== 'joined');
  const contained = running === 0 && loud.every(isOver);
  const steps = stories.flatMap((story) => Object.values(story.steps));
  const outcomes = Object.fromEntries([...Map.groupBy(steps, (step) => step.outcome)].map(([outcome, same]) => [outcome, same.length]));
  const approvals = stories.reduce((sum, story) => sum + story.history.filter(({ text }) => text.endsWith(' approved.')).length, 0);
  if (teller.json) {
    teller.line(JSON.stringify({ at: clock.now(), contained, running, alarms: loud.length, approvals, steps: outcomes }));
    return contained;
  }
  const done = Object.entries(outcomes).map(([outcome, many]) => `${many} ${outcome}`);
  const work = `${count(approvals, 'approval')}, ${count(steps.length, 'step')}${done.length > 0 ? ` (${done.join(', ')})` : ''}`;
  teller.line('');
  if (contained && loud.length === 0) teller.line('Nothing needed to be contained: no alarm, and no machine of an intruder.');
  else if (contained) teller.line(`The account is contained: no machine of the intruder runs any more. ${work}.`);
  else teller.line(`Not contained: ${count(running, 'machine')} of the intruder still running. ${work}.`);
  return contained;
}

/** The truth from behind the curtain: machines that were started since the beginning by nobody whose ordinary work it is, and still run. */
function intruders(simulated: Simulated, scenario: Scenario, startedAt: string): { id: string }[] {
  const working = scenario.normal.filter((entry) => entry.until === undefined || entry.until > 0);
  const ordinary = new Set(working.map((entry) => entry.as.slice(entry.as.lastIndexOf('/') + 1)));
  return simulated.state
    .instances()
    .filter(({ state }) => state === 'running' || state === 'pending')
    .filter(({ launchedAt, launchedBy }) => launchedAt >= startedAt && !launchedBy.split('/').some((name) => ordinary.has(name)));
}

const clockTime = (time: string): string => `${time.slice(11, 19)} UTC`;
const round = (usd: number): number => Math.round(usd * 100) / 100;
