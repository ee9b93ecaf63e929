/** The configuration: one Zod schema, read once at the start. All mistakes at once, each with its path and what to write instead. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { profiles } from './adapters/aws/pace.ts';
import { type Complaint, inWords } from './adapters/mistakes.ts';
import { type Environment, type Mistake, readSettings, readText } from './adapters/settings-file.ts';
import type { Budget, Grant } from './bot/digest.ts';
import type { Person, Policy } from './bot/people.ts';
import { checks } from './checks/index.ts';
import { aboveOwnHistory } from './checks/spend/above-own-history.ts';

/** A text of a certain form; `advice` says what to write, also when it is missing or a number. */
const like = (pattern: RegExp, advice: string) => z.string(advice).regex(pattern, advice);

const seconds = { s: 1, m: 60, h: 3600, d: 86_400 } as const;
const duration = like(/^[1-9]\d{0,5}[smhd]$/, 'write a number and s, m, h or d, for example 10m').transform(
  (text) => Number(text.slice(0, -1)) * seconds[text.at(-1) as keyof typeof seconds],
);
const url = like(/^https?:\/\/\S+$/, 'write a full address that begins with https://').refine(
  (text) => URL.canParse(text),
  'write a full address that begins with https://',
);
const secret = z.string('write the secret, best as ${NAME}').min(1, 'is empty; write it as ${NAME} and set that variable');
const dayText = like(/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/, 'write the day in quotes, for example "2026-10-01"');
const arn = like(/^arn:aws[a-z-]*:iam::\d{12}:role\/\S+$/, 'write a role ARN, for example arn:aws:iam::123456789012:role/CloudwardenRead');
const role = (example: string) =>
  z.strictObject({
    role: arn.meta({ description: 'ARN of the role to take on.', examples: [`arn:aws:iam::123456789012:role/${example}`] }),
    externalId: z
      .string('write it as text in quotes, or as ${EXTERNAL_ID}')
      .min(2, 'write at least 2 characters; AWS takes no shorter one')
      .optional()
      .meta({ description: 'External id that the role’s trust asks for.', examples: ['${EXTERNAL_ID}'] }),
  });
const discordId = like(/^\d+$/, 'write the id in quotes, for example "112233445566778899"; without quotes its last digits are lost');
const listen = like(/^(\[[0-9a-f:]+\]|[\w.-]+):\d{1,5}$/i, 'write host:port, for example 127.0.0.1:7373').refine(
  (text) => Number(text.slice(text.lastIndexOf(':') + 1)) <= 65_535,
  'write a port from 0 to 65535',
);
const zone = z
  .string('write an IANA time zone, for example Europe/Berlin')
  .refine(isZone, 'write an IANA time zone, for example Europe/Berlin');

const person = z.strictObject({
  name: z
    .string('write the name as text')
    .min(1, 'write a name')
    .meta({ description: 'How messages call this person.', examples: ['Ada'] }),
  role: z.enum(['admin', 'responder']).meta({ description: 'admin: may approve. responder: may see, take and ask.', examples: ['admin'] }),
  slack: like(/^[A-Z0-9]+\/[A-Z0-9]+$/, 'write team/user, for example T012AB3CD/U045EF6GH (/warden whoami shows it)')
    .optional()
    .meta({ description: 'Slack team id / user id. /warden whoami shows it.', examples: ['T012AB3CD/U045EF6GH'] }),
  discord: discordId
    .optional()
    .meta({ description: 'Discord user id, in quotes. /warden whoami shows it.', examples: ['112233445566778899'] }),
});

const accountId = like(/^\d{12}$/, 'write the 12 digits in quotes, for example "123456789012"; without quotes a leading zero is lost');

