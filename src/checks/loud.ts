/** Acts that are grave of themselves, so that a harmless one by the same hand is seen in their light. */
import { acceleratorOf } from './compute/machines.ts';
import type { Kind, Observation } from './observation.ts';

/** The kinds among which `isLoud` finds any. */
export const loudKinds = [
  'compute.asked',
  'compute.refused',
  'launcher.changed',
  'credential.created',
  'access.granted',
  'trust.opened',
  'guard.weakened',
  'quota.asked',
  'owner.changed',
  'region.opened',
  'protection.set',
] as const satisfies readonly Kind[];

/** Machines of a sort or number that mining asks for, got or refused. */
export function isLoudCompute(act: Observation): boolean {
  if (act.kind === 'compute.refused') return act.why !== 'capacity' || acceleratorOf(act) === 'gpu';
  if (act.kind === 'compute.asked')
    return act.outcome === undefined && (acceleratorOf(act) === 'gpu' || act.count * (act.shape?.vcpus ?? 1) >= 64);
  return act.kind === 'launcher.changed' && act.outcome === undefined && act.ceiling === undefined && act.most >= 20;
}

/** Such machines, or a key, an administrator's rights, an open door, a guard put down. Refused attempts as well. */
export function isLoud(act: Observation): boolean {
  switch (act.kind) {
    case 'credential.created':
      return act.owner !== act.actor?.subject;
    case 'access.granted':
      return act.level === 'admin';
    case 'trust.opened':
      return act.unconditional;
    case 'guard.weakened':
      return act.guard !== 'alarm' && !act.perhaps;
    case 'quota.asked':
      return act.of !== 'other';
    case 'owner.changed':
    case 'region.opened':
    case 'protection.set':
      return true;
    default:
      return isLoudCompute(act);
  }
}
