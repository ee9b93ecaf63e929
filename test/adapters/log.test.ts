import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLog, scrub, scrubbed } from '../../src/adapters/log.ts';

const secretKey = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'.replace('EXAMPLEKEY', '1XAMPLEKEY');
const sessionToken = `IQoJb3JpZ2luX2VjEXAMPLE${'Ab3/'.repeat(30)}==`;
/** Made up, in the form of a bot's: an id in base64, a time, a signature. Put together here so that no scanner takes it for one. */
const discordToken = ['MTEyMjMzNDQ1NTY2Nzc4ODk5', 'GexAmp', 'notARealSignature0123456789abcdefghij'].join('.');
const slackToken = ['xoxb', '123456789012', '210987654321', 'notARealToken'].join('-');
const appToken = ['xapp', '1', 'A012', '123456789012', 'notarealtoken'].join('-');

/** What one call writes, as text. */
function logged(data: object, text = 'something happened'): string {
  const lines: string[] = [];
  createLog('debug', { write: (line) => lines.push(line) }).warn(data, text);
  return lines.join('');
}

describe('a secret is scrubbed', () => {
  it.each([
    ['an AWS secret key by its name', `aws_secret_access_key = ${secretKey}`, secretKey],
    ['an AWS secret key in JSON', `{"SecretAccessKey":"${secretKey}"}`, secretKey],
    ['an AWS secret key in JSON inside a text', JSON.stringify({ body: JSON.stringify({ SecretAccessKey: secretKey }) }), secretKey],
    ['an AWS secret key in XML', `<SecretAccessKey>${secretKey}</SecretAccessKey>`, secretKey],
    ['an AWS secret key that stands alone', `tried ${secretKey} and failed`, secretKey],
    ['an AWS session token by its name', `"SessionToken": "${sessionToken}"`, sessionToken],
    ['an AWS session token that stands alone', `got ${sessionToken}`, sessionToken],
    ['an AWS request’s signature', 'https://ec2.example.com/?X-Amz-Signature=0a1b2c3d4e5f&X-Amz-Date=20251124T140000Z', '0a1b2c3d4e5f'],
    ['a Slack bot token', `auth.test with ${slackToken} failed`, slackToken],
    ['a Slack app token', `(${appToken})`, appToken],
    ['a refreshed Slack token', `xoxe.${'xoxp-1-notARealToken0'}`, 'notARealToken0'],
    ['a Discord token', `login ${discordToken}`, discordToken],
    ['a Discord header', `Authorization: Bot ${discordToken}`, 'notARealSignature'],
    ['a bearer header', 'authorization: Bearer not-a-real-t0ken', 'not-a-real-t0ken'],
    ['a basic header', 'Authorization: Basic YWRhOmh1bnRlcjI=', 'YWRhOmh1bnRlcjI'],
    ['a web token', 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl', 'eyJzdWIiOiJhZGEifQ'],
    ['a cookie with all its parts', 'Cookie: cloudwarden-7373=0a1b2c3d; other=4e5f6a7b', '4e5f6a7b'],
    ['a password in an address', 'postgres at https://ada:hunter2@db.example.com/x', 'hunter2'],
    ['a password by its name', "password='correct horse battery staple'", 'horse'],
    ['an external id', 'externalId: 0f1e2d3c4b5a6978', '0f1e2d3c4b5a6978'],
    ['a private key', '-----BEGIN RSA PRIVATE KEY-----\nMIIEexample\n-----END RSA PRIVATE KEY-----', 'MIIEexample'],
    [
      'a Slack webhook',
      `posting to https://hooks.slack.com/services/${['T012AB3CD', 'B012AB3CD', 'notARealHook'].join('/')} failed`,
      'notARealHook',
    ],
    ['a Discord webhook', 'https://discord.com/api/webhooks/112233445566778899/not-a-real-webhook-token-0123', 'not-a-real-webhook'],
    ['a heartbeat address', 'https://beats.example.com/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0', '0f1e2d3c-4b5a'],
    ['a routing key in a query', 'https://pager.example.com/hook?routing=0f1e2d3c4b5a69788796a5b4c3d2e1f0', '0f1e2d3c4b5a6978'],
  ])('%s', (_what, text, secret) => {
    expect(text).toContain(secret);
    expect(scrub(text)).not.toContain(secret);
    expect(logged({ text, error: new Error(text), deep: [{ here: [text] }] }, text)).not.toContain(secret);
  });

  it('in an error’s message, stack and cause, and in the errors of an aggregate', () => {
    const error = new AggregateError([new Error(`first ${slackToken}`)], `outer ${slackToken}`, {
      cause: new Error('inner', { cause: `innermost ${slackToken}` }),
    });

    const line = logged({ error });

    expect(line).not.toContain(slackToken);
    for (const word of ['outer', 'inner', 'innermost', 'first', 'AggregateError', 'log.test.ts']) expect(line).toContain(word);
  });

  it('under its name, however deep it lies and whatever it is made of', () => {
    const line = logged({
      token: 'plain',
      tokens: ['plain'],
      headers: { 'Set-Cookie': ['plain'], Authorization: { scheme: 'plain' } },
      credentials: new Map([['secretAccessKey', 'plain']]),
      bytes: { private_key: new Uint8Array([112, 108]) },
    });

    expect(line).not.toContain('plain');
    expect(line).toContain('[2 bytes]');
  });

  it('when it is the name of a setting, and when it lies where a long text is cut', () => {
    expect(logged({ [slackToken]: 1 })).not.toContain(slackToken);
    expect(logged({ text: 'x '.repeat(1985) + slackToken })).not.toContain('xoxb-1');
  });

  it('except for the last four characters of an access key id, by which people tell keys apart', () => {
    expect(scrub('key AKIAIOSFODNN7EXAMPLE of ci')).toBe('key …MPLE of ci');
    expect(scrub('session ASIAIOSFODNN7EXAMPLE')).toBe('session …MPLE');
  });

  it('wherever it stands in whatever is logged', () => {
    const anywhere = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.tuple(fc.string(), fc.string()).map(([before, after]) => `${before} ${slackToken} ${after}`),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(fc.string(), tie('value'), { maxKeys: 3 }),
        tie('value').map((cause) => new Error(`with ${slackToken}`, { cause })),
      ),
    })).value;

    fc.assert(
      fc.property(anywhere, (value) => {
        expect(logged({ value })).not.toContain('notARealToken');
      }),
      { numRuns: 200, seed: 11 },
    );
  });
});

