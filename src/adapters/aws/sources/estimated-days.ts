/** Totals of a month so far, as they are seen several times a day, turned into what each day cost. Pure. */
export type Total = { ms: number; amount: number };
export type DayCosts = {
  /** By day (YYYY-MM-DD, UTC). */
  days: Map<string, number>;
  /** Times in which no figure came for longer than usual: what was spent then is spread evenly over them. */
  gaps: { fromMs: number; untilMs: number }[];
};

/**
 * What was added between two figures belongs to the days between them, by time. A total falls back when a month begins: AWS goes on with
 * the old month for some hours into the new one, and what comes then belongs to the old month's last day. A fall at any other time is a
 * correction, and counts as less on its day. The first figure is where counting begins.
 * @param totals in the order of time
 */
export function dayCosts(totals: readonly Total[]): DayCosts {
  const days = new Map<string, number>();
  const gaps: DayCosts['gaps'] = [];
  let [before] = totals;
  if (before === undefined) return { days, gaps };
  let month = monthStart(before.ms);
  for (const now of totals.slice(1)) {
    const begun = monthStart(now.ms);
    const isNew = begun > month && (now.amount < before.amount || now.ms - begun > lateMs);
    const [fromMs, added] = isNew ? [begun, now.amount] : [before.ms, now.amount - before.amount];
    if (isNew) month = begun;
    // The old month's own time is over, whatever the clock says.
    const untilMs = begun > month ? begun : now.ms;
    const from = Math.min(fromMs, untilMs - 1);
    if (untilMs - from > gapMs && added !== 0) gaps.push({ fromMs: from, untilMs });
    for (let at = from; at < untilMs; at = at - (at % dayMs) + dayMs) {
      const day = new Date(at).toISOString().slice(0, 10);
      const share = (Math.min(untilMs, at - (at % dayMs) + dayMs) - at) / (untilMs - from);
      days.set(day, (days.get(day) ?? 0) + added * share);
    }
    before = now;
  }
  return { days, gaps };
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** So long after a month's beginning AWS has begun to count it anew. */
const lateMs = 36 * hourMs;
/** Figures come about every six hours. */
const gapMs = 36 * hourMs;

function monthStart(ms: number): number {
  const date = new Date(ms);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth());
}
