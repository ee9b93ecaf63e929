/** A small bot that tells the story of one stolen key as the real one would, so that the page can be seen and pressed without a cloud. */
import { Resvg } from '@resvg/resvg-js';
import type { Button, Form, Message, MessageRef } from '../../../src/bot/message.ts';
import type { Chat, ChatHandlers, Press } from '../../../src/bot/ports.ts';

export type FakeBot = ChatHandlers & {
  presses: Press[];
  commands: string[];
  /** Posts the digest, the alert, and further news, on that console. */
  digest(): Promise<MessageRef>;
  alert(): Promise<MessageRef>;
  grow(machines: number): Promise<void>;
  stranger(): Promise<MessageRef>;
};

export function createFakeBot(chat: () => Chat): FakeBot {
  let card: MessageRef | undefined;
  let question: MessageRef | undefined;
  let machines = 14;
  const bot: FakeBot = {
    presses: [],
    commands: [],
    form: async (button) => (button === expected.id ? expectedForm : undefined),
    async press(press) {
      bot.presses.push(press);
      switch (press.button) {
        case contain.id:
          question = await chat().post(questionCard(machines), { under: card!, mention: 'responders' });
          return undefined;
        case approve.id:
          await chat().update(question!, answered);
          await chat().post(said('Approved by Ada at 14:08 UTC. 1 of 1 needed.'), { under: card! });
          await chat().post(result, { under: card! });
          await chat().update(card!, containedCard);
          return undefined;
        case decline.id:
          return said('Nothing was done. The question stays open until 14:24 UTC.');
        case expected.id:
          return said(`Noted: expected for ${press.values?.days} days, up to $${press.values?.cap} an hour.`);
        case details.id:
          return detailsCard;
        default:
          return said('Only admins may approve this, and you are not one here. Admins: Ada.');
      }
    },
    async command(command) {
      bot.commands.push(command.text);
      return command.text === 'help' || command.text === '' ? help : status;
    },
    digest: () => chat().post(digestCard()),
    async alert() {
      card = await chat().post(alertCard(machines), { mention: 'responders' });
      return card;
    },
    async grow(to) {
      machines = to;
      await chat().update(card!, alertCard(machines));
    },
    stranger: () => chat().post(lowCard),
  };
  return bot;
}

const button = (id: string, label: string, style: Button['style'] = 'plain', form?: Form): Button => ({
  id,
  label,
  style,
  ...(form ? { form } : {}),
});
const said = (text: string): Message => ({ summary: text, parts: [{ kind: 'text', text }] });

const expectedForm: Form = {
  title: 'This is expected',
  submit: 'Keep quiet about it',
  fields: [
    {
      id: 'cap',
      label: 'Up to how many dollars an hour?',
      kind: 'number',
      min: 1,
      max: 500,
      initial: 80,
      hint: 'Above this it is reported again.',
    },
    { id: 'days', label: 'For how many days?', kind: 'number', min: 1, max: 30, initial: 7 },
    {
      id: 'who',
      label: 'For whom?',
      kind: 'choice',
      initial: 'user',
      options: [
        { value: 'user', label: 'ci-deploy only' },
        { value: 'account', label: 'everybody in production' },
      ],
    },
    { id: 'why', label: 'Why is it expected?', kind: 'text', most: 200, optional: true },
  ],
};
const contain = button('contain-7Yq2', 'Contain everything  −$79/h', 'danger');
const stop = button('stop-M0k1', 'Stop 14 instances', 'plain');
const revoke = button('revoke-p3Xz', 'Revoke the key');
const take = button('take-8sAa', 'I am on it');
const expected = button('expected-1Qw', 'This is expected …', 'plain', expectedForm);
const details = button('details-4Rt', 'Details');
const approve = button('approve-0Zx', 'Contain', 'danger');
const decline = button('decline-5Bn', 'Not now');
const undo = button('undo-9Lk', 'Undo …');

