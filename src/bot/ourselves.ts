/** What the bot's own acting role did, held against the audit: every step is written down before the cloud is touched. */
import type { Observation, Of } from '../checks/observation.ts';
import type { AuditRow, Store } from './ports.ts';
import { scopeName } from './story.ts';
import { addSeconds } from './time.ts';

/** A step's calls come within so many seconds of its row; clocks differ a little. */
const afterSeconds = 15 * 60;
const beforeSeconds = 60;

/**
 * Says of each act of our acting role whether a row of the audit announced it: of the story its session names, in that account, shortly
 * before. Our own sessions always name their story; one that names none was opened by somebody else, or its name was not recorded, and
 * is excused by no row. What is older than the audit is left open: nobody can know.
 */
export async function withApprovals(observations: Observation[], store: Pick<Store, 'announced'>): Promise<Observation[]> {
  const acts = observations.filter(isOpen);
  if (acts.length === 0) return observations;
  const times = acts.map(({ at }) => at).sort();
  const { began, rows } = await store.announced(addSeconds(times[0]!, -afterSeconds), addSeconds(times.at(-1)!, beforeSeconds));
  return observations.map((one) =>
    isOpen(one) && began !== undefined && addSeconds(one.at, beforeSeconds) >= began
      ? { ...one, approved: rows.some((row) => announces(row, one)) }
      : one,
  );
}

const isOpen = (one: Observation): one is Of<'ourselves.acted'> =>
  one.kind === 'ourselves.acted' && one.role === 'act' && one.approved === undefined;

const announces = (row: AuditRow, act: Of<'ourselves.acted'>): boolean =>
  act.incident === row.incident &&
  row.data.account === scopeName(act.place.scope) &&
  act.at >= addSeconds(row.at, -beforeSeconds) &&
  act.at <= addSeconds(row.at, afterSeconds);
