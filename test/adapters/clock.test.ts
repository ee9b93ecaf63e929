import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/adapters/clock.ts';

beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2025-11-24T14:02:00.123Z') });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('the clock', () => {
  it('tells the time in UTC with milliseconds', () => {
    expect(systemClock.now()).toBe('2025-11-24T14:02:00.123Z');
  });

  it('sleeps as long as it was told', async () => {
    let awake = false;
    void systemClock.sleep(5).then(() => (awake = true));

    await vi.advanceTimersByTimeAsync(4_999);
    expect(awake).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(awake).toBe(true);
  });

  it('wakes at once when it is told to, leaving neither timer nor listener behind', async () => {
    const stop = new AbortController();
    const asleep = systemClock.sleep(3600, stop.signal);
    stop.abort();

    await asleep;
    await systemClock.sleep(3600, stop.signal);
    expect(vi.getTimerCount()).toBe(0);
  });
});
