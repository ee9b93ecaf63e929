/** Why something costs more or less than usual: by usage type and resource where the bill says so, by machines where they are seen. Pure. */

import type { Machine } from '../ports.ts';
import { count, cut, dayAndMonth, rate, signedMoney } from '../words.ts';
import { type Cost, type DigestInput, rowsByCause } from './input.ts';

export type Leaf = { cloud: string; id: string; service: string; region: string; currency: string };

/** At most three reasons in plain words, the greatest first; none where nothing is known. `moved`: by how much rows changed; `since`: from which day on. */
export function whyOf(input: DigestInput, leaf: Leaf, change: number, moved: (rows: readonly Cost[]) => number, since: string): string[] {
  const rows = rowsByCause(input).filter(
    (row) =>
      row.charge === 'usage' &&
      row.currency === leaf.currency &&
      row.service === leaf.service &&
      row.region === leaf.region &&
      // A cut by cause may be known for the payer as a whole only.
      ((row.scope.id === leaf.id && row.scope.cloud === leaf.cloud) || row.scope.level !== 'account'),
  );
  const types = greatest(rows, (row) => row.usageType, change, moved);
  const resources = greatest(rows, (row) => row.resource, change, moved);
  return [
    ...types.map((one) => `${cut(one.name, 60)} ${signedMoney(one.by, leaf.currency)}`),
    ...resources.map((one) => `${cut(shortResource(one.name), 60)} ${signedMoney(one.by, leaf.currency)}`),
    ...(change > 0 ? machinesIn(input.machines ?? [], leaf, since) : []),
  ].slice(0, 3);
}

/** The one that explains most of the change, when it explains at least a third of it. */
function greatest(
  rows: readonly Cost[],
  nameOf: (row: Cost) => string | undefined,
  change: number,
  moved: (rows: readonly Cost[]) => number,
): { name: string; by: number }[] {
  const groups = Map.groupBy(
    rows.filter((row) => nameOf(row) !== undefined),
    (row) => nameOf(row) ?? '',
  );
  return [...groups]
    .map(([name, own]) => ({ name, by: moved(own) }))
    .filter(({ by }) => Math.sign(by) === Math.sign(change) && Math.abs(by) * 3 >= Math.abs(change))
    .sort((a, b) => Math.abs(b.by) - Math.abs(a.by))
    .slice(0, 1);
}

/** Machines of that service that were started there on that day or after it and still run: "3 × g5.48xlarge since 22 November 00:05 UTC, $49/h". */
function machinesIn(machines: readonly Machine[], leaf: Leaf, day: string): string[] {
  const there = machines.filter(
    (one) =>
      one.goneAt === undefined &&
      one.place.region === leaf.region &&
      one.place.scope.id === leaf.id &&
      one.place.scope.cloud === leaf.cloud &&
      one.startedAt >= `${day}T00:00:00.000Z` &&
      isBilledAs(one, leaf.service),
  );
  const groups = [...Map.groupBy(there, (one) => one.shape.type || one.what)].sort((a, b) => b[1].length - a[1].length);
  return groups.slice(0, 1).map(([type, own]) => {
    const first = own.map((one) => one.startedAt).sort()[0] ?? '';
    const usd = own.reduce((sum, one) => sum + (one.usdPerHour ?? 0), 0);
    const more = groups.length > 1 ? ` and ${count(there.length - own.length, 'other machine')}` : '';
    return `${count(own.length, `× ${cut(type, 40)}`, `× ${cut(type, 40)}`)}${more} since ${dayAndMonth(first)} ${first.slice(11, 16)} UTC${usd > 0 ? `, ${rate(usd)} at list price` : ''}`;
  });
}

/** What a service is called on the bill where a source sees its machines. */
const bills: Record<string, RegExp> = {
  inventory: /\bec2\b|elastic compute|virtual machine|compute engine/i,
  learning: /sagemaker|machine learning/i,
  containers: /container|fargate|\becs\b/i,
  lightsail: /lightsail/i,
  emr: /mapreduce|\bemr\b/i,
};
const isBilledAs = ({ by }: Machine, service: string): boolean => bills[by.slice(by.indexOf('/') + 1)]?.test(service) ?? false;

const shortResource = (name: string): string => name.split(/[/:]/).at(-1) || name;
