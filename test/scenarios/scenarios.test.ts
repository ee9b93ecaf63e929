import { describe, expect, it } from 'vitest';
import { live } from './simulated-life.ts';

describe('a quiet account', () => {
  it('gets no card in its first reading nor in the day after', async () => {
    const world = await live('quiet');
    const first = world.chat.text();

    await world.pass(26 * 3600, 300);

    expect(world.cards().map((one) => world.chat.text(one.message))).toEqual([]);
    expect((await world.stories()).map((one) => [one.id, one.severity, one.headline])).toEqual([]);
    expect(first).toContain('The last 90 days have been read');
  }, 120_000);
});
