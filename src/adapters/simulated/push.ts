import type { LoggedEvent } from './event-log.ts';
import { createRandom } from './random.ts';
import type { Shape } from './wire.ts';
import type { Instance, World } from './world.ts';
import { instanceArn } from './world.ts';

/** One message waiting in a queue. */
export type Message = { id: string; body: string; sentMs: number; hiddenUntilMs: number; receives: number; isStale?: () => boolean };
export type Queue = {
  name: string;
  region: string;
  url: string;
  arn: string;
  madeMs: number;
  messages: Message[];
  attributes: Record<string, string>;
};
/** An EventBridge rule: `calls` are CloudTrail's records, `changes` what services tell by themselves. */
export type Rule = {
  name: string;
  region: string;
  enabled: boolean;
  takes: 'calls' | 'changes' | 'both';
  targets: string[];
  pattern?: string;
};
export type Push = {
  rules: Map<string, Rule>;
  queues: Map<string, Queue>;
  /** Seconds, at least and at most. */
  callDelay: [number, number];
  changeDelay: [number, number];
};

/** Recorded write calls reach EventBridge only while a trail writes them down (AWS EventBridge guide, "AWS service events via CloudTrail"). */
export function deliverCall(world: World, event: Omit<LoggedEvent, 'turn'>): void {
  if (event.readOnly || !isTrailed(world, event.region)) return;
  const isSignIn = event.record.eventType === 'AwsConsoleSignIn';
  deliver(world, 'calls', {
    id: `${event.record.eventID}`,
    type: isSignIn ? 'AWS Console Sign In via CloudTrail' : 'AWS API Call via CloudTrail',
    source: `aws.${event.record.eventSource.replace(/\.amazonaws\.com$/, '')}`,
    region: event.region,
    ms: event.ms,
    resources: [],
    detail: event.record,
  });
}

/** A machine's states on their way; those that never come, because something else happened first, are not told. */
export function deliverStates(world: World, instance: Instance, sinceMs: number): void {
  for (const phase of instance.phases) {
    if (phase.fromMs < sinceMs) continue;
    deliver(
      world,
      'changes',
      {
        id: `${instance.id}/${phase.state}/${phase.fromMs}`,
        type: 'EC2 Instance State-change Notification',
        source: 'aws.ec2',
        region: instance.region,
        ms: phase.fromMs,
        resources: [instanceArn(world, instance.region, instance.id)],
        detail: { 'instance-id': instance.id, state: phase.state },
      },
      () => !instance.phases.some((now) => now.fromMs === phase.fromMs && now.state === phase.state),
    );
  }
}

export type Told = { id: string; type: string; source: string; region: string; ms: number; resources: string[]; detail: Shape };

/** Into every queue that a rule in that region sends this kind of event to. */
export function deliver(world: World, kind: 'calls' | 'changes', told: Told, isStale?: () => boolean): void {
  const { push } = world;
  if (!push) return;
  const rules = [...push.rules.values()].filter(
    (rule) => rule.region === told.region && rule.enabled && (rule.takes === kind || rule.takes === 'both'),
  );
  const targets = new Set(rules.flatMap((rule) => rule.targets));
  // Drawn per event: who reads the queue when changes nothing.
  const chance = createRandom(world.seed, `push/${told.id}`);
  const [least, most] = kind === 'calls' ? push.callDelay : push.changeDelay;
  const sentMs = told.ms + (least + chance.next() * (most - least)) * 1000;
  const body = JSON.stringify({
    version: '0',
    id: chance.uuid(),
    'detail-type': told.type,
    source: told.source,
    account: world.accountId,
    time: `${new Date(told.ms).toISOString().slice(0, 19)}Z`,
    region: told.region,
    resources: told.resources,
    detail: told.detail,
  });
  for (const queue of push.queues.values()) {
    if (!targets.has(queue.arn)) continue;
    queue.messages.push({ id: chance.uuid(), body, sentMs, hiddenUntilMs: 0, receives: 0, ...(isStale ? { isStale } : {}) });
  }
}

const isTrailed = (world: World, region: string): boolean =>
  [...world.trails.values()].some((trail) => trail.logging && (trail.everyRegion || trail.region === region));

export const queueArn = (accountId: string, region: string, name: string) => `arn:aws:sqs:${region}:${accountId}:${name}`;
export const queueUrl = (accountId: string, region: string, name: string) => `https://sqs.${region}.amazonaws.com/${accountId}/${name}`;
