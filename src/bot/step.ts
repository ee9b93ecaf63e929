/** One line of a plan, and how carrying it out ended. */
import type { RemedyKind } from '../checks/check.ts';
import type { Place, Subject } from '../checks/observation.ts';

/** One line of a plan: one resource, what will be done to it, its state before. The state before is read once, with the plan. */
export type PlanItem = {
  id: string;
  verb: RemedyKind;
  resource: Subject;
  place: Place;
  /** In plain words, e.g. 'Stop i-0abc (g5.12xlarge, "web")'. */
  does: string;
  before: unknown;
  usdPerHour?: number;
  undo: 'full' | 'partial' | 'none';
  undoNeeds?: string;
};
/** What became of it. 'already so': nothing had to be done. `why`: in plain words, where it was not simply done. */
export type StepOutcome = { outcome: 'done' | 'already so' | 'refused' | 'gone' | 'failed'; why?: string };

/** Did it, or was it so already. */
export const isSo = (outcome: StepOutcome['outcome'] | undefined): boolean => outcome === 'done' || outcome === 'already so';
