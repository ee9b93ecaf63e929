import { it } from 'vitest';
import { ada, openWorld } from '../support/living-bot.ts';
it('dbg', async () => {
  const world = await openWorld();
  world.account.launch('AKIAIOSFODNN7EXAMPLE', 'us-west-2', { count: 2 });
  await world.pass(700);
  await world.pressOn(ada, /^Contain/);
  await world.pass(1, 1);
  const s = await world.story();
  console.log(s.state, s.version, s.asked?.length, s.questions, await world.store.nextEffectDue(), await world.store.claim(world.clock.now(), 0, 10));
});
