import { setTimeout as wait } from 'node:timers/promises';
import { startMiners } from './support/attack.ts';
import { type Figure, type Measure, median, slowest } from './support/figure.ts';
import { ada, openWorld, until } from './support/live.ts';

const presses = 30;

export const measure: Measure = {
  about:
    'A press of *Details* on the card of a running attack: on Slack from the envelope on the socket to its acknowledgement on the socket, on Discord from the interaction on the gateway to the callback over HTTP. The bot runs in its own process.',
  async run() {
    const world = await openWorld({ isPastRead: true });
    try {
      await startMiners(world.simulated);
      const { slack, discord } = world;
      await world.start();
      await until(() => buttonOf(slack.messages) !== undefined && discordButtonOf(discord.messages) !== undefined);
      const onSlack = buttonOf(slack.messages)!;
      const onDiscord = discordButtonOf(discord.messages)!;
      return [
        ...figures('Slack', await timed(() => slack.press({ message: onSlack.message, button: onSlack.button, user: ada.slack }))),
        ...figures(
          'Discord',
          await timed(() => discord.press({ message: onDiscord.message, button: onDiscord.button, user: ada.discord })),
        ),
      ];
    } finally {
      await world.close();
    }
  },
};

const figures = (platform: string, ms: number[]): Figure[] => [
  { what: `${platform}: acknowledged, slowest of ${presses}`, value: slowest(ms), unit: 'ms', atMost: 200 },
  { what: `${platform}: acknowledged, middle`, value: median(ms), unit: 'ms', note: `the first ${(ms[0] ?? 0).toFixed(0)} ms` },
];

async function timed(press: () => Promise<unknown>): Promise<number[]> {
  const ms: number[] = [];
  for (let n = 0; n < presses; n += 1) {
    const began = performance.now();
    await press();
    ms.push(performance.now() - began);
    await wait(20);
  }
  return ms;
}

type Loose = Record<string, unknown>;

/** The last button of the first card that has any: *Details* stands last. */
function buttonOf(messages: { ts: string; channel: string; blocks: Loose[] }[]) {
  for (const message of messages)
    for (const block of message.blocks) {
      const button = block.type === 'actions' ? (block.elements as Loose[]).at(-1)?.action_id : undefined;
      if (typeof button === 'string') return { message, button };
    }
  return undefined;
}

function discordButtonOf(messages: { id: string; channel: string; body: Loose }[]) {
  for (const message of messages) {
    const button = ((message.body.components ?? []) as { components: Loose[] }[]).at(-1)?.components.at(-1)?.custom_id;
    if (typeof button === 'string') return { message, button };
  }
  return undefined;
}
