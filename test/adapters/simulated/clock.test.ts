import { describe, expect, it, vi } from 'vitest';
import { createVirtualClock } from '../../../src/adapters/simulated/clock.ts';

const start = '2026-03-10T10:00:00.000Z';

describe('a manual clock', () => {
  it('stands still until it is moved', () => {
    const clock = createVirtualClock({ start, speed: 'manual' });

    expect(clock.now()).toBe(start);
  });

  it('wakes sleepers in the order of their time, each at its own time', async () => {
    const clock = createVirtualClock({ start, speed: 'manual' });
    const woken: string[] = [];
    void clock.sleep(20).then(() => woken.push(`late ${clock.now()}`));
    void clock.sleep(5).then(() => woken.push(`early ${clock.now()}`));

    await clock.advance(60);

    expect(woken).toEqual(['early 2026-03-10T10:00:05.000Z', 'late 2026-03-10T10:00:20.000Z']);
    expect(clock.now()).toBe('2026-03-10T10:01:00.000Z');
  });

  it('lets a woken sleeper sleep again within the same move', async () => {
    const clock = createVirtualClock({ start, speed: 'manual' });
    let turns = 0;
    const loop = async () => {
      for (;;) {
        await clock.sleep(10);
        turns++;
      }
    };
    void loop();

    await clock.advance(60);

    expect(turns).toBe(6);
  });

  it('wakes ties in the order in which they lay down', async () => {
    const clock = createVirtualClock({ start, speed: 'manual' });
    const woken: number[] = [];
    for (const turn of [1, 2, 3]) void clock.sleep(7).then(() => woken.push(turn));

    await clock.advance(7);

    expect(woken).toEqual([1, 2, 3]);
  });

  it('ends a sleep at once when the signal aborts', async () => {
    const clock = createVirtualClock({ start, speed: 'manual' });
    const stopping = new AbortController();
    const sleep = clock.sleep(3600, stopping.signal);

    stopping.abort();
    await sleep;

    expect(clock.now()).toBe(start);
  });
});

describe('a clock that runs', () => {
  const withFakeTimers = async (story: () => Promise<void>) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    try {
      await story();
    } finally {
      vi.useRealTimers();
    }
  };

  it('passes so many virtual seconds per real second', () =>
    withFakeTimers(async () => {
      const clock = createVirtualClock({ start, speed: 60 });
      let awake = false;
      void clock.sleep(120).then(() => (awake = true));

      await vi.advanceTimersByTimeAsync(1900);
      expect(awake).toBe(false);
      await vi.advanceTimersByTimeAsync(200);

      expect(awake).toBe(true);
      expect(clock.now()).toBe('2026-03-10T10:02:06.000Z');
    }));

  it('keeps a sleep right when the speed changes in its middle', () =>
    withFakeTimers(async () => {
      const clock = createVirtualClock({ start, speed: 1 });
      let awokeAt = '';
      void clock.sleep(100).then(() => (awokeAt = clock.now()));

      await vi.advanceTimersByTimeAsync(10_000);
      clock.speed(90);
      await vi.advanceTimersByTimeAsync(999);
      expect(awokeAt).toBe('');
      await vi.advanceTimersByTimeAsync(2);

      expect(awokeAt.slice(0, 19)).toBe('2026-03-10T10:01:40');
    }));

  it('stands still while paused and goes on where it was', () =>
    withFakeTimers(async () => {
      const clock = createVirtualClock({ start, speed: 10 });
      let awake = false;
      void clock.sleep(30).then(() => (awake = true));

      await vi.advanceTimersByTimeAsync(1000);
      clock.pause();
      await vi.advanceTimersByTimeAsync(60_000);
      expect(clock.now()).toBe('2026-03-10T10:00:10.000Z');
      expect(awake).toBe(false);
      clock.resume();
      await vi.advanceTimersByTimeAsync(2001);

      expect(awake).toBe(true);
    }));

  it('cannot run backward', () => {
    const clock = createVirtualClock({ start, speed: 1 });

    expect(() => clock.speed(-1)).toThrow('forward');
  });
});
