import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { attackKinds, makeAttack } from '../../bench/spend/attacks.ts';
import { readingsOf } from '../../bench/spend/bill.ts';
import { largestOutliers } from '../../bench/spend/esd.ts';
import { payersOf } from '../../bench/spend/files.ts';
import { archetypes, makePayer } from '../../bench/spend/payers.ts';
import { peers } from '../../bench/spend/peers.ts';
import { ours } from '../../bench/spend/play.ts';
import { promisesOf, report } from '../../bench/spend/report.ts';
import { tryPayers } from '../../bench/spend/trial.ts';

const span = { fromHour: 60 * 24, toHour: 62 * 24, clock: 'by block', fineness: 'families' } as const;

describe('made-up bills', () => {
  it('are the same for the same seed, and others for another', () => {
    for (const archetype of archetypes) {
      expect(makePayer(archetype, 3)).toEqual(makePayer(archetype, 3));
      expect(makePayer(archetype, 4).leaves).not.toEqual(makePayer(archetype, 3).leaves);
    }
  });

  it('are as large as their kind says', () => {
    const typical = (archetype: (typeof archetypes)[number]) => makePayer(archetype, 5).accounts.map((account) => account.typical);

    expect(Math.max(...typical('hobby'))).toBeLessThan(20);
    expect(Math.min(...typical('growth'))).toBeGreaterThan(300);
    expect(typical('agency')).toHaveLength(8);
  });

  it('are shown late, and never more than happened', () => {
    const payer = makePayer('start-up', 1);
    for (const { atHour, newest, rows } of readingsOf(payer, span)) {
      expect(newest * 24).toBeLessThan(atHour);
      const shown = rows.filter(({ day, charge }) => day === newest && charge === 'usage').reduce((sum, { amount }) => sum + amount, 0);
      const final = payer.leaves.reduce((sum, { amounts }) => sum + amounts[newest]!, 0);
      expect(shown).toBeLessThan(1.1 * final);
    }
  });

  it('hold taxes on the first of a month, and credits for what is paid by them', () => {
    const [reading] = readingsOf(makePayer('paid by credits', 1), { ...span, toHour: 61 * 24 });
    const rows = reading!.rows.filter(({ day }) => day < 55);
    const total = (...charges: string[]) =>
      rows.filter(({ charge }) => charges.includes(charge)).reduce((sum, { amount }) => sum + amount, 0);

    expect(rows.filter(({ charge }) => charge === 'tax').length).toBeLessThanOrEqual(2);
    expect(total('credit')).toBeLessThan(-0.9 * total('usage'));
  });

  it('cost by an attack what it costs by the hour, from its first hour on', () => {
    const payer = makePayer('hobby', 2);
    const attack = makeAttack('CPUs at home', payer, { from: 59, to: 60, atAnyHour: false });
    const total = (given: object): number => {
      const days = new Map<string, number>();
      for (const { rows } of readingsOf(payer, { ...span, toHour: 70 * 24, ...given }))
        for (const { day, service, region, usage, amount } of rows) if (day < 65) days.set(`${day} ${service} ${region} ${usage}`, amount);
      return [...days.values()].reduce((sum, amount) => sum + amount, 0);
    };

    expect(total({ attack }) - total({})).toBeCloseTo(40 * (65 * 24 - attack.startHour), -2);
  });

  it('begin attacks in every way, each with its own leaves', () => {
    const payer = makePayer('large organization', 1);
    for (const kind of attackKinds) {
      const { leaves, startHour, account } = makeAttack(kind, payer, { from: 70, to: 80, atAnyHour: true });

      expect(leaves.length).toBeGreaterThan(0);
      expect(startHour).toBeGreaterThanOrEqual(70 * 24);
      expect(payer.accounts.map(({ id }) => id)).toContain(account);
    }
  });
});

