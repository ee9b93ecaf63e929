/** The digest as data. Pure. */
import { storyHeadline } from '../present/headline.ts';
import { weekdayOf } from '../words.ts';
import { round } from './currency.ts';
import type { DigestInput } from './input.ts';
import { type By, partsOfDay } from './parts.ts';
import { tell, whyNoCosts } from './told.ts';

/**
 * The same as data, for `digest --json`; one object:
 * `day` (UTC), `weekday`, `provisionalDays`, `noCosts` (why there are no figures, or null), `currencies`: for each currency `currency`,
 * `usage` (the day's gross usage), `fees` (`commitments`: the part that buys usage ahead), `tax`, `credits` of the day, `usual` (`amount`, `kind` "weekday" or "day", `days` it rests on; null
 * when history is too short), `monthToDate` (net), `monthEnd` (`ifItStops`, `ifItGoesOn`, `band`, `excessPerDay`, `excessSince`, `creditsAhead`; null when history is too
 * short), `lastMonth` (net; null unless known in full), `moved` (of a provisional day only what rose: `account`, `service`, `region`, `change`, `amount`, `isNew`); `services` of the day
 * (`service`, `amount`), and `regions`, `accounts`, `teams` of the day alike (`name`, `amount`, `usual` or null); `budgets` (`name`, `currency`, `limit`,
 * `used`, `monthEnd`, `passedOn`), `creditsLeft`, `unusual` (in saved files: the judge’s words); then `open` stories (`incident`, `severity`, `state`, `headline`), `blindSpots`, `troubles` (with the bot itself), `notices`, `ownCostUsd`, `audit`.
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
      commitments: round(one.charges.commitment),
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
            creditsAhead: round(one.forecast.creditsAhead),
          }
        : null,
      lastMonth: one.lastMonth === undefined ? null : round(one.lastMonth),
      moved: one.moved.map((move) => ({ ...move, change: round(move.change), amount: round(move.amount) })),
      services: one.services.map(([service, amount]) => ({ service, amount: round(amount) })),
      regions: parts(input, one.currency, told.day, 'region'),
      accounts: parts(input, one.currency, told.day, 'account'),
      teams: parts(input, one.currency, told.day, 'team'),
    })),
    budgets: told.budgets.map((one) => ({
      name: one.name,
      currency: one.currency,
      limit: one.limit,
      used: round(one.used),
      monthEnd: one.forecast ? round(one.forecast.ifItGoesOn) : null,
      passedOn: one.passedOn ?? null,
    })),
    creditsLeft: told.credits.map((one) => ({
      account: one.account,
      left: round(one.left),
      currency: one.currency,
      endsOn: one.endsOn ?? null,
    })),
    unusual: told.unusual,
    open: told.open.map((story) => ({ incident: story.id, severity: story.severity, state: story.state, headline: storyHeadline(story) })),
    blindSpots: told.blind,
    troubles: told.troubles,
    notices: told.notices,
    ownCostUsd: input.saved ? null : round(input.ownCost.usd),
    audit: input.saved ? null : input.auditHash.slice(0, 8),
  };
}

const parts = (input: DigestInput, currency: string, day: string, by: By) =>
  partsOfDay(input, currency, day, by).map(({ name, amount, usual }) => ({
    name,
    amount: round(amount),
    usual: usual === undefined ? null : round(usual),
  }));
