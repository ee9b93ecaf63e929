import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, expect, it } from 'vitest';
import { discordStandIn } from '../support/discord-stand-in.ts';
import { slackStandIn } from '../support/slack-stand-in.ts';
import { account, farAway, guarded, stolenKey, usualKey } from './guarded.ts';
import { configured, finished, freePort, run, until } from './program.ts';
import { discordCard, discordText, people, pressSlack, slackButton, slackCard, slackQuestion, slackText } from './room.ts';

const open: { stop(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.stop();
});

it('sees what ran before it was started, asks, stops, revokes and tells the truth, on Slack and Discord at once', async () => {
  const aws = await guarded();
  const slack = await slackStandIn();
  const discord = await discordStandIn();
  open.push(aws, slack, discord);
  const miners = await aws.launch(farAway, 'g5.12xlarge', 3);
  const [harmless = ''] = await aws.launch('eu-central-1', 't3.micro', 1, usualKey);
  const ops = await freePort();
  const { folder, file } = configured({
    people,
    accounts: [{ cloud: 'aws', account, name: 'production' }],
    chat: {
      slack: { botToken: slack.botToken, appToken: slack.appToken, room: slack.room },
      discord: { token: discord.token, guild: discord.guild, room: discord.room },
    },
    ops: { listen: `127.0.0.1:${ops}` },
  });
  const env = { ...aws.env, CLOUDWARDEN_CONFIG: file, SLACK_API_URL: slack.apiUrl, DISCORD_API_URL: discord.apiUrl };
  const bot = run(['start'], { env });
  open.push({ stop: async () => bot.child.kill('SIGKILL') });
  await bot.said('started');

  // The alert: an absolute fact keeps its severity although nothing has been learnt yet.
  const card = await until('the card names who', () => {
    const found = slackCard(slack);
    return found && slackButton(found, /^Revoke/) ? found : undefined;
  });
  expect(slackText(card)).toMatch(/CRITICAL[\s\S]*GPU machines[\s\S]*never used/);
  expect(slackText(card)).toMatch(/ci-deploy/);
  expect(discordText(await until('the card on Discord', () => discordCard(discord)))).toMatch(/GPU machines/);
  expect(slack.messages.filter((message) => !message.thread && /INC-/.test(slackText(message)))).toHaveLength(1);

  // A stranger, then somebody who may ask but not approve.
  await pressSlack(slack, card, /^Contain/, 'U0STRANGER');
  await until('the stranger is told', () => slack.whispers.find((whisper) => whisper.user === 'U0STRANGER'));
  expect(slackQuestion(slack)).toBeUndefined();
  await pressSlack(slack, card, /^Contain/, 'U0GRACE');
  const question = await until('the question', () => slackQuestion(slack));
  await pressSlack(slack, question, /^Contain/, 'U0GRACE');
  await until('Grace is told', () => slack.whispers.find((whisper) => whisper.user === 'U0GRACE'));
  expect(await aws.calls('StopInstances', farAway)).toEqual([]);

  await pressSlack(slack, question, /^Contain/, 'U0ADA');
  await until('the result', () => slack.messages.find((message) => message.thread && /Done by Ada/.test(slackText(message))), 30_000);

  expect(miners.map((id) => aws.stateOf(id))).toEqual(['stopping', 'stopping', 'stopping']);
  expect(aws.simulated.state.key(stolenKey)).toBe('Inactive');
  expect(aws.stateOf(harmless)).toBe('running');
  await until('the card says so', () => /Stopped 3 of 3 instances/.test(slackText(card)));
  await until('and on Discord', () => /Stopped 3 of 3 instances/.test(discordText(discordCard(discord)!)));
  const told = slack.messages.length;
  await pressSlack(slack, question, /Contain/, 'U0ADA').catch(() => undefined);

  // The digest on demand says where the endpoints point.
  await slack.command({ text: 'digest', user: 'U0ADA' });
  const digest = await until('the digest', () => slack.whispers.find((whisper) => /AWS_ENDPOINT_URL/.test(slackText(whisper))));
  expect(slackText(digest)).toMatch(/INC-1/);
  expect(slack.messages).toHaveLength(told);

  const ready = await fetch(`http://127.0.0.1:${ops}/readyz`);
  expect(ready.status).toBe(200);
  bot.child.kill('SIGTERM');
  expect(await bot.ended).toEqual({ code: 0, signal: null });
  expect(bot.lines.filter((line) => line.level === 'error')).toEqual([]);

  // Every write stands in the audit before the cloud has it, and the chain holds.
  const stops = await aws.calls('StopInstances', farAway);
  const cuts = [...(await aws.calls('UpdateAccessKey')), ...(await aws.calls('PutUserPolicy'))];
  expect(stops).toHaveLength(3);
  expect(cuts).toHaveLength(2);
  const rows = auditOf(folder);
  for (const write of [...stops, ...cuts]) {
    const before = rows.filter((row) => row.what === 'about to act' && row.at.slice(0, 19) <= String(write.eventTime).slice(0, 19));
    expect(before.length).toBeGreaterThan(0);
  }
  expect(rows.map((row) => row.what)).toEqual(
    expect.arrayContaining(['started', 'refused', 'asked to contain', 'approved', 'about to act', 'acted']),
  );
  expect((await finished(['audit', 'verify', '--json'], { env })).out).toMatch(/"ok":true/);
});

it('stays quiet about an ordinary machine in an account it has never seen before', async () => {
  const aws = await guarded();
  const slack = await slackStandIn();
  open.push(aws, slack);
  await aws.launch('eu-central-1', 't3.micro', 2, usualKey);
  const ops = await freePort();
  const { file } = configured({
    people,
    accounts: [{ cloud: 'aws', account, name: 'production' }],
    chat: { slack: { botToken: slack.botToken, appToken: slack.appToken, room: slack.room } },
    ops: { listen: `127.0.0.1:${ops}` },
  });
  const bot = run(['start'], { env: { ...aws.env, CLOUDWARDEN_CONFIG: file, SLACK_API_URL: slack.apiUrl } });
  open.push({ stop: async () => bot.child.kill('SIGKILL') });
  await bot.said('started');

  const first = await until(
    'the first reading is done',
    () => slack.messages.find((message) => /First reading done/.test(message.text)),
    90_000,
  );

  expect(slackText(first)).toMatch(/nothing in 90 days would have been an alarm/);
  expect(slackCard(slack)).toBeUndefined();
  expect((await fetch(`http://127.0.0.1:${ops}/readyz`)).status).toBe(200);
});

function auditOf(folder: string): { at: string; what: string; data: Record<string, unknown> }[] {
  const db = new DatabaseSync(join(folder, 'data', 'cloudwarden.db'), { readOnly: true });
  const rows = db.prepare('select * from audit order by number').all() as { at: string; what: string; data: string }[];
  db.close();
  return rows.map((row) => ({ ...row, data: JSON.parse(row.data) as Record<string, unknown> }));
}
