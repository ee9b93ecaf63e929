/** What runs: EC2 instances in every enabled region, with size and list price. The truth about compute, seconds old. */
import { setImmediate } from 'node:timers/promises';
import type { EC2Client, Instance } from '@aws-sdk/client-ec2';
import { z } from 'zod';
import type { Source } from '../../../bot/ports.ts';
import type { Observation, Place, Subject, Time } from '../../../checks/observation.ts';
import type { PriceTable } from '../prices.ts';
import {
  emrClusterSubject,
  fleetSubject,
  instanceSubject,
  launchTemplateSubject,
  scalingGroupSubject,
  spotRequestSubject,
} from '../translate/names.ts';
import { troubleOf } from '../trouble.ts';
import { inParallel, lookFinished, type Sight } from './looking.ts';
import { readStartText } from './machine-text.ts';
import { type RegionLook, sweep } from './sweep.ts';

/**
 * Reads every enabled region each time; a region that cannot be read is named, never counted as empty. What young machines are told to run,
 * and whether they are protected, is read once of each; without the right to read it that is a gap of its own and nothing else.
 * Costs: one call per region and page of 100, three once per new machine; none of them is charged for.
 */
export function inventory(sight: Sight, prices: PriceTable, { everySeconds = 120 }: { everySeconds?: number } = {}): Source {
  const { session } = sight;
  const ends = rememberEnds();
  const texts = openTexts(sight);
  return sweep(sight, {
    name,
    reading: 'machines',
    everySeconds,
    permissions: ['ec2:DescribeInstances', 'ec2:DescribeInstanceAttribute'],
    parts: [{ what: 'the machines', read }],
    after: texts.after,
  });

  async function* read(look: RegionLook): AsyncGenerator<Observation[]> {
    const { paginateDescribeInstances } = await import('@aws-sdk/client-ec2');
    const client = await session.read.ec2(look.region);
    await setImmediate();
    // Small pages keep parsing from holding up everything else.
    for await (const page of paginateDescribeInstances({ client, pageSize: 100 }, {})) {
      const instances = (page.Reservations ?? []).flatMap((one) => one.Instances ?? []);
      await setImmediate();
      await texts.read(client, instances, look);
      yield instances.flatMap((instance) => seen(instance, look, prices, ends));
    }
  }
}

const name = 'aws/inventory';

function seen(instance: Instance, look: RegionLook, prices: PriceTable, ends: (id: string, heard: Time) => Time): Observation[] {
  const { place, heard } = look;
  const { InstanceId: instanceId, LaunchTime: launched } = instance;
  if (instanceId === undefined) return [];
  const running = isRunning(instance);
  const resource = instanceSubject(place, instanceId);
  const type = instance.InstanceType ?? 'unknown';
  const spot = instance.InstanceLifecycle === 'spot';
  const price = prices.usdPerHour(type, place.region, {
    spot,
    ...(instance.PlatformDetails !== undefined ? { platform: instance.PlatformDetails } : {}),
  });
  const tags = new Map((instance.Tags ?? []).map((tag) => [tag.Key, tag.Value]));
  const called = tags.get('Name');
  const launcher = launcherOf(instance, tags, place);
  const template = tags.get('aws:ec2launchtemplate:id');
  const born = `${resource.slice('resource:'.length)}@${launched?.toISOString() ?? 'unknown'}`;
  const id = running ? born : `${born}:ended`;
  const at = running ? (launched?.toISOString() ?? ends(born, heard)) : (endedAt(instance.StateTransitionReason) ?? ends(id, heard));
  const base = { at, heard, by: name, place, evidence: [resource] };
  const made = madeBefore(instance);
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
      ...(template !== undefined ? { from: launchTemplateSubject(place, template) } : {}),
      ...(made !== undefined ? { made } : {}),
      ...told(look.memory.known(textKey(instance))),
    },
    ...(launcher !== undefined && running
      ? [{ ...base, kind: 'identity.linked' as const, id: `${id}/launcher`, from: resource, to: launcher, how: 'started' as const }]
      : []),
  ];
}

const isRunning = ({ State }: Instance): boolean => State?.Name === undefined || State.Name === 'pending' || State.Name === 'running';

/**
 * AWS gives the time of the latest start only. The first network interface is attached when a machine is made and stays through every stop
 * and start (AWS EC2 user guide, "Stop and start"; "Find the initial launch time"). Nobody can attach it while launching and have it old.
 */
