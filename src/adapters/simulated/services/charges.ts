import { createRandom } from '../random.ts';
import type { CostLine, World } from '../world.ts';

/**
 * What one thing cost in one hour or day of the bill. `net`: after discounts. `account`: whose it is, where the account pays for others.
 */
export type Charge = {
  fromMs: number;
  account: string;
  service: string;
  region: string;
  charge: string;
  instanceType: string;
  usageType: string;
  /** Its id where there is one; empty for a sum of several. */
  resource: string;
  tags: Record<string, string>;
  usd: number;
  net: number;
  hours: number;
};

export const dayMs = 86_400_000;
export const hourMs = 3_600_000;

/**
 * The bill is brought up to date three times a day and then knows what was used until eight hours before: 8 to 16 hours late, as AWS's
 * documents describe it.
 */
export const billedUntil = (ms: number): number => ms - (ms % (8 * hourMs)) - 8 * hourMs;

/**
 * Every charge of that time as far as it is on the bill by then, by day or by hour: simulated machines at list price, other services'
 * things, and the scenario's own lines.
 */
export function chargesOf(world: World, fromMs: number, untilMs: number, ms: number, stepMs: number = dayMs): Charge[] {
  const time = { fromMs, untilMs: Math.min(untilMs, billedUntil(ms)), stepMs };
  return [...machineCharges(world, time), ...usageCharges(world, time), ...lineCharges(world, time, ms)];
}

type Span = { fromMs: number; untilMs: number; stepMs: number };

function* steps(fromMs: number, untilMs: number, stepMs: number): Generator<{ stepMs: number; hours: number }> {
  for (let from = fromMs; from < untilMs; ) {
    const step = from - (from % stepMs);
    const to = Math.min(step + stepMs, untilMs);
    yield { stepMs: step, hours: (to - from) / hourMs };
    from = to;
  }
}

function machineCharges(world: World, { fromMs, untilMs, stepMs }: Span): Charge[] {
  const sums = new Map<string, Charge>();
  for (const instance of world.instances.values()) {
    const price = (world.types[instance.type]?.usdPerHour ?? 0) * (instance.spot ? spotShare : 1);
    instance.phases.forEach((phase, at) => {
      if (phase.state !== 'running') return;
      const end = Math.min(instance.phases[at + 1]?.fromMs ?? untilMs, untilMs);
      for (const { stepMs: step, hours } of steps(Math.max(phase.fromMs, fromMs), end, stepMs)) {
        const key = `${step}/${instance.region}/${instance.type}`;
        const sum = sums.get(key) ?? {
          ...usual(world),
          fromMs: step,
          service: computeService,
          region: instance.region,
          instanceType: instance.type,
          usageType: `BoxUsage:${instance.type}`,
        };
        sums.set(key, { ...sum, hours: sum.hours + hours, usd: sum.usd + hours * price, net: sum.net + hours * price });
      }
    });
  }
  return [...sums.values()];
}
const computeService = 'Amazon Elastic Compute Cloud - Compute';
/** Spot prices move; a third of the list price is a usual order of magnitude. */
const spotShare = 1 / 3;

const usual = (world: World) => ({
  ...{ account: world.accountId, charge: 'Usage', instanceType: 'NoInstanceType', usageType: 'Usage', resource: '', tags: {} },
  ...{ usd: 0, net: 0, hours: 0 },
});

/** What other services' things cost by the hour. */
function usageCharges(world: World, { fromMs, untilMs, stepMs }: Span): Charge[] {
  return world.usage.flatMap(({ service, region, usdPerHour, ...usage }) =>
    [...steps(Math.max(usage.fromMs, fromMs), Math.min(usage.untilMs ?? untilMs, untilMs), stepMs)].map(({ stepMs: step, hours }) => {
      const usd = hours * usdPerHour;
      return { ...usual(world), fromMs: step, service, region, usd, net: usd, hours };
    }),
  );
}

function lineCharges(world: World, { fromMs, untilMs, stepMs }: Span, ms: number): Charge[] {
  const charges: Charge[] = [];
  for (const line of world.costs) {
    for (let from = fromMs - (fromMs % stepMs); from < untilMs; from += stepMs) {
      const day = from - (from % dayMs);
      if (day + dayMs <= line.fromMs) continue;
      const share = Math.min(stepMs, untilMs - from) / dayMs;
      const usd = onDay(world, line, day, ms) * (line.dayOfMonth === undefined ? share : from === day ? 1 : 0);
      if (usd === 0) continue;
      const { service, region, charge, account = world.accountId, tags = {}, usageType = 'Usage', resource = '', discount = 0 } = line;
      charges.push({
        ...usual(world),
        fromMs: from,
        account,
        service,
        region,
        charge,
        usageType,
        resource,
        tags,
        usd,
        net: usd * (1 - discount),
      });
    }
  }
  return charges;
}

/** What a line costs on that day when it is over, as the bill has it by then. */
function onDay(world: World, line: CostLine, day: number, ms: number): number {
  const date = new Date(day);
  const isWeekend = date.getUTCDay() === 0 || date.getUTCDay() === 6;
  const due = line.dayOfMonth === undefined ? (isWeekend ? line.weekendShare : 1) : line.dayOfMonth === date.getUTCDate() ? 1 : 0;
  const chance = createRandom(world.seed, `${line.service}/${line.region}/${line.charge}/${day}`);
  const noise = Math.max(0, 1 + line.noise * chance.normal());
  const { revised } = line;
  const revision = revised && ms >= day + dayMs + revised.afterDays * dayMs ? revised.times : 1;
  return line.usdPerDay * due * noise * revision;
}