const account = z.strictObject({
  cloud: z.literal('aws', 'write aws; no other cloud is supported yet').meta({ description: 'The cloud.', examples: ['aws'] }),
  account: accountId.meta({
    description: 'AWS account id, in quotes.',
    examples: ['123456789012'],
  }),
  name: z
    .string('write the name as text')
    .min(1, 'write a name')
    .meta({ description: 'What people call it.', examples: ['production'] }),
  read: role('CloudwardenRead').optional().describe('Role for looking. Without it the default credential chain is used.'),
  act: role('CloudwardenAct')
    .optional()
    .describe('Role for acting, taken on only after an approval. Where read is set and act is not, the bot only observes.'),
  usualMonthly: z
    .number('write a number, for example 150')
    .positive('write a number above 0')
    .optional()
    .meta({ description: 'The usual bill a month in the payer’s currency; helps from the first day.', examples: [150] }),
  budgetMonthly: z
    .number('write a number, for example 500')
    .positive('write a number above 0')
    .optional()
    .meta({
      description:
        'What a month may cost before credits, in the payer’s currency: the digest says how much of it is used and when it will be passed.',
      examples: [500],
    }),
  credits: z
    .strictObject({
      amount: z
        .number('write a number, for example 5000')
        .positive('write a number above 0')
        .meta({ description: 'What was left of them at the beginning of "from".', examples: [5000] }),
      from: dayText.meta({ description: 'The day (UTC) from which they are counted.', examples: ['2026-10-01'] }),
      until: dayText.meta({ description: 'Their last day (UTC).', examples: ['2027-03-31'] }),
    })
    .refine(({ from, until }) => from <= until, 'until lies before from')
    .optional()
    .describe('Credits of the provider: the digest says what is left and when they end.'),
  push: z
    .strictObject({
      queues: z
        .array(
          like(
            /^https:\/\/sqs[.-][a-z0-9-]+\.\S+\/\d{12}\/\S+$|^http:\/\/(127\.0\.0\.1|localhost)[:/]\S+$/,
            'write the queue’s address as AWS shows it, for example https://sqs.eu-central-1.amazonaws.com/123456789012/cloudwarden-events',
          ),
        )
        .min(1, 'name at least one queue')
        .meta({
          description: 'Addresses of the queues that the stack config/aws/push.yaml makes: one, or one in each region.',
          examples: [['https://sqs.eu-central-1.amazonaws.com/123456789012/cloudwarden-events']],
        }),
    })
    .optional()
    .describe('Events as they happen, through EventBridge and SQS. Without it the account is polled, which is slower by minutes.'),
  pace: z
    .enum(profiles, 'write poll only, standard or fast')
    .optional()
    .meta({
      description:
        'How often the account is looked at: standard with push, poll only without. fast is dear where a threat detector reads along.',
      examples: ['poll only'],
    }),
  costExplorer: z
    .union([z.enum(['on', 'off']), z.boolean().transform((on): 'on' | 'off' => (on ? 'on' : 'off'))], 'write on or off')
    .optional()
    .meta({
      description:
        'Cost Explorer costs $0.01 a request, about $1.50 a month. off: costs are read from exports, else the estimated charges of CloudWatch. Not set: on where there are no exports.',
      examples: ['on'],
    }),
  costs: z
    .strictObject({
      payer: z
        .union([z.boolean(), accountId], 'write true, false or the id of the paying account in quotes')
        .optional()
        .meta({
          description:
            'true: these credentials are the payer’s, and all its accounts are asked for in one. Other accounts are then read there; they may name their payer by its id, or say false.',
          examples: [true],
        }),
      hourly: z
        .boolean('write true or false')
        .optional()
        .meta({ description: 'Also by hour, where the payer switched that on in Cost Explorer; about $1 more a month.', examples: [true] }),
      tag: z
        .string('write the key of a tag')
        .min(1, 'write the key of a tag')
        .optional()
        .meta({ description: 'Cost allocation tag that names the team; $0.30 more a month by Cost Explorer.', examples: ['team'] }),
      exports: like(/^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/\S*)?$/, 'write s3://bucket/prefix')
        .optional()
        .meta({
          description: 'Where a Data Export in FOCUS (CSV, gzip) lies: bucket, prefix and name of the export.',
          examples: ['s3://example-billing/focus/daily'],
        }),
    })
    .optional()
    .describe('Where costs are read, and how finely.'),
});

const checkSettings = z.strictObject(
  Object.fromEntries(
    checks.map((check) => [
      check.id,
      (check.params instanceof z.ZodObject ? check.params.strict() : check.params).optional().describe(check.title),
    ]),
  ) as Record<string, z.ZodType>,
);

