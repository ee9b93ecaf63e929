import { beforeEach, describe, expect, it } from 'vitest';
import type { Message } from '../../src/bot/message.ts';
import { asPlainText } from '../../src/bot/plain.ts';
import { asObservations, cost, costsDaily } from '../support/costs.ts';
import { ada, grace, openWorld, type World } from '../support/living-bot.ts';
import { scope } from '../support/stories.ts';

let world: World;
let asked = 0;

const ask = async (text: string, by = ada): Promise<string> => {
  asked += 1;
  const answer = await world.bot.command({ id: `command-${asked}`, text, by, room: 'alerts' });
  return asPlainText(answer as Message, world.clock.now());
};
const isWeekend = (day: string) => [0, 6].includes(new Date(`${day}T00:00:00Z`).getUTCDay());

/** Eight weeks of two services, of which one moved region, up to Monday 2 November; it is Tuesday noon. */
async function billed(): Promise<void> {
  const heard = world.clock.now();
  const rows = [
    ...costsDaily((day) => (isWeekend(day) ? 60 : 100), '2026-09-07', '2026-11-02'),
    ...costsDaily(10, '2026-09-07', '2026-11-02', { service: 'Amazon S3', region: 'eu-west-1' }),
    ...costsDaily(50, '2026-11-01', '2026-11-02', { region: 'ap-south-1' }),
    cost({ day: '2026-11-03', amount: 12, provisional: true }),
    cost({ day: '2026-10-01', amount: 29, charge: 'fee', service: 'Support', region: 'global' }),
  ];
  await world.store.keep(
    { name: 'aws/costs', scope },
    {
      observations: [
        ...asObservations(rows, heard),
        {
          ...{
            kind: 'look.finished',
            id: 'look costs',
            at: heard,
            heard,
            by: 'aws/costs',
            place: { scope, region: 'global' },
            evidence: [],
          },
          ...{ source: 'aws/costs', noun: 'payers', of: 1, seen: 1, upTo: heard, complete: true },
        },
      ],
      raw: {},
      cursors: {},
    },
  );
}

beforeEach(async () => {
  world = await openWorld();
});

describe('/warden spend', () => {
  it('is yesterday by service, against a usual day', async () => {
    await billed();

    expect(await ask('spend')).toMatchInlineSnapshot(`
      "◼  Spend yesterday by service   Monday 2 November, UTC · costs read 0 s ago
      Used        $160 · a usual Monday here: $110 (+45 %)
      By service  $150  Amazon EC2, +$50.00 against usual
                  $10.00  Amazon S3"
    `);
  });

  it('is any of the other times by anything there is', async () => {
    await billed();

    expect(await ask('spend today region')).toMatchInlineSnapshot(`
      "◼  Spend today by region   Tuesday 3 November, UTC · costs read 0 s ago
      Used       $12.00 so far · a whole usual Tuesday: $110
      By region  $12.00  us-east-1
      3 November is provisional and may still grow."
    `);
    expect(await ask('spend region 7d')).toMatchInlineSnapshot(`
      "◼  Spend of the last 7 days by region   27 October – 2 November, UTC · costs read 0 s ago
      Used       $790 · the 7 days before: $690 (+14 %)
      By region  $620  us-east-1, as before
                 $100  ap-south-1, nothing before
                 $70.00  eu-west-1, as before"
    `);
    expect(await ask('spend mtd account')).toMatchInlineSnapshot(`
      "◼  Spend of this month so far by account   1 November – 3 November, UTC · costs read 0 s ago
      Used        $292 · October up to that day: $290 (+1 %)
      By account  $292  production, +$2.00
      3 November is provisional and may still grow."
    `);
    expect(await ask('spend 30d')).toMatchInlineSnapshot(`
      "◼  Spend of the last 30 days by service   4 October – 2 November, UTC · costs read 0 s ago
      Used        $3,040 · nothing to compare with: data begin on 7 September
      By service  $2,740  Amazon EC2
                  $300  Amazon S3"
    `);
  });

  it('says what is possible when it is not understood', async () => {
    await billed();

    expect(await ask('spend tomorrow')).toMatchInlineSnapshot(`
      "I do not know “tomorrow”.
      Say when: today, yesterday, 7d, mtd, 30d; and by what: service, region, account, team. For example /warden spend 7d region. Without anything it is yesterday by service."
    `);
    expect(await ask('spend 7d 30d service')).toContain('That is too much at once.');
    expect(await ask('spend team')).toContain('No cost here carries a team.');
  });

  it('says why nothing is known, and what helps', async () => {
    expect(await ask('spend')).toMatchInlineSnapshot(`
      "Costs are not known: no cost data has been read yet.
       -  nothing, where the bot has just begun; otherwise see accounts → costExplorer, and “bin/cloudwarden doctor”"
    `);
  });
});

describe('/warden forecast', () => {
  it('says where the month is heading, from what, and both ways where something is unusual', async () => {
    await billed();

    expect(await ask('forecast')).toMatchInlineSnapshot(`
      "◼  Where November is heading   data up to 2 November · costs read 0 s ago
      November  $280 so far · if it goes on like this: $3,069 (±$89.41) · October was $3,079
                from 42 days of history, $29.00 of fees and tax still to come as last month, 28 days left
      The band holds in four of five months, as long as nothing new begins. Credits are counted in, budgets are before credits."
    `);
  });
});

