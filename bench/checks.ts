import { openNetwork } from '../src/adapters/aws/network.ts';
import { translateCloudTrail } from '../src/adapters/aws/translate/cloudtrail.ts';
import { createRandom } from '../src/adapters/simulated/random.ts';
import { createInspector } from '../src/bot/inspect.ts';
import { checks } from '../src/checks/index.ts';
import type { Observation } from '../src/checks/observation.ts';
import type { Measure } from './support/figure.ts';
import { madeUpRecords } from './support/made-up-logs.ts';

const events = 60_000;
const batch = 500;

export const measure: Measure = {
  about:
    'All checks and their memories on the observations of 60,000 records of four days, in batches of 500: as they happened, and with every batch of an hour out of order.',
  async run() {
    const observations = await madeUp();
    return [
      { what: 'observations judged, in order', value: rate(observations), unit: '/s', note: `${observations.length} observations` },
      { what: 'observations judged, out of order within an hour', value: rate(shuffled(observations)), unit: '/s' },
    ];
  },
};

function rate(observations: Observation[]): number {
  const inspector = createInspector({ checks });
  const began = performance.now();
  for (let at = 0; at < observations.length; at += batch) inspector.inspect(observations.slice(at, at + batch));
  return observations.length / ((performance.now() - began) / 1000);
}

async function madeUp(): Promise<Observation[]> {
  const fromMs = Date.parse('2026-08-01T00:00:00Z');
  const network = await openNetwork();
  return madeUpRecords({ seed: 5, fromMs, toMs: fromMs + 4 * 86_400_000, count: events }).flatMap(
    (record) => translateCloudTrail(record, { by: 'aws/audit-log', network }).observations,
  );
}

/** Late by up to an hour. */
function shuffled(observations: Observation[]): Observation[] {
  const chance = createRandom(6, 'late');
  return observations
    .map((one) => ({ one, heardMs: Date.parse(one.at) + chance.next() * 3_600_000 }))
    .sort((a, b) => a.heardMs - b.heardMs)
    .map(({ one }) => one);
}
