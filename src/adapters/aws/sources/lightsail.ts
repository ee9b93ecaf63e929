/** Lightsail: machines with a fixed price a month, in a list of their own. */
import type { Instance } from '@aws-sdk/client-lightsail';
import type { Source } from '../../../bot/ports.ts';
import type { Observation } from '../../../checks/observation.ts';
import type { PriceTable } from '../prices.ts';
import { lightsailSubject } from '../translate/names.ts';
import { lightsailShape } from '../translate/shapes.ts';
import type { Sight } from './looking.ts';
import { machine } from './seen.ts';
import { type RegionLook, sweep } from './sweep.ts';

/** Only the regions Lightsail has. Costs: one call per such region, page and look, which is not charged for. */
export function lightsail(sight: Sight, prices: PriceTable, { everySeconds = 3600 }: { everySeconds?: number } = {}): Source {
  const { session } = sight;
  return sweep(sight, {
    name,
    reading: 'services',
    everySeconds,
    permissions: ['lightsail:GetInstances'],
    offered: (region) => offered.has(region),
    parts: [{ what: 'the Lightsail machines', read }],
  });

  async function* read(look: RegionLook): AsyncGenerator<Observation[]> {
    const { GetInstancesCommand } = await import('@aws-sdk/client-lightsail');
    const client = await session.read.lightsail(look.region);
    let pageToken: string | undefined;
    do {
      const page = await client.send(new GetInstancesCommand(pageToken !== undefined ? { pageToken } : {}));
      yield (page.instances ?? []).flatMap((one) => seen(one, look));
      pageToken = page.nextPageToken;
    } while (pageToken !== undefined && pageToken !== '');
  }

  function seen(one: Instance, look: RegionLook): Observation[] {
    if (one.name === undefined) return [];
    const resource = lightsailSubject(look.place, 'Instance', one.name);
    const running = one.state?.name === undefined || /^(running|pending|starting|rebooting)$/i.test(one.state.name);
    const bundle = one.bundleId ?? 'unknown';
    const shape = lightsailShape(bundle);
    const vcpus = one.hardware?.cpuCount ?? shape.vcpus;
    return [
      machine(name, look, {
        ...look.memory.since(resource, running, one.createdAt?.toISOString()),
        resource,
        what: 'Lightsail machine',
        service: 'Lightsail',
        shape: { ...shape, ...(vcpus !== undefined ? { vcpus } : {}) },
        price: prices.lightsail(bundle, look.region),
        name: one.name,
        running,
      }),
    ];
  }
}

const name = 'aws/lightsail';
/** Lightsail API reference, data type Region, with the regions added since by the service's model of 2026 (read 2026-11-23). */
const offered = new Set([
  'ap-east-1',
  'ap-northeast-1',
  'ap-northeast-2',
  'ap-south-1',
  'ap-southeast-1',
  'ap-southeast-2',
  'ap-southeast-3',
  'ap-southeast-5',
  'ca-central-1',
  'eu-central-1',
  'eu-north-1',
  'eu-south-2',
  'eu-west-1',
  'eu-west-2',
  'eu-west-3',
  'sa-east-1',
  'us-east-1',
  'us-east-2',
  'us-west-1',
  'us-west-2',
]);
