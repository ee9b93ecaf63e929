import { z } from 'zod';
import type { Finding } from '../check.ts';
import { defineCheck } from '../check.ts';
import type { Money, Of } from '../observation.ts';
import { account, finding, spot } from '../suspects.ts';
import type { DaySpend, Judgement } from './series.ts';
import { judgeDay, typicalDayOf } from './series.ts';

const id = 'spend/above-own-history';
type Spend = Of<'spend.recorded'>;
const amount = ({ cost }: Spend): number => cost.usd ?? cost.amount;
/** Fees, taxes and credits come on days of their own and would hide what is used. Amounts in several currencies are kept apart. */
const currency = ({ cost }: { cost: Money }): string => (cost.usd !== undefined ? 'USD' : cost.currency);
const ofAccount = (spend: Spend): string | undefined =>
  spend.charge === 'usage' ? `${account(spend.place.scope)} ${currency(spend)}` : undefined;
const ofRegion = (spend: Spend): string | undefined => (spend.charge === 'usage' ? `${spot(spend)} ${currency(spend)}` : undefined);

export const aboveOwnHistory = defineCheck({
  id,
  title: 'Far more money is being spent than is usual',
  why: 'Money is the last thing to move, hours after the machines, but it sees everything: also what no other check knows. Each account and each region is held against its own past, and how loud it gets depends on what it would cost in a month.',
  severity:
    'By what it would cost in 30 days more than usual. Medium from 100 dollars and a tenth of a usual month. High from 500 dollars and a usual month (for months above 3,400 dollars from 3,000 and an eighth), in a new region from 300. Critical from 2,000 dollars and three usual months. Below that, low. In the first three days of an account of which nobody said what it costs, at most medium.',
  falseAlarms: [
    'A price that was agreed on, a migration, a new product. After five days the new level is taken as usual.',
    'A service billed for once in a while.',
  ],
  misses: [
    'What stays below ten dollars a day.',
    'What grows by less than a seventh within six weeks.',
    'Whatever happened since the bill was last brought up to date, up to a day.',
  ],
  tactic: 'Impact (TA0040): Resource Hijacking (T1496)',
  references: [
    'MITRE ATT&CK, T1496',
    'AWS Cost Management guide, anomaly detection (a new service needs ten days of history there)',
    'Hampel, identification of outliers by median and MAD',
  ],
  maturity: 'stable',
  watches: ['spend.recorded'],
  nature: 'event',
  remembers: {
    accountDays: { kind: 'daily', key: ofAccount, day: ({ day }) => day, value: amount, days: 84 },
    regionDays: { kind: 'daily', key: ofRegion, day: ({ day }) => day, value: amount, days: 84 },
  },
  params: z.object({
    usualMonthly: z
      .record(z.string(), z.number().nonnegative())
      .default({})
      .describe('What an account usually costs a month, by account id; used while it has no two weeks of history.'),
    assumedMonthly: z.number().nonnegative().default(150).describe('The same for accounts nobody said anything about.'),
  }),
  evaluate(now, { accountDays, regionDays }, { usualMonthly, assumedMonthly }) {
    if (now.charge !== 'usage') return [];
    const declared = usualMonthly[now.place.scope.id];
    const typicalDay = typicalDayOf(accountDays, now.day, declared, assumedMonthly);
    const usualMonth = declared ?? 30 * typicalDay;
    const common = { day: now.day, typicalDay, usualMonth };
    const firstDay = accountDays[0]?.day ?? now.day;
    const judged = judgeDay({ ...common, history: accountDays, spent: spentOn(accountDays, now.day), canBeNew: false });
    // Nobody said what the account costs, and it has not shown it yet: there is only a guess to hold it against.
    const isGuess = declared === undefined && Date.parse(now.day) - Date.parse(firstDay) < 3 * 86_400_000;
    const whole = judged && isGuess && judged.severity !== 'low' ? { ...judged, severity: 'medium' as const } : judged;
    // Before the account itself is known for two weeks, every region looks new.
    const isAccountKnown = Date.parse(now.day) - Date.parse(firstDay) >= 14 * 86_400_000;
    // "global" is where the provider books what has no region.
    const part =
      isAccountKnown && now.place.region !== 'global'
        ? judgeDay({
            ...common,
            history: [{ day: firstDay, value: 0 }, ...regionDays],
            spent: spentOn(regionDays, now.day),
            canBeNew: true,
          })
        : undefined;
    return [
      ...(part
        ? [
            told(
              now,
              part,
              spentOn(regionDays, now.day),
              spot(now),
              part.how === 'new' ? 'in a region that never cost anything' : 'in one region',
            ),
          ]
        : []),
      ...(whole ? [told(now, whole, spentOn(accountDays, now.day), account(now.place.scope), 'in this account')] : []),
    ];
  },
});

function told(now: Spend, { severity, expected, excess, how }: Judgement, spent: number, key: string, where: string): Finding {
  const money = (value: number): string => `${value.toFixed(value < 100 ? 2 : 0)} ${currency(now)}`;
  return finding(id, now, {
    key,
    severity,
    title:
      how === 'slow burn'
        ? `More money than usual has been spent for a week ${where}`
        : `Far more money than usual is being spent ${where}`,
    about: [`scope:${now.place.scope.cloud}/${now.place.scope.id}`],
    facts: {
      Day: now.provisional ? `${now.day}, not final` : now.day,
      Spent: money(spent),
      Usual: money(expected),
      'In 30 days': `${money(30 * excess)} more`,
      ...(now.place.region === 'global' ? {} : { Region: now.place.region }),
      Service: now.service.slice(0, 100),
    },
  });
}

const spentOn = (days: readonly DaySpend[], day: string): number => days.find((one) => one.day === day)?.value ?? 0;
