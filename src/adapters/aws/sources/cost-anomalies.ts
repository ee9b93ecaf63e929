/** What AWS's own watch over costs found unusual. It is a day late and wants ten days of history of a service: a last net, never the first. */
import type { Anomaly } from '@aws-sdk/client-cost-explorer';
import { type Batch, OutsideError, type Source } from '../../../bot/ports.ts';
import type { Of, Place, Severity, Time } from '../../../checks/observation.ts';
import { timeOf } from '../translate/time.ts';
import { troubleOf } from '../trouble.ts';
import { lookFinished, plusSeconds, type Sight } from './looking.ts';

/**
 * The anomalies that went on in the last three days, or since the last look, `perDay` times a day (AWS itself looks about three times).
 * Each page of an answer costs $0.01 like everything of Cost Explorer: once a day $0.30 a month, three times $0.90. Of a `payer`, whose
 * bill takes more questions, every other day unless said otherwise; what it tells is about whichever account caused most of it. An
 * anomaly is told under its own id, so once; when AWS revises its impact it is told anew under the same id.
 */
export function costAnomalies(
  { session, clock }: Pick<Sight, 'session' | 'clock'>,
  { payer = false, perDay = payer ? 0.5 : 1 }: { perDay?: 0.5 | 1 | 2 | 3; payer?: boolean } = {},
): Source {
  const place: Place = { scope: session.scope, region: 'global' };
  const everySeconds = 86_400 / perDay;
  return {
    name,
    scope: session.scope,
    everySeconds,
    permissions: [{ system: 'aws-iam', name: 'ce:GetAnomalies' }],

    async *collect(cursors): AsyncGenerator<Batch> {
      const heard = clock.now();
      const { read } = cursors;
      // A restart does not buy again what was just bought.
      if (read !== undefined && read <= heard && heard < plusSeconds(read, everySeconds - slackSeconds)) return;

      let gap: string | undefined;
      try {
        for await (const page of pages(
          plusSeconds(read !== undefined && read < heard ? read : heard, -lookBackDays * 86_400).slice(0, 10),
        )) {
          const observations = page.flatMap((anomaly) =>
            told(anomaly, payer ? placeOf(anomaly, place) : place, `${name}/${session.scope.id}`, heard),
          );
          if (observations.length > 0) yield { observations, raw: {}, cursors: {} };
        }
      } catch (error) {
        const trouble = troubleOf(error);
        const why = error instanceof OutsideError ? error.message : trouble.words;
        gap = `what AWS's own cost watch found could not be read: ${trouble.sort === 'not enabled' ? 'Cost Explorer is not switched on yet' : why}`;
      }
      const whole = gap === undefined;
      const finished = lookFinished(name, place, { noun: 'payers', of: 1, seen: whole ? 1 : 0, heard, upTo: heard, complete: whole, gap });
      yield { observations: [finished], raw: {}, cursors: whole ? { read: heard } : {} };
    },
  };

  async function* pages(from: string): AsyncGenerator<Anomaly[]> {
    const { GetAnomaliesCommand } = await import('@aws-sdk/client-cost-explorer');
    const client = await session.read.costExplorer();
    let token: string | undefined;
    let left = mostPages;
    do {
      const answer = await client.send(
        new GetAnomaliesCommand({
          DateInterval: { StartDate: from },
          MaxResults: 100,
          ...(token !== undefined ? { NextPageToken: token } : {}),
        }),
      );
      token = answer.NextPageToken;
      yield answer.Anomalies ?? [];
    } while (token !== undefined && --left > 0);
    if (token !== undefined) throw new OutsideError(`there are more than ${mostPages * 100}`, false);
  }
}

const name = 'aws/cost-anomalies';
/** An anomaly grows for days; AWS answers with those whose last day is in the time asked for (API reference of GetAnomalies). */
const lookBackDays = 3;
/** A run a little early is not too early. */
const slackSeconds = 300;
/** Five cents a look at most. */
const mostPages = 5;
/** Below this a rise is told and wakes nobody (USD, or the payer's currency: AWS does not say which). */
const smallImpact = 20;

/** The account that a payer's anomaly is mostly about. */
function placeOf({ RootCauses: causes = [] }: Anomaly, place: Place): Place {
  const [first] = causes
    .filter(({ LinkedAccount }) => LinkedAccount !== undefined && LinkedAccount !== '')
    .sort((a, b) => (b.Impact?.Contribution ?? 0) - (a.Impact?.Contribution ?? 0));
  return first?.LinkedAccount === undefined ? place : { ...place, scope: { ...place.scope, id: first.LinkedAccount } };
}

function told(anomaly: Anomaly, place: Place, under: string, heard: Time): Of<'provider.alerted'>[] {
  const { AnomalyId: id, RootCauses: causes = [], Impact: impact } = anomaly;
  if (id === undefined) return [];
  // A payer's watch covers all its accounts; this one's share is what counts here.
  const accounts = causes.flatMap(({ LinkedAccount: account }) => account ?? []);
  if (accounts.length > 0 && !accounts.includes(place.scope.id)) return [];
  const own = causes.filter(({ LinkedAccount: account }) => account === undefined || account === place.scope.id);
  const total = impact?.TotalImpact ?? impact?.MaxImpact ?? 0;
  const where = [
    ...new Set(
      own.map(({ Service, Region, UsageType }) =>
        [Service, Region, UsageType].filter((part) => part !== undefined && part !== '').join(', '),
      ),
    ),
  ].filter((words) => words !== '');
  const severity: Severity = total < smallImpact ? 'low' : 'medium';
  const since = timeOf(anomaly.AnomalyStartDate) ?? timeOf(anomaly.AnomalyEndDate) ?? heard;
  return [
    {
      kind: 'provider.alerted',
      id: `${under}/${id}`,
      at: since,
      heard,
      by: name,
      place,
      evidence: [id],
      rule: id,
      severity,
      summary: `AWS's cost watch: ${total.toFixed(2)} more than usual since ${since.slice(0, 10)}${expected(impact)}${
        where.length > 0 ? ` (${where.slice(0, 3).join('; ')})` : ''
      }`.slice(0, 500),
      about: 'money',
      subjects: [`scope:${place.scope.id}`],
    },
  ];
}

const expected = (impact: Anomaly['Impact']): string =>
  impact?.TotalActualSpend !== undefined && impact.TotalExpectedSpend !== undefined
    ? `: ${impact.TotalActualSpend.toFixed(2)} instead of ${impact.TotalExpectedSpend.toFixed(2)}`
    : '';
