/** What people may type: `/warden <command>`. */

import { answer } from './answer.ts';
import { mayDo } from './approval.ts';
import type { Meant } from './button.ts';
import { changeBudget, type MoneyDeps, showBudgets } from './commands-budget.ts';
import { declareExpected, endExpected, listExpected } from './commands-expected.ts';
import { forecastCommand } from './commands-forecast.ts';
import { memoryCommand } from './commands-memory.ts';
import { spendCommand } from './commands-spend.ts';
import type { Incident } from './incident.ts';
import type { Inspector } from './inspect.ts';
import { latencies, latencyMessage } from './latency.ts';
import type { Message, Part, Text } from './message.ts';
import { ownCostInWords, ownCostSince } from './own-cost.ts';
import { approvers, type Person, type Policy } from './people.ts';
import type { Answer, Clock, Command, GuardedAccount, Store } from './ports.ts';
import { asLine, card, gapWords, looksInWords, refusal, type View } from './present.ts';
import { rank } from './severity.ts';
import { addSeconds } from './time.ts';

export type CommandDeps = {
  person: Person | undefined;
  store: Store;
  clock: Clock;
  policy: Policy;
  accounts: GuardedAccount[];
  view(incident: Incident): Promise<View>;
  keep(buttons: Meant[]): Promise<void>;
  digest(): Promise<Message>;
  /** What the store knows of costs now, and the budgets of the configuration. */
  money: Pick<MoneyDeps, 'input' | 'budgets'>;
  troubles(): string[];
  cannotAct(): string | undefined;
  inspector: Pick<Inspector, 'memories' | 'learning' | 'decree'>;
  /** One look of everything quick. */
  scan(): Promise<void>;
  pause(paused: boolean, by: string): Promise<void>;
};

const commands = {
  help: 'this list',
  digest: 'today’s digest, now',
  spend: 'what was spent: spend [today|yesterday|7d|mtd|30d] [service|region|account|team]',
  forecast: 'where the month is heading, by account, with budgets and credits',
  budget: 'budgets and how far they are used; budget set ACCOUNT 500, budget end ACCOUNT (admins)',
  status: 'what is watched, how fresh it is, what is wrong with the bot itself',
  incidents: 'open stories, and those of the last 7 days (incidents all)',
  show: 'one story with its buttons: show INC-42',
  expected: 'what is set down as expected, and what each hid; expected end ID (admins)',
  expect:
    'declare a window beforehand: expect machines in eu-west-1 by deploy for 4h up to $100/h, or expect spend in eu-west-1 for 7d up to $200/day (admins)',
  memory: 'what is held for usual here (memory WORD); memory pin|forget ID (admins)',
  latency: 'how long events take to reach me, by each path',
  scan: 'look at everything now',
  whoami: 'who you are here, and what you may do',
  'pause-actions': 'stop all acting until resume-actions (admins)',
  'resume-actions': 'allow acting again (admins)',
} as const;
type Name = keyof typeof commands;

/** Answers privately. People who are not configured may ask for help and who they are, nothing else. */
export async function runCommand(command: Command, deps: CommandDeps): Promise<Answer> {
  const [given = '', ...rest] = command.text
    .trim()
    .replace(/^\/?warden\b/i, '')
    .trim()
    .split(/\s+/);
  const name = (given.toLowerCase() || 'help') as Name;
  if (!(name in commands)) return answer(`I do not know “${given.slice(0, 40)}”.`, help());
  if (name === 'help') return answer('What you can type:', help());
  if (name === 'whoami') return whoAmI(command, deps);
  const { person } = deps;
  if (!person) return refusal({ kind: 'stranger', id: command.by.user, approvers: approvers(deps.policy) });

  switch (name) {
    case 'digest':
      return deps.digest();
    case 'spend':
      return spendCommand(rest, { ...deps, ...deps.money });
    case 'forecast':
      return forecastCommand(rest, { ...deps, ...deps.money });
    case 'budget':
      if (rest.length === 0 || rest[0]?.toLowerCase() === 'show') return showBudgets({ ...deps, ...deps.money });
      return admin(command, deps, (one) => changeBudget(rest, one, { ...deps, ...deps.money }));
    case 'status':
      return status(deps);
    case 'incidents':
      return incidents(deps, rest[0] === 'all');
    case 'show':
      return show(deps, rest[0] ?? '');
    case 'expected':
      if (rest.length === 0) return listExpected(deps);
      return admin(command, deps, (one) => endExpected(rest[0]?.toLowerCase() === 'end' ? (rest[1] ?? '') : (rest[0] ?? ''), one, deps));
    case 'expect':
      return admin(command, deps, (one) => declareExpected(rest, one, deps));
    case 'memory':
      if (rest[0] !== 'pin' && rest[0] !== 'forget') return memoryCommand(rest, undefined, deps);
      return admin(command, deps, (one) => memoryCommand(rest, one, deps));
    case 'latency': {
      const hours = 24;
      const heard = [];
      for await (const one of deps.store.observations(addSeconds(deps.clock.now(), -hours * 3600)))
        if (one.kind === 'probe.returned') heard.push(one);
      return latencyMessage(latencies(heard), deps.accounts, hours);
    }
    case 'scan': {
      const began = deps.clock.now();
      await deps.scan();
      const looks = (await deps.store.looks()).filter((look) => look.at >= began);
      return answer('Looked at everything now.', { kind: 'list', items: looksInWords(looks) }, await open(deps));
    }
    case 'pause-actions':
    case 'resume-actions': {
      const verdict = mayDo('pause', person, command.by, deps.policy);
      if (!verdict.ok) return refusal(verdict.refusal);
      await deps.pause(name === 'pause-actions', person.id);
      return answer(
        name === 'pause-actions'
          ? 'Acting is paused: no plan is made or carried out until resume-actions. Alerts go on.'
          : 'Acting is allowed again.',
      );
    }
    default:
      return name satisfies never;
  }
}

