/** Sums of days held against each other: what an account adds in some days, and the most it ever did in as many. */
export type Day = { day: string; value: number };

const dayMs = 86_400_000;
export const daysBefore = (day: string, count: number): string => new Date(Date.parse(day) - count * dayMs).toISOString().slice(0, 10);
export const sum = (days: readonly Day[]): number => days.reduce((total, { value }) => total + value, 0);

/** The most that was there more after at most so many days in a row, in the ninety days before `until`; it may have ended again. */
export function greatest(days: readonly Day[], count: number, until: string): number {
  const since = daysBefore(until, 90);
  let most = 0;
  days.forEach(({ day }, first) => {
    if (day < since || day >= until) return;
    const end = daysBefore(day, -(count - 1));
    let more = 0;
    for (let index = first; index < days.length && days[index]!.day <= end && days[index]!.day < until; index++) {
      more += days[index]!.value;
      most = Math.max(most, more);
    }
  });
  return most;
}