function madeBefore({ LaunchTime: launched, NetworkInterfaces: interfaces }: Instance): Time | undefined {
  const attached = interfaces?.find(({ Attachment }) => Attachment?.DeviceIndex === 0)?.Attachment?.AttachTime;
  if (attached === undefined || launched === undefined) return undefined;
  return launched.getTime() - attached.getTime() > restartAfterMs ? attached.toISOString() : undefined;
}
const restartAfterMs = 86_400_000;

/** AWS alone can set a tag that begins with `aws:`. */
function launcherOf(
  { SpotInstanceRequestId: request }: Instance,
  tags: Map<unknown, string | undefined>,
  place: Place,
): Subject | undefined {
  const group = tags.get('aws:autoscaling:groupName');
  if (group !== undefined) return scalingGroupSubject(place, group);
  const fleet = tags.get('aws:ec2:fleet-id') ?? tags.get('aws:ec2spot:fleet-request-id');
  if (fleet !== undefined) return fleetSubject(place, fleet);
  const cluster = tags.get('aws:elasticmapreduce:job-flow-id');
  if (cluster !== undefined) return emrClusterSubject(place, cluster);
  return request !== undefined && request !== '' ? spotRequestSubject(place, request) : undefined;
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

// ---- what machines are told to run --------------------------------------------------------------------------------------------

/** A machine older than this was there before anybody looked, or has been read. */
const youngSeconds = 86_400;
/** Three calls each; the rest is read in the next looks. */
const mostRead = { perRegion: 20, perLook: 60, atOnce: 6 };

const textKey = ({ InstanceId, LaunchTime }: Instance): string => `text ${InstanceId}@${LaunchTime?.toISOString() ?? ''}`;

/** Empty: read, and nothing in it. */
const toldShape = z.object({
  markers: z.array(z.object({ kind: z.enum(['miner', 'pool', 'wallet', 'image']), word: z.string() })).optional(),
  protected: z.boolean().optional(),
});
function told(kept: string | undefined) {
  if (kept === undefined || kept === '') return {};
  const { markers, protected: isProtected } = toldShape.parse(JSON.parse(kept));
  return { ...(markers ? { markers } : {}), ...(isProtected !== undefined ? { protected: isProtected } : {}) };
}

function openTexts({ session }: Sight) {
  let left = mostRead.perLook;
  let refused: string | undefined;
  let tried = false;
  let isDenied = false;

  return {
    /** Fills the look's memory; what cannot be read now is tried again in the next look. */
    async read(client: EC2Client, instances: Instance[], look: RegionLook): Promise<void> {
      const oldest = Date.parse(look.heard) - youngSeconds * 1000;
      const young = instances.filter((one) => isRunning(one) && one.InstanceId !== undefined && (one.LaunchTime?.getTime() ?? 0) > oldest);
      const unread = young.filter((one) => look.memory.known(textKey(one)) === undefined).slice(0, Math.min(mostRead.perRegion, left));
      if (isDenied || unread.length === 0) return;
      left -= unread.length;
      const reads = unread.map(
        (instance) =>
          async function* (): AsyncGenerator<string> {
            if (isDenied) return;
            tried = true;
            try {
              const { markers, isProtected } = await readStartText(client, instance.InstanceId ?? '');
              refused = undefined;
              const kept = { ...(markers.length > 0 ? { markers } : {}), protected: isProtected };
              look.memory.keep(textKey(instance), JSON.stringify(kept));
              yield textKey(instance);
            } catch (error) {
              // A machine that ended in between has no attributes any more.
              if (/^InvalidInstanceID/.test((error as { name?: string }).name ?? '')) return;
              const trouble = troubleOf(error);
              isDenied ||= trouble.sort === 'denied';
              refused = trouble.words;
            }
          },
      );
      for await (const _ of inParallel(reads, mostRead.atOnce));
    },

    after(heard: Time): Observation[] {
      left = mostRead.perLook;
      isDenied = false;
      if (!tried) return [];
      const gap =
        refused !== undefined
          ? `what new machines are told to run, and whether they are protected, could not be read: ${refused}`
          : undefined;
      return [
        lookFinished(
          'aws/start-texts',
          { scope: session.scope, region: 'global' },
          {
            noun: 'lists of start texts',
            of: 1,
            seen: gap === undefined ? 1 : 0,
            heard,
            upTo: heard,
            complete: gap === undefined,
            gap,
          },
        ),
      ];
    },
  };
}