async function admin(command: Command, { person, policy }: CommandDeps, run: (person: Person) => Promise<Message>): Promise<Message> {
  const verdict = mayDo('expect', person, command.by, policy);
  return verdict.ok ? run(verdict.person) : refusal(verdict.refusal);
}

function help(): Part {
  return { kind: 'list', items: Object.entries(commands).map(([name, says]): Text => [{ code: `/warden ${name}` }, ` ${says}`]) };
}

function whoAmI(command: Command, { person, policy }: CommandDeps): Message {
  const { by } = command;
  const id: Text = ['Your id here: ', { code: by.platform === 'slack' ? `${by.space}/${by.user}` : by.user }, ` (${by.platform}).`];
  if (!person)
    return answer(['You are not in the configuration, so you may ask nothing and press nothing. ', ...[id].flat()].flat() as Text);
  const may = person.role === 'admin' ? 'see, take, ask, approve, undo, pause' : 'see, take and ask; approving needs an admin';
  const alone = policy.actions === 'off' ? ' Acting is switched off now.' : '';
  return answer([`You are ${person.name} (${person.role}): you may ${may}.${alone} `, ...[id].flat()]);
}

async function status(deps: CommandDeps): Promise<Message> {
  const now = deps.clock.now();
  const looks = await deps.store.looks();
  const dead = await deps.store.deadEffects();
  const troubles = [
    ...deps.troubles(),
    ...gapWords(looks, now),
    ...dead.map(
      (effect) => `${effect.incident}: “${effect.effect.kind}” could not be done after ${effect.attempts} tries: ${effect.lastError ?? ''}`,
    ),
  ];
  const acting = deps.cannotAct();
  const cost = ownCostInWords(await deps.store.calls(ownCostSince(now), now.slice(0, 10)), now);
  const hash = (await deps.store.lastAuditHash()).slice(0, 8);
  return answer(
    `Guarding ${deps.accounts.map((account) => account.name).join(', ')}.`,
    { kind: 'list', items: [...looksInWords(looks), acting ?? 'Acting is possible after an approval.', ...(cost ? [cost] : [])] },
    troubles.length > 0 ? { kind: 'list', items: troubles } : { kind: 'text', text: 'Nothing is wrong with the bot itself.' },
    { kind: 'text', text: ['Audit ', { code: hash }], quiet: true },
  );
}

async function incidents(deps: CommandDeps, all: boolean): Promise<Message> {
  const since = addSeconds(deps.clock.now(), -7 * 24 * 3600);
  const stories = (await deps.store.incidents(all ? { since } : {})).filter((story) => all || isOpen(story));
  if (stories.length === 0) return answer('Nothing is open.');
  const items = stories.sort((a, b) => rank(b.severity) - rank(a.severity)).map((story) => asLine(story, deps.policy));
  return answer(all ? 'The last 7 days:' : 'Open:', {
    kind: 'list',
    items: items.slice(0, 30),
    ...(items.length > 30 ? { more: items.length - 30 } : {}),
  });
}

async function open(deps: CommandDeps): Promise<Part> {
  const stories = (await deps.store.incidents({})).filter(isOpen);
  return stories.length === 0
    ? { kind: 'text', text: 'Nothing is open.' }
    : { kind: 'list', items: stories.slice(0, 20).map((story) => asLine(story, deps.policy)) };
}

async function show(deps: CommandDeps, wanted: string): Promise<Message> {
  const id = /^(?:inc-?)?(\d+)$/i.exec(wanted)?.[1];
  const story = id ? await deps.store.incident(`INC-${Number(id)}`) : undefined;
  if (!story) return answer(`There is no story “${wanted.slice(0, 20)}”. Try: show INC-1`);
  const drawn = card(await deps.view(story));
  await deps.keep(drawn.buttons);
  return drawn.message;
}

const isOpen = (story: Incident): boolean => !['resolved', 'expected', 'joined'].includes(story.state);
