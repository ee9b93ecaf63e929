import { describe, expect, it } from 'vitest';
import { costAnomalies } from '../../../../src/adapters/aws/sources/cost-anomalies.ts';
import { type CostOptions, costs } from '../../../../src/adapters/aws/sources/costs.ts';
import type { Observation, Place } from '../../../../src/checks/observation.ts';
import { account, billing } from './bills.ts';

const dayOf = 86_400;
const open = (yaml: string, options: CostOptions = {}, more: Parameters<typeof billing>[2] = {}) =>
  billing(yaml, (sight, store) => [costs(sight as never, { told: store.costs, ...options })], more);

describe('what was told of a day', () => {
  it('becomes what the bill says later, and nothing where a row is gone', async () => {
    const { store, look, clock } = await open(`
costs:
  - { service: Grows, region: eu-west-1, perDay: 10, noise: 0, discount: 0.1, revised: { afterDays: 2, times: 1.5 } }
  - { service: Goes, region: eu-west-1, perDay: 4, noise: 0, revised: { afterDays: 2, times: 0 } }`);
    const on8th = async () =>
      (await store.costs('2026-03-08', '2026-03-08')).map(({ service, amount, net, provisional }) => [service, amount, net, provisional]);

    await look();
    expect(await on8th()).toEqual([
      ['Goes', 4, 4, true],
      ['Grows', 10, 9, true],
    ]);
    await clock.advance(30 * 3600);
    await look();

    expect(await on8th()).toEqual([
      ['Goes', 0, 0, false],
      ['Grows', 15, 13.5, false],
    ]);
  });

  it('is read again as a whole once the bill of its month is final', async () => {
    const { store, look, clock, pages } = await open(
      'costs: [{ service: Grows, region: eu-west-1, perDay: 10, noise: 0, revised: { afterDays: 20, times: 2 } }]',
      {},
      { now: '2026-02-27T10:00:00.000Z' },
    );
    const onFirst = async () => (await store.costs('2026-02-10', '2026-02-10')).map(({ amount }) => amount);
    await look();
    pages();

    const perDay: number[] = [];
    for (let day = 0; day < 9; day++) {
      await clock.advance(dayOf);
      await look();
      perDay.push(pages()['ce:GetCostAndUsage'] ?? 0);
    }

    expect(await onFirst()).toEqual([20]);
    // Two questions a look; the whole month takes no more pages here.
    expect(perDay).toEqual([2, 2, 2, 2, 2, 2, 2, 2, 2]);
  });

  it('is not touched where another account’s or another cut’s answer lacks it', async () => {
    const { store, look, clock } = await open('costs: [{ service: Web, region: eu-west-1, perDay: 10, noise: 0 }]');
    const place: Place = { scope: { cloud: 'aws', level: 'account', id: '999988887777' }, region: 'eu-west-1' };
    const other: Observation = {
      ...{ kind: 'spend.recorded', id: 'other', at: clock.now(), heard: clock.now(), by: 'aws/costs', place, evidence: [] },
      ...{ day: '2026-03-09', service: 'Web', cost: { amount: 7, currency: 'USD', usd: 7 }, charge: 'usage', provisional: true },
    };
    await store.keep({ name: 'aws/costs', scope: place.scope }, { observations: [other], raw: {}, cursors: {} });

    await look();

    expect((await store.costs('2026-03-09', '2026-03-09')).map(({ scope, amount }) => [scope.id, amount])).toEqual([
      [account, 10],
      ['999988887777', 7],
    ]);
  });
});

