/** What is set down as expected, listed, declared beforehand and ended: `/warden expected` and `/warden expect`. */
import type { Subject } from '../checks/observation.ts';
import { answer } from './answer.ts';
import { declareMoney, moneyGrammar } from './commands-expected-money.ts';
import { accountGiven, howTime, timeGiven, whichAccount } from './commands-given.ts';
import { againstDeclaring, codeOf, type Declaration, declared, overAt } from './expected.ts';
import type { Message, Part, Text } from './message.ts';
import type { Person, Policy } from './people.ts';
import type { Clock, GuardedAccount, Store } from './ports.ts';
import { expectationLine, hidInWords } from './present/expected.ts';
import { addSeconds } from './time.ts';
import { count, cut, shortName } from './words.ts';

export type ExpectedDeps = {
  store: Store;
  clock: Clock;
  policy: Policy;
  accounts: GuardedAccount[];
};
const grammar = 'expect CHECK|machines in REGION|any [by PRINCIPAL] [on ACCOUNT] [from TIME] for 4h up to $100/h';
const wanted =
  /^(?<what>\S+)(?: in (?<region>\S+))?(?: by (?<principal>\S+))?(?: on (?<account>\S+))?(?: from (?<from>\S+))? for (?<number>\d{1,4}) ?(?<unit>minutes?|min|m|hours?|h|days?|d) up to \$?(?<cap>\d{1,6}(?:\.\d+)?)(?: ?\/ ?h| an hour)?$/i;
const unitSeconds: Record<string, number> = { m: 60, h: 3600, d: 86_400 };

/** All that is active, and what each hid. */
export async function listExpected({ store, clock, policy }: ExpectedDeps): Promise<Message> {
  const all = (await store.expectations(clock.now())).filter((one) => overAt(one) > clock.now());
  if (all.length === 0) return answer('Nothing is set down as expected.', how());
  const items = all.map((one): Text => [{ code: codeOf(one) }, ' ', ...[expectationLine(one, policy)].flat(), `; ${hidInWords(one)}`]);
  return answer(`${count(all.length, 'thing is', 'things are')} set down as expected:`, { kind: 'list', items }, how());
}

/** Ends one before its time. What it hid and still goes on is told within minutes. */
export async function endExpected(code: string, person: Person, { store, clock }: ExpectedDeps): Promise<Message> {
  const now = clock.now();
  const one = (await store.expectations(now)).find((candidate) => codeOf(candidate) === code.toLowerCase());
  if (!one) return answer(`Nothing expected is called “${cut(code, 20)}”. /warden expected lists them.`);
  await store.audit({ at: now, who: person.id, what: 'ended an expectation', data: { expectation: one.id, hid: one.hid } });
  await store.saveExpectation({ ...one, until: now, endedBy: person.id });
  return answer('Ended. It hides nothing more; what still goes on is told within minutes.');
}

/** A window declared beforehand. */
export async function declareExpected(words: string[], person: Person, deps: ExpectedDeps): Promise<Message> {
  if (/^(spend|money)$/i.test(words[0] ?? '')) return declareMoney(words, person, deps);
  const { store, clock, policy, accounts } = deps;
  const given = wanted.exec(words.join(' '))?.groups;
  if (!given) return answer('Not understood, and nothing was changed.', how());
  const scope = accountGiven(given.account, accounts)?.scope;
  if (!scope) return answer(whichAccount(accounts));
  const principal = given.principal === undefined ? undefined : await principalOf(given.principal, store);
  if (principal === 'unknown' || principal === 'several')
    return answer(
      `${principal === 'several' ? 'Several are' : 'Nobody is'} known as “${cut(given.principal ?? '', 60)}”. Give the full id as the provider writes it. Nothing was changed.`,
    );
  const now = clock.now();
  const from = given.from === undefined ? now : timeGiven(given.from);
  if (!from) return answer(howTime);
  const seconds = Number(given.number) * (unitSeconds[(given.unit ?? '')[0]?.toLowerCase() ?? ''] ?? 0);
  const declaration: Declaration = {
    ...{ what: given.what ?? '', scope, from, until: addSeconds(from, seconds), upToUsdPerHour: Number(given.cap), by: person.id },
    ...(given.region === undefined || given.region.toLowerCase() === 'any' ? {} : { region: given.region.toLowerCase() }),
    ...(principal ? { principal } : {}),
  };
  const against = againstDeclaring(declaration);
  if (against) return answer(`${against} Nothing was changed.`);
  const one = declared(declaration);
  await store.audit({ at: now, who: person.id, what: 'declared as expected', data: { ...declaration, scope: scope.id } });
  await store.saveExpectation({ ...one, at: now });
  return answer([
    'Set down as ',
    { code: codeOf(one) },
    ': ',
    ...[expectationLine(one, policy)].flat(),
    '. Above the cap, and elsewhere, it alarms.',
  ]);
}

/** A name that one principal alone is known by, or a full id. */
async function principalOf(given: string, store: Store): Promise<Subject | 'unknown' | 'several'> {
  if (given.startsWith('principal:')) return given as Subject;
  if (given.includes(':')) return `principal:${given}`;
  const known = new Set<Subject>();
  for (const { from, to } of await store.links())
    for (const subject of [from, to]) if (subject.startsWith('principal:')) known.add(subject);
  for (const { actors } of await store.incidents({})) for (const { subject } of actors) known.add(subject);
  const named = [...known].filter((subject) => shortName(subject) === given);
  return named.length === 0 ? 'unknown' : named.length > 1 ? 'several' : named[0]!;
}

const how = (): Part => ({
  kind: 'text',
  quiet: true,
  text: [
    'Admins declare one with ',
    { code: `/warden ${grammar}` },
    ' or ',
    { code: `/warden ${moneyGrammar}` },
    ' and end one with ',
    { code: '/warden expected end ID' },
    '.',
  ],
});
