/** Stop machines. Never terminate: the disk stays, as evidence and for the undo. */
import type { EC2Client, Instance as Ec2Instance } from '@aws-sdk/client-ec2';
import { z } from 'zod';
import type { PlanItem, StepOutcome, Warrant } from '../../../bot/ports.ts';
import type { Subject } from '../../../checks/observation.ts';
import { outside, troubleOf } from '../trouble.ts';
import { consolePage, type Instance, instanceOf } from './arn.ts';
import type { Own } from './own.ts';
import { eachOf, errorName, itemId, outcomeOf, type PartOfPlan, permit, type Tools, unseen, type Verb, type Verified } from './verb.ts';

export const stopCompute: Verb<'stop-compute'> = {
  permissions: {
    read: permit('ec2:DescribeInstances', 'ec2:DescribeInstanceAttribute', 'ec2:DescribeSpotInstanceRequests'),
    act: permit('ec2:StopInstances', 'ec2:StartInstances', 'ec2:ModifyInstanceAttribute'),
  },

  async plan(remedies, tools, { own }) {
    const holes: string[] = [];
    const wanted = new Map<string, Instance>();
    const others: Subject[] = [];
    for (const subject of remedies.flatMap((remedy) => remedy.resources)) {
      const machine = instanceOf(subject);
      if (!machine) others.push(subject);
      else if (machine.account !== tools.session.scope.id)
        holes.push(`${machine.id} lives in account ${machine.account}; it is not this account's to stop`);
      else wanted.set(machine.arn, machine);
    }

    holes.push(...unstoppableKinds(others));

    const regions = [...Map.groupBy(wanted.values(), (machine) => machine.region)];
    const parts = await eachOf(regions, 8, async ([region, machines]) => {
      try {
        return await planRegion(region, machines, tools, own);
      } catch (error) {
        return { items: [], holes: [], error, region, count: machines.length };
      }
    });
    const unread = parts.filter((part) => 'error' in part);
    if (unread.length > 0 && unread.length === parts.length) throw outside('reading the instances to stop', unread[0]?.error);
    for (const part of unread) {
      holes.push(`${part.count} instances in ${part.region} could not be read (${troubleOf(part.error).words}); they are not in this plan`);
    }

    const items = parts.flatMap((part) => part.items);
    return {
      items,
      holes: [...holes, ...parts.flatMap((part) => part.holes)],
      shutBySeconds: items.length > 0 ? stopSeconds : 0,
      shutWhy: items.length > 0 ? 'a machine may take some minutes to shut down before AWS turns it off' : '',
    };
  },

  apply: (item, warrant, tools) => stop(item, warrant, tools),

  async verify(item, { session }): Promise<Verified> {
    const { region, id } = machineOf(item);
    try {
      const now = await lookAt(await session.read.ec2(region), id);
      switch (stateOf(now)) {
        case 'running':
        case 'pending':
          return { state: 'undone', why: `${id} is ${stateOf(now)} again` };
        default:
          return { state: 'holds' };
      }
    } catch (error) {
      return unseen(error, 'ec2:DescribeInstances');
    }
  },

  undo: (item, warrant, tools) => startAgain(item, warrant, tools),
};

/** An operating system that does not answer is turned off by AWS within minutes; the time is ours to be safe. */
const stopSeconds = 600;
/** How often, and how far apart, a machine between two states is looked at before the step is left to the next look. */
const looks = { most: 6, apartSeconds: 5 };
/** Filter values one DescribeInstances takes (EC2 API reference). */
const idsPerCall = 200;

/** `unknown`: could not be read, because that is not allowed. */
const beforeSchema = z.object({ state: z.string(), stopProtection: z.union([z.boolean(), z.literal('unknown')]), type: z.string() });

