/** Calls whose records keep nothing of what was asked: what they are taken for, and whom they tell of. */
import { type Act, answer, isUntold, request } from './meaning.ts';
import { fields } from './reading.ts';

/**
 * Refused and untold, or done, with not a word of what: AWS writes that down, an export may leave it out. Only for calls that cannot be made
 * without saying what about. Both are taken for the worse.
 */
export const isUnsaid = (act: Act): boolean =>
  isUntold(act) || (act.error === undefined && isEmpty(request(act.event)) && isEmpty(answer(act.event)));

const isEmpty = (value: unknown): boolean => Object.keys(fields(value) ?? {}).length === 0;

/**
 * Unsaid, and by somebody: programs with a role of their own that may not do what their work needs are so many that nothing follows from it.
 */
export const isUnsaidByHand = (act: Act): boolean => {
  const kind = act.caller.actor?.kind;
  return kind !== 'robot' && kind !== 'workload' && kind !== 'provider' && isUnsaid(act);
};