describe('/warden budget', () => {
  it('is set by an admin, with who and when, shown to everybody, and written to the audit first', async () => {
    await billed();

    expect(await ask('budget')).toMatchInlineSnapshot(`
      "No budget is set.
      Admins set one a month with /warden budget set production 500 or /warden budget set team NAME 500 EUR, and end it with /warden budget end NAME. Accounts: production."
    `);
    expect(await ask('budget set production 3000', grace)).toContain('Only admins');
    expect(await ask('budget set production $3,000')).toMatchInlineSnapshot(
      `"Set. production: $280 of $3,000 (9 %), heading for $3,069 (±$89.41), passed on 30 November if it goes on like this"`,
    );
    expect(await ask('budget', grace)).toMatchInlineSnapshot(`
      "1 budget for November, before credits, up to 2 November:
       -  production: $280 of $3,000 (9 %), heading for $3,069 (±$89.41), passed on 30 November if it goes on like this · set by Ada on 3 November
      Admins set one a month with /warden budget set production 500 or /warden budget set team NAME 500 EUR, and end it with /warden budget end NAME. Accounts: production."
    `);
    expect((await world.store.auditRows({ most: 5 })).filter(({ what }) => what === 'set a budget')).toMatchObject([
      { who: 'ada', data: { of: { account: scope.id }, monthly: 3000, currency: 'USD', before: null } },
    ]);
  });

  it('takes the place of the earlier one, survives a restart, and can be ended', async () => {
    await billed();
    await ask('budget set production 3000');
    await ask('budget set team payments 900 EUR');
    await ask('budget set production 100');
    await world.restart();

    expect(await ask('budget')).toMatchInlineSnapshot(`
      "2 budgets for November, before credits, up to 2 November:
       -  production: $280 of $100 (280 %), heading for $3,069 (±$89.41), passed on 1 November · set by Ada on 3 November
       -  team payments: nothing is billed to it so far, of €900 a month · set by Ada on 3 November
      Admins set one a month with /warden budget set production 500 or /warden budget set team NAME 500 EUR, and end it with /warden budget end NAME. Accounts: production."
    `);
    expect(await ask('budget end team payments')).toBe('Ended: team payments has no budget any more.');
    expect(await ask('budget end team payments')).toContain('No budget is set for team payments. Nothing was changed.');
    expect(await ask('budget')).not.toContain('payments');
  });

  it.each([
    'budget set',
    'budget set nobody 5',
    'budget set production -4',
    'budget end',
    'budget raise production 5',
    'budget set production 0',
  ])('changes nothing on “%s” and says what is possible', async (typed) => {
    const said = await ask(typed);

    expect(said).toMatch(/othing was changed/);
    expect(said).toContain('/warden budget set');
    expect(await ask('budget')).toContain('No budget is set.');
  });
});

describe('/warden expect spend', () => {
  it('is declared with scope, cap, end and who, and listed', async () => {
    await billed();

    expect(await ask('expect spend of ec2 in ap-south-1 for 7d up to $200/day')).toMatchInlineSnapshot(
      `"Set down as fa16a3: declared, up to $200 a day more than usual for Amazon EC2 in ap-south-1 in account 123456789012 until 2026-11-10 12:00 UTC, said by Ada. What costs more than that, or lies elsewhere, is told."`,
    );
    expect(await ask('expected')).toContain('declared, up to $200 a day more than usual for Amazon EC2 in ap-south-1');
    expect(await world.store.expectations(world.clock.now())).toMatchObject([
      {
        check: 'spend',
        region: 'ap-south-1',
        scope,
        by: 'ada',
        until: '2026-11-10T12:00:00.000Z',
        money: { capPerDay: 200, currency: 'USD', service: 'Amazon EC2' },
      },
    ]);
    expect((await world.store.auditRows({ most: 5 })).map(({ what }) => what)).toContain('declared money as expected');
  });

  it('says when nothing of that name was ever billed', async () => {
    await billed();

    expect(await ask('expect spend of Amazon Bedrock in eu-west-3 for 2 weeks up to 50 a day')).toMatchInlineSnapshot(
      `"Set down as 7438c2: declared, up to $50.00 a day more than usual for Amazon Bedrock in eu-west-3 in account 123456789012 until 2026-11-17 12:00 UTC, said by Ada. What costs more than that, or lies elsewhere, is told. Nothing of that name was billed in the last 60 days: the name must be as the bill will write it. Nothing was billed in eu-west-3 in the last 60 days."`,
    );
  });

  it.each([
    'expect spend up to $5',
    'expect spend in * for 7d up to $5/day',
    'expect spend for 400d up to $5/day',
    'expect spend of amazon for 7d up to $5/day',
    'expect spend on somewhere for 7d up to $5/day',
    'expect spend from 2026-19-90 for 7d up to $5/day',
    'expect spend for 7d up to $0/day',
  ])('changes nothing on “%s” and says what is possible', async (typed) => {
    await billed();

    const said = await ask(typed);

    expect(said).toContain('othing was changed');
    expect(said).toContain('expect spend [of SERVICE]');
    expect(await world.store.expectations(world.clock.now())).toEqual([]);
  });

  it('is for admins', async () => {
    expect(await ask('expect spend for 7d up to $5/day', grace)).toContain('Only admins');
  });
});

describe('help', () => {
  it('names the commands about money', async () => {
    const said = await ask('help');

    expect(said).toContain('/warden spend what was spent: spend [today|yesterday|7d|mtd|30d] [service|region|account|team]');
    expect(said).toContain('/warden forecast where the month is heading');
    expect(said).toContain('/warden budget budgets and how far they are used');
  });
});
