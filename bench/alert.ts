import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startMiners } from './support/attack.ts';
import { type Measure, median } from './support/figure.ts';
import { openWorld, until } from './support/live.ts';

const runs = 2;

export const measure: Measure = {
  about:
    'From the moment the answer that holds the attacker’s machines has left AWS’s stand-in to the moment the card arrives at Slack: reading it, keeping it, checking it, opening the story, saving it, drawing and posting. The time until the bot asks (the poll interval) is not in it. The bot has just been started again, so everything runs for the first time.',
  async run() {
    const ms: number[] = [];
    for (let n = 0; n < runs; n += 1) ms.push(await once());
    return [{ what: `readable to posted (middle of ${runs})`, value: median(ms) / 1000, unit: 's', atMost: 2 }];
  },
};

async function once(): Promise<number> {
  const world = await openWorld({ isPastRead: true });
  const door = await listenIn(world.simulated.endpoint);
  try {
    const { slack } = world;
    const first = await world.start({ endpoint: door.endpoint });
    await first.ready();
    await first.stop();
    const before = slack.messages.length;
    const [machine = ''] = await startMiners(world.simulated);
    const readable = door.saw(machine);
    await world.start({ endpoint: door.endpoint });
    await until(() => slack.messages.length > before);
    const posted = performance.now();
    return posted - (await readable);
  } finally {
    await world.close();
    await door.close();
  }
}

/** A door before another that hands everything on and notes when an answer with a certain text has left. */
async function listenIn(endpoint: string) {
  const waiting: { text: string; tell: (at: number) => void }[] = [];
  const server = createServer((asked, answer) => {
    const onward = request(endpoint + (asked.url ?? '/'), { method: asked.method, headers: asked.headers }, (answered) => {
      const chunks: Buffer[] = [];
      answered.on('data', (chunk: Buffer) => chunks.push(chunk));
      answered.on('end', () => {
        const body = Buffer.concat(chunks);
        answer.writeHead(answered.statusCode ?? 500, answered.headers);
        answer.end(body, () => {
          const at = performance.now();
          for (const one of waiting.splice(0)) {
            if (body.includes(one.text)) one.tell(at);
            else waiting.push(one);
          }
        });
      });
    });
    onward.on('error', () => answer.destroy());
    asked.pipe(onward);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Resolves to the time (performance.now()) at which the first answer with that text had left. */
    saw: (text: string) => new Promise<number>((tell) => waiting.push({ text, tell })),
    close: () =>
      new Promise<void>((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
