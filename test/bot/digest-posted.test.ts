import { describe, expect, it } from 'vitest';
import { asPlainText } from '../../src/bot/plain.ts';
import { asObservations, costsDaily } from '../support/costs.ts';
import { openWorld, type World, type WorldOptions } from '../support/living-bot.ts';
import { scope } from '../support/stories.ts';

const hour = 3600;
const day = 24 * hour;

/** It is Tuesday 3 November, noon; the bill reaches a day back each day. */
async function opened(options: WorldOptions = {}): Promise<World> {
  const world = await openWorld(options);
  await bill(world, '2026-08-01', '2026-11-02');
  return world;
}
const bill = (world: World, from: string, to: string, provisional = false, amount = 100) =>
  world.store.keep(
    { name: 'aws/costs', scope },
    { observations: asObservations(costsDaily(amount, from, to, { provisional }), world.clock.now()), raw: {}, cursors: {} },
  );
/** All that was posted but what the first reading found. */
const posted = (world: World) => world.chat.posted.filter(({ message }) => !message.summary.startsWith('First reading'));
const heads = (world: World) => posted(world).map(({ message, under }) => `${under ? '  ' : ''}${message.summary}`);

describe('every morning', () => {
  it('the digest is posted, with what it was made of in its thread', async () => {
    const world = await opened();
    await bill(world, '2026-11-03', '2026-11-03');

    await world.pass(22 * hour, hour);

    expect(heads(world)).toEqual(['Digest: yesterday $100 (usual $100), nothing open', '  What Tuesday 3 November was made of']);
    expect(posted(world)[1]?.under).toEqual(posted(world)[0]?.ref);
  });

  it('it is said when and why it could not be made, once, and it comes when it can be', async () => {
    const world = await opened();
    const { costs } = world.store;
    world.store.costs = async () => {
      throw new Error('database disk image is malformed');
    };

    await world.pass(23 * hour, hour);

    expect(posted(world).map(({ message }) => asPlainText(message))).toEqual([
      '◆ The digest could not be made: database disk image is malformed. It is tried again every minute; alerts go on. If this stays, see the log of the bot and “bin/cloudwarden doctor”.',
    ]);
    world.store.costs = costs;
    await world.pass(2 * hour, hour);
    expect(heads(world).filter((head) => head.startsWith('Digest:'))).toHaveLength(1);
  });

  it('a chat that is away does not get a complaint later, but the digest', async () => {
    const world = await opened();
    world.chat.down = true;
    await world.pass(22 * hour, hour);
    world.chat.down = false;

    await world.pass(hour, hour);

    expect(heads(world).filter((head) => !head.startsWith('  '))).toEqual([expect.stringMatching(/^Digest:/)]);
  });
});

describe('on Mondays', () => {
  it('the week that is over is told once, even when the bot was away on Monday', async () => {
    const world = await opened();
    await bill(world, '2026-11-03', '2026-11-12');
    await world.pass(5 * day, 6 * hour);
    expect(heads(world).filter((head) => head.includes('Week'))).toEqual([]);

    await world.pass(4 * day, 6 * hour);

    expect(heads(world).filter((head) => head.includes('Week'))).toEqual(['Week of 2 – 8 November: $700 used (usual $700)']);
    const at = heads(world).indexOf('Week of 2 – 8 November: $700 used (usual $700)');
    expect(heads(world)[at + 1]).toBe('  What the week of 2 November was made of');
  });

  it('nothing is told of the week where it is switched off', async () => {
    const world = await opened({ digestAt: { at: '09:00', zone: 'UTC', weekly: 'off', monthly: 'off' } });

    await world.pass(30 * day, 6 * hour);

    expect(heads(world).filter((head) => /Week|October|November 2026/.test(head))).toEqual([]);
  });
});

describe('the month that is over', () => {
  it('is told on the 2nd', async () => {
    const world = await opened();
    await bill(world, '2026-11-03', '2026-11-30');

    await world.pass(28 * day, 6 * hour);
    expect(heads(world).filter((head) => head.startsWith('November 2026'))).toEqual([]);
    await world.pass(day, 6 * hour);

    expect(heads(world).filter((head) => head.startsWith('November 2026'))).toEqual([
      'November 2026: $3,000 used (the month before $3,100)',
    ]);
  });

  it('is told when its bill is final, where that is wished', async () => {
    const world = await opened({ digestAt: { at: '09:00', zone: 'UTC', monthly: 'final' } });
    await bill(world, '2026-11-03', '2026-11-30', true);
    await world.pass(31 * day, 6 * hour);
    expect(heads(world).filter((head) => head.startsWith('November 2026'))).toEqual([]);

    await bill(world, '2026-11-03', '2026-11-30', false, 101);
    await world.pass(day, 6 * hour);

    expect(heads(world).filter((head) => head.startsWith('November 2026'))).toEqual([
      'November 2026: $3,028 used (the month before $3,100)',
    ]);
  });
});
