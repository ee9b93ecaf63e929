/** What every test of the remedies begins with. */
import { onTestFinished } from 'vitest';
import { awsRemedier } from '../../../../src/adapters/aws/remedies/index.ts';
import type { AwsSession } from '../../../../src/adapters/aws/session.ts';
import { openAwsSession } from '../../../../src/adapters/aws/session.ts';
import type { Clock, Log, PlanItem, Remedier, Warrant } from '../../../../src/bot/ports.ts';
import type { Remedy } from '../../../../src/checks/check.ts';
import type { Actor, Scope, Subject } from '../../../../src/checks/observation.ts';
import { account, type Call, makeWorld, startStandIn, type World } from './stand-in.ts';

export const scope: Scope = { cloud: 'aws', level: 'account', id: account };
export const warrant: Warrant = { incident: 'INC-42', plan: 'plan-1', approvedBy: ['ada'] };
export const roles = { read: `arn:aws:iam::${account}:role/CloudwardenRead`, act: `arn:aws:iam::${account}:role/CloudwardenAct` };

export type Given = {
  world: World;
  calls: Call[];
  clock: Clock & { now(): string; pass(seconds: number): void };
  session: AwsSession;
  remedier: Remedier;
  logged: { level: string; data: object; text: string }[];
  /** The only line of a plan for these remedies. */
  only(...remedies: Remedy[]): Promise<PlanItem>;
};

/** A session with a read and an act role against a stand-in; closed when the test ends. */
export async function given(part: Partial<World> = {}, options: { maxAttempts?: number } = {}): Promise<Given> {
  const world = makeWorld(part);
  const { endpoint, calls, close } = await startStandIn(world);
  const clock = fakeClock();
  const session = await openAwsSession(
    { account, name: 'production', read: { role: roles.read }, act: { role: roles.act } },
    { endpoint, credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'made-up' }, maxAttempts: options.maxAttempts ?? 1 },
  );
  onTestFinished(async () => {
    session.close();
    await close();
  });
  const logged: Given['logged'] = [];
  const remedier = awsRemedier(session, { log: listen(logged), clock, own: roles });
  return {
    world,
    calls,
    clock,
    session,
    remedier,
    logged,
    async only(...remedies) {
      const { items, holes } = await remedier.plan(remedies);
      if (items.length !== 1) throw new Error(`expected one item, got ${JSON.stringify({ items, holes })}`);
      // Through JSON, as a plan comes back from the store.
      return JSON.parse(JSON.stringify(items[0])) as PlanItem;
    },
  };
}

/** A clock that jumps instead of waiting. */
export function fakeClock(start = '2025-11-24T14:02:00.000Z'): Given['clock'] {
  let at = Date.parse(start);
  return {
    now: () => new Date(at).toISOString(),
    async sleep(seconds) {
      at += seconds * 1000;
    },
    pass(seconds) {
      at += seconds * 1000;
    },
  };
}

function listen(into: Given['logged']): Log {
  const at = (level: string) => (data: object, text: string) => void into.push({ level, data, text });
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

export const machine = (region: string, id: string): Subject => `resource:arn:aws:ec2:${region}:${account}:instance/${id}`;
export const stopping = (...resources: Subject[]): Remedy => ({ kind: 'stop-compute', resources, over: scope });
export const actor = (arn: string, kind: Actor['kind'] = 'user'): Actor => ({
  subject: `principal:${arn}`,
  name: arn.split('/').at(-1) ?? arn,
  kind,
  home: scope,
});
export const user = (name: string): Actor => actor(`arn:aws:iam::${account}:user/${name}`);
export const role = (name: string): Actor => actor(`arn:aws:iam::${account}:role/${name}`, 'workload');
export const disabling = (key: string, owner?: Actor): Remedy => ({
  kind: 'disable-credential',
  credential: `credential:${key}`,
  ...(owner ? { owner } : {}),
});
export const denying = (principal: Actor): Remedy => ({ kind: 'deny-principal', principal, over: scope });

/** Actions called since, without those of signing in. */
export const actions = (calls: Call[], as?: Call['as']): string[] => [
  ...new Set(calls.filter((call) => call.action !== 'sts:AssumeRole' && (!as || call.as === as)).map((call) => call.action)),
];
