import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addDays,
  count,
  cut,
  daysInMonth,
  dollars,
  duration,
  listed,
  maskedKey,
  money,
  nextClock,
  percent,
  rate,
  shortName,
  signedMoney,
  weekdayOf,
  zoneName,
} from '../../src/bot/words.ts';

describe('money', () => {
  it.each([
    [0, '$0.00'],
    [0.004, 'less than $0.01'],
    [0.06, '$0.06'],
    [79.408, '$79.41'],
    [99.994, '$99.99'],
    [99.996, '$100'],
    [143.2, '$143'],
    [53_000, '$53,000'],
    [-6.1, '−$6.10'],
    [Number.NaN, 'an unknown amount'],
  ])('says %d dollars as %s', (amount, words) => {
    expect(dollars(amount)).toBe(words);
  });

  it('keeps to its own currency, also one it does not know', () => {
    expect(money(12.5, 'EUR')).toBe('€12.50');
    expect(money(1200, 'JPY')).toBe('¥1,200');
    expect(money(12.5, 'credits')).toBe('12.50 credits');
  });

  it('has a sign for a change and whole dollars for an hour on a lock screen', () => {
    expect(signedMoney(18.4, 'USD')).toBe('+$18.40');
    expect(signedMoney(-6.1, 'USD')).toBe('−$6.10');
    expect(rate(79.41)).toBe('$79/h');
    expect(rate(0.34)).toBe('$0.34/h');
  });

  it('says a change in percent until it is a multiple', () => {
    expect(percent(143, 131)).toBe('+9 %');
    expect(percent(100, 131)).toBe('−24 %');
    expect(percent(2200, 100)).toBe('22 times as much');
    expect(percent(5, 0)).toBeUndefined();
  });
});

describe('counts, times and names', () => {
  it('counts one and many', () => {
    expect(count(1, 'instance')).toBe('1 instance');
    expect(count(1204, 'instance')).toBe('1,204 instances');
    expect(listed(['a', 'b', 'c'])).toBe('a, b and c');
    expect(listed(['a', 'b', 'c', 'd', 'e'], 3)).toBe('a, b, c and 2 more');
  });

  it.each([
    [14, '14 s'],
    [239, '3 min'],
    [3900, '1 h 5 min'],
    [86_400, '24 h'],
    [412 * 86_400, '412 days'],
    [-5, '0 s'],
  ])('says %d seconds as %s, never older than it is', (seconds, words) => {
    expect(duration(seconds)).toBe(words);
  });

  it('masks keys to their last four and shortens names for the eye', () => {
    expect(maskedKey('credential:AKIAIOSFODNN7EXAMPLE')).toBe('AKIA…MPLE');
    expect(maskedKey('short')).toBe('…');
    expect(shortName('resource:arn:aws:ec2:us-west-2:123456789012:instance/i-0abc')).toBe('i-0abc');
    expect(shortName('session:ASIAIOSFODNN7EXAMPLE')).toBe('ASIA…MPLE');
  });

  it('cuts without breaking a letter and says that it cut', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), fc.integer({ min: 1, max: 40 }), (text, most) => {
        const short = cut(text, most);

        expect(short.length).toBeLessThanOrEqual(Math.max(most, 1));
        expect(short.isWellFormed()).toBe(text.isWellFormed() || short.isWellFormed());
        if (text.length <= most) expect(short).toBe(text);
      }),
      { seed: 3 },
    );
  });
});

describe('nine in the morning', () => {
  it.each([
    ['2026-11-23T14:05:00.000Z', 'Europe/Berlin', '2026-11-24T08:00:00.000Z'],
    ['2026-11-23T07:59:59.000Z', 'Europe/Berlin', '2026-11-23T08:00:00.000Z'],
    ['2026-11-23T08:00:00.000Z', 'Europe/Berlin', '2026-11-24T08:00:00.000Z'],
    // The clocks go forward on 29 March 2026 and back on 25 October 2026.
    ['2026-03-28T20:00:00.000Z', 'Europe/Berlin', '2026-03-29T07:00:00.000Z'],
    ['2026-10-24T20:00:00.000Z', 'Europe/Berlin', '2026-10-25T08:00:00.000Z'],
    ['2026-11-01T00:00:00.000Z', 'America/New_York', '2026-11-01T14:00:00.000Z'],
    ['2026-11-23T14:05:00.000Z', 'Asia/Kathmandu', '2026-11-24T03:15:00.000Z'],
    ['2026-11-23T14:05:00.000Z', 'Pacific/Auckland', '2026-11-23T20:00:00.000Z'],
    ['2026-11-23T14:05:00.000Z', 'UTC', '2026-11-24T09:00:00.000Z'],
  ])('comes next after %s in %s at %s', (now, zone, expected) => {
    expect(nextClock(now, '09:00', zone)).toBe(expected);
  });

  it('is later by the gap where the clock skips it, and the first of two where it comes twice', () => {
    expect(nextClock('2026-03-29T00:00:00.000Z', '02:30', 'Europe/Berlin')).toBe('2026-03-29T01:30:00.000Z');
    expect(nextClock('2026-10-24T22:30:00.000Z', '02:30', 'Europe/Berlin')).toBe('2026-10-25T00:30:00.000Z');
  });

  it('always lies within the next 25 hours and shows that clock', () => {
    const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata', 'Pacific/Kiritimati', 'UTC'];
    fc.assert(
      fc.property(
        fc.date({ min: new Date('2024-01-01'), max: new Date('2030-01-01'), noInvalidDate: true }),
        fc.constantFrom(...zones),
        (date, zone) => {
          const next = nextClock(date.toISOString(), '09:00', zone);
          const shown = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(
            Date.parse(next),
          );

          expect(shown).toBe('09:00');
          expect(Date.parse(next) - date.getTime()).toBeGreaterThan(0);
          expect(Date.parse(next) - date.getTime()).toBeLessThanOrEqual(25 * 3_600_000);
        },
      ),
      { seed: 5 },
    );
  });

  it('is named after the city of its zone', () => {
    expect(zoneName('America/New_York')).toBe('New York');
    expect(zoneName('UTC')).toBe('UTC');
  });
});

describe('days', () => {
  it('are counted in UTC over months and leap years', () => {
    expect(addDays('2028-02-28', 1)).toBe('2028-02-29');
    expect(addDays('2026-01-01', -1)).toBe('2025-12-31');
    expect(daysInMonth('2028-02-10')).toBe(29);
    expect(weekdayOf('2026-11-22')).toBe('Sunday');
  });
});
