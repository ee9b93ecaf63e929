/** Reading and writing, told apart by what the act says of itself. */
import type { Kind, Observation } from '../observation.ts';

/** Every kind that says somebody did something. */
export const deeds = [
  'principal.acted',
  'compute.asked',
  'compute.refused',
  'launcher.changed',
  'credential.created',
  'access.granted',
  'trust.opened',
  'guard.weakened',
] as const satisfies readonly Kind[];

const reading =
  /(?:^|[:.])(?:batchget|describe|get|head|list|lookup|query|scan|search|select|view|check|simulate|estimate|preview|download)/i;
const harmless = /(?:consolelogin|assumerole|getcalleridentity|getsessiontoken|switchrole|exitrole)/i;

/** An act that changes something, as far as its name tells. Everything that has a kind of its own does, or tried to. */
export const isWriting = (deed: Observation): boolean =>
  deed.kind !== 'principal.acted'
    ? deed.outcome === undefined
    : deed.outcome === undefined && !reading.test(deed.operation) && !harmless.test(deed.operation);