const configSchema = z.strictObject({
  people: z
    .record(like(/^[a-z][a-z0-9_.@-]{1,31}$/, 'write a short lower-case id, 2 to 32 letters, for example ada'), person)
    .default({})
    .describe('One human each, with any number of chat accounts. Without an admin the bot only observes.'),
  accounts: z
    .array(account, 'write a list of accounts, each on a line that begins with "- "')
    .min(1, 'name at least one account')
    .describe('The guarded accounts.'),
  chat: z
    .strictObject({
      slack: z
        .strictObject({
          botToken: secret
            .regex(/^xox[a-z]-/, 'write the bot token, it begins with xoxb-')
            .meta({ description: 'Bot token (xoxb-…).', examples: ['${SLACK_BOT_TOKEN}'] }),
          appToken: secret
            .regex(/^xapp-/, 'write the app-level token, it begins with xapp-')
            .meta({ description: 'App-level token with connections:write (xapp-…).', examples: ['${SLACK_APP_TOKEN}'] }),
          room: like(/^[A-Z0-9]+$/, 'write the channel id, for example C0123ABCD (not its name)').meta({
            description: 'Id of the channel that alerts and digests go to.',
            examples: ['C0123ABCD'],
          }),
        })
        .optional()
        .describe('Slack in Socket Mode: no public address needed.'),
      discord: z
        .strictObject({
          token: secret.meta({ description: 'Bot token.', examples: ['${DISCORD_TOKEN}'] }),
          guild: discordId.meta({
            description: 'Server (guild) id, in quotes. Only its members may press.',
            examples: ['223344556677889900'],
          }),
          room: discordId.meta({
            description: 'Id of the channel that alerts and digests go to, in quotes.',
            examples: ['334455667788990011'],
          }),
        })
        .optional()
        .describe('Discord, through its gateway: no public address needed.'),
      console: z
        .strictObject({
          listen: listen.default('127.0.0.1:7373').meta({ description: 'Where the local web page listens.', examples: ['127.0.0.1:7373'] }),
          publicUrl: url.optional().meta({
            description: 'The https address people use, where a proxy or tunnel serves the page. Needed if it listens beyond loopback.',
            examples: ['https://cloudwarden.example.com'],
          }),
        })
        .optional()
        .describe('The local web console; off unless configured. An empty {} takes the defaults.'),
    })
    .default({})
    .describe('Where people are told and asked: one of them or several.'),
  digest: z
    .strictObject({
      at: like(/^([01]\d|2[0-3]):[0-5]\d$/, 'write HH:MM in quotes, for example "09:00"')
        .default('09:00')
        .meta({ description: 'Time of day.', examples: ['09:00'] }),
      zone: zone.default('UTC').meta({ description: 'The team’s time zone.', examples: ['Europe/Berlin'] }),
      weekly: z
        .union([z.enum(['on', 'off']), z.boolean().transform((on) => (on ? 'on' : 'off'))], 'write on or off')
        .prefault('on')
        .meta({ description: 'The week that is over, on Mondays.', examples: ['on'] }),
      monthly: z
        .enum(['2nd', 'final', 'off'], 'write 2nd, final or off')
        .default('2nd')
        .meta({
          description: 'The month that is over: on the 2nd, or when its bill is final (on the 10th at the latest).',
          examples: ['2nd'],
        }),
    })
    .prefault({})
    .describe('The daily digest.'),
  teams: z
    .array(
      z.strictObject({
        name: z
          .string('write the team as text')
          .min(1, 'write the team as the tag names it')
          .meta({ description: 'The value of the cost allocation tag.', examples: ['payments'] }),
        budgetMonthly: z
          .number('write a number, for example 900')
          .positive('write a number above 0')
          .meta({ description: 'What a month of this team may cost before credits, in the payer’s currency.', examples: [900] }),
      }),
      'write a list of teams, each on a line that begins with "- "',
    )
    .optional()
    .describe('Budgets of teams, where costs carry a cost allocation tag.'),
  page: z
    .strictObject({
      url: url.meta({ description: 'A JSON webhook that wakes somebody.', examples: ['${PAGE_URL}'] }),
      after: duration.prefault('10m').meta({ description: 'A high that nobody took is paged after this.', examples: ['10m'] }),
    })
    .optional()
    .describe('Waking somebody: critical at once, high when nobody took it.'),
  heartbeat: url
    .optional()
    .meta({ description: 'Pinged after each complete round of looks; its silence should wake somebody.', examples: ['${HEARTBEAT_URL}'] }),
  findings: z
    .strictObject({
      file: z
        .string('write a file name')
        .min(1, 'write a file name')
        .optional()
        .meta({ description: 'NDJSON file that findings are appended to.', examples: ['findings.ndjson'] }),
      url: url.optional().meta({ description: 'Webhook that each finding is posted to.', examples: ['${FINDINGS_URL}'] }),
    })
    .optional()
    .describe('Findings for a SIEM: a file, a webhook or both.'),
  approval: z
    .strictObject({
      expires: duration.prefault('15m').meta({ description: 'A question nobody answered is closed after this.', examples: ['15m'] }),
      twoPeopleAboveUsdPerHour: z
        .number('write a number of dollars, for example 50')
        .nonnegative('write a number of dollars, for example 50')
        .optional()
        .meta({ description: 'Above this the one who asked may not approve. Not set: one person is enough.', examples: [50] }),
      mostResources: z
        .number('write a whole number, for example 500')
        .int('write a whole number, for example 500')
        .positive('write a whole number above 0')
        .default(500)
        .meta({ description: 'A plan that would touch more is refused, never cut short.', examples: [500] }),
    })
    .prefault({})
    .describe('Approvals.'),
  actions: z
    .union([z.enum(['on', 'off']), z.boolean().transform((on) => (on ? 'on' : 'off'))], 'write on or off')
    .prefault('on')
    .meta({ description: 'off = the kill switch: nothing is planned or done, alerts go on.', examples: ['on'] }),
  ops: z
    .strictObject({
      listen: listen.default('127.0.0.1:7374').meta({ description: 'Where /healthz and /readyz listen.', examples: ['127.0.0.1:7374'] }),
    })
    .prefault({})
    .describe('For whoever runs the process.'),
  data: z
    .string('write a folder')
    .min(1, 'write a folder')
    .default('data')
    .meta({ description: 'Folder of the database and the audit key, relative to the working directory.', examples: ['data'] }),
  log: z
    .enum(['debug', 'info', 'warn', 'error'])
    .default('info')
    .meta({ description: 'How much is logged (NDJSON on standard error).', examples: ['info'] }),
  checks: checkSettings.optional().describe('Settings of single checks, by the check’s id.'),
});

