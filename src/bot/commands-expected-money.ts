/** Money declared as expected beforehand: `/warden expect spend …`. */
import { answer } from './answer.ts';
import { accountGiven, howTime, timeGiven, whichAccount } from './commands-given.ts';
import { codeOf } from './expected.ts';
import { againstMoney, expectedMoney, type MoneyDeclaration } from './expected-money.ts';
import type { Message, Part } from './message.ts';
import type { Person, Policy } from './people.ts';
import type { Clock, CostRow, GuardedAccount, Store } from './ports.ts';
import { expectationLine } from './present/expected.ts';
import { addSeconds } from './time.ts';
import { addDays, cut } from './words.ts';

export type ExpectMoneyDeps = { store: Store; clock: Clock; policy: Policy; accounts: GuardedAccount[] };

export const moneyGrammar = 'expect spend [of SERVICE] [in REGION] [on ACCOUNT] [from TIME] for 7d up to $200/day';
const wanted =
  /^(?:spend|money)(?: of (?<service>.+?))?(?: in (?<region>\S+))?(?: on (?<account>.+?))?(?: from (?<from>\d\S+))? for (?<number>\d{1,4}) ?(?<unit>h|hours?|d|days?|w|weeks?) up to (?<sign>[$€£])?(?<cap>\d[\d,]{0,9}(?:\.\d+)?)(?: ?(?<currency>[A-Z]{3}))?(?: ?\/ ?d(?:ay)?| a day)$/i;
const unitSeconds: Record<string, number> = { h: 3600, d: 86_400, w: 7 * 86_400 };
const signs: Record<string, string | undefined> = { $: 'USD', '€': 'EUR', '£': 'GBP' };
/** What was billed so long ago still tells how a service is called. */
const knownDays = 60;

/** Sets it down. `words` begin with "spend". */
export async function declareMoney(words: string[], person: Person, deps: ExpectMoneyDeps): Promise<Message> {
  const { store, clock, policy, accounts } = deps;
  const given = wanted.exec(words.join(' '))?.groups;
  if (!given) return answer('Not understood, and nothing was changed.', how());
  const account = accountGiven(given.account, accounts);
  if (!account) return answer(whichAccount(accounts), how());
  const now = clock.now();
  const rows = (await store.costs(addDays(now.slice(0, 10), -knownDays), now.slice(0, 10))).filter(({ charge }) => charge === 'usage');
  const service = given.service === undefined ? undefined : serviceOf(given.service, rows);
  if (service === 'several')
    return answer(`Several services are called “${cut(given.service ?? '', 60)}”. Write it as the bill does. Nothing was changed.`, how());
  const from = given.from === undefined ? now : timeGiven(given.from);
  if (!from) return answer(howTime, how());
  const seconds = Number(given.number) * (unitSeconds[(given.unit ?? '')[0]?.toLowerCase() ?? ''] ?? 0);
  const region = given.region?.toLowerCase();
  const declaration: MoneyDeclaration = {
    ...{ scope: account.scope, from, until: addSeconds(from, seconds), by: person.id },
    ...{
      capPerDay: Number(given.cap?.replaceAll(',', '')),
      currency: given.currency?.toUpperCase() ?? signs[given.sign ?? ''] ?? currencyOf(rows, account),
    },
    ...(region === undefined || region === 'any' ? {} : { region }),
    ...(service === undefined ? {} : { service: service.name }),
  };
  const against = againstMoney(declaration);
  if (against) return answer(`${against} Nothing was changed.`, how());
  const one = expectedMoney(declaration);
  // Written first: what is not in the audit does not happen.
  await store.audit({ at: now, who: person.id, what: 'declared money as expected', data: { ...declaration, scope: account.scope.id } });
  await store.saveExpectation({ ...one, at: now });
  const news = [
    ...(service && !service.isBilled
      ? [` Nothing of that name was billed in the last ${knownDays} days: the name must be as the bill will write it.`]
      : []),
    ...(region !== undefined && region !== 'any' && !rows.some((row) => row.region === region)
      ? [` Nothing was billed in ${cut(region, 40)} in the last ${knownDays} days.`]
      : []),
  ].join('');
  return answer([
    'Set down as ',
    { code: codeOf(one) },
    ': ',
    ...[expectationLine(one, policy)].flat(),
    `. What costs more than that, or lies elsewhere, is told.${news}`,
  ]);
}

/** As the bill writes it: the same name, or the only one that contains the word. */
function serviceOf(given: string, rows: readonly CostRow[]): { name: string; isBilled: boolean } | 'several' {
  const names = [...new Set(rows.map((row) => row.service))];
  const word = given.replace(/^["“'](.*)["”']$/, '$1').trim();
  const same = names.find((name) => name.toLowerCase() === word.toLowerCase());
  if (same !== undefined) return { name: same, isBilled: true };
  const like = names.filter((name) => name.toLowerCase().includes(word.toLowerCase()));
  if (like.length > 1) return 'several';
  return like[0] === undefined ? { name: word, isBilled: false } : { name: like[0], isBilled: true };
}

/** What the account is billed in; dollars where nothing is billed yet. */
function currencyOf(rows: readonly CostRow[], { scope }: GuardedAccount): string {
  const own = rows.filter((row) => row.scope.id === scope.id && row.scope.cloud === scope.cloud);
  return (own.length > 0 ? own : rows).at(-1)?.currency ?? 'USD';
}

const how = (): Part => ({
  kind: 'text',
  quiet: true,
  text: [
    'Admins declare money with ',
    { code: `/warden ${moneyGrammar}` },
    ': so much a day above what is usual. For more hours of machines: ',
    { code: '/warden expected' },
    '.',
  ],
});
