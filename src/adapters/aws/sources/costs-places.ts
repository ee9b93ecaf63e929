/** Where machines have run, by thirteen months of bills: so that a region used eight months ago does not look never used. Pure. */
import type { Observation, Of, Scope, Time } from '../../../checks/observation.ts';
import { plusSeconds } from './looking.ts';

type Bill = Of<'spend.recorded'>;
type Run = { month: string; firstDay: Bill };

/**
 * One `place.used` for each region and service in which machines ran, at the end of the first day of each run of months that cost more
 * than a dollar there. Nothing younger than seven days is told.
 *
 * It cites the bills of its region of that day and the next. So what the checks of spending find wrong with how the use of a region began
 * (medium or worse, and nobody has answered for it) keeps the whole run from being learnt: a thief's own bill does not make his region a
 * usual one. That holds while the bills may still be judged again; where they are read late, after the rest of the past has been learnt
 * and settled, it rests on the seven days alone.
 * @param bills daily usage by region and service, of the whole first reading
 */
export function placesUsed(bills: readonly Bill[], { by, scope, heard }: { by: string; scope: Scope; heard: Time }): Observation[] {
  const settled = bills.filter(
    (bill) => bill.charge === 'usage' && bill.place.region !== 'global' && plusSeconds(bill.at, quietSeconds) <= heard,
  );
  const byRegion = Map.groupBy(settled, ({ place }) => place.region);
  return [...byRegion].flatMap(([region, all]) => {
    const ofMachines = Map.groupBy(
      all.filter(({ service }) => service in machineServices),
      ({ service }) => machineServices[service] ?? '',
    );
    return [...ofMachines].flatMap(([service, mine]) =>
      runsOf(mine).map(({ month, firstDay }): Observation => {
        const until = plusSeconds(firstDay.at, daySeconds);
        return {
          kind: 'place.used',
          id: `${scope.id}/${region}/${service || virtualMachines}/used since ${month}`,
          at: firstDay.at,
          heard,
          by,
          place: { scope, region },
          evidence: all.filter(({ at }) => at >= firstDay.at && at <= until).map(({ id }) => id),
          ...(service === '' ? {} : { service }),
        };
      }),
    );
  });
}

const daySeconds = 86_400;
/** What is younger may be a thief's, and its amounts may still change. */
const quietSeconds = 7 * daySeconds;
/** In the currency of the bill where it is not in dollars. Less is a try, or a machine somebody forgot for an hour. */
const leastInMonth = 1;
const virtualMachines = 'EC2';

/**
 * Names of Cost Explorer (its dimension SERVICE; they are the product names of the price list) of services in which machines run, and the
 * short names used here; empty: virtual machines. What Batch starts is billed under EC2 and ECS; "EC2 - Other" is disks and traffic. A
 * service that is not listed tells nothing, so a new name costs an alarm, never silence.
 */
const machineServices: Record<string, string> = {
  'Amazon Elastic Compute Cloud - Compute': '',
  'Amazon Elastic Container Service': 'ECS',
  'Amazon Elastic Container Service for Kubernetes': 'EKS',
  'Amazon Elastic Kubernetes Service': 'EKS',
  'Amazon SageMaker': 'SageMaker',
  'Amazon Elastic MapReduce': 'EMR',
  'Amazon Lightsail': 'Lightsail',
  'Amazon GameLift': 'GameLift',
  'Amazon WorkSpaces': 'WorkSpaces',
  'AWS App Runner': 'App Runner',
  'AWS Amplify': 'Amplify',
  'AWS CodeBuild': 'CodeBuild',
  CodeBuild: 'CodeBuild',
  'AWS Glue': 'Glue',
};

/** Months one after the other that each cost enough, with the first day on which something was paid for. */
function runsOf(bills: readonly Bill[]): Run[] {
  const months = [...Map.groupBy(bills, ({ day }) => day.slice(0, 7))].filter(([, of]) => sum(of) > leastInMonth).sort(byName);
  const runs: Run[] = [];
  let last: string | undefined;
  for (const [month, of] of months) {
    const firstDay = of.filter((bill) => amountOf(bill) > 0).reduce((a, b) => (b.day < a.day ? b : a));
    if (last === undefined || monthAfter(last) !== month) runs.push({ month, firstDay });
    last = month;
  }
  return runs;
}

const amountOf = ({ cost }: Bill): number => cost.usd ?? cost.amount;
const sum = (bills: readonly Bill[]): number => bills.reduce((total, bill) => total + amountOf(bill), 0);
const byName = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : 1);

function monthAfter(month: string): string {
  const [year, number] = month.split('-').map(Number) as [number, number];
  return number === 12 ? `${year + 1}-01` : `${year}-${String(number + 1).padStart(2, '0')}`;
}
