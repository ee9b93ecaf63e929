/** What a bench of spend found, as Markdown. Pure. */
import { attackKinds } from './attacks.ts';
import { peers } from './peers.ts';
import { ours } from './play.ts';
import type { Heard, Quiet, Trial } from './trial.ts';

export type Promise = { of: string; promised: string; found: string; isMet: boolean };
/** Held to the promise: what is dear enough to be seen on a bill at once. One small machine is shown beside it. */
const isPromised = ({ kind }: Heard): boolean => kind !== 'low and slow';

export function promisesOf(trials: readonly Trial[]): Promise[] {
  const heard = trials.flatMap((trial) => trial.heard).filter(isPromised);
  const noise = noiseOf(
    trials.flatMap((trial) => trial.quiet),
    ours,
  );
  const cold = trials.flatMap((trial) => trial.cold.said).filter(isPromised);
  const warmRecall = recall(heard, ours, 72);
  const hours = middle(hoursOf(heard, ours));
  const coldRecall = recall(cold, ours, 72);
  return [
    { of: 'attacks told within 72 h', promised: '≥ 0.97', found: `${warmRecall.toFixed(3)} of ${heard.length}`, isMet: warmRecall >= 0.97 },
    {
      of: 'messages in an account-month where nothing is wrong',
      promised: '≤ 0.30',
      found: noise.messages.toFixed(2),
      isMet: noise.messages <= 0.3,
    },
    { of: 'half of the attacks told within', promised: '≤ 16 h', found: hoursText(hours), isMet: hours <= 16 },
    {
      of: 'attacks in the first three days of an account whose bill was declared, told within 72 h',
      promised: '≥ 0.75',
      found: `${coldRecall.toFixed(3)} of ${cold.length}`,
      isMet: coldRecall >= 0.75,
    },
  ];
}

/** `otherwise`: the same, seen by us alone, under other conditions. */
export type Otherwise = { text: string; trials: readonly Trial[] };

export function report(
  trials: readonly Trial[],
  { command, bills, otherwise }: { command: string; bills: string; otherwise: readonly Otherwise[] },
): string {
  const heard = trials.flatMap((trial) => trial.heard);
  const quiet = trials.flatMap((trial) => trial.quiet);
  const shown = peers.filter(({ name }) => name in (heard[0]?.by ?? {}));
  const names = [ours, ...shown.map(({ name }) => name)];
  const months = quiet.reduce((sum, { accountMonths }) => sum + accountMonths, 0);
  return [
    '# Money: how surely, how soon, how quietly',
    '',
    `Printed by \`${command}\`; ${bills}: ${quiet.length} payers, ${months.toFixed(0)} account-months where nothing is wrong, ${heard.length} attacks.`,
    'The bills are made up (`bench/spend`), and the detector was set on seeds 1 to 9 alone: the order of detectors is evidence, the absolute figures are',
    'not. No bills of other people are shipped; `--files` takes some and plants the attacks in them. A bill is read every eight hours; usage is',
    'on it in blocks of eight hours, 8, 16 or 24 hours after a block began. A message counts for an attack only when it speaks of money that the attack',
    'costs. What is open is told again when it becomes worse; the same rule holds for everybody.',
    '',
    '## What is promised',
    '',
    table(
      ['', 'promised', 'found', ''],
      promisesOf(trials).map(({ of, promised, found, isMet }) => [of, promised, found, isMet ? 'met' : '**missed**']),
    ),
    '',
    '## Side by side',
    '',
    `Attacks as below without *low and slow*. ${ours} pages from *high* on; of the others nothing is known that would be a page.`,
    '',
    table(columns, [...names.map((name) => sideBySide(name, trials)), floorRow(heard.filter(isPromised))]),
    '',
    ...shown.map(({ name, how: method }) => `- *${name}*: ${method}.`),
    '',
    ...(otherwise.length === 0
      ? []
      : [
          '## The same otherwise',
          '',
          table(columns, [
            ['as above', ...sideBySide(ours, trials).slice(1)],
            ...otherwise.map((one) => [one.text, ...sideBySide(ours, one.trials).slice(1)]),
          ]),
          '',
        ]),
    '## By attack',
    '',
    table(
      ['', 'attacks', 'told ≤ 72 h', 'told ≤ 14 d', 'paged ≤ 72 h', 'P50 h', 'burned P50', ...shown.map(({ name }) => `≤ 72 h: ${name}`)],
      attackKinds.map((kind) => {
        const of = heard.filter((one) => one.kind === kind);
        return [
          kind,
          String(of.length),
          recall(of, ours, 72).toFixed(2),
          recall(of, ours, 336).toFixed(2),
          pageRecall(of, ours).toFixed(2),
          hoursText(middle(hoursOf(of, ours))),
          usdText(middle(of.map((one) => one.by[ours]!.usd))),
          ...shown.map(({ name }) => recall(of, name, 72).toFixed(2)),
        ];
      }),
    ),
    '',
    '## By account',
    '',
    table(
      ['', 'account-months', 'messages an account-month', 'of them pages', 'told ≤ 72 h'],
      [...new Set(quiet.map(({ archetype }) => archetype))].map((archetype) => {
        const of = quiet.filter((one) => one.archetype === archetype);
        const noise = noiseOf(of, ours);
        const attacked = heard.filter((one) => one.archetype === archetype && isPromised(one));
        return [
          archetype,
          noise.months.toFixed(0),
          noise.messages.toFixed(2),
          noise.pages.toFixed(2),
          recall(attacked, ours, 72).toFixed(2),
        ];
      }),
    ),
    '',
    '## An account’s first days',
    '',
    'The attack begins within three days of the account. Messages: two weeks of the same accounts without an attack.',
    '',
    table(
      ['', 'attacks', 'told ≤ 72 h', 'paged ≤ 72 h', 'P50 h', 'messages in the first two weeks of an account', 'of them pages'],
      [coldRow('its bill was declared', trials, 'said', 'quietSaid'), coldRow('nobody said anything', trials, 'unsaid', 'quietUnsaid')],
    ),
  ].join('\n');
}

