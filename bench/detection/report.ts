/** What a bench of detection found, as Markdown. Pure. */

import { type Peer, peers } from './peers.ts';
import type { Attack, Month, Plan } from './plan.ts';
import type { Outcome } from './run.ts';
import { type Attacked, type Group, groups, isPage, minutesToPage, noiseOf, type Score, scoreOf } from './score.ts';

export type Found = { plan: Plan; attacked: readonly Outcome[]; lived: readonly Outcome[] };
/** What is promised of a figure: `isMet` decides, `text` says it. */
export type Aim = { of: string; promised: string; found: string; isMet: boolean };

export function report(found: Found, how: { command: string; seed: number; delivery: string }): string {
  const { plan } = found;
  const counts = `${new Set(plan.attacks.map(({ run }) => run.file)).size} attacks in ${plan.attacks.length / 3} accounts, each heard by push, by polling alone, and with push cut; ${plan.normals.length} account-months of ${new Set(plan.normals.map(({ name }) => name)).size} normal accounts`;
  return [
    '# How soon, how surely, how quietly',
    '',
    `Printed by \`${how.command}\`; seed ${how.seed}. ${counts}.`,
    `How late each source tells is fixed in [delivery.yaml](${how.delivery}). A page is a story of *high* or worse, a message one of *medium* or worse, each`,
    'time it becomes worse once more. The clock runs from the first step that does more than look around. Attacks and accounts are the files of',
    '[config/scenarios](../config/scenarios): anybody can add some, or let the bench play a folder of their own.',
    '',
    '## What is promised',
    '',
    table(
      ['', 'promised', 'found', ''],
      aimsOf(found).map((aim) => [aim.of, aim.promised, aim.found, aim.isMet ? 'met' : '**missed**']),
    ),
    '',
    '## Time to the first page',
    '',
    ...(['push', 'poll', 'cut'] as const).flatMap((hearing) => [`### ${hearingTitles[hearing]}`, '', timesTable(found, hearing), '']),
    '## What others would have told of the same accounts',
    '',
    'Attacks in their own accounts, every event pushed; months as below. What is known of each peer and assumed for it stands in `bench/detection/peers`.',
    '',
    peersTable(found),
    '',
    '## Where nothing is wrong',
    '',
    normalsTable(found),
    '',
    '## Attacks told late or not at all',
    '',
    missedTable(found),
    '',
  ].join('\n');
}

const hearingTitles = {
  push: 'Push (profile *standard*)',
  poll: 'Polling alone (profile *poll only*)',
  cut: 'Push dead from the start, nobody saw how (profile *standard*)',
};

export function aimsOf(found: Found): Aim[] {
  const scored = (hearing: Attack['hearing'], ...of: Group[]): Score =>
    scoreOf(attackedOf(found, hearing).filter((one) => of.length === 0 || of.includes(one.group)));
  const noise = noiseOf(normalsOf(found));
  const fast = ['EC2', 'other services', 'identity', 'evasion'] as const;
  const soon = (of: string, score: Score, p50: number, p95: number): Aim => ({
    of,
    promised: `P50 ≤ ${p50}, P95 ≤ ${p95} min`,
    found: `${minutes(score.p50)}, ${minutes(score.p95)} min`,
    isMet: score.attacks > 0 && score.p50 <= p50 && score.p95 <= p95,
  });
  const recall = (of: string, score: Score, within: 10 | 30 | 60 | 1440, least: number): Aim => ({
    of: `${of} told within ${within === 1440 ? '24 h' : `${within} min`}`,
    promised: `≥ ${least.toFixed(2)}`,
    found: `${share(score.within[within])} of ${score.attacks}`,
    isMet: score.attacks > 0 && score.within[within] >= least,
  });
  const most = (of: string, value: number, limit: number, unit = ''): Aim => ({
    of,
    promised: `≤ ${unit}${limit.toFixed(2)}`,
    found: `${unit}${value.toFixed(2)}`,
    isMet: value <= limit,
  });
  const lost = (scored('push', ...fast).within[60] - scored('cut', ...fast).within[60]) * 100;
  return [
    soon('EC2, push', scored('push', 'EC2'), 1, 5),
    soon('EC2, polling', scored('poll', 'EC2'), 3, 6),
    soon('other services, polling', scored('poll', 'other services'), 12, 30),
    soon('identity and evasion, push', scored('push', 'identity', 'evasion'), 3, 10),
    soon('identity and evasion, polling', scored('poll', 'identity', 'evasion'), 8, 20),
    recall('fast attacks, push,', scored('push', ...fast), 10, 0.95),
    recall('fast attacks, polling,', scored('poll', ...fast), 30, 0.95),
    recall('fast attacks, push,', scored('push', ...fast), 60, 0.99),
    recall('fast attacks, polling,', scored('poll', ...fast), 60, 0.99),
    recall('slow and nightly ones, polling,', scored('poll', 'slow'), 1440, 0.8),
    most('burned until the first page, push, EC2, P50', scored('push', 'EC2').usdP50, 3.5, '$'),
    most('burned until the first page, push, EC2, P95', scored('push', 'EC2').usdP95, 8, '$'),
    most('false pages in an account-month', noise.pages, 0.1),
    most('messages in an account-month', noise.messages, 1),
    most('points of recall within 60 min lost where push is cut', lost, 2),
  ];
}

