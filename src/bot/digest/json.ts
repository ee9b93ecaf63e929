/** The digest as data. Pure. */
import { storyHeadline } from '../present/headline.ts';
import { weekdayOf } from '../words.ts';
import { round } from './currency.ts';
import type { DigestInput } from './input.ts';
import { tell, whyNoCosts } from './told.ts';

/**
 * The same as data, for `digest --json`; one object:
 * `day` (UTC), `weekday`, `provisionalDays`, `noCosts` (why there are no figures, or null), `currencies`: for each currency `currency`,
 * `usage` (the day's gross usage), `fees`, `tax`, `credits` of the day, `usual` (`amount`, `kind` "weekday" or "day", `days` it rests on; null
 * when history is too short), `monthToDate` (net), `monthEnd` (`ifItStops`, `ifItGoesOn`, `band`, `excessPerDay`, `excessSince`; null when history is too
 * short), `lastMonth` (net; null unless known in full), `moved` (`account`, `service`, `region`, `change`, `amount`, `isNew`); `services` of the day
 * (`service`, `amount`); then `open` stories (`incident`, `severity`, `state`, `headline`), `blindSpots`, `troubles` (with the bot itself), `notices`, `ownCostUsd`, `audit`.
 */
export function digestJson(input: DigestInput): Record<string, unknown> {
  const told = tell(input);
  return {
    day: told.day,
    weekday: weekdayOf(told.day),
    provisionalDays: told.provisional,
    noCosts: told.currencies.length === 0 ? whyNoCosts(input) : null,
    currencies: told.currencies.map((one) => ({
      currency: one.currency,
      usage: round(one.usage),
      fees: round(one.charges.fee),
      tax: round(one.charges.tax),
      credits: round(one.charges.credit),
      usual: one.usual ? { amount: round(one.usual.amount), kind: one.usual.kind, days: one.usual.days } : null,
      monthToDate: round(one.month.total),
      monthEnd: one.forecast
        ? {
            ifItStops: round(one.forecast.ifItStops),
            ifItGoesOn: round(one.forecast.ifItGoesOn),
            band: round(one.forecast.band),
            excessPerDay: round(one.forecast.excessPerDay),
            excessSince: one.forecast.excessSince ?? null,
          }
        : null,
      lastMonth: one.lastMonth === undefined ? null : round(one.lastMonth),
      moved: one.moved.map((move) => ({ ...move, change: round(move.change), amount: round(move.amount) })),
      services: one.services.map(([service, amount]) => ({ service, amount: round(amount) })),
    })),
    open: told.open.map((story) => ({ incident: story.id, severity: story.severity, state: story.state, headline: storyHeadline(story) })),
    blindSpots: told.blind,
    troubles: told.troubles,
    notices: told.notices,
    ownCostUsd: input.saved ? null : round(input.ownCost.usd),
    audit: input.saved ? null : input.auditHash.slice(0, 8),
  };
}