const columns = [
  '',
  'told ≤ 72 h',
  'paged ≤ 72 h',
  'P50 h',
  'P90 h',
  'burned P50',
  'messages an account-month',
  'of them pages',
  'cold start ≤ 72 h',
];

function sideBySide(name: string, trials: readonly Trial[]): string[] {
  const heard = trials.flatMap((trial) => trial.heard).filter(isPromised);
  const cold = trials.flatMap((trial) => trial.cold.said).filter(isPromised);
  const hours = hoursOf(heard, name);
  const noise = noiseOf(
    trials.flatMap((trial) => trial.quiet),
    name,
  );
  const isOurs = name === ours;
  return [
    isOurs ? `**${name}**` : name,
    recall(heard, name, 72).toFixed(3),
    isOurs ? pageRecall(heard, name).toFixed(3) : '–',
    hoursText(middle(hours)),
    hoursText(quantile(hours, 0.9)),
    usdText(middle(heard.map((one) => one.by[name]!.usd))),
    noise.messages.toFixed(2),
    isOurs ? noise.pages.toFixed(2) : '–',
    recall(cold, name, 72).toFixed(2),
  ];
}

function floorRow(heard: readonly Heard[]): string[] {
  const hours = heard.map(({ visibleHours }) => visibleHours);
  return [
    '*the first stolen dollar stands on the bill*',
    '',
    '',
    hoursText(middle(hours)),
    hoursText(quantile(hours, 0.9)),
    '',
    '',
    '',
    '',
  ];
}

function coldRow(text: string, trials: readonly Trial[], attacks: 'said' | 'unsaid', without: 'quietSaid' | 'quietUnsaid'): string[] {
  const heard = trials.flatMap((trial) => trial.cold[attacks]).filter(isPromised);
  const quiet = trials.flatMap((trial) => trial.cold[without]);
  const messages = quiet.reduce((sum, { by }) => sum + by[ours]!.messages, 0);
  const pages = quiet.reduce((sum, { by }) => sum + by[ours]!.pages, 0);
  return [
    text,
    String(heard.length),
    recall(heard, ours, 72).toFixed(3),
    pageRecall(heard, ours).toFixed(3),
    hoursText(middle(hoursOf(heard, ours))),
    (messages / quiet.length).toFixed(2),
    (pages / quiet.length).toFixed(2),
  ];
}

const hoursOf = (heard: readonly Heard[], name: string): number[] => heard.map(({ by }) => by[name]!.hours);
const recall = (heard: readonly Heard[], name: string, within: number): number =>
  heard.filter(({ by }) => by[name]!.hours <= within).length / heard.length;
const pageRecall = (heard: readonly Heard[], name: string): number =>
  heard.filter(({ by }) => by[name]!.pageHours <= 72).length / heard.length;

export function noiseOf(quiet: readonly Quiet[], name: string): { months: number; messages: number; pages: number } {
  const months = quiet.reduce((sum, { accountMonths }) => sum + accountMonths, 0);
  const total = (of: 'messages' | 'pages') => quiet.reduce((sum, { by }) => sum + by[name]![of], 0);
  return { months, messages: total('messages') / months, pages: total('pages') / months };
}

const middle = (values: number[]): number => quantile(values, 0.5);
const quantile = (values: number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.floor(share * values.length)] ?? Number.NaN;
const hoursText = (hours: number): string => (Number.isFinite(hours) ? `${hours.toFixed(0)} h` : 'never');
const usdText = (usd: number): string => `$${usd.toLocaleString('en-US', { maximumFractionDigits: 0 })}`;

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
