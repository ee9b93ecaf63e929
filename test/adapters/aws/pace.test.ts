import { describe, expect, it } from 'vitest';
import { createPace, profiles } from '../../../src/adapters/aws/pace.ts';

const start = Date.parse('2026-11-23T10:00:00.000Z');
const inSeconds = (seconds: number) => new Date(start + seconds * 1000).toISOString();
const regions = ['us-east-1', 'eu-central-1', 'sa-east-1', 'af-south-1'];
const home = ['eu-central-1'];

/** The times, in seconds, at which a region is looked at within so many hours. */
function looksAt(pace: ReturnType<typeof createPace>, region: string, reading: 'log' | 'machines', hours: number, from = 0): number[] {
  const times: number[] = [];
  for (let second = from; second < from + hours * 3600; second += pace.beat(reading))
    if (pace.due(`aws/${reading}`, reading, regions, inSeconds(second)).includes(region)) times.push(second);
  return times;
}
const gaps = (times: number[]): number[] => times.slice(1).map((time, index) => time - times[index]!);

describe('the pace of looking', () => {
  it('looks everywhere at once after a start', () => {
    const pace = createPace('poll only', { home, seed: '123456789012' });

    expect(pace.due('aws/inventory', 'machines', regions, inSeconds(0))).toEqual(regions);
    expect(pace.due('aws/inventory', 'machines', regions, inSeconds(1))).toEqual([]);
  });

  it('looks more often where the account lives than where nothing ever was', () => {
    const pace = createPace('poll only', { home, seed: '123456789012' });

    expect(Math.max(...gaps(looksAt(pace, 'eu-central-1', 'machines', 2)))).toBe(180);
    const other = createPace('poll only', { home, seed: '123456789012' });
    expect(Math.max(...gaps(looksAt(other, 'sa-east-1', 'machines', 2)))).toBe(330);
  });

  it('spreads the regions over the interval, the same way for the same account', () => {
    const second = (seed: string, region: string) => looksAt(createPace('poll only', { home, seed }), region, 'log', 2)[1];

    const first = regions.map((region) => second('123456789012', region));

    expect(first).toEqual(regions.map((region) => second('123456789012', region)));
    expect(new Set(first.slice(2)).size).toBe(2);
  });

  it('looks like mad for six hours once something is suspected, and calms down again', () => {
    const pace = createPace('standard', { home, seed: '123456789012' });
    looksAt(pace, 'sa-east-1', 'log', 2);

    pace.hurry(inSeconds(7200));

    expect(Math.max(...gaps(looksAt(pace, 'sa-east-1', 'log', 5, 7200)))).toBe(120);
    expect(pace.isHurried(inSeconds(7200 + 6 * 3600 - 1))).toBe(true);
    expect(pace.isHurried(inSeconds(7200 + 6 * 3600))).toBe(false);
    expect(Math.max(...gaps(looksAt(pace, 'sa-east-1', 'log', 4, 7200 + 6 * 3600)))).toBe(1800);
  });

  it('a region in which something is found counts as used from then on', () => {
    const pace = createPace('poll only', { home, seed: '123456789012' });
    pace.used('sa-east-1');

    expect(Math.max(...gaps(looksAt(pace, 'sa-east-1', 'machines', 1)))).toBe(180);
  });

  it('looks at once where something was heard of, and everywhere for somebody who acts', () => {
    const pace = createPace('standard', { home, seed: '123456789012' });
    pace.due('aws/inventory', 'machines', regions, inSeconds(0));

    pace.hint('aws/inventory', 'sa-east-1');

    expect(pace.isHinted('aws/inventory', 'machines', inSeconds(30))).toBe(true);
    expect(pace.due('aws/inventory', 'machines', regions, inSeconds(30))).toEqual(['sa-east-1']);
    expect(pace.isHinted('aws/inventory', 'machines', inSeconds(30))).toBe(false);
    expect(pace.due('aws/inventory', 'machines', regions, inSeconds(31), true)).toEqual(regions);
  });

  it('looks again because of a hint only some time after the last look, and forgets no hint meanwhile', () => {
    const pace = createPace('standard', { home, seed: '123456789012' });
    const due = (seconds: number) => pace.due('aws/inventory', 'machines', regions, inSeconds(seconds));
    due(0);
    pace.hint('aws/inventory', 'sa-east-1');
    due(30);

    pace.hint('aws/inventory', 'sa-east-1');

    expect(pace.isHinted('aws/inventory', 'machines', inSeconds(40))).toBe(false);
    expect(due(40)).toEqual([]);
    expect(pace.isHinted('aws/inventory', 'machines', inSeconds(60))).toBe(true);
    expect(due(60)).toEqual(['sa-east-1']);
    expect(due(100)).toEqual([]);
  });

  it('has an end to what it costs in an account that lives everywhere, and reads the log of IAM as often all the same', () => {
    const pace = createPace('poll only', { home, seed: '123456789012' });
    for (let number = 0; number < 15; number += 1) pace.used(`region-${number}`);

    expect(pace.every('machines', 'eu-central-1', inSeconds(0))).toBe(330);
    expect(pace.every('log', 'eu-central-1', inSeconds(0))).toBe(720);
    expect(pace.every('log', 'us-east-1', inSeconds(0))).toBe(180);
    pace.hurry(inSeconds(0));
    expect(pace.every('machines', 'eu-central-1', inSeconds(1))).toBe(60);
  });

  it('asks every source so often that no rhythm is stretched', () => {
    for (const profile of profiles) {
      const pace = createPace(profile, { home, seed: 'a' });
      for (const reading of ['log', 'machines', 'services', 'limits', 'alerts', 'leaks', 'uses'] as const)
        for (const region of ['eu-central-1', 'sa-east-1'])
          expect(pace.every(reading, region, inSeconds(0)) % pace.beat(reading), `${profile} ${reading}`).toBe(0);
    }
  });
});
