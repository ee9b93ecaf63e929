/** What a month may cost: `/warden budget`; and what all commands about money share. */
import { answer } from './answer.ts';
import { budgetsFrom, isSame, keepBudget } from './budget-book.ts';
import { accountGiven } from './commands-given.ts';
import { budgetLine, budgetStates, providerBudgetLine } from './digest/budgets.ts';
import type { Budget, DigestInput } from './digest/input.ts';
import { whatToDo, whyNoCosts } from './digest/told.ts';
import type { Message, Part, Text } from './message.ts';
import type { Person } from './people.ts';
import type { Clock, GuardedAccount, Store } from './ports.ts';
import { addDays, count, cut, dayAndMonth, duration, listed, monthName, secondsBetween } from './words.ts';

export type MoneyDeps = {
  store: Store;
  clock: Clock;
  accounts: GuardedAccount[];
  /** What the store knows of costs now. */
  input(): Promise<DigestInput>;
  /** As configured. */
  budgets: readonly Budget[];
};

export type Row = { label: string; lines: Text[] };

/** All budgets, how far they are used, and how one is set. */
export async function showBudgets(deps: MoneyDeps): Promise<Message> {
  const input = await deps.input();
  const day = addDays(input.now.slice(0, 10), -1);
  const lines = [
    ...budgetStates(input, day).map((one) => budgetLine(one, input.policy)),
    ...(input.providerBudgets ?? []).map(providerBudgetLine),
  ];
  if (lines.length === 0) return answer('No budget is set.', howToBudget(deps.accounts));
  const shown = lines.slice(0, 20);
  return answer(
    `${count(lines.length, 'budget')} for ${monthName(day)}, before credits, up to ${dayAndMonth(day)}:`,
    { kind: 'list', items: shown, ...(lines.length > shown.length ? { more: lines.length - shown.length } : {}) },
    howToBudget(deps.accounts),
  );
}

/** `words`: set ACCOUNT 500, set team NAME 900 EUR, end ACCOUNT, end team NAME. By an admin. */
export async function changeBudget(words: string[], person: Person, deps: MoneyDeps): Promise<Message> {
  const { store, clock, accounts } = deps;
  const [what = '', ...rest] = words;
  const given = /^(?<of>.+?)(?: (?<sign>[$€£]?)(?<amount>\d[\d,]*(?:\.\d+)?) ?(?<currency>[A-Za-z]{3})?)?$/.exec(rest.join(' '))?.groups;
  const isEnd = what.toLowerCase() === 'end';
  if (!/^(set|end)$/i.test(what) || !given?.of || (given.amount === undefined) !== isEnd)
    return answer('Not understood, and nothing was changed.', howToBudget(accounts));
  const of = whoseBudget(given.of, accounts);
  if (!of) return answer(`No account is called “${cut(given.of, 40)}”. Nothing was changed.`, howToBudget(accounts));
  const now = clock.now();
  const before = (await budgetsFrom(store, deps.budgets)).find((one) => isSame(one, { of }));
  const name = 'team' in of ? `team ${of.team}` : given.of;
  if (isEnd) {
    if (!before) return answer(`No budget is set for ${cut(name, 60)}. Nothing was changed.`, howToBudget(accounts));
    await store.audit({ at: now, who: person.id, what: 'ended a budget', data: { of, before: before.monthly } });
    await keepBudget(store, { of, monthly: before.monthly, by: person.id, at: now, ended: true });
    return answer(`Ended: ${cut(name, 60)} has no budget any more.`);
  }
  const monthly = Number(given.amount?.replaceAll(',', ''));
  if (!(monthly > 0 && monthly <= 1e9)) return answer('Give an amount above 0. Nothing was changed.', howToBudget(accounts));
  const currency = given.currency?.toUpperCase() ?? signs[given.sign ?? ''];
  // Written first: what is not in the audit does not happen.
  await store.audit({
    at: now,
    who: person.id,
    what: 'set a budget',
    data: { of, monthly, ...(currency ? { currency } : {}), before: before?.monthly ?? null },
  });
  const budget: Budget = { of, monthly, by: person.id, at: now, ...(currency ? { currency } : {}) };
  await keepBudget(store, budget);
  const [state] = budgetStates({ ...(await deps.input()), budgets: [budget] }, addDays(now.slice(0, 10), -1));
  return answer(['Set. ', ...(state ? [budgetLine(state)].flat() : [])]);
}

const signs: Record<string, string | undefined> = { $: 'USD', '€': 'EUR', '£': 'GBP' };

function whoseBudget(name: string, accounts: GuardedAccount[]): Budget['of'] | undefined {
  const team = /^team (.+)$/i.exec(name)?.[1];
  if (team !== undefined) return { team };
  const account = accountGiven(name, accounts);
  return account && { account: account.scope.id };
}

const howToBudget = (accounts: GuardedAccount[]): Part => ({
  kind: 'text',
  quiet: true,
  text: [
    'Admins set one a month with ',
    { code: `/warden budget set ${cut(accounts[0]?.name ?? 'ACCOUNT', 40)} 500` },
    ' or ',
    { code: '/warden budget set team NAME 500 EUR' },
    ', and end it with ',
    { code: '/warden budget end NAME' },
    `. Accounts: ${listed(
      accounts.map(({ name }) => cut(name, 40)),
      8,
    )}.`,
  ],
});

/** Why there is nothing to say of money, and what helps. */
export const noCosts = (input: DigestInput): Message =>
  answer(`Costs are not known: ${whyNoCosts(input)}.`, { kind: 'list', items: whatToDo(input) });

/** How old the figures are. */
export const ageWords = ({ costsAt, now }: DigestInput): string =>
  costsAt ? ` · costs read ${duration(secondsBetween(costsAt, now))} ago` : '';
