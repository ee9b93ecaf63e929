import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createVirtualClock } from '../../src/adapters/simulated/clock.ts';
import { openStore } from '../../src/adapters/store/store.ts';
import { openIncident } from '../../src/bot/advance.ts';
import { expectedMoney } from '../../src/bot/expected-money.ts';
import { createInspector } from '../../src/bot/inspect.ts';
import type { Batch, Source } from '../../src/bot/ports.ts';
import { spendJudge } from '../../src/bot/spend.ts';
import { addDays } from '../../src/bot/words.ts';
import type { Observation, Of } from '../../src/checks/observation.ts';
import { aboveOwnHistory } from '../../src/checks/spend/above-own-history.ts';
import { billId } from '../../src/checks/spend/bill-id.ts';
import { observed, place } from '../checks/observed.ts';

const { scope } = place();
const source = { name: 'aws/costs', scope };
const ec2 = 'Amazon Elastic Compute Cloud - Compute';

const bill = (
  day: string,
  amount: number,
  { region = 'us-east-1', currency = 'USD', heard = '2026-11-23T08:00:00.000Z' } = {},
): Observation =>
  observed('spend.recorded', {
    id: billId({ scope, day, region, service: ec2, charge: 'usage', currency }),
    region,
    day,
    heard,
    at: `${addDays(day, 1)}T00:00:00.000Z`,
    service: ec2,
    cost: { amount, currency },
    charge: 'usage',
    provisional: day >= '2026-11-21',
    evidence: [],
  });
const read = (heard: string): Observation =>
  observed('look.finished', {
    by: 'aws/costs',
    source: 'aws/costs',
    region: 'global',
    at: heard,
    heard,
    upTo: heard,
    noun: 'payers',
    of: 1,
    seen: 1,
    complete: true,
  });
const usual = Array.from({ length: 60 }, (_, index) => bill(addDays('2026-11-22', -index), 20 + (index % 3)));

async function guarded(observations: Observation[]) {
  const clock = createVirtualClock({ start: '2026-11-23T08:00:00.000Z', speed: 'manual' });
  const store = await openStore({ file: ':memory:', auditKey: randomBytes(32), now: () => clock.now() });
  const judge = spendJudge({ store, clock, cloud: 'aws', usual: {}, names: { [scope.id]: 'production' } });
  const keep = (some: Observation[]) => store.keep(source, { observations: some, raw: {}, cursors: {} });
  await keep([...observations, read(clock.now())]);
  return { clock, store, judge, keep, look: () => looked(judge, store) };
}

async function looked(judge: Source, store: Awaited<ReturnType<typeof openStore>>): Promise<Of<'spend.judged'>[]> {
  const batches: Batch[] = [];
  for await (const batch of judge.collect(await store.cursors(judge))) {
    batches.push(batch);
    await store.keep(judge, batch);
  }
  return batches.flatMap(({ observations }) => observations.filter((one) => one.kind === 'spend.judged'));
}