describe('ordinary text survives', () => {
  it.each([
    'chat.slack.botToken: the variable SLACK_BOT_TOKEN is not set; set SLACK_BOT_TOKEN, or SLACK_BOT_TOKEN_FILE to a file that holds it',
    'chat.slack.botToken: write the bot token, it begins with xoxb-',
    'Slack: could not connect: the token was revoked; make a new one in the app’s settings at api.slack.com/apps',
    'AWS did not answer (sts:AssumeRole in us-east-1): not allowed for arn:aws:iam::123456789012:role/CloudwardenRead',
    'event 0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0 was read twice',
    'hash 2fd4e1c67a2d28fced849ee1bb76e7391b93eb12 of commit',
    'https://us-east-1.console.aws.amazon.com/ec2/home?region=us-east-1#Instances:instanceId=i-0123456789abcdef0',
    'Bot configuration is fine; Basic authentication is off; Bearer of bad news',
    'at start (file:///opt/cloudwarden/src/adapters/slack/platform.ts:120:13)',
    'INC-42: 14 × g5.12xlarge in us-west-2, $79.41 an hour',
  ])('%s', (text) => {
    expect(scrub(text)).toBe(text);
  });

  it('with numbers, dates, addresses and an error’s code', () => {
    const error = Object.assign(new Error('connect ECONNREFUSED 192.0.2.7:443'), { code: 'ECONNREFUSED' });

    expect(
      scrubbed({
        count: 3,
        is: true,
        none: null,
        at: new Date('2025-11-24T14:02:00Z'),
        url: new URL('https://example.com/x'),
        big: 7n,
        error,
      }),
    ).toMatchObject({
      count: 3,
      is: true,
      none: null,
      at: '2025-11-24T14:02:00.000Z',
      url: 'https://example.com/x',
      big: '7',
      error: { name: 'Error', message: 'connect ECONNREFUSED 192.0.2.7:443', code: 'ECONNREFUSED' },
    });
  });
});

describe('the log', () => {
  it('writes one JSON object a line with level, time, data and a constant text', () => {
    const lines: string[] = [];
    const log = createLog('info', { write: (line) => lines.push(line) });

    log.debug({ check: 'a' }, 'not written');
    log.info({ check: 'b' }, 'a check ran');
    log.error({ check: 'c' }, 'a check failed');

    expect(lines.map((line) => JSON.parse(line) as object)).toEqual([
      { level: 'info', time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/), check: 'b', msg: 'a check ran' },
      { level: 'error', time: expect.any(String), check: 'c', msg: 'a check failed' },
    ]);
  });

  it('is not stopped by what cannot be written: circles, traps, giants', () => {
    const circle: Record<string, unknown> = { name: 'circle' };
    circle.self = circle;
    const trap = {
      get value(): string {
        throw new Error('do not look');
      },
    };
    const wide = Array.from({ length: 100 }, () =>
      Array.from({ length: 100 }, () => Array.from({ length: 100 }, () => ({ deep: circle }))),
    );

    expect(logged(circle)).toContain('[deeper]');
    expect(logged(trap)).toContain('something happened');
    expect(logged({ wide }).length).toBeLessThan(200_000);
    expect(logged({ text: `${'a'.repeat(1_000_000)} end` }).length).toBeLessThan(5000);
  });

  it('reads a text of any sort in a time that does not explode with its length', () => {
    const nasty = [
      'secret'.repeat(2000),
      `token${' '.repeat(8000)}`,
      'https://'.repeat(1000),
      '-----BEGIN '.repeat(800),
      'A'.repeat(8000),
      '"token":'.repeat(1000),
    ];

    // What grows with the square of the length or worse would not come back within the test's time.
    for (const text of nasty) expect(scrub(text.repeat(5)).length, text.slice(0, 20)).toBeGreaterThan(0);
  });
});
