import { expect, it } from 'vitest';
import { ada, openWorld, words } from '../support/living-bot.ts';

/** How often the account was asked to be looked at faster. */
async function live() {
  let hurries = 0;
  const hurry = () => {
    hurries += 1;
  };
  const world = await openWorld({ accounts: (account) => [{ ...account, hurry }] });
  return { world, hurries: () => hurries };
}

it('an account is looked at faster once something is suspected, and not again and again because of what is known', async () => {
  const { world, hurries } = await live();
  await world.pass(1800);
  expect(hurries()).toBe(0);

  world.account.launch('AKIAIOSFODNN7EXAMPLE', 'us-west-2', { count: 3 });
  await world.pass(600);
  const first = hurries();
  await world.pass(6 * 3600, 60);

  expect(first).toBeGreaterThan(0);
  expect(hurries()).toBe(first);
});

it('status says what looking costs', async () => {
  const world = await openWorld({
    accounts: (account) => [{ ...account, meter: () => [{ operation: 'ec2:DescribeInstances', calls: 2, usd: 0.001 }] }],
  });
  await world.pass(60);

  const answer = words(await world.bot.command({ id: '1', text: 'status', by: ada, room: '' }));

  expect(answer).toMatch(/My own calls: \d+ calls today so far, \$0\.\d\d\./);
});