async function planRegion(
  region: string,
  machines: Instance[],
  { session }: Tools,
  own: Own,
): Promise<Pick<PartOfPlan, 'items' | 'holes'>> {
  const ec2 = await session.read.ec2(region);
  const found = await describe(ec2, machines);
  const oneTime = await oneTimeSpot(ec2, [...found.values()]);

  const planned = await eachOf(machines, 4, async (machine): Promise<{ item?: PlanItem; hole?: string }> => {
    const now = found.get(machine.id);
    if (!now) return { hole: `${machine.id} in ${region} is not shown by AWS: gone, or too new to be seen` };
    if (stateOf(now) !== 'running' && stateOf(now) !== 'pending') return {};
    const label = labelOf(now);
    if (machine.id === own.instance) return { hole: `${label} in ${region} is the machine this bot runs on; it is left alone` };
    const why = unstoppable(now, oneTime);
    if (why) {
      return {
        hole: `${label} in ${region} cannot be stopped, only terminated (${why}). Do it by hand: ${consolePage.instance(region, machine.id)}`,
      };
    }
    const group = groupOf(now);
    const before: z.infer<typeof beforeSchema> = {
      state: stateOf(now),
      stopProtection: await stopProtection(ec2, machine.id),
      type: now.InstanceType ?? 'unknown type',
    };
    const item: PlanItem = {
      id: itemId('stop-compute', machine.arn),
      verb: 'stop-compute',
      resource: `resource:${machine.arn}`,
      place: { scope: session.scope, region },
      does: `Stop ${label} in ${region}${before.stopProtection === true ? ', lifting its stop protection' : ''}`,
      before,
      undo: 'partial',
      undoNeeds: `start again; what was in memory is lost${group ? ', and its Auto Scaling group may have ended it' : ''}`,
    };
    return { item };
  });

  const items = planned.flatMap(({ item }) => item ?? []);
  const holes = planned.flatMap(({ hole }) => hole ?? []);
  const groups = Map.groupBy(items, (item) => groupOf(found.get(machineOf(item).id)));
  for (const [group, members] of groups) {
    if (group === undefined) continue;
    holes.push(
      `${members.length} of the instances in ${region} belong to Auto Scaling group "${cut(group)}", which starts others in their place. Set it to 0: ${consolePage.scalingGroups(region)}`,
    );
  }
  return { items, holes };
}

/** Why AWS would refuse to stop it, or undefined. */
function unstoppable(machine: Ec2Instance, oneTime: ReadonlySet<string>): string | undefined {
  if (machine.RootDeviceType === 'instance-store') return 'its disk is an instance store';
  return oneTime.has(machine.InstanceId ?? '') ? 'it is a one-time Spot instance' : undefined;
}

/** AWS keeps the prefix aws: to itself, so nobody else can have written this tag. */
const groupOf = (machine: Ec2Instance | undefined): string | undefined =>
  machine?.Tags?.find((tag) => tag.Key === 'aws:autoscaling:groupName')?.Value;

/** Loaded on first use: the SDK is slow to read. */
const ec2Sdk = () => import('@aws-sdk/client-ec2');

/** By filter, not by id: one id that is gone would fail the whole call. */
async function describe(ec2: EC2Client, machines: Instance[]): Promise<Map<string, Ec2Instance>> {
  const found = new Map<string, Ec2Instance>();
  const ids = machines.map((machine) => machine.id);
  for (let from = 0; from < ids.length; from += idsPerCall) {
    const values = ids.slice(from, from + idsPerCall);
    let next: string | undefined;
    do {
      const page = await ec2.send(
        new (await ec2Sdk()).DescribeInstancesCommand({
          Filters: [{ Name: 'instance-id', Values: values }],
          ...(next ? { NextToken: next } : {}),
        }),
      );
      for (const one of page.Reservations?.flatMap((reservation) => reservation.Instances ?? []) ?? []) {
        if (one.InstanceId && values.includes(one.InstanceId)) found.set(one.InstanceId, one);
      }
      next = page.NextToken;
    } while (next);
  }
  return found;
}

