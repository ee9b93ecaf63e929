import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { checks } from '../src/checks/index.ts';
import { type Config, ConfigError, configJsonSchema, fingerprint, paramsOf, parseConfig, policyOf, readConfig } from '../src/config.ts';

const folder = mkdtempSync(join(tmpdir(), 'config-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

const environment = {
  EXTERNAL_ID: '0f1e2d3c4b5a69788796a5b4c3d2e1f0',
  SLACK_BOT_TOKEN: 'xoxb-not-a-real-token',
  SLACK_APP_TOKEN: 'xapp-not-a-real-token',
  DISCORD_TOKEN: 'not-a-real-discord-token',
  PAGE_URL: 'https://pager.example.com/hooks/not-a-real-key',
  HEARTBEAT_URL: 'https://beats.example.com/not-a-real-key',
};

/** What every operator writes, with nothing in quotes that YAML does not ask for. */
const skeleton = `
people:                       # one human, any number of chat accounts
  ada:   { name: Ada, role: admin, slack: T012AB3CD/U045EF6GH, discord: "112233445566778899" }
  grace: { name: Grace, role: responder, slack: T012AB3CD/U078IJ9KL }
accounts:
  - { cloud: aws, account: "123456789012", name: production, read: { role: arn:aws:iam::123456789012:role/CloudwardenRead, externalId: \${EXTERNAL_ID} }, act: { role: arn:aws:iam::123456789012:role/CloudwardenAct }, usualMonthly: 150 }
chat:
  slack:   { botToken: \${SLACK_BOT_TOKEN}, appToken: \${SLACK_APP_TOKEN}, room: C0123 }
  discord: { token: \${DISCORD_TOKEN}, guild: "223344556677889900", room: "334455667788990011" }
  console: { listen: 127.0.0.1:7373 }
digest:   { at: "09:00", zone: Europe/Berlin }
page:     { url: \${PAGE_URL}, after: 10m }          # a JSON webhook that wakes somebody
heartbeat: \${HEARTBEAT_URL}                          # pinged after each complete round of looks
findings: { file: findings.ndjson }                  # and/or url: for a SIEM
approval: { expires: 15m, twoPeopleAboveUsdPerHour: 50, mostResources: 500 }
actions: on                                          # off = the kill switch
`;
const smallest = `
accounts: [{ cloud: aws, account: "123456789012", name: production }]
chat: { console: {} }
`;
const parse = (text: string, variables: Record<string, string | undefined> = environment): Config =>
  parseConfig('my.yaml', text, variables);
/** The smallest configuration with this added. */
const parsePart = (part: string) => parse(`${smallest}${part}\n`);

function mistakes(text: string, variables: Record<string, string | undefined> = environment): string[] {
  try {
    parse(text, variables);
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes;
    throw error;
  }
  return [];
}
const mistakesOf = (part: string) => mistakes(`${smallest}${part}\n`);

describe('a configuration', () => {
  it('is read as the guide writes it, with nothing quoted that YAML does not ask for', () => {
    const config = parse(skeleton);

    expect(config).toMatchObject({
      people: {
        ada: { name: 'Ada', role: 'admin', slack: 'T012AB3CD/U045EF6GH', discord: '112233445566778899' },
        grace: { role: 'responder' },
      },
      accounts: [
        {
          account: '123456789012',
          read: { role: 'arn:aws:iam::123456789012:role/CloudwardenRead', externalId: environment.EXTERNAL_ID },
          act: { role: 'arn:aws:iam::123456789012:role/CloudwardenAct' },
          usualMonthly: 150,
        },
      ],
      chat: {
        slack: { botToken: environment.SLACK_BOT_TOKEN, appToken: environment.SLACK_APP_TOKEN, room: 'C0123' },
        discord: { token: environment.DISCORD_TOKEN, guild: '223344556677889900', room: '334455667788990011' },
        console: { listen: '127.0.0.1:7373' },
      },
      digest: { at: '09:00', zone: 'Europe/Berlin' },
      page: { url: environment.PAGE_URL, after: 600 },
      heartbeat: environment.HEARTBEAT_URL,
      findings: { file: 'findings.ndjson' },
      approval: { expires: 900, twoPeopleAboveUsdPerHour: 50, mostResources: 500 },
      actions: 'on',
    });
  });

  it('needs only an account and a chat; everything else has a default', () => {
    expect(parse(smallest)).toEqual({
      people: {},
      accounts: [{ cloud: 'aws', account: '123456789012', name: 'production' }],
      chat: { console: { listen: '127.0.0.1:7373' } },
      digest: { at: '09:00', zone: 'UTC', weekly: 'on', monthly: '2nd' },
      approval: { expires: 900, mostResources: 500 },
      actions: 'on',
      ops: { listen: '127.0.0.1:7374' },
      data: 'data',
      log: 'info',
    });
  });

  it.each([
    ['on', 'on'],
    ['off', 'off'],
    ['"off"', 'off'],
    ['true', 'on'],
    ['false', 'off'],
  ])('reads actions: %s as %s', (written, meant) => {
    expect(parsePart(`actions: ${written}`).actions).toBe(meant);
  });

  it.each([
    ['90s', 90],
    ['10m', 600],
    ['2h', 7200],
    ['1d', 86_400],
  ])('reads a time of %s as %i seconds', (written, meant) => {
    expect(parsePart(`approval: { expires: ${written} }`).approval.expires).toBe(meant);
  });

  it('may use anchors and merges for what several accounts share', () => {
    const config = parse(`
accounts:
  - &first { cloud: aws, account: "123456789012", name: production, usualMonthly: 150 }
  - { <<: *first, account: "210987654321", name: staging }
chat: { console: {} }`);

    expect(config.accounts.map(({ name, usualMonthly }) => [name, usualMonthly])).toEqual([
      ['production', 150],
      ['staging', 150],
    ]);
  });

  it('takes the settings of a check, and its defaults for the rest', () => {
    expect(parsePart('checks: { compute/vcpu-jump: { highFromVcpus: 96 } }').checks).toMatchObject({
      'compute/vcpu-jump': { highFromVcpus: 96, highTimes: 4 },
    });
  });
});

describe('secrets', () => {
  it.each(['a: b', 'a #b', '"quoted"', "it's", '{ x: 1 }', '- one', '${OTHER}', 'two\nlines', '*star', '!tag'])('may hold %j', (value) => {
    const config = parse('accounts: [{ cloud: aws, account: "123456789012", name: "${NAME}" }]\nchat: { console: {} }', { NAME: value });

    expect(config.accounts[0]?.name).toBe(value);
  });

  it('come from a file that <NAME>_FILE names, without its last line break', () => {
    const config = parse(skeleton, { ...environment, SLACK_BOT_TOKEN: '', SLACK_BOT_TOKEN_FILE: file('token', 'xoxb-from-a-file\n') });

    expect(config.chat.slack?.botToken).toBe('xoxb-from-a-file');
  });

  it('that are not there are named once each, with what to set', () => {
    const none = file('empty-token', '\n');

    expect(
      mistakes(skeleton, {
        ...environment,
        EXTERNAL_ID: undefined,
        SLACK_BOT_TOKEN: '',
        DISCORD_TOKEN: undefined,
        DISCORD_TOKEN_FILE: none,
      }),
    ).toEqual([
      'line 6, accounts.0.read.externalId: the variable EXTERNAL_ID is not set; set EXTERNAL_ID, or EXTERNAL_ID_FILE to a file that holds it',
      'line 8, chat.slack.botToken: the variable SLACK_BOT_TOKEN is empty; set SLACK_BOT_TOKEN, or SLACK_BOT_TOKEN_FILE to a file that holds it',
      'line 9, chat.discord.token: the file DISCORD_TOKEN_FILE names is empty',
    ]);
    expect(mistakes(skeleton, { ...environment, EXTERNAL_ID: undefined, EXTERNAL_ID_FILE: join(folder, 'nowhere') })).toEqual([
      'line 6, accounts.0.read.externalId: the file EXTERNAL_ID_FILE names gives nothing: there is no such file',
    ]);
  });

  it('are looked for in values alone: comments and the names of settings stay as they are', () => {
    expect(mistakes(`${smallest}# \${NOT_SET}\n"\${EXTERNAL_ID}": 1\n`)).toEqual(['line 5, ${EXTERNAL_ID}: there is no such setting']);
  });

  it('in another notation are not taken literally', () => {
    expect(mistakesOf('heartbeat: "${heartbeat_url}"')).toEqual([
      'line 4, heartbeat: write a variable in capital letters with nothing else in the braces, for example ${SLACK_BOT_TOKEN}',
    ]);
  });

  it('never stand in a message, whatever is wrong with them', () => {
    const value = 'wrong-Secret-7f3a';
    const variables = Object.fromEntries(Object.keys(environment).map((name) => [name, value]));
    const literally = skeleton.replaceAll(/\$\{[A-Z_]+\}/g, `"${value}"`);
    const broken = [
      literally,
      `${literally}\tx: 1`,
      literally.replace(`"${value}"`, `*${value}`),
      literally.replace(`"${value}"`, `"${value}\\q`),
    ];

    for (const text of [skeleton, ...broken]) {
      const found = mistakes(text, variables);
      expect(found.length).toBeGreaterThan(0);
      expect(found.join('\n')).not.toContain(value);
    }
  });
});

describe('mistakes', () => {
  it('are all named at once, each with its line, its path and what to write instead', () => {
    expect(
      mistakes(`
people:
  Ada: { name: Ada, role: admin }
  hal: { name: Hal, role: boss }
  grace: { name: Grace, role: admin, slack: U078IJ9KL, discord: 112233445566778899 }
accounts:
  - { cloud: gcp, account: 012345678901, name: production, read: CloudwardenRead }
  - { cloud: aws, account: "12345", usualMonthly: "150" }
chat:
  slack: { botToken: "xapp-1", appToken: "\${SLACK_APP_TOKEN}", chanel: C0123 }
  discord: { token: "\${DISCORD_TOKEN}", guild: 223344556677889900, room: general }
digest: { at: 9 o'clock, zone: Berlin }
page: { after: 10 }
heartbeat: beats.example.com
aproval: { expires: 15m }
approval: { expires: 15, mostResources: 0.5 }
actions: maybe
ops: { listen: 7374 }
log: loud
checks:
  compute/vcpu-jmp: { highFromVcpus: 64 }
  compute/never-used-region: { criticalFromVcpu: 64 }
`),
    ).toEqual([
      'line 3, people.Ada: write a short lower-case id, 2 to 32 letters, for example ada',
      'line 4, people.hal.role: write admin or responder',
      'line 5, people.grace.slack: write team/user, for example T012AB3CD/U045EF6GH (/warden whoami shows it)',
      'line 5, people.grace.discord: write the id in quotes, for example "112233445566778899"; without quotes its last digits are lost',
      'line 7, accounts.0.cloud: write aws; no other cloud is supported yet',
      'line 7, accounts.0.account: write the 12 digits in quotes, for example "123456789012"; without quotes a leading zero is lost',
      'line 7, accounts.0.read: write settings, one a line and indented',
      'line 8, accounts.1.account: write the 12 digits in quotes, for example "123456789012"; without quotes a leading zero is lost',
      'line 8, accounts.1.name: is missing; write the name as text',
      'line 8, accounts.1.usualMonthly: write a number, for example 150',
      'line 10, chat.slack.botToken: write the bot token, it begins with xoxb-',
      'line 10, chat.slack.room: is missing; write the channel id, for example C0123ABCD (not its name)',
      'line 10, chat.slack.chanel: there is no such setting; there are botToken, appToken, room',
      'line 11, chat.discord.guild: write the id in quotes, for example "112233445566778899"; without quotes its last digits are lost',
      'line 11, chat.discord.room: write the id in quotes, for example "112233445566778899"; without quotes its last digits are lost',
      'line 12, digest.at: write HH:MM in quotes, for example "09:00"',
      'line 12, digest.zone: write an IANA time zone, for example Europe/Berlin',
      'line 13, page.url: is missing; write a full address that begins with https://',
      'line 13, page.after: write a number and s, m, h or d, for example 10m',
      'line 14, heartbeat: write a full address that begins with https://',
      'line 15, aproval: there is no such setting; did you mean approval?',
      'line 16, approval.expires: write a number and s, m, h or d, for example 10m',
      'line 16, approval.mostResources: write a whole number, for example 500',
      'line 17, actions: write on or off',
      'line 18, ops.listen: write host:port, for example 127.0.0.1:7373',
      'line 19, log: write debug or info or warn or error',
      'line 21, checks.compute/vcpu-jmp: there is no such setting; did you mean compute/vcpu-jump?',
      'line 22, checks.compute/never-used-region.criticalFromVcpu: there is no such setting; did you mean criticalFromVcpus?',
    ]);
  });

  it('between settings are found together with those of single settings', () => {
    const found = mistakes(
      `${smallest}chat: { console: { listen: "0.0.0.0:7373" } }\nfindings: {}\nactions: maybe\n`.replace(
        /^chat: \{ console: \{\} \}\n/m,
        '',
      ),
    );

    expect(found.join('\n')).toMatch(
      /chat\.console\.listen: other machines would reach[\s\S]*findings: write file[\s\S]*actions: write on or off/,
    );
  });

  it('between settings are found too', () => {
    expect(
      mistakes(`
people:
  ada: { name: Ada, role: admin, slack: T0/U1 }
  grace: { name: Grace, role: admin, slack: T0/U1 }
accounts:
  - { cloud: aws, account: "123456789012", name: production }
  - { cloud: aws, account: "123456789012", name: again }
findings: {}
`),
    ).toEqual([
      'chat: configure slack, discord or console; otherwise nobody would be told',
      'line 4, people.grace.slack: this chat account already stands for somebody else above; it belongs to one person',
      'line 7, accounts.1.account: this account is listed twice',
      'line 8, findings: write file, url or both',
    ]);
  });

  it('says where an account names a payer that is none', () => {
    const accounts = (costs: string) =>
      mistakes(`
accounts:
  - { cloud: aws, account: "123456789012", name: production, costs: ${costs} }
  - { cloud: aws, account: "210987654321", name: billing, costs: { payer: true } }
chat: { console: {} }
`);

    expect(accounts('{ payer: "210987654321" }')).toEqual([]);
    expect(accounts('{ payer: false }')).toEqual([]);
    expect(accounts('{ payer: "999988887777" }')).toEqual([
      'line 3, accounts.0.costs.payer: no account here is that payer; list it with costs: { payer: true }, or write false to read this account’s costs by itself',
    ]);
    expect(accounts('{ exports: billing/focus }')).toEqual(['line 3, accounts.0.costs.exports: write s3://bucket/prefix']);
  });

  it.each([
    ['0.0.0.0:7373', undefined, 'listen'],
    ['192.0.2.7:7373', 'http://localhost:8080', 'listen'],
    ['127.0.0.1:7373', 'http://cloudwarden.example.com', 'publicUrl'],
    ['127.0.0.1:7373', 'http://127.0.0.1.example.com', 'publicUrl'],
  ])('a console that others could reach in the clear is refused: %s, %s', (listen, publicUrl, where) => {
    const found = mistakes(smallest.replace('{}', JSON.stringify({ listen, publicUrl })));

    expect(found).toEqual([expect.stringContaining(`line 3, chat.console.${where}: `)]);
  });

  it('a console behind https may listen anywhere, and one on loopback needs none', () => {
    expect(mistakes(smallest.replace('{}', '{ publicUrl: "http://localhost:8080" }'))).toEqual([]);
    expect(mistakes(smallest.replace('{}', '{ listen: "0.0.0.0:7373", publicUrl: "https://cloudwarden.example.com" }'))).toEqual([]);
  });

  it.each([
    ['a tab', `${smallest}digest:\n\tat: "09:00"\n`, 'line 5: indent with spaces, not with tabs'],
    ['a setting twice', `${smallest}log: info\nlog: warn\n`, 'line 5: this setting is written twice; keep one'],
    ['a quote that is never closed', `${smallest}data: "data\n`, 'line 5: a quote, bracket, comma or colon is missing here'],
    [
      'an unknown alias',
      `${smallest}data: *folder\n`,
      'line 4: no anchor (&…) of this name stands above; put the text in quotes if it begins with *',
    ],
    ['a tag', `${smallest}data: !folder data\n`, 'line 4: a word that begins with ! means nothing here; put the text in quotes'],
    ['two documents', `${smallest}---\n${smallest}`, 'line 4: only one document may stand in the file; remove the line ---'],
    [
      'a percent sign at the start of a text',
      `${smallest}data: %x\n`,
      'line 4: put this text in quotes: it begins with a character that YAML keeps for itself',
    ],
  ])('of YAML are one plain sentence: %s', (_what, text, sentence) => {
    expect(mistakes(text)).toContainEqual(sentence);
  });

  it.each([
    ['nothing', ''],
    ['comments alone', '# nothing yet\n'],
  ])('a file with %s says so', (_what, text) => {
    expect(mistakes(text)).toEqual(['it is empty; copy config/cloudwarden.example.yaml there and change what differs']);
  });

  it('a file that is a list, or a word, says what it should be', () => {
    expect(mistakes('- people')).toEqual(['write settings, one a line and indented']);
    expect(mistakes('people')).toEqual(['write settings, one a line and indented']);
  });

  it('an alias that repeats itself without end is refused', () => {
    expect(mistakes('accounts: &a [*a]')).toEqual(['it is nested too deeply, or an alias (*…) repeats too much']);
    const bomb = `a0: &a0 [x, x]\n${Array.from({ length: 12 }, (_, n) => `a${n + 1}: &a${n + 1} [${`*a${n}, `.repeat(9)}]\n`).join('')}`;
    expect(mistakes(bomb)).toEqual(['it is nested too deeply, or an alias (*…) repeats too much']);
  });

  it('a missing file, a folder and a file that is no text are each said plainly', () => {
    const said = (path: string) => {
      try {
        readConfig(path, environment);
      } catch (error) {
        return (error as Error).message;
      }
      return 'nothing';
    };
    const pictures = file('picture.yaml', Uint8Array.of(0x89, 0x50, 0xff, 0xfe));

    expect(said(join(folder, 'nowhere.yaml'))).toMatch(
      /^\S+nowhere\.yaml has 1 mistake:\n {2}there is no such file; copy config\/cloudwarden\.example\.yaml to \S+, or set CLOUDWARDEN_CONFIG to another file$/,
    );
    expect(said(folder)).toContain('this is a folder');
    expect(said(pictures)).toContain('it is not UTF-8 text; save it as UTF-8');
  });

  it('a file with a byte order mark is read', () => {
    const path = file('marked.yaml', `\uFEFF${smallest}`);

    expect(readConfig(path, environment).data).toBe('data');
  });

  it('whatever the text, nothing but a ConfigError is thrown', () => {
    const word = fc.constantFrom(
      ...[
        'people',
        'accounts',
        'chat',
        'slack',
        'console',
        'page',
        'checks',
        'aws',
        '"123456789012"',
        '__proto__',
        'constructor',
        '<<',
        '&a',
        '*a',
        '!x',
      ],
      ...[
        '${NAME}',
        '${EXTERNAL_ID}',
        ': ',
        '- ',
        '\n',
        '\n  ',
        '\t',
        '{',
        '}',
        '[',
        ']',
        '"',
        "'",
        '#',
        '|',
        '>',
        '?',
        '%',
        '---',
        '12',
        'null',
        '~',
        '\u0000',
        '\uE000',
      ],
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.array(word, { maxLength: 40 }).map((words) => words.join('')),
    );
    const altered = fc
      .tuple(fc.nat(skeleton.length), fc.nat(30), fc.string({ maxLength: 5 }))
      .map(([at, less, more]) => skeleton.slice(0, at) + more + skeleton.slice(at + less));

    fc.assert(
      fc.property(fc.oneof(text, altered), (given) => {
        try {
          expect(parse(given).accounts.length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigError);
          expect((error as ConfigError).mistakes.length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 500, seed: 7 },
    );
  });
});

describe('what the bot makes of it', () => {
  it('is a policy: people, limits, zone, and the guild whose members the Discord ids are', () => {
    expect(policyOf(parse(skeleton))).toEqual({
      people: [
        { id: 'ada', name: 'Ada', role: 'admin', slack: 'T012AB3CD/U045EF6GH', discord: '112233445566778899' },
        { id: 'grace', name: 'Grace', role: 'responder', slack: 'T012AB3CD/U078IJ9KL' },
      ],
      expiresSeconds: 900,
      twoPeopleAboveUsdPerHour: 50,
      mostResources: 500,
      actions: 'on',
      pageAfterSeconds: 600,
      zone: 'Europe/Berlin',
      discordGuild: '223344556677889900',
    });
  });

  it('lets nobody approve when nobody is configured', () => {
    expect(policyOf(parse(smallest)).people).toEqual([]);
  });
});

describe('the settings of the checks', () => {
  it('know what an account usually costs from the account, unless the check says otherwise', () => {
    const accounts = `
accounts:
  - { cloud: aws, account: "123456789012", name: production, usualMonthly: 150 }
  - { cloud: aws, account: "210987654321", name: staging, usualMonthly: 20 }
chat: { console: {} }
`;
    const settings =
      'checks: { spend/above-own-history: { usualMonthly: { "210987654321": 30 }, assumedMonthly: 99 }, compute/vcpu-jump: { highTimes: 6 } }';

    expect(paramsOf(parse(accounts))).toEqual({ 'spend/above-own-history': { usualMonthly: { '123456789012': 150, '210987654321': 20 } } });
    expect(paramsOf(parse(accounts + settings))).toMatchObject({
      'spend/above-own-history': { usualMonthly: { '123456789012': 150, '210987654321': 30 }, assumedMonthly: 99 },
      'compute/vcpu-jump': { highTimes: 6 },
    });
    for (const check of checks) expect(() => check.params.parse(paramsOf(parse(accounts))[check.id] ?? {}), check.id).not.toThrow();
  });
});

describe('the fingerprint', () => {
  it('holds no secret, and does not change with one or with the order of settings', () => {
    const one = fingerprint(parse(skeleton));
    const renewed = Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, `${value}-renewed`]));
    const turned = skeleton.replace(/( {2}ada:.*\n)( {2}grace:.*\n)/, '$2$1');

    expect(JSON.stringify(one)).not.toMatch(new RegExp(Object.values(environment).join('|')));
    expect(fingerprint(parse(skeleton, renewed))).toEqual(one);
    expect(fingerprint(parse(turned))).toEqual(one);
  });

  it.each([
    ['a room', 'room: C0123', 'room: C0456'],
    ['a role', 'role/CloudwardenAct', 'role/Admin'],
    ['a limit', 'mostResources: 500', 'mostResources: 5000'],
    ['a right', 'role: responder', 'role: admin'],
    ['the switch', 'actions: on', 'actions: off'],
    ['a check', 'actions: on', 'checks: { compute/vcpu-jump: { highFromVcpus: 999 } }'],
    ['the end of paging', /page:.*\n/, ''],
  ])('changes with %s', (_what, before, after) => {
    const changed = skeleton.replace(before, after);

    expect(changed).not.toBe(skeleton);
    expect(fingerprint(parse(changed)).hash).not.toBe(fingerprint(parse(skeleton)).hash);
  });

  it('names people and limits so that two of them can be compared', () => {
    const { people, limits } = fingerprint(parse(skeleton));

    expect(people).toEqual(['ada admin T012AB3CD/U045EF6GH 112233445566778899', 'grace responder T012AB3CD/U078IJ9KL ']);
    expect(limits).toEqual({ expires: 900, twoPeopleAboveUsdPerHour: 50, mostResources: 500, actions: 'on' });
  });
});

describe('the schema for editors', () => {
  it('lets a variable stand where a text is asked for', () => {
    const schema = configJsonSchema() as {
      properties: { chat: { properties: { slack: { properties: { botToken: { pattern: string } } } } } };
    };
    const pattern = new RegExp(schema.properties.chat.properties.slack.properties.botToken.pattern);

    expect(['${SLACK_BOT_TOKEN}', 'xoxb-1', 'xapp-1'].map((text) => pattern.test(text))).toEqual([true, true, false]);
  });
});
