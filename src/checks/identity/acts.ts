/** Reading and writing, told apart by what the act says of itself. */
import type { Kind, Observation } from '../observation.ts';

/** Every kind that says somebody did something. */
export const deeds = [
  'principal.acted',
  'compute.asked',
  'compute.refused',
  'launcher.changed',
  'workload.defined',
  'ground.prepared',
  'protection.set',
  'quota.asked',
  'region.opened',
  'support.asked',
  'owner.changed',
  'commitment.bought',
  'model.used',
  'schedule.set',
  'organization.changed',
  'signed.in',
  'second-factor.changed',
  'identity.created',
  'identity.removed',
  'looked.around',
  'credential.created',
  'access.granted',
  'trust.opened',
  'guard.weakened',
  'guard.started',
] as const satisfies readonly Kind[];

const reading =
  /(?:^|[:.])(?:batchget|describe|get|head|list|lookup|query|scan|search|select|view|check|simulate|estimate|preview|download)/i;
const harmless = /(?:consolelogin|assumerole|getcalleridentity|getsessiontoken|switchrole|exitrole|createservicelinkedrole)/i;

/** An act that changes something, as far as its name tells. Everything that has a kind of its own does, or tried to, but signing in and looking. */
export function isWriting(deed: Observation): boolean {
  if (deed.outcome !== undefined) return false;
  if (deed.kind === 'principal.acted') return changes(deed.operation);
  return deed.kind !== 'signed.in' && deed.kind !== 'looked.around';
}

/** Asked of the same few calls again and again. */
const known = new Map<string, boolean>();

function changes(operation: string): boolean {
  const before = known.get(operation);
  if (before !== undefined) return before;
  const answer = !reading.test(operation) && !harmless.test(operation);
  if (known.size >= 20_000) known.clear();
  known.set(operation, answer);
  return answer;
}

/**
 * What the program that runs on every machine does for itself: it reports, asks for orders and keeps a line open. Machines do it from
 * anywhere, also those that stand in an office and are only managed from the cloud.
 */
export const isHouseKeeping = (act: Observation): boolean => act.kind === 'principal.acted' && keepsHouse.test(act.operation);

const keepsHouse =
  /:(?:(?:create|open)(?:control|data)channel|updateinstance(?:information|associationstatus)|listinstanceassociations|registermanagedinstance|put(?:inventory|complianceitems|metricdata)|sendheartbeat|(?:acknowledge|delete|fail|get)message(?:s|reply)?|requestmanagedinstanceroletoken|getdeployablepatchsnapshotforinstance)$/i;

/** What an act is called, to compare it with others. */
export const nameOfAct = (act: Observation): string =>
  act.kind === 'principal.acted' || act.kind === 'looked.around' ? act.operation : act.kind;
