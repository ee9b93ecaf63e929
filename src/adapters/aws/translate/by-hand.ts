/** Calls whose records keep nothing of what was asked: what they are taken for, and whom they tell of. */
import { type Act, isUntold } from './meaning.ts';
import { fields } from './reading.ts';

/**
 * Refused and untold, or done, with not a word of what. AWS writes `null` where there was nothing to write; a record without the field was cut
 * down by whoever kept it. Only for calls that cannot be made without saying what about. Both are taken for the worse.
 */
export const isUnsaid = (act: Act): boolean => isUntold(act) || (act.error === undefined && isCutDown(act.event));

const isCutDown = (event: unknown): boolean => fields(event)?.requestParameters === undefined;

/**
 * Unsaid, and by somebody: programs with a role of their own that may not do what their work needs are so many that nothing follows from it.
 */
export const isUnsaidByHand = (act: Act): boolean => {
  const kind = act.caller.actor?.kind;
  return kind !== 'robot' && kind !== 'workload' && kind !== 'provider' && isUnsaid(act);
};
