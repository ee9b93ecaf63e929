/** Reading and pressing what people would see in the stand-ins' rooms. */
import type { DiscordMessage, DiscordStandIn } from '../support/discord-stand-in.ts';
import { wordsOf as discordWords } from '../support/discord-stand-in.ts';
import { type SlackMessage, type SlackStandIn, wordsOf } from '../support/slack-stand-in.ts';
import { until } from './program.ts';

export const people = {
  ada: { name: 'Ada', role: 'admin', slack: 'T0TEAM/U0ADA', discord: '600000000000000001' },
  grace: { name: 'Grace', role: 'responder', slack: 'T0TEAM/U0GRACE' },
};

type Button = { action_id: string; text: { text: string } };

export const slackText = (message: Pick<SlackMessage, 'text' | 'blocks'>): string =>
  `${message.text}\n${wordsOf(message.blocks).join('\n')}`;
const slackButtons = (message: SlackMessage): Button[] =>
  message.blocks.filter((block) => block.type === 'actions').flatMap((block) => block.elements as Button[]);
export const slackButton = (message: SlackMessage | undefined, label: RegExp): Button | undefined =>
  message && slackButtons(message).find((button) => label.test(button.text.text));

export const slackCard = (slack: SlackStandIn): SlackMessage | undefined =>
  slack.messages.find((message) => !message.thread && /INC-\d/.test(slackText(message)));
export const slackQuestion = (slack: SlackStandIn): SlackMessage | undefined =>
  slack.messages.find((message) => message.thread && slackButton(message, /Not now/));

export async function pressSlack(slack: SlackStandIn, message: SlackMessage | undefined, label: RegExp, user: string): Promise<void> {
  const button = slackButton(message, label);
  if (!message || !button) throw new Error(`there is no button ${label}`);
  // On a busy machine the line may just be being opened anew.
  await until('the line is open', () => slack.connections() > 0);
  await slack.press({ message, button: button.action_id, user });
}

export const discordText = (message: DiscordMessage): string => discordWords(message.body).join('\n');
export const discordCard = (discord: DiscordStandIn): DiscordMessage | undefined =>
  discord.messages.find((message) => !message.inThread && /INC-\d/.test(discordText(message)));
