import { rmSync } from 'node:fs';
import { expect, it } from 'vitest';
import { createRandom } from '../../src/adapters/simulated/random.ts';
import { slackStandIn } from '../support/slack-stand-in.ts';
import { account, farAway, guarded, stolenKey } from './guarded.ts';
import { configured, finished, freePort, run, until } from './program.ts';
import { people, pressSlack, slackButton, slackCard, slackQuestion, slackText } from './room.ts';

/** Fifty by hand: ROUNDS=50 npm run test:process -- kill */
const rounds = Number(process.env.ROUNDS || 4);
const machines = 6;

it(`does nothing twice and loses nothing when it is killed at any moment between approval and done (${rounds} kills)`, async () => {
  const chance = createRandom(20, 'kills');
  for (let round = 0; round < rounds; round++) await killedAfterMs(Math.round(chance.next() * 700));
});

async function killedAfterMs(delayMs: number): Promise<void> {
  const aws = await guarded();
  const slack = await slackStandIn();
  const miners = await aws.launch(farAway, 'g5.12xlarge', machines);
  // Every call takes a moment, so that a kill falls between any two of them.
  aws.simulated.faults.set({ latencyMs: 25 });
  const { folder, file } = configured({
    people,
    accounts: [{ cloud: 'aws', account, name: 'production' }],
    chat: { slack: { botToken: slack.botToken, appToken: slack.appToken, room: slack.room } },
    ops: { listen: `127.0.0.1:${await freePort()}` },
  });
  const env = { ...aws.env, CLOUDWARDEN_CONFIG: file, SLACK_API_URL: slack.apiUrl };
  let bot = run(['start'], { env });
  try {
    await bot.said('started');
    const card = await until('the card names who', () => {
      const found = slackCard(slack);
      return found && slackButton(found, /^Revoke/) ? found : undefined;
    });
    await pressSlack(slack, card, /^Contain/, 'U0ADA');
    const question = await until('the question', () => slackQuestion(slack), 30_000);
    await pressSlack(slack, question, /^Contain/, 'U0ADA');

    await new Promise((wake) => setTimeout(wake, delayMs));
    bot.child.kill('SIGKILL');
    await bot.ended;
    bot = run(['start'], { env });
    await bot.said('started');

    const done = () => slackText(card).includes(`Stopped ${machines} of ${machines} instances`);
    await until(`killed ${delayMs} ms after the approval, done all the same:\n${slackText(card)}`, done, 60_000);
    const text = slackText(card);
    expect(text).toContain('Done by Ada');
    expect(text).toContain('Deactivated 1 of 1 access key');
    expect(miners.map((id) => aws.stateOf(id) ?? 'gone').filter((state) => state === 'running')).toEqual([]);
    expect(aws.simulated.state.key(stolenKey)).toBe('Inactive');

    const stops = (await aws.calls('StopInstances', farAway)).map(idsOf);
    expect(stops.flat().sort(), `killed after ${delayMs} ms`).toEqual([...miners].sort());
    expect(await aws.calls('UpdateAccessKey')).toHaveLength(1);
    expect(await aws.calls('PutUserPolicy')).toHaveLength(1);
    expect(slack.messages.filter((message) => !message.thread && /INC-/.test(slackText(message)))).toHaveLength(1);
    // Slack knows no key against doubles, so what is posted in the thread may come twice, but never not at all.
    await until('the thread says so', () => slack.messages.find((message) => message.thread && /Done by Ada/.test(slackText(message))));

    bot.child.kill('SIGTERM');
    expect((await bot.ended).code).toBe(0);
    expect((await finished(['audit', 'verify', '--json'], { env })).out).toMatch(/"ok":true/);
  } finally {
    bot.child.kill('SIGKILL');
    await slack.stop();
    await aws.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function idsOf(record: Record<string, unknown>): string[] {
  const { requestParameters } = record as { requestParameters?: { instancesSet?: { items?: { instanceId: string }[] } } };
  return requestParameters?.instancesSet?.items?.map((item) => item.instanceId) ?? [];
}