describe('peers', () => {
  const about = { first: 0, usualMonthly: 3000, dateOf: (day: number) => (day % 30) + 1 };
  const steady = Float64Array.from({ length: 60 }, (_, day) => 100 + (day % 3));

  it.each(peers.map((peer) => [peer.name, peer] as const))('%s: a steady bill is not out of the ordinary', (_, peer) => {
    expect(peer.expectedIfOut(steady, 50, about)).toBeUndefined();
  });

  it.each(peers.filter(({ name }) => !name.startsWith('budget')).map((peer) => [peer.name, peer] as const))(
    '%s: ten times as much is',
    (_, peer) => {
      const jumped = steady.with(50, 1000);

      expect(peer.expectedIfOut(jumped, 50, about)).toBeGreaterThan(90);
      expect(peer.expectedIfOut(jumped, 50, about)).toBeLessThan(110);
    },
  );

  it('a budget speaks once, on the day it is used up', () => {
    const spent = new Float64Array(60).fill(200);
    const speaks = Array.from({ length: 30 }, (_, day) => peers[0]!.expectedIfOut(spent, 30 + day, about) !== undefined);

    expect(speaks.indexOf(true)).toBe(19);
    expect(speaks.filter(Boolean)).toHaveLength(1);
  });

  it('finds the outliers of the example that Rosner’s test is taught with', () => {
    // Rosner (1983), as the NIST handbook (1.3.5.17.3) prints it; with mean and deviation there are three.
    const values = [
      -0.25, 0.68, 0.94, 1.15, 1.2, 1.26, 1.26, 1.34, 1.38, 1.43, 1.49, 1.49, 1.55, 1.56, 1.58, 1.65, 1.69, 1.7, 1.76, 1.77, 1.81, 1.91,
      1.94, 1.96, 1.99, 2.06, 2.09, 2.1, 2.14, 2.15, 2.23, 2.24, 2.26, 2.35, 2.37, 2.4, 2.47, 2.54, 2.62, 2.64, 2.9, 2.92, 2.92, 2.93, 3.21,
      3.26, 3.3, 3.59, 3.68, 4.3, 4.64, 5.34, 5.42, 6.01,
    ];

    expect(largestOutliers(Float64Array.from(values), 10).slice(0, 3)).toEqual([53, 52, 51]);
  });
});

describe('what is printed', () => {
  const payers = [makePayer('hobby', 1)];
  const trial = tryPayers(payers, { speakers: [ours], clock: 'by block', fineness: 'families' });

  it('holds every attack, and says what was missed', () => {
    const text = report([trial], { command: 'npm run bench:spend', bills: 'one payer', otherwise: [] });

    for (const kind of attackKinds) expect(text).toContain(`| ${kind} |`);
    expect(text).toContain('one payer: 1 payers');
  });

  it('is not met by a detector that never speaks', () => {
    const silent = structuredClone(trial);
    for (const heard of [...silent.heard, ...silent.cold.said])
      heard.by[ours] = { hours: Number.POSITIVE_INFINITY, pageHours: Number.POSITIVE_INFINITY, usd: 1 };

    expect(promisesOf([silent]).map(({ isMet }) => isMet)).toEqual([false, true, false, false]);
  });
});

describe('saved bills', () => {
  it('take the place of made-up ones, by currency', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cloudwarden-bench-'));
    const line = (day: string, currency: string, region: string, amount: number) =>
      `${amount},${currency},Usage,${day}T00:00:00Z,AWS,${region},EC2,123456789012`;
    const file = join(folder, 'focus.csv');
    writeFileSync(
      file,
      [
        'BilledCost,BillingCurrency,ChargeCategory,ChargePeriodStart,ProviderName,RegionId,ServiceName,SubAccountId',
        line('2026-01-01', 'USD', 'eu-west-1', 5),
        line('2026-01-03', 'USD', 'eu-west-1', 7),
        line('2026-01-03', 'EUR', 'us-east-1', 3),
      ].join('\n'),
    );

    const payers = await payersOf([file], () => {});
    rmSync(folder, { recursive: true });

    expect(payers).toHaveLength(2);
    expect(payers.map(({ days, leaves }) => [days, leaves.map(({ amounts }) => [...amounts])]).toSorted()).toEqual([
      [1, [[3]]],
      [3, [[5, 0, 7]]],
    ]);
    expect(payers[0]!.accounts[0]!.home).toMatch(/^(eu-west|us-east)-1$/);
  });
});