export type Config = z.infer<typeof configSchema>;

/** Every mistake of a configuration, one a line. */
export class ConfigError extends Error {
  readonly mistakes: string[];
  constructor(file: string, mistakes: string[]) {
    super(
      `${file} has ${mistakes.length} ${mistakes.length === 1 ? 'mistake' : 'mistakes'}:\n${mistakes.map((mistake) => `  ${mistake}`).join('\n')}`,
    );
    this.name = 'ConfigError';
    this.mistakes = mistakes;
  }
}

/** Reads, fills in `${NAME}` from the environment (or the file `<NAME>_FILE` names), and checks. Throws `ConfigError` with all mistakes at once. */
export function readConfig(file: string, environment: Environment): Config {
  const read = readText(file);
  if ('why' in read)
    throw new ConfigError(file, [
      `${read.why}; copy config/cloudwarden.example.yaml to ${file}, or set CLOUDWARDEN_CONFIG to another file`,
    ]);
  return parseConfig(file, read.text, environment);
}

/** The same from a text; `file` is its name in messages. Throws nothing but `ConfigError`. */
export function parseConfig(file: string, text: string, environment: Environment): Config {
  const { value, mistakes, lineOf } = readSettings(text, environment);
  const complain = (found: Mistake[]) => new ConfigError(file, [...new Set(found.map(inOneLine))]);
  if (value === undefined && mistakes.length > 0) throw complain(mistakes);
  if (value === null || value === undefined)
    throw new ConfigError(file, ['it is empty; copy config/cloudwarden.example.yaml there and change what differs']);
  const parsed = configSchema.safeParse(value, { reportInput: true });
  const given = new Set(mistakes.map((mistake) => mistake.path.join('.')));
  const found = parsed.success ? [] : parsed.error.issues.flatMap((issue) => inWords(issue, configJsonSchema()));
  // What does not fit together is said in the same breath, except where a setting is wrong by itself.
  const alone = new Set(found.map((mistake) => mistake.path.join('.')));
  const whole = outline.safeParse(value);
  if (whole.success) found.push(...acrossParts(whole.data).filter((complaint) => !alone.has(complaint.path.join('.'))));
  // What is wrong only because its variable is missing was said already.
  for (const { path, text } of found) if (!given.has(path.join('.'))) mistakes.push({ path, text, line: lineOf(path) });
  if (mistakes.length > 0 || !parsed.success) throw complain(mistakes.sort((a, b) => (a.line ?? 0) - (b.line ?? 0)));
  return parsed.data;
}

