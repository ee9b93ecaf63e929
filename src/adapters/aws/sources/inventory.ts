/** What runs: EC2 instances in every enabled region, with size and list price. The truth about compute, seconds old. */
import { setImmediate } from 'node:timers/promises';
import type { Instance } from '@aws-sdk/client-ec2';
import type { Batch, Source } from '../../../bot/ports.ts';
import type { Observation, Place, Time } from '../../../checks/observation.ts';
import type { PriceTable } from '../prices.ts';
import { instanceSubject, scalingGroupSubject } from '../translate/names.ts';
import { troubleOf } from '../trouble.ts';
import { inParallel, lookFinished, regionsLooked, type Sight } from './looking.ts';

/** Reads every enabled region each time; a region that cannot be read is named, never counted as empty. */
export function inventory({ session, clock, regions }: Sight, prices: PriceTable): Source {
  const ends = rememberEnds();
  return {
    name,
    scope: session.scope,
    everySeconds: 120,
    lists: 'machines',
    permissions: ['ec2:DescribeRegions', 'ec2:DescribeInstances'].map((one) => ({ system: 'aws-iam' as const, name: one })),
    async *collect(): AsyncGenerator<Batch> {
      const { names, gap: shortList } = await regions();
      const streams = names.map((region) => () => lookAt(region));
      for await (const observations of inParallel(streams, regionsAtOnce)) yield { observations, raw: {}, cursors: {} };
      yield { observations: [regionsLooked(name, session.scope, clock.now(), shortList)], raw: {}, cursors: {} };
    },
  };

  async function* lookAt(region: string): AsyncGenerator<Observation[]> {
    const place: Place = { scope: session.scope, region };
    const heard = clock.now();
    const end = (gap?: string): Observation =>
      lookFinished(name, place, {
        noun: 'regions',
        of: 1,
        seen: gap === undefined ? 1 : 0,
        heard,
        since: heard,
        upTo: heard,
        complete: gap === undefined,
        gap,
      });
    try {
      const { paginateDescribeInstances } = await import('@aws-sdk/client-ec2');
      const client = await session.read.ec2(region);
      // Several regions begin at once; making a client is work enough for one turn.
      await setImmediate();
      // Small pages keep parsing from holding up everything else.
      for await (const page of paginateDescribeInstances({ client, pageSize: 100 }, {})) {
        const instances = (page.Reservations ?? []).flatMap((one) => one.Instances ?? []);
        // Parsed, and what follows from it, are two pieces of work: others have their turn in between.
        await setImmediate();
        const observations = instances.flatMap((instance) => seen(instance, place, heard, prices, ends));
        if (observations.length > 0) yield observations;
      }
    } catch (error) {
      yield [end(`the machines of ${region} could not be read: ${troubleOf(error).words}`)];
      return;
    }
    yield [end()];
  }
}

const name = 'aws/inventory';
const regionsAtOnce = 4;

function seen(instance: Instance, place: Place, heard: Time, prices: PriceTable, ends: (id: string, heard: Time) => Time): Observation[] {
  const { InstanceId: instanceId, LaunchTime: launched } = instance;
  if (instanceId === undefined) return [];
  const state = instance.State?.Name ?? 'running';
  const running = state === 'pending' || state === 'running';
  const resource = instanceSubject(place, instanceId);
  const type = instance.InstanceType ?? 'unknown';
  const spot = instance.InstanceLifecycle === 'spot';
  const price = prices.usdPerHour(type, place.region, {
    spot,
    ...(instance.PlatformDetails !== undefined ? { platform: instance.PlatformDetails } : {}),
  });
  const tags = new Map((instance.Tags ?? []).map((tag) => [tag.Key, tag.Value]));
  const called = tags.get('Name');
  // AWS alone can set a tag that begins with `aws:`.
  const group = tags.get('aws:autoscaling:groupName');
  const launcher = group !== undefined ? scalingGroupSubject(place, group) : undefined;
  const born = `${resource.slice('resource:'.length)}@${launched?.toISOString() ?? 'unknown'}`;
  const id = running ? born : `${born}:ended`;
  const at = running ? (launched?.toISOString() ?? ends(born, heard)) : (endedAt(instance.StateTransitionReason) ?? ends(id, heard));
  const base = { at, heard, by: name, place, evidence: [resource] };
  return [
    {
      ...base,
      kind: 'compute.seen',
      id,
      resource,
      what: 'EC2 instance',
      shape: { ...prices.shape(type), ...(spot ? { spot: true } : {}) },
      perHour: { amount: price.usd, currency: 'USD', usd: price.usd },
      estimated: price.estimated,
      ...(called !== undefined && called !== '' ? { name: called.slice(0, 256) } : {}),
      running,
      ...(launcher !== undefined ? { launcher } : {}),
    },
    ...(launcher !== undefined && running
      ? [{ ...base, kind: 'identity.linked' as const, id: `${id}/launcher`, from: resource, to: launcher, how: 'started' as const }]
      : []),
  ];
}

/** "User initiated (2026-03-02 14:05:11 GMT)". */
function endedAt(reason: string | undefined): Time | undefined {
  const said = /\((\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) (?:GMT|UTC)\)/.exec(reason ?? '');
  const date = said ? new Date(`${said[1]}T${said[2]}.000Z`) : undefined;
  return date && !Number.isNaN(date.getTime()) ? date.toISOString() : undefined;
}

/** When AWS does not say when something ended, it is when we first noticed. */
function rememberEnds(): (id: string, heard: Time) => Time {
  const noticed = new Map<string, Time>();
  return (id, heard) => {
    const before = noticed.get(id);
    if (before !== undefined) return before;
    if (noticed.size >= 50_000) noticed.clear();
    noticed.set(id, heard);
    return heard;
  };
}
