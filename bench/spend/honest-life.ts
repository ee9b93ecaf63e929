/**
 * What happens in an account where nothing is wrong: steps up and down, new services and regions, one-off bursts, jobs at the end of a month,
 * fees and taxes at its start, credits, refunds, corrections. How often stands in `aMonth`, per account of a company; a hobby has half of it.
 */
import type { Chance } from './chance.ts';
import type { Leaf, Payer, Shape } from './payers.ts';
import { regions, services } from './services.ts';

const aMonth = {
  stepUp: 0.35,
  stepDown: 0.25,
  newService: 0.25,
  newRegion: 0.05,
  burst: 0.2,
  refund: 0.1,
  correction: 0.1,
  newFamily: 0.15,
};

export function liveThrough(payer: Payer, shape: Shape, { id, home }: { id: string; home: string }, leaves: Leaf[], chance: Chance): void {
  const often = shape.typical < 15 ? 0.5 : 1;
  const empty = () => new Float64Array(payer.days);
  const add = ({ service, region, usage }: Omit<Leaf, 'account' | 'amounts'>, amounts: Float64Array): void => {
    const known = leaves.find((one) => one.service === service && one.region === region && one.usage === usage);
    if (known) for (const [day, amount] of amounts.entries()) known.amounts[day]! += amount;
    else {
      const leaf = { account: id, service, region, ...(usage && { usage }), amounts };
      leaves.push(leaf);
      payer.leaves.push(leaf);
    }
  };
  const running = (from: number, until: number, amount: () => number): Float64Array =>
    empty().map((_, day) => (day >= from && day < until ? amount() : 0));
  const times = (rate: number): number[] =>
    Array.from({ length: payer.days }, (_, day) => day).filter(() => chance.isTrue((rate * often) / 30));

  for (const from of times(aMonth.stepUp)) scale(chance, leaves, from, chance.between(1.15, 2));
  for (const from of times(aMonth.stepDown)) scale(chance, leaves, from, chance.between(0.3, 0.85));
  for (const from of times(aMonth.newFamily)) moveMachines(chance, leaves, from, add);
  const newcomers = chance.shuffled(services.newcomers);
  for (const from of times(aMonth.newService)) {
    const service = newcomers.pop();
    const level = shape.typical * chance.logBetween(0.002, 0.1);
    if (service)
      add(
        { service, region: home },
        running(from, payer.days, () => level * chance.between(0.8, 1.2)),
      );
  }
  const elsewhere = chance.shuffled(regions.filter((region) => !leaves.some((one) => one.region === region)));
  for (const from of times(aMonth.newRegion)) {
    const region = elsewhere.pop()!;
    const level = shape.typical * chance.logBetween(0.005, 0.15);
    for (const one of chance.shuffled(leaves).slice(0, 3))
      add(
        { ...one, region },
        running(from, payer.days, () => (level / 3) * chance.between(0.8, 1.2)),
      );
  }
  for (const from of times(aMonth.burst)) {
    const level = shape.typical * chance.logBetween(0.1, 1.5);
    const one = chance.shuffled(leaves)[0]!;
    add(
      one,
      running(from, from + chance.whole(1, 3), () => level * chance.between(0.8, 1.2)),
    );
  }
  if (shape.bursts) {
    const what = chance.isTrue(0.5) ? { service: services.training } : { service: services.compute, usage: 'g5' };
    for (let day = chance.whole(0, 10); day < payer.days; ) {
      const level = chance.logBetween(shape.bursts.from, shape.bursts.to);
      const length = chance.whole(1, 4);
      add(
        { ...what, region: home },
        running(day, day + length, () => level * chance.between(0.8, 1.2)),
      );
      day += length + Math.ceil((-Math.log(chance.between(0.0001, 1)) * 30) / shape.bursts.aMonth);
    }
  }
  if (shape.hasMonthEndJob) {
    const level = shape.typical * chance.between(0.2, 0.8);
    add(
      { service: services.monthEnd, region: home },
      empty().map((_, day) => (dateOf(payer, day + 1) === 1 ? level * chance.between(0.9, 1.15) : 0)),
    );
  }
  const zones = chance.whole(0, 12);
  // Hosted zones are billed as usage, all on the first.
  if (zones > 0)
    add(
      { service: services.names, region: 'global' },
      empty().map((_, day) => (dateOf(payer, day) === 1 ? 0.5 * zones : 0.02)),
    );
  for (const day of times(aMonth.correction)) {
    const one = chance.shuffled(leaves)[0]!;
    one.amounts[day]! -= one.amounts[day]! * chance.between(0.2, 1.3);
  }
  addExtras(payer, shape, id, leaves, times(aMonth.refund), chance);
}

/** Machines of one family are replaced by others, over some days, and cost a little less or more. */
function moveMachines(chance: Chance, leaves: readonly Leaf[], from: number, add: (what: Leaf, amounts: Float64Array) => void): void {
  const old = chance.shuffled(leaves.filter(({ usage }) => usage !== undefined))[0];
  const usage = chance.shuffled(services.families)[0]!;
  if (!old || old.usage === usage) return;
  const moved = chance.between(0.3, 1);
  const length = chance.whole(1, 5);
  const factor = chance.between(0.8, 1.1);
  const shares = old.amounts.map((_, day) => moved * Math.min(1, Math.max(0, (day - from + 1) / length)));
  add(
    { ...old, usage },
    old.amounts.map((amount, day) => amount * shares[day]! * factor),
  );
  for (const [day, share] of shares.entries()) old.amounts[day]! *= 1 - share;
}

/** One service in one place costs so many times as much from that day on. */
function scale(chance: Chance, leaves: readonly Leaf[], from: number, factor: number): void {
  const { amounts } = chance.shuffled(leaves)[0]!;
  for (let day = from; day < amounts.length; day++) amounts[day]! *= factor;
}

/** Tax and support on the first by what the month before cost; credits against all of it; refunds. */
function addExtras(payer: Payer, shape: Shape, id: string, leaves: readonly Leaf[], refunds: readonly number[], chance: Chance): void {
  const spent = new Float64Array(payer.days).map((_, day) => leaves.reduce((sum, { amounts }) => sum + amounts[day]!, 0));
  const onFirst = (share: number): Float64Array =>
    spent.map((_, day) => {
      if (dateOf(payer, day) !== 1) return 0;
      return share * spent.subarray(Math.max(0, day - 30), day).reduce((sum, amount) => sum + amount, 0);
    });
  payer.extras.push({ account: id, charge: 'tax', amounts: onFirst(chance.between(0, 0.2)) });
  if (chance.isTrue(0.4)) payer.extras.push({ account: id, charge: 'fee', amounts: onFirst(chance.between(0.03, 0.3)) });
  const credits = new Float64Array(payer.days);
  if (shape.isPaidByCredits) for (const [day, amount] of spent.entries()) credits[day]! -= amount;
  for (const day of refunds) credits[day]! -= shape.typical * chance.between(0.1, 2);
  payer.extras.push({ account: id, charge: 'credit', amounts: credits });
}

const dateOf = ({ firstDay }: Payer, day: number): number => new Date((firstDay + day) * 86_400_000).getUTCDate();