/** Spot instances whose request is used up with them: AWS refuses to stop these. When that cannot be read, the stop itself will tell. */
async function oneTimeSpot(ec2: EC2Client, machines: Ec2Instance[]): Promise<Set<string>> {
  const requests = machines.flatMap((one) =>
    one.InstanceLifecycle === 'spot' && one.SpotInstanceRequestId ? [one.SpotInstanceRequestId] : [],
  );
  const found = new Set<string>();
  for (let from = 0; from < requests.length; from += idsPerCall) {
    const values = requests.slice(from, from + idsPerCall);
    try {
      const answer = await ec2.send(
        new (await ec2Sdk()).DescribeSpotInstanceRequestsCommand({ Filters: [{ Name: 'spot-instance-request-id', Values: values }] }),
      );
      for (const one of answer.SpotInstanceRequests ?? []) if (one.Type === 'one-time' && one.InstanceId) found.add(one.InstanceId);
    } catch (error) {
      if (troubleOf(error).again) throw error;
    }
  }
  return found;
}

async function stopProtection(ec2: EC2Client, id: string): Promise<boolean | 'unknown'> {
  try {
    const answer = await ec2.send(new (await ec2Sdk()).DescribeInstanceAttributeCommand({ InstanceId: id, Attribute: 'disableApiStop' }));
    return answer.DisableApiStop?.Value ?? false;
  } catch (error) {
    if (troubleOf(error).again) throw error;
    return 'unknown';
  }
}

async function stop(item: PlanItem, warrant: Warrant, tools: Tools): Promise<StepOutcome> {
  const { region, id } = machineOf(item);
  const before = beforeSchema.parse(item.before);
  let action = 'ec2:DescribeInstances';
  let protectedNow = before.stopProtection === true;
  try {
    const reader = await tools.session.read.ec2(region);
    for (let look = 0; look < looks.most; look++) {
      if (look > 0) await tools.clock.sleep(looks.apartSeconds);
      action = 'ec2:DescribeInstances';
      const state = stateOf(await lookAt(reader, id));
      if (state === 'stopping' || state === 'stopped') return { outcome: 'already so' };
      if (state !== 'running' && state !== 'pending') return { outcome: 'gone', why: `${id} is ${state}` };

      const writer = await (await tools.session.act(warrant)).ec2(region);
      if (protectedNow) {
        action = 'ec2:ModifyInstanceAttribute';
        await protect(writer, id, false);
        protectedNow = false;
      }
      action = 'ec2:StopInstances';
      try {
        await writer.send(new (await ec2Sdk()).StopInstancesCommand({ InstanceIds: [id] }));
        return { outcome: 'done' };
      } catch (error) {
        switch (errorName(error)) {
          case 'IncorrectInstanceState': // Still starting, or just ending: the next look tells.
            break;
          case 'OperationNotPermitted':
            // Protected since the plan was made, or the protection could not be read.
            if (look + 1 === looks.most) return { outcome: 'refused', why: `${id} is protected against being stopped` };
            protectedNow = true;
            break;
          case 'UnsupportedOperation':
            return { outcome: 'refused', why: `${id} cannot be stopped, only terminated: ${consolePage.instance(region, id)}` };
          default:
            throw error;
        }
      }
    }
    return { outcome: 'failed', why: `${id} is still starting and cannot be stopped yet; it is tried again at the next look` };
  } catch (error) {
    if (errorName(error).startsWith('InvalidInstanceID')) return { outcome: 'gone', why: `${id} does not exist any more` };
    return outcomeOf(error, action, tools);
  }
}

