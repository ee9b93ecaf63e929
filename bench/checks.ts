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
    'All checks and their memories on the observations of 60,000 records of four days, in batches of 500: as they happened, and with every batch of an hour out of order; and a thief’s burst.',
  async run() {
    const observations = await madeUp();
    return [
      {
        what: 'observations judged, in order',
        value: rate(observations),
        unit: '/s',
        note: `${observations.length} observations, by seconds of processor`,
      },
      { what: 'observations judged, out of order within an hour', value: rate(shuffled(observations)), unit: '/s' },
      {
        what: '4,000 launches within one second',
        value: cpuSeconds(launches(4000)),
        unit: 's',
        atMost: 3,
        note: 'of processor; ids in no order',
      },
    ];
  },
};

const rate = (observations: Observation[]): number => observations.length / cpuSeconds(observations);

/** Of all threads, the collector's too: what else the machine does counts little. */
function cpuSeconds(observations: Observation[]): number {
  const inspector = createInspector({ checks });
  const began = process.cpuUsage();
  for (let at = 0; at < observations.length; at += batch) inspector.inspect(observations.slice(at, at + batch));
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1e6;
}

async function madeUp(): Promise<Observation[]> {
  const fromMs = Date.parse('2026-08-01T00:00:00Z');
  const network = await openNetwork();
  return madeUpRecords({ seed: 5, fromMs, toMs: fromMs + 4 * 86_400_000, count: events }).flatMap(
    (record) => translateCloudTrail(record, { by: 'aws/audit-log', network }).observations,
  );
}

/** One key, three regions, all at one time, so that the ids alone give the order. */
function launches(many: number): Observation[] {
  const scope = { cloud: 'aws', level: 'account', id: '123456789012' } as const;
  const at = '2026-08-01T00:00:00.000Z';
  return Array.from({ length: many }, (_, n) => {
    const id = `launch-${(n * 7919) % many}`;
    return {
      kind: 'compute.asked',
      id,
      at,
      heard: at,
      by: 'aws/audit-log',
      place: { scope, region: ['us-east-1', 'eu-west-1', 'sa-east-1'][n % 3]! },
      evidence: [id],
      actor: { subject: 'principal:eve', name: 'eve', kind: 'user', home: scope },
      credential: 'credential:AKIAIOSFODNN7EXAMPLE',
      network: { address: '192.0.2.7', kind: 'hosting' },
      resources: [`resource:${id}`],
      count: 1,
      what: 'EC2 instances',
      shape: { type: 'c5.4xlarge', family: 'c5', vcpus: 16 },
    };
  });
}

/** Late by up to an hour. */
function shuffled(observations: Observation[]): Observation[] {
  const chance = createRandom(6, 'late');
  return observations
    .map((one) => ({ one, heardMs: Date.parse(one.at) + chance.next() * 3_600_000 }))
    .sort((a, b) => a.heardMs - b.heardMs)
    .map(({ one }) => one);
}
