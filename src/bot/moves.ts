/** The small moves that a story's life is put together from. Pure. */
import type { Time } from '../checks/observation.ts';
import type { Advanced, Effect, Incident, PersonId, Plan } from './incident.ts';

/** Only the card is drawn again. */
export const show = (incident: Incident): Advanced => ({ incident, effects: [{ kind: 'show' }] });

/** And this follows as well. */
export const plus = (advanced: Advanced, effects: Effect[]): Advanced => ({ ...advanced, effects: [...advanced.effects, ...effects] });

/** A new short message beside the card; `mention` where somebody must look. */
export const nudged = (incident: Incident, at: Time, text: string, mention: boolean): Advanced => ({
  incident: noted(incident, at, text),
  effects: [{ kind: 'show' }, { kind: 'nudge', text, mention }],
});

/** Says what was done, from the story as it then is. */
export const told = (incident: Incident, at: Time, text: string, mention: boolean): Advanced => ({
  incident: noted(incident, at, text),
  effects: [{ kind: 'show' }, { kind: 'nudge', text, mention, result: true }],
});

/** Written down for the thread and the record. */
export const noted = (incident: Incident, at: Time, text: string): Incident => ({
  ...incident,
  history: [...incident.history, { at, text }].slice(-100),
});

export const again = (plan: Plan, due: Time): Effect => ({ kind: 'look again', plan: plan.id, due });

export const resolve = (incident: Incident, at: Time, why: string, by?: PersonId): Incident => ({
  ...incident,
  state: 'resolved',
  resolved: { at, why, ...(by ? { by } : {}) },
});

export function withoutPlan(incident: Incident): Incident {
  const { plan: _, ...rest } = incident;
  return { ...rest, approvals: [] };
}