function alertCard(machines: number): Message {
  const usd = ((79.41 / 14) * machines).toFixed(2);
  return {
    summary: `CRITICAL $${Math.round(Number(usd))}/h: stolen key starts miners in 3 regions (production)`,
    severity: 'critical',
    parts: [
      {
        kind: 'header',
        severity: 'critical',
        text: 'Miners are being started with a stolen key',
        aside: ['INC-42 · ', { time: '2026-11-23T14:02:00.000Z', as: 'ago' }],
      },
      {
        kind: 'facts',
        rows: [
          {
            label: 'Who',
            lines: [['user ', { bold: 'ci-deploy' }, ' · key ', { code: 'AKIA…X7QX' }, ', 412 days old, not used for 3 months']],
          },
          { label: 'From', lines: [[{ code: '203.0.113.9' }, ' · a hosting network in NL this user has never come from']] },
          {
            label: 'What',
            lines: [
              [{ bold: `${machines} × g5.12xlarge` }, ' running in 3 regions never used before'],
              '2 Auto Scaling groups that may grow to 999 · a new administrator "user-x1x2"',
            ],
          },
          {
            label: 'Costs',
            lines: [
              [
                { bold: `$${usd} an hour` },
                ' at list price since ',
                { time: '2026-11-23T14:02:00.000Z', as: 'clock' },
                ' · $4 so far · about $1,500 by 09:00 Berlin if nobody acts',
              ],
            ],
          },
          { label: 'Looked', lines: ['17 of 17 regions, 14 s ago · events 4 min behind · GuardDuty is off in 3 regions'] },
        ],
      },
      { kind: 'buttons', buttons: [contain, stop, revoke] },
      { kind: 'buttons', buttons: [take, expected, details] },
    ],
  };
}

function questionCard(machines: number): Message {
  return {
    summary: 'Contain INC-42 in production? Waits for an admin until 14:24 UTC.',
    severity: 'critical',
    parts: [
      { kind: 'header', text: 'Contain INC-42 in account 1234-5678-9012 (production)?' },
      {
        kind: 'list',
        ordered: true,
        items: [
          [{ bold: 'Deactivate 2 access keys' }, ' of ci-deploy, deny everything to ci-deploy and user-x1x2 · undo: yes'],
          [{ bold: 'Set 2 Auto Scaling groups to 0' }, ' and suspend launching · undo: yes, sizes kept'],
          [{ bold: `Stop ${machines} instances` }, ' in us-west-2, ap-south-1, sa-east-1 · undo: start again; memory is lost'],
          [{ bold: 'Turn CloudTrail "main" back on' }, ' · undo: yes'],
        ],
      },
      {
        kind: 'text',
        text: [
          'Also: whatever ci-deploy or user-x1x2 start until ',
          { time: '2026-11-23T14:54:00.000Z', as: 'clock' },
          ', at most 200 resources.',
        ],
      },
      {
        kind: 'text',
        text: [
          'Not touched: 9 instances that ran before 14:02. Included although tagged "keep": ',
          { code: 'i-0abc' },
          ', tagged at 14:05 by user-x1x2.',
        ],
      },
      {
        kind: 'text',
        quiet: true,
        text: [
          'Saves $79.41 an hour. This plan is valid until ',
          { time: '2026-11-23T14:24:00.000Z', as: 'clock' },
          '. You act as Ada (admin); it will be in the audit log and in CloudTrail.',
        ],
      },
      { kind: 'buttons', buttons: [approve, decline] },
    ],
  };
}

const answered: Message = {
  summary: 'Approved by Ada',
  parts: [
    {
      kind: 'text',
      text: [{ bold: 'Contain INC-42' }, ' · approved by Ada, ', { time: '2026-11-23T14:08:00.000Z', as: 'clock' }],
      quiet: true,
    },
  ],
};

const result: Message = {
  summary: 'Contained by Ada 7 minutes after it began',
  parts: [
    { kind: 'header', text: '▣ Contained by Ada, 7 minutes after it began' },
    {
      kind: 'list',
      items: [
        '2 access keys deactivated, ci-deploy and user-x1x2 denied',
        '2 Auto Scaling groups at 0',
        '13 of 14 instances stopped',
        [{ code: 'i-0abc' }, ': stop protection could not be removed: not allowed; ask for ', { code: 'ec2:ModifyInstanceAttribute' }],
      ],
    },
    { kind: 'text', quiet: true, text: 'Looking again at 14:10, 14:14, 14:24, 14:39.' },
    { kind: 'buttons', buttons: [undo] },
  ],
};

