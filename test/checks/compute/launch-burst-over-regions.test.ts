import { describe, expect, it } from 'vitest';
import { createInspector } from '../../../src/bot/inspect.ts';
import { launchBurstOverRegions } from '../../../src/checks/compute/launch-burst-over-regions.ts';
import type { Observation } from '../../../src/checks/observation.ts';
import { appRunner, at, hosting, machine, observed, office, place } from '../observed.ts';

const launch = (clock: string, region: string, more: Partial<Observation> = {}): Observation =>
  observed('compute.asked', { at: at(clock), region, resources: [machine(`i-${region}`, region)], ...(more as object) });
const findingsOf = (observations: Observation[]) => {
  const inspector = createInspector({ checks: [launchBurstOverRegions] });
  inspector.inspect(observations);
  return inspector.findings();
};

describe('one key that launches', () => {
  it('in three regions within a quarter of an hour is critical, with all machines', () => {
    const [finding] = findingsOf([launch('14:00', 'us-east-1'), launch('14:05', 'sa-east-1'), launch('14:10', 'ap-south-1')]);

    expect(finding).toMatchObject({ severity: 'critical', facts: { Regions: 'ap-south-1, sa-east-1, us-east-1' } });
    expect(finding?.remedies.find(({ kind }) => kind === 'stop-compute')).toMatchObject({
      resources: expect.objectContaining({ length: 3 }),
    });
  });

  it('has the price of every machine the log named', () => {
    const perHour = { amount: 5.44, currency: 'USD', usd: 5.44 };
    const regions = ['us-east-1', 'sa-east-1', 'ap-south-1'];
    const [finding] = findingsOf(regions.map((region) => launch('14:00', region, { perHour } as Partial<Observation>)));

    expect(finding?.usdPerHour).toEqual(Object.fromEntries(regions.map((region) => [machine(`i-${region}`, region), 5.44])));
  });

  it('in three accounts is critical too, and stops the machines in each', () => {
    const inAccount = (id: string) => ({ place: place('us-east-1', { cloud: 'aws', level: 'account', id }) });
    const [finding] = findingsOf(['111111111111', '222222222222', '333333333333'].map((id) => launch('14:00', 'us-east-1', inAccount(id))));

    expect(finding?.severity).toBe('critical');
    expect(finding?.remedies.filter(({ kind }) => kind === 'stop-compute')).toHaveLength(3);
  });

  it('in two regions, or in three within an hour, is an ordinary deployment', () => {
    expect(findingsOf([launch('14:00', 'us-east-1'), launch('14:05', 'sa-east-1')])).toEqual([]);
    expect(findingsOf([launch('14:00', 'us-east-1'), launch('14:20', 'sa-east-1'), launch('14:40', 'ap-south-1')])).toEqual([]);
  });

  it('is told apart from three people, and from the provider’s own services', () => {
    const session = (name: string): Partial<Observation> =>
      ({ actor: appRunner, session: `session:${name}`, credential: undefined }) as unknown as Partial<Observation>;
    const scaling = { actor: { ...appRunner, kind: 'provider' } } as Partial<Observation>;

    expect(
      findingsOf([launch('14:00', 'a', session('1')), launch('14:01', 'b', session('2')), launch('14:02', 'c', session('3'))]),
    ).toEqual([]);
    expect(findingsOf([launch('14:00', 'a', scaling), launch('14:01', 'b', scaling), launch('14:02', 'c', scaling)])).toEqual([]);
  });
});

describe('a deployment in parallel', () => {
  const small = { shape: { type: 'm5.large', family: 'm5', vcpus: 2, gpus: 0 } };
  const regions = ['us-east-1', 'eu-west-3', 'sa-east-1'];
  /** Each region on its own day hours apart, until all are known. */
  const before = ['2026-11-09', '2026-11-11', '2026-11-13'].flatMap((day) =>
    regions.map((region, index) =>
      launch('00:00', region, { at: at(`0${2 + 2 * index}:00`, day), network: office, ...small } as Partial<Observation>),
    ),
  );
  const burst = (more: object) =>
    regions.map((region, index) => launch(`14:0${index}`, region, { ...small, ...more } as Partial<Observation>));

  it('to regions where that principal works from that network is nothing', () => {
    expect(findingsOf([...before, ...burst({ network: office })])).toEqual([]);
  });

  it('with the same key from elsewhere, or with large machines, is critical', () => {
    expect(findingsOf([...before, ...burst({ network: hosting })])).toMatchObject([{ severity: 'critical' }]);
    expect(findingsOf([...before, ...burst({ network: office, count: 20 })])).toMatchObject([{ severity: 'critical' }]);
  });

  it('of clusters alone is critical too', () => {
    const clusters = regions.map((region, index) => observed('ground.prepared', { at: at(`14:0${index}`), region, network: hosting }));

    expect(findingsOf(clusters)).toMatchObject([{ severity: 'critical' }]);
  });
});
