import { it } from 'vitest';
import { live } from './simulated-life.ts';
it('dbg', async () => {
  const world = await live('quiet');
  console.log(world.clock.now(), world.chat.text());
  console.log((await world.stories()).map((o) => [o.id, o.openedAt, o.beganAt, o.headline, Object.values(o.findings).map((f) => [f.key, f.severity, f.learning, f.at, f.evidence, f.facts])]));
  await world.pass(1200, 60, async () => (await world.stories()).length > 0);
  console.log(world.clock.now(), JSON.stringify((await world.stories()).map((o) => [o.id, o.openedAt, o.beganAt, o.headline, Object.values(o.findings).map((f) => [f.key, f.severity, f.learning, f.at, f.evidence, f.facts])])));
  const seen = [];
  for await (const o of world.store.observations('2026-01-01')) if (o.kind !== 'principal.acted' && o.place.region === 'eu-west-1') seen.push([o.kind, o.id, o.at, o.heard, o.actor?.name]);
  console.log(seen.slice(0, 40));
  const early = [];
  for await (const o of world.store.observations('2020-01-01')) if (o.kind === 'look.finished' ? (o.since ?? o.at) < '2026-11-20' && o.complete : o.actor) early.push([o.kind, o.id, o.at, 'since' in o ? o.since : '', o.by, o.actor?.name]);
  console.log(early.slice(0, 12));
}, 100000);
