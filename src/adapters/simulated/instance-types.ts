/**
 * Sizes and Linux on-demand list prices in us-east-1, USD an hour, of the machine types an account knows: the table shipped with the program,
 * whose sources stand in its first lines.
 */
import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';

export type InstanceType = { vcpus: number; usdPerHour: number };

/** Every type that has a price. A scenario may add its own; a type nobody knows cannot be launched. */
export function listedTypes(): Record<string, InstanceType> {
  const rows = parse(readFileSync(table), { columns: true, comment: '#', skip_empty_lines: true }) as Record<string, string>[];
  return Object.fromEntries(
    rows.flatMap(({ instance_type: name, vcpus, usd_per_hour_us_east_1_linux_on_demand: usdPerHour }) => {
      const size = Number(vcpus) || vcpusByName(name ?? '');
      return name && size && usdPerHour ? [[name, { vcpus: size, usdPerHour: Number(usdPerHour) }]] : [];
    }),
  );
}

const table = new URL('../../../config/prices/aws-ec2.csv', import.meta.url);

/** The table does not know the size of some older types. AWS names sizes so that an `xlarge` has four vCPUs in nearly every family. */
function vcpusByName(type: string): number | undefined {
  const [, many] = /\.(\d*)xlarge$/.exec(type) ?? [];
  return many === undefined ? undefined : (Number(many) || 1) * 4;
}