async function startAgain(item: PlanItem, warrant: Warrant, tools: Tools): Promise<StepOutcome> {
  const { region, id } = machineOf(item);
  const before = beforeSchema.parse(item.before);
  if (before.state !== 'running' && before.state !== 'pending') return { outcome: 'already so', why: `${id} was not running before` };
  let action = 'ec2:DescribeInstances';
  const notes: string[] = [];
  try {
    const reader = await tools.session.read.ec2(region);
    for (let look = 0; look < looks.most; look++) {
      if (look > 0) await tools.clock.sleep(looks.apartSeconds);
      action = 'ec2:DescribeInstances';
      const now = await lookAt(reader, id);
      const state = stateOf(now);
      if (state === 'stopping') continue;
      if (state !== 'stopped' && state !== 'running' && state !== 'pending')
        return { outcome: 'gone', why: `${id} is ${state}; it cannot be started again` };
      if (now?.InstanceType && now.InstanceType !== before.type) notes.push(`it is a ${now.InstanceType} now and was a ${before.type}`);

      const writer = await (await tools.session.act(warrant)).ec2(region);
      if (state === 'stopped') {
        action = 'ec2:StartInstances';
        await writer.send(new (await ec2Sdk()).StartInstancesCommand({ InstanceIds: [id] }));
      }
      const restored = before.stopProtection === true && (await stopProtection(reader, id)) !== true;
      if (restored) {
        action = 'ec2:ModifyInstanceAttribute';
        await protect(writer, id, true);
        notes.push('its stop protection is set again');
      }
      if (before.stopProtection === 'unknown') notes.push('whether it had stop protection could not be read before');
      const why = notes.length > 0 ? { why: notes.join('; ') } : {};
      return { outcome: state === 'stopped' || restored ? 'done' : 'already so', ...why };
    }
    return { outcome: 'failed', why: `${id} is still shutting down; ask again in a minute` };
  } catch (error) {
    if (errorName(error).startsWith('InvalidInstanceID')) return { outcome: 'gone', why: `${id} does not exist any more` };
    return outcomeOf(error, action, tools);
  }
}

async function protect(ec2: EC2Client, id: string, on: boolean): Promise<void> {
  await ec2.send(new (await ec2Sdk()).ModifyInstanceAttributeCommand({ InstanceId: id, DisableApiStop: { Value: on } }));
}

async function lookAt(ec2: EC2Client, id: string): Promise<Ec2Instance | undefined> {
  try {
    const answer = await ec2.send(new (await ec2Sdk()).DescribeInstancesCommand({ InstanceIds: [id] }));
    return answer.Reservations?.flatMap((reservation) => reservation.Instances ?? []).find((one) => one.InstanceId === id);
  } catch (error) {
    if (errorName(error).startsWith('InvalidInstanceID')) return undefined;
    throw error;
  }
}

const stateOf = (machine: Ec2Instance | undefined): string => machine?.State?.Name ?? 'gone';

function machineOf(item: PlanItem): Instance {
  const machine = instanceOf(item.resource);
  if (!machine) throw new Error(`not an instance: ${item.resource}`);
  return machine;
}

/** `i-0abc (g5.12xlarge, "web")`. The name is whatever somebody wrote: cut here, escaped where it is shown. */
function labelOf(machine: Ec2Instance): string {
  const name = machine.Tags?.find((tag) => tag.Key === 'Name')?.Value;
  return `${machine.InstanceId} (${machine.InstanceType}${name ? `, "${cut(name)}"` : ''})`;
}

const cut = (text: string): string => (text.length > 60 ? `${text.slice(0, 59)}…` : text);

/** What is no EC2 instance stays open, each sort and region in one line: tasks, notebooks and jobs come by the hundred. */
function unstoppableKinds(others: Subject[]): string[] {
  const parts = [...new Set(others)].map((subject) => {
    const text = subject.slice(subject.indexOf(':') + 1);
    const [, service, region, , rest] = /^arn:[\w-]+:([\w-]*):([\w-]*):(\w*):(.+)$/s.exec(text) ?? [];
    return { sort: service === undefined ? 'other things' : `${service} in ${region || 'no region'}`, name: cut(rest ?? text) };
  });
  return [...Map.groupBy(parts, (part) => part.sort)].map(([sort, group]) => {
    const names = group.slice(0, mostNamed).map((part) => part.name);
    const more = group.length > names.length ? ` and ${group.length - names.length} more` : '';
    return `${sort}: ${names.join(', ')}${more} would go on. This bot can stop EC2 instances only; stop these by hand in the AWS console`;
  });
}
const mostNamed = 3;
