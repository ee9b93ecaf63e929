import { describe, expect, it } from 'vitest';
import { ada, bob, openWorld, words } from '../support/living-bot.ts';

const key = 'AKIAIOSFODNN7EXAMPLE';

describe('fifty presses at once', () => {
  it('lead to one approval and one execution, and everybody is answered', async () => {
    const world = await openWorld();
    world.account.launch(key, 'us-west-2', { count: 3 });
    await world.pass(700, 60);
    await world.pressOn(ada, /^Contain everything/);
    await world.pass(1, 1);
    const { plan } = await world.story();
    const approve = { kind: 'approve', incident: 'INC-1', plan: plan!.id, hash: plan!.hash } as const;

    const answers = await Promise.all(Array.from({ length: 50 }, (_, index) => world.press(index % 2 === 0 ? ada : bob, approve)));
    await world.bot.idle();

    expect(answers.filter((answer) => answer === undefined)).toHaveLength(1);
    expect(answers.filter((answer) => /already did this/.test(words(answer)))).toHaveLength(49);
    const audit = await world.store.auditRows({ most: 500 });
    expect(audit.filter((row) => row.what === 'approved')).toHaveLength(1);
    expect(audit.filter((row) => row.what === 'plan carried out')).toHaveLength(1);
    expect(world.account.writes).toHaveLength(5);
  });

  it('of which half say not now: either nothing is done, or it is done once', async () => {
    for (const first of ['approve', 'decline'] as const) {
      const world = await openWorld();
      world.account.launch(key, 'us-west-2');
      await world.pass(700, 60);
      await world.pressOn(ada, /^Contain everything/);
      await world.pass(1, 1);
      const { plan } = await world.story();
      const kinds = first === 'approve' ? (['approve', 'decline'] as const) : (['decline', 'approve'] as const);

      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, index) =>
          world.press(index % 3 === 0 ? ada : bob, { kind: kinds[index % 2]!, incident: 'INC-1', plan: plan!.id, hash: plan!.hash }),
        ),
      );
      await world.bot.idle();

      expect(
        answers.filter((answer) => answer === undefined),
        first,
      ).toHaveLength(1);
      expect((await world.story()).state).toBe(first === 'approve' ? 'watching' : 'open');
      expect(world.account.writes).toHaveLength(first === 'approve' ? 3 : 0);
      const audit = await world.store.auditRows({ most: 500 });
      expect(audit.filter((row) => row.what === 'approved' || row.what === 'declined').map((row) => row.what)).toEqual([
        first === 'approve' ? 'approved' : 'declined',
      ]);
    }
  });
});
