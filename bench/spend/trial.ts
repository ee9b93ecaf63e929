/** All that is played for one seed, and what comes out of it as plain numbers. */
import { createRandom } from '../../src/adapters/simulated/random.ts';
import { type Attack, type AttackKind, attackKinds, makeAttack } from './attacks.ts';
import { type Clock, type Fineness, visibleHours } from './bill.ts';
import { chanceOf } from './chance.ts';
import { archetypes, makePayer, type Payer } from './payers.ts';
import { isAbout, play } from './play.ts';

export type Heard = {
  seed: number;
  archetype: Payer['archetype'];
  kind: AttackKind;
  /** By detector: hours from the first stolen hour to the first word about it, Infinity for never; and what it had cost by then. */
  by: Record<string, { hours: number; pageHours: number; usd: number }>;
  /** Hours until the first stolen dollar stood on the bill: nobody who reads bills can be sooner. */
  visibleHours: number;
};
export type Quiet = {
  seed: number;
  archetype: Payer['archetype'];
  accountMonths: number;
  by: Record<string, { messages: number; pages: number }>;
};
export type Trial = { heard: Heard[]; quiet: Quiet[]; cold: { said: Heard[]; unsaid: Heard[]; quietSaid: Quiet[]; quietUnsaid: Quiet[] } };

/** Warm: two months of past. An attack is listened to for two weeks. */
const warmDays = 60;
const listenedDays = 14;
/** Too short a bill has no past that an attack could stand out from. */
export const leastDays = warmDays + 2 * listenedDays;

/** `clock`: by the stricter one attacks begin at any hour, and the bill is made up by the hour. */
export type How = { speakers: readonly string[]; clock: Clock; fineness: Fineness };

/** The made-up payers of a seed. */
export const tryOut = (seed: number, how: How): Trial =>
  tryPayers(
    archetypes.map((archetype) => makePayer(archetype, seed)),
    how,
  );

export function tryPayers(payers: readonly Payer[], how: How): Trial {
  const trial: Trial = { heard: [], quiet: [], cold: { said: [], unsaid: [], quietSaid: [], quietUnsaid: [] } };
  const at = { atAnyHour: how.clock === 'by hour' };
  for (const payer of payers) {
    if (payer.days < leastDays) continue;
    trial.quiet.push(quiet({ payer, fromHour: warmDays * 24, toHour: payer.days * 24 }, how));
    for (const kind of attackKinds) {
      const attack = makeAttack(kind, payer, { from: warmDays + 10, to: payer.days - listenedDays - 2, ...at });
      trial.heard.push(hear({ payer, attack, fromHour: attack.startHour - 10 * 24 }, how));
    }
    // A new account is one of its own: in a payer of many the others would be known.
    if (payer.accounts.length > 1) continue;
    const declared = declaredBy(payer);
    const firstDays = { payer, fromHour: 0, toHour: listenedDays * 24 };
    trial.cold.quietSaid.push(quiet({ ...firstDays, declared }, how));
    trial.cold.quietUnsaid.push(quiet(firstDays, how));
    for (const kind of attackKinds) {
      const attack = makeAttack(kind, payer, { from: 0, to: 3, ...at });
      trial.cold.said.push(hear({ payer, attack, fromHour: 0, declared }, how));
      trial.cold.unsaid.push(hear({ payer, attack, fromHour: 0 }, how));
    }
  }
  return trial;
}

/** What people say of their bill is right to about a fifth. */
function declaredBy(payer: Payer): Record<string, number> {
  const chance = chanceOf(createRandom(payer.seed, `declared ${payer.archetype}`));
  return Object.fromEntries(payer.accounts.map(({ id, typical }) => [id, 30 * typical * chance.between(0.8, 1.2)]));
}

type Case = { payer: Payer; fromHour: number; declared?: Record<string, number> };

function quiet(given: Case & { toHour: number }, { speakers, clock, fineness }: How): Quiet {
  const { payer, fromHour, toHour } = given;
  const spoken = play({ ...given, clock, fineness, withPeers: speakers.length > 1 });
  const of = (name: string) => spoken.filter(({ by }) => by === name);
  return {
    seed: payer.seed,
    archetype: payer.archetype,
    accountMonths: (payer.accounts.length * (toHour - fromHour)) / (30 * 24),
    by: Object.fromEntries(
      speakers.map((name) => [name, { messages: of(name).length, pages: of(name).filter(({ isPage }) => isPage).length }]),
    ),
  };
}

function hear(given: Case & { attack: Attack }, { speakers, clock, fineness }: How): Heard {
  const { payer, attack } = given;
  const toHour = attack.startHour + listenedDays * 24;
  const spoken = play({ ...given, toHour, clock, fineness, withPeers: speakers.length > 1 }).filter(
    (one) => one.atHour > attack.startHour && isAbout(one, attack),
  );
  const first = (name: string, isPage: boolean) => spoken.find((one) => one.by === name && (!isPage || one.isPage))?.atHour;
  const since = (hour: number | undefined) => (hour === undefined ? Number.POSITIVE_INFINITY : hour - attack.startHour);
  return {
    seed: payer.seed,
    archetype: payer.archetype,
    kind: attack.kind,
    visibleHours: since(visibleHours(payer, clock).find(({ upTo }) => costUntil(attack, upTo) > 0)?.atHour),
    by: Object.fromEntries(
      speakers.map((name) => [
        name,
        { hours: since(first(name, false)), pageHours: since(first(name, true)), usd: costUntil(attack, first(name, false) ?? toHour) },
      ]),
    ),
  };
}

function costUntil({ startHour, leaves }: Attack, until: number): number {
  let usd = 0;
  for (let hour = startHour; hour < until; hour++) for (const { usdInHour } of leaves) usd += usdInHour(hour);
  return usd;
}