describe('a payer', () => {
  const [first, second, idle] = ['111111111111', '222222222222', '333333333333'];
  const bill = `
costs:
  - { service: Web, region: eu-west-1, perDay: 10, noise: 0 }
  - { service: Web, region: eu-west-1, perDay: 5, noise: 0, account: "${first}" }
  - { service: Amazon SageMaker, region: us-east-1, perDay: 6, noise: 0, account: "${second}", tags: { team: research } }
  - { service: Tax, region: NoRegion, perDay: 3, noise: 0, charge: Tax, dayOfMonth: 8, account: "${first}" }
  - { service: Web, region: eu-west-1, perDay: -2, noise: 0, charge: Credit }`;
  const payer = { covers: [first!, second!, idle!] };

  it('is asked for all its accounts in one', async () => {
    const { store, look } = await open(bill, { payer });
    const seen = await look();

    const [day, cutDay] = [await store.costs('2026-03-08', '2026-03-08'), await store.costs('2026-03-08', '2026-03-08', 'account')];
    expect(day.map(({ scope, region, service, charge, amount }) => [scope.level, scope.id, region, service, charge, amount])).toEqual([
      ['account', first, 'global', 'Tax', 'tax', 3],
      ['account', account, 'global', 'Credit', 'credit', -2],
      ['payer', account, 'eu-west-1', 'Web', 'usage', 15],
      ['payer', account, 'us-east-1', 'Amazon SageMaker', 'usage', 6],
    ]);
    expect(cutDay.map(({ scope, service, amount }) => [scope.id, service, amount])).toEqual([
      [first, 'Web', 5],
      [account, 'Web', 10],
      [second, 'Amazon SageMaker', 6],
    ]);
    // Whose machines ran where is asked once.
    expect(seen.filter((one) => one.kind === 'place.used').map(({ place }) => [place.scope.id, place.region])).toEqual([
      [second, 'us-east-1'],
    ]);
  });

  it('says of which guarded account its bill knows nothing', async () => {
    const { look } = await open(bill, { payer });

    const looks = (await look()).filter((one) => one.kind === 'look.finished');

    expect(looks.map(({ place, complete, gap }) => [place.scope.id, complete, gap])).toEqual([
      [account, true, undefined],
      [first, true, undefined],
      [second, true, undefined],
      [idle, false, `the bill of account ${account} names no account ${idle}; if another pays for it, write payer: false under its costs`],
    ]);
  });

  it('replaces what was told of its accounts by themselves before', async () => {
    const alone = await open(bill);
    await alone.look();
    expect((await alone.store.costs('2026-03-08', '2026-03-08')).map(({ scope, charge, amount }) => [scope.level, charge, amount])).toEqual(
      [
        ['account', 'usage', 10],
        ['account', 'credit', -2],
      ],
    );
    const asPayer = costs({ session: alone.session, clock: alone.clock } as never, { told: alone.store.costs, payer });

    for await (const batch of asPayer.collect(await alone.store.cursors(asPayer))) await alone.store.keep(asPayer, batch);

    const usage = (await alone.store.costs('2025-06-01', '2025-06-01')).filter(({ charge }) => charge === 'usage');
    expect(usage.map(({ scope, amount }) => [scope.level, amount])).toEqual([
      ['account', 0],
      ['payer', 15],
      ['payer', 6],
    ]);
  });

  it.each([
    ['an account', {}],
    ['a payer of four accounts', { payer }],
  ])('takes at most $1.60 a month with the provider’s own watch: %s', async (_name, options) => {
    const { look, clock, session } = await billing(
      bill,
      (sight, store) => [
        costs(sight as never, { told: store.costs, ...options }),
        costAnomalies(sight as never, 'payer' in options ? { payer: true } : {}),
      ],
      { now: '2026-03-01T00:10:00.000Z' },
    );
    // The past is read once.
    await look();
    session.meter.take();

    for (let hour = 0; hour < 31 * 24; hour++) {
      await clock.advance(3600);
      await look();
    }

    const usd = session.meter.take().reduce((sum, row) => sum + row.usd, 0);
    expect(usd).toBeLessThanOrEqual(1.6);
    expect(usd).toBeGreaterThan(1.2);
  });
});

describe('finer cuts', () => {
  const bill = `
costs:
  - { service: Web, region: eu-west-1, perDay: 24, noise: 0, tags: { team: web } }
  - { service: Web, region: eu-west-1, perDay: 6, noise: 0 }`;

  it('tells teams by the value of their tag, and what has none', async () => {
    const { store, look } = await open(bill, { tag: 'team' });

    await look();

    expect((await store.costs('2026-03-08', '2026-03-08', 'team')).map(({ team, service, amount }) => [team, service, amount])).toEqual([
      ['', 'Web', 6],
      ['web', 'Web', 24],
    ]);
    expect(await store.costs('2026-03-08', '2026-03-08')).toHaveLength(1);
  });

  it('tells the hours of yesterday and today', async () => {
    const { store, look } = await open(bill, { hourly: true }, { hourlyCosts: true });

    await look();

    const hours = await store.costs('2026-03-01', '2026-03-10', 'hour');
    expect(hours).toHaveLength(24);
    expect(hours[0]).toMatchObject({ day: '2026-03-09', hour: '2026-03-09T00:00:00.000Z', region: 'eu-west-1', amount: 1.25 });
  });

  it('goes without hours where they are not switched on, and says so, and keeps the net costs', async () => {
    const { store, look, clock } = await open(bill, { hourly: true });

    const looks = (await look()).filter((one) => one.kind === 'look.finished');
    await clock.advance(9 * 3600);
    await look();

    expect(looks.map(({ source, complete, gap }) => [source, complete, gap])).toEqual([
      ['aws/costs by hour', false, 'costs could not be read: AWS answered with an error (ValidationException)'],
      ['aws/costs', true, undefined],
    ]);
    expect((await store.costs('2026-03-09', '2026-03-09'))[0]).toMatchObject({ amount: 30, net: 30 });
  });
});

it('asks less often where an answer takes several pages', async () => {
  const services = Array.from(
    { length: 150 },
    (_, number) => `  - { service: S${number}, region: eu-west-1, perDay: 1, noise: 0, since: -4d }`,
  );
  const { look, clock, pages } = await open(`costs:\n${services.join('\n')}`);
  await look();
  pages();
  const taken: number[] = [];

  for (let look8 = 0; look8 < 6; look8++) {
    await clock.advance(8 * 3600);
    await look();
    taken.push(pages()['ce:GetCostAndUsage'] ?? 0);
  }

  // Four days of 150 rows are two pages, so every second time; once a day what is not usage.
  expect(taken).toEqual([2, 0, 3, 0, 2, 1]);
});