const containedCard: Message = {
  summary: 'Contained by Ada: stolen key, production',
  severity: 'info',
  parts: [
    { kind: 'header', severity: 'info', text: '▣ Contained: miners started with a stolen key', aside: 'INC-42' },
    {
      kind: 'facts',
      rows: [
        { label: 'Who', lines: [['user ', { bold: 'ci-deploy' }, ' · key ', { code: 'AKIA…X7QX' }]] },
        { label: 'Cost', lines: ['$9.26 in 7 minutes'] },
      ],
    },
    { kind: 'text', text: '14 × g5.12xlarge running in 3 regions', struck: true },
    { kind: 'buttons', buttons: [undo, details] },
  ],
};

const lowCard: Message = {
  summary: 'LOW: key of "jenkins" is 400 days old',
  severity: 'low',
  parts: [
    { kind: 'header', severity: 'low', text: 'An access key is 400 days old', aside: 'INC-41' },
    {
      kind: 'text',
      text: ['The key ', { code: 'AKIA…9QRS' }, ' of ', { bold: 'jenkins' }, ' works from anywhere. Nothing needs to be done tonight.'],
    },
    { kind: 'buttons', buttons: [details] },
  ],
};

const detailsCard: Message = {
  summary: 'Details of INC-42',
  parts: [
    { kind: 'header', text: 'INC-42 in detail' },
    {
      kind: 'list',
      items: [['i-0a1b2c3d4e5f60718 · us-west-2 · g5.12xlarge'], ['i-0f9e8d7c6b5a49382 · ap-south-1 · g5.12xlarge']],
      more: 12,
    },
  ],
};

const help: Message = {
  summary: 'What you can ask',
  parts: [
    {
      kind: 'facts',
      rows: [
        { label: 'status', lines: ['what is going on, what I can see'] },
        { label: 'digest', lines: ["today's digest, now"] },
        { label: 'incidents', lines: ['open and recent stories'] },
        { label: 'whoami', lines: ['what you may do'] },
      ],
    },
  ],
};
const status: Message = {
  summary: 'One open incident',
  parts: [{ kind: 'text', text: [{ bold: '1 open incident.' }, ' I see 17 of 17 regions, events 4 min behind.'] }],
};

function digestCard(): Message {
  return {
    summary: 'Yesterday $143.20, a usual Sunday. November heading for $4,480.',
    parts: [
      { kind: 'header', text: '◼ Monday 23 November · production, staging', aside: 'data up to 06:00 UTC' },
      {
        kind: 'facts',
        rows: [
          { label: 'Yesterday', lines: [[{ bold: '$143.20' }, ' · a usual Sunday here: $131 (+9 %)']] },
          { label: 'November', lines: [[{ bold: '$3,412' }, ' · if it goes on like this: $4,480 (±$120) · October was $4,391']] },
          { label: 'Moved', lines: ['+ $18.40 NAT gateway, eu-west-1 (staging)', '− $6.10 S3'] },
        ],
      },
      {
        kind: 'image',
        name: 'spend.png',
        png: chart(),
        alt: 'Spend of the last 30 days by service: about $130 a day, weekends a little lower, nothing unusual.',
      },
      {
        kind: 'text',
        quiet: true,
        text: 'I see 17 of 17 regions · events 4 min behind · GuardDuty off in 3 · this bot cost $0.06 yesterday · audit 3fa91c02',
      },
    ],
  };
}

function chart(): Uint8Array {
  const bars = Array.from({ length: 30 }, (_, day) => {
    const weekend = day % 7 > 4 ? 0.75 : 1;
    const heights = [70, 34, 20].map((height, service) => Math.round(height * weekend * (1 + ((day * 7 + service * 3) % 5) / 20)));
    let top = 180;
    return heights
      .map((height, service) => {
        top -= height;
        return `<rect x="${20 + day * 26}" y="${top}" width="18" height="${height}" fill="${['#2c6e9b', '#5aa6a0', '#d9a441'][service]}"/>`;
      })
      .join('');
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="820" height="200"><rect width="820" height="200" fill="#ffffff"/>${bars.join('')}<line x1="12" x2="808" y1="181" y2="181" stroke="#8793a3"/></svg>`;
  return new Resvg(svg, { font: { loadSystemFonts: false } }).render().asPng();
}