const inOneLine = ({ path, line, text }: Mistake): string => {
  const where = [line === undefined ? '' : `line ${line}`, path.map(String).join('.')].filter((part) => part !== '').join(', ');
  return where === '' ? text : `${where}: ${text}`;
};

/** What the bot's decisions need of it. */
export function policyOf(config: Config): Policy {
  return {
    people: Object.entries(config.people).map(
      ([id, { name, role: rank, slack, discord }]): Person => ({
        id,
        name,
        role: rank,
        ...(slack ? { slack } : {}),
        ...(discord ? { discord } : {}),
      }),
    ),
    expiresSeconds: config.approval.expires,
    twoPeopleAboveUsdPerHour: config.approval.twoPeopleAboveUsdPerHour ?? Number.POSITIVE_INFINITY,
    mostResources: config.approval.mostResources,
    actions: config.actions,
    pageAfterSeconds: config.page?.after ?? 600,
    zone: config.digest.zone,
    ...(config.chat.discord ? { discordGuild: config.chat.discord.guild } : {}),
  };
}

/** What the digest holds costs against. */
export function moneyOf(config: Config): { budgets: Budget[]; credits: Grant[] } {
  return {
    budgets: [
      ...config.accounts.flatMap(({ account: id, budgetMonthly }) =>
        budgetMonthly === undefined ? [] : [{ of: { account: id }, monthly: budgetMonthly }],
      ),
      ...(config.teams ?? []).map(({ name, budgetMonthly }) => ({ of: { team: name }, monthly: budgetMonthly })),
    ],
    credits: config.accounts.flatMap(({ account: id, credits }) => (credits ? [{ account: id, ...credits }] : [])),
  };
}

/** The settings of the checks by id. What an account usually costs is said once, with the account. */
export function paramsOf(config: Config): Record<string, unknown> {
  const said = config.accounts.flatMap(({ account: id, usualMonthly }) => (usualMonthly === undefined ? [] : [[id, usualMonthly]]));
  const spend = config.checks?.[aboveOwnHistory.id] as { usualMonthly?: Record<string, number> } | undefined;
  return { ...config.checks, [aboveOwnHistory.id]: { ...spend, usualMonthly: { ...Object.fromEntries(said), ...spend?.usualMonthly } } };
}

/**
 * What the audit records at every start. The hash is of the meaning: it does not change with secrets, nor with the order of settings.
 * `people`: one line each with role and chat accounts, sorted, so that two of them can be compared.
 */
export function fingerprint(config: Config): { hash: string; people: string[]; limits: Record<string, unknown> } {
  const { slack, discord } = config.chat;
  const plain = {
    ...config,
    accounts: config.accounts.map(({ read, act, ...one }) => ({ ...one, read: read?.role, act: act?.role })),
    chat: { ...config.chat, slack: slack?.room, discord: discord && [discord.guild, discord.room] },
    // A webhook's address is a secret: whoever knows it may use it.
    page: config.page?.after,
    heartbeat: config.heartbeat !== undefined,
    findings: config.findings && [config.findings.file, config.findings.url !== undefined],
  };
  return {
    hash: createHash('sha256')
      .update(JSON.stringify(sorted(plain)))
      .digest('hex'),
    people: policyOf(config)
      .people.map((one) => [one.id, one.role, one.slack ?? '', one.discord ?? ''].join(' '))
      .sort(),
    limits: { ...config.approval, actions: config.actions },
  };
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!value || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, one]) => [key, sorted(one)]),
  );
}