function timesTable(found: Found, hearing: Attack['hearing']): string {
  const all = attackedOf(found, hearing);
  const rows = [...groups.map((group) => ({ name: group, some: all.filter((one) => one.group === group) })), { name: 'all', some: all }];
  return table(
    ['attacks on', 'runs', 'P50 min', 'P95 min', '≤ 10 min', '≤ 30 min', '≤ 60 min', '≤ 24 h', 'burned P50', 'burned P95'],
    rows.filter(({ some }) => some.length > 0).map(({ name, some }) => [name, ...cells(scoreOf(some))]),
  );
}

const cells = (score: Score): string[] => [
  String(score.attacks),
  minutes(score.p50),
  minutes(score.p95),
  share(score.within[10]),
  share(score.within[30]),
  share(score.within[60]),
  share(score.within[1440]),
  `$${score.usdP50.toFixed(2)}`,
  `$${score.usdP95.toFixed(2)}`,
];

function peersTable(found: Found): string {
  const watched = found.plan.attacks.flatMap((attack, index) => {
    const outcome = found.attacked[index]!;
    return outcome.peers ? [{ attack, outcome, peers: outcome.peers }] : [];
  });
  const line = (name: string, toldOf: (outcome: Outcome) => Outcome['told']): string[] => {
    const score = scoreOf(
      watched.map(({ attack, outcome }) => ({ ...attack, endMs: attack.run.peers?.untilMs ?? attack.run.endMs, told: toldOf(outcome) })),
    );
    const noise = noiseOf(found.plan.normals.map(({ months }, index) => ({ months, told: toldOf(found.lived[index]!) })));
    return [name, ...cells(score), noise.pages.toFixed(2), noise.messages.toFixed(2)];
  };
  return table(
    [
      '',
      'attacks',
      'P50 min',
      'P95 min',
      '≤ 10 min',
      '≤ 30 min',
      '≤ 60 min',
      '≤ 24 h',
      'burned P50',
      'burned P95',
      'false pages / month',
      'messages / month',
    ],
    [
      line('Cloudwarden', ({ told }) => told),
      ...(Object.keys(peers) as Peer[]).map((peer) => line(peers[peer], (outcome) => outcome.peers?.[peer] ?? [])),
    ],
  );
}

function normalsTable(found: Found): string {
  const names = [...new Set(found.plan.normals.map(({ name }) => name))];
  const rows = names.map((name) => {
    const lived = found.plan.normals.flatMap((one, index) => (one.name === name ? [{ ...one, ...found.lived[index]! }] : []));
    const told = lived.flatMap((one) => one.told);
    const noise = noiseOf(lived);
    return [
      name,
      String(noise.months),
      noise.pages.toFixed(2),
      noise.messages.toFixed(2),
      [...new Set(told.flatMap((one) => one.checks))].join(', '),
    ];
  });
  const all = noiseOf(normalsOf(found));
  return table(
    ['account', 'months', 'pages / month', 'messages / month', 'what spoke'],
    [...rows, ['all', String(all.months), all.pages.toFixed(2), all.messages.toFixed(2), '']],
  );
}

/** What took longer than an hour, or a day for slow ones: so that nobody has to believe a percentage. */
function missedTable(found: Found): string {
  const rows = found.plan.attacks.flatMap((attack, index) => {
    const { told } = found.attacked[index]!;
    const delay = minutesToPage({ ...attack, told }) ?? Number.POSITIVE_INFINITY;
    if (delay <= (attack.group === 'slow' ? 1440 : 60)) return [];
    const said = told.filter((one) => one.atMs >= attack.firstStepMs).map((one) => `${one.severity}: ${one.checks.join(', ')}`);
    return [[attack.name, attack.hearing, minutes(delay), [...new Set(said)].join('; ') || 'nothing']];
  });
  return rows.length === 0 ? 'None.' : table(['attack', 'heard by', 'minutes', 'what was told'], rows);
}

const attackedOf = ({ plan, attacked }: Found, hearing: Attack['hearing']): Attacked[] =>
  plan.attacks.flatMap((attack, index) =>
    attack.hearing === hearing ? [{ ...attack, endMs: attack.run.endMs, told: attacked[index]!.told }] : [],
  );
const normalsOf = ({ plan, lived }: Found): { months: Month['months']; told: Outcome['told'] }[] =>
  plan.normals.map(({ months }, index) => ({ months, told: lived[index]!.told }));

/** Every message of the normal months and every late attack, one a line, for whoever tunes checks. */
export function details(found: Found): string {
  const time = (ms: number): string => new Date(ms).toISOString().slice(0, 16);
  return [
    ...found.plan.attacks.map((attack, index) => {
      const { told } = found.attacked[index]!;
      const delay = minutesToPage({ ...attack, told });
      const first = told.filter((one) => one.atMs >= attack.firstStepMs && isPage(one)).sort((a, b) => a.atMs - b.atMs)[0];
      return `${attack.hearing}  ${attack.group}  ${attack.name}: ${delay === undefined ? 'never' : `${minutes(delay)} min`} ${first?.checks.join(', ') ?? told.map((one) => `${one.severity} ${one.checks}`).join('; ')}`;
    }),
    ...found.plan.normals.flatMap(({ name, hearing, run }, index) =>
      found.lived[index]!.told.map(
        (one) =>
          `${hearing}  ${name} (seed ${run.seed}) ${time(one.atMs)} +${((one.atMs - run.startMs) / 3_600_000).toFixed(1)} h ${one.story} ${one.severity}: ${one.title} [${one.checks.join(', ')}]`,
      ),
    ),
  ].join('\n');
}

const minutes = (value: number): string => (value === Number.POSITIVE_INFINITY ? '∞' : value >= 100 ? value.toFixed(0) : value.toFixed(1));
const share = (value: number): string => value.toFixed(3);

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