describe('the bill', () => {
  it('is judged once for each reading, and a quiet one says nothing', async () => {
    const { look } = await guarded(usual);

    expect(await look()).toEqual([]);
  });

  it('that holds a new region is told with the lines it rests on, the month’s end both ways, and what runs there', async () => {
    const { look, keep } = await guarded([...usual, bill('2026-11-22', 412, { region: 'ap-northeast-1' })]);
    await keep([
      observed('compute.seen', {
        at: '2026-11-22T00:05:00.000Z',
        region: 'ap-northeast-1',
        shape: { type: 'g5.48xlarge', family: 'g5', vcpus: 192, gpus: 8 },
        perHour: { amount: 16.29, currency: 'USD', usd: 16.29 },
      }),
    ]);

    const [judged, ...others] = await look();

    expect(others).toEqual([]);
    expect(judged).toMatchObject({
      place: { scope, region: 'ap-northeast-1' },
      evidence: [`${scope.id}/2026-11-22/ap-northeast-1/${ec2}/usage`],
      found: { how: 'new region', spent: 412, expected: 0 },
      machines: [{ type: 'g5.48xlarge', count: 1, since: '2026-11-22T00:05:00.000Z' }],
      names: { [scope.id]: 'production' },
      provisional: true,
    });
    // Eight days are left of November.
    expect((judged?.month?.ifItGoesOn ?? 0) - (judged?.month?.ifItStops ?? 0)).toBeCloseTo(8 * 412, 5);
    expect(await look()).toEqual([]);
  });

  it('that goes on for days is one story under one name', async () => {
    const { clock, look, keep } = await guarded([...usual, bill('2026-11-22', 412, { region: 'ap-northeast-1' })]);
    const [first] = await look();
    await clock.advance(86_400);
    await keep([
      bill('2026-11-23', 900, { region: 'ap-northeast-1', heard: clock.now() }),
      bill('2026-11-23', 21, { heard: clock.now() }),
      read(clock.now()),
    ]);

    const again = await look();

    expect(again.map(({ id }) => id)).toEqual([first?.id]);
    expect(again[0]).toMatchObject({ at: '2026-11-24T00:00:00.000Z', found: { day: '2026-11-23', spent: 900 } });
  });

  it('stays one story for months while nobody answers, and is not taken as usual', async () => {
    const { clock, look, keep, store } = await guarded([...usual, bill('2026-11-22', 412, { region: 'ap-northeast-1' })]);
    const [first] = await look();
    const inspector = createInspector({ checks: [aboveOwnHistory] });
    inspector.inspect([first!]);
    const [finding] = inspector.findings();
    const incident = openIncident('INC-1', clock.now(), finding!, [], []);
    const held = { ...finding!, state: 'active' as const, changedAt: clock.now(), tactics: [] };
    await store.save([{ incident: { ...incident, version: 1, findings: { [finding!.key]: held } }, effects: [] }]);
    const told: string[] = [];
    for (let day = 23; day < 83; day += 1) {
      const date = addDays('2026-11-01', day - 1);
      await clock.advance(86_400);
      await keep([
        bill(date, 412, { region: 'ap-northeast-1', heard: clock.now() }),
        bill(date, 20 + (day % 3), { heard: clock.now() }),
        read(clock.now()),
      ]);
      told.push(...(await look()).filter(({ found }) => found.day === date).map(({ id }) => id));
    }

    expect(told.length).toBe(60);
    expect([...new Set(told)]).toEqual([first?.id]);
  });

  it('that was revised takes back what was told of it', async () => {
    const { clock, look, keep } = await guarded([...usual, bill('2026-11-22', 412, { region: 'ap-northeast-1' })]);
    const [first] = await look();
    await clock.advance(28_800);
    await keep([bill('2026-11-22', 0.4, { region: 'ap-northeast-1', heard: clock.now() }), read(clock.now())]);

    expect(await look()).toMatchObject([{ id: first?.id, withdrawn: true }]);
    await clock.advance(28_800);
    await keep([read(clock.now())]);
    expect(await look()).toEqual([]);
  });

  it('that somebody expected is hidden and counted, up to its cap', async () => {
    const expected = (capPerDay: number) =>
      expectedMoney({
        scope,
        region: 'ap-northeast-1',
        from: '2026-11-20T00:00:00.000Z',
        until: '2026-12-01T00:00:00.000Z',
        capPerDay,
        currency: 'USD',
        by: 'ada',
      });
    const { look, store, clock, keep } = await guarded([...usual, bill('2026-11-22', 412, { region: 'ap-northeast-1' })]);
    await store.saveExpectation(expected(500));

    expect(await look()).toEqual([]);
    await clock.advance(28_800);
    await keep([read(clock.now())]);
    expect(await look()).toEqual([]);
    expect((await store.expectations(clock.now())).map(({ hid }) => hid)).toEqual([1]);

    await store.saveExpectation(expected(300));
    await clock.advance(28_800);
    await keep([read(clock.now())]);
    expect(await look()).toMatchObject([{ expected: 300, found: { spent: 412 } }]);
  });

  it('that could not be read in full says how old its last whole reading is', async () => {
    const { clock, look, keep } = await guarded([...usual, bill('2026-11-22', 412, { region: 'ap-northeast-1' })]);
    await look();
    await clock.advance(28_800);
    await keep([{ ...read(clock.now()), upTo: '2026-11-23T08:00:00.000Z', complete: false, seen: 0 } as Observation]);

    expect((await look()).map(({ readAt }) => readAt)).toEqual(['2026-11-23T08:00:00.000Z']);
  });

  it('of weeks ago says nothing when it is first read', async () => {
    const { look } = await guarded([...usual, bill('2026-11-02', 412, { region: 'ap-northeast-1' })]);

    expect(await look()).toEqual([]);
  });

  it('of a payer is weighed by all its accounts, not by what was said of the one that pays', async () => {
    const payer = { ...scope, level: 'payer' as const };
    const ofPayer = (amount: (day: number) => number): Observation[] =>
      Array.from({ length: 60 }, (_, day) => {
        const one = bill(addDays('2026-11-22', -day), amount(day));
        return { ...one, id: `payer ${one.id}`, place: { ...one.place, scope: payer } };
      });
    const { store, clock } = await guarded(ofPayer((day) => (day === 0 ? 600 : 500)));
    const judge = spendJudge({ store, clock, cloud: 'aws', usual: { usualMonthly: { [scope.id]: 150 } }, names: {} });

    expect((await looked(judge, store)).map(({ found }) => found.severity)).toEqual([]);
    const { store: other } = await guarded(ofPayer((day) => (day === 0 ? 700 : 500)));
    const anew = spendJudge({ store: other, clock, cloud: 'aws', usual: { usualMonthly: { [scope.id]: 150 } }, names: {} });
    expect((await looked(anew, other)).map(({ found, place }) => [found.severity, place.scope.level])).toEqual([['high', 'payer']]);
  });

  it('in two currencies is judged in each, and nothing is added across', async () => {
    const euros = usual.map((one) =>
      one.kind === 'spend.recorded' ? bill(one.day, one.cost.amount, { currency: 'EUR', region: 'eu-west-1' }) : one,
    );
    const { look } = await guarded([...usual, ...euros, bill('2026-11-22', 300, { currency: 'EUR', region: 'eu-west-1' })]);

    expect((await look()).map(({ currency, found }) => [currency, found.spent])).toEqual([['EUR', 300]]);
  });
});