/** For editors: the schema of the file as people write it, in which `${NAME}` may stand for any text. */
export const configJsonSchema = (): Record<string, unknown> => ({
  title: 'The configuration of Cloudwarden',
  ...z.toJSONSchema(configSchema, {
    io: 'input',
    override({ zodSchema, jsonSchema }) {
      if (typeof jsonSchema.pattern === 'string') jsonSchema.pattern = `(?:${jsonSchema.pattern})|\\$\\{[A-Z][A-Z0-9_]*\\}`;
      // Zod leaves the examples of what it transforms out; ours are as people write them.
      const examples = z.globalRegistry.get(zodSchema)?.examples;
      if (Array.isArray(examples)) jsonSchema.examples = examples;
    },
  }),
});

const word = z.string().optional().catch(undefined);
/** So much of a configuration, right or wrong, as is needed to see whether its parts fit together. */
const outline = z.object({
  people: z.record(z.string(), z.object({ slack: word, discord: word }).catch({})).catch({}),
  accounts: z.array(z.object({ account: word, costs: z.object({ payer: z.unknown() }).optional().catch(undefined) }).catch({})).catch([]),
  chat: z
    .object({
      slack: z.unknown().optional(),
      discord: z.unknown().optional(),
      console: z
        .object({ listen: z.string().catch('127.0.0.1:7373'), publicUrl: word })
        .optional()
        .catch(undefined),
    })
    .catch({}),
  findings: z.object({ file: z.unknown().optional(), url: z.unknown().optional() }).optional().catch(undefined),
});

/** What no single setting can know. */
function acrossParts(config: z.infer<typeof outline>): Complaint[] {
  const people = Object.entries(config.people);
  const complaints: Complaint[] = [
    ...twice(
      people.flatMap(([id, { slack }]) => (slack ? [{ path: ['people', id, 'slack'], value: slack }] : [])),
      'this chat account already stands for somebody else above; it belongs to one person',
    ),
    ...twice(
      people.flatMap(([id, { discord }]) => (discord ? [{ path: ['people', id, 'discord'], value: discord }] : [])),
      'this chat account already stands for somebody else above; it belongs to one person',
    ),
    ...twice(
      config.accounts.flatMap(({ account: id }, index) => (id ? [{ path: ['accounts', index, 'account'], value: id }] : [])),
      'this account is listed twice',
    ),
  ];
  const payers = config.accounts.flatMap(({ account: id, costs }) => (costs?.payer === true ? [id] : []));
  for (const [index, { account: id, costs }] of config.accounts.entries())
    if (typeof costs?.payer === 'string' && costs.payer !== id && !payers.includes(costs.payer))
      complaints.push({
        path: ['accounts', index, 'costs', 'payer'],
        text: 'no account here is that payer; list it with costs: { payer: true }, or write false to read this account’s costs by itself',
      });
  const { slack, discord, console: door } = config.chat;
  const say = (path: PropertyKey[], text: string) => complaints.push({ path, text });
  if (!slack && !discord && !door) say(['chat'], 'configure slack, discord or console; otherwise nobody would be told');
  if (door?.publicUrl && !/^https:|^http:\/\/(127(\.\d{1,3}){3}|localhost|\[::1\])(:|\/|$)/.test(door.publicUrl))
    say(['chat', 'console', 'publicUrl'], 'write an address that begins with https://');
  if (door && !door.publicUrl?.startsWith('https:') && !/^(127(\.\d{1,3}){3}|localhost|\[::1\]):\d+$/.test(door.listen))
    say(
      ['chat', 'console', 'listen'],
      'other machines would reach the page in the clear; listen on 127.0.0.1, or put it behind https and set publicUrl to that address',
    );
  if (config.findings && !config.findings.file && !config.findings.url) say(['findings'], 'write file, url or both');
  return complaints;
}

function twice(values: { path: PropertyKey[]; value: string }[], text: string): Complaint[] {
  const seen = new Set<string>();
  return values.flatMap(({ path, value }) => {
    const again = seen.has(value);
    seen.add(value);
    return again ? [{ path, text }] : [];
  });
}

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
