/** The configuration: one Zod schema, read once at the start. All mistakes at once, each with its path and what to write instead. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import type { Person, Policy } from './bot/people.ts';
import { checks } from './checks/index.ts';

const seconds = { s: 1, m: 60, h: 3600, d: 86_400 } as const;
const duration = z
  .string()
  .regex(/^\d+[smhd]$/, 'write a number and s, m, h or d, for example 10m')
  .transform((text) => Number(text.slice(0, -1)) * seconds[text.at(-1) as keyof typeof seconds])
  .meta({ examples: ['10m'] });
const url = z.string().regex(/^https?:\/\/\S+$/, 'write a full address that begins with https://');
const secret = z.string().min(1, 'is empty; is the variable set?');
const arn = z
  .string()
  .regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/\S+$/, 'write a role ARN, for example arn:aws:iam::123456789012:role/cloudwarden-read');
const role = z.strictObject({
  role: arn.describe('Role to assume.'),
  externalId: z.string().min(2).optional().describe('External id that the role’s trust asks for.'),
});

const person = z.strictObject({
  name: z.string().min(1).describe('How messages call this person.'),
  role: z.enum(['admin', 'responder']).describe('admin: may approve. responder: may see, take and ask.'),
  slack: z
    .string()
    .regex(/^[A-Z0-9]+\/[A-Z0-9]+$/, 'write team/user, for example T012AB3CD/U045EF6GH (/warden whoami shows it)')
    .optional()
    .describe('Slack team id / user id.'),
  discord: z
    .string()
    .regex(/^\d+$/, 'write the user id as text in quotes, for example "112233445566778899" (/warden whoami shows it)')
    .optional()
    .describe('Discord user id.'),
});

const account = z.strictObject({
  cloud: z.literal('aws', 'only aws is supported now').describe('The cloud.'),
  account: z
    .string()
    .regex(/^\d{12}$/, 'write the 12 digits in quotes, for example "123456789012"')
    .describe('AWS account id, in quotes.'),
  name: z.string().min(1).describe('What people call it.'),
  read: role.optional().describe('Role for looking. Without it the default credential chain is used.'),
  act: role.optional().describe('Role for acting, assumed only after an approval. Without it (and with read) the bot only observes here.'),
  usualMonthly: z.number().positive().optional().describe('The usual bill a month in the payer’s currency; helps from the first day.'),
});

const listen = z.string().regex(/^(\[[0-9a-f:]+\]|[\w.-]+):\d{1,5}$/i, 'write host:port, for example 127.0.0.1:7373');
const snowflake = z.string().regex(/^\d+$/, 'write the id as text in quotes, for example "112233445566778899"');
const zone = z.string().refine(isZone, 'write an IANA time zone, for example Europe/Berlin');

const checkSettings = z.strictObject(
  Object.fromEntries(checks.map((check) => [check.id, check.params.optional().describe(check.title)])) as Record<string, z.ZodType>,
);

export const configSchema = z.strictObject({
  people: z
    .record(z.string().regex(/^[a-z][a-z0-9_.@-]{1,31}$/, 'write a short lower-case id, 2 to 32 letters, for example ada'), person)
    .default({})
    .describe('One human each, with any number of chat accounts. Without an admin the bot only observes.'),
  accounts: z.array(account).min(1, 'name at least one account').describe('The guarded accounts.'),
  chat: z
    .strictObject({
      slack: z
        .strictObject({
          botToken: secret.regex(/^xox[a-z]-/, 'write the bot token, it begins with xoxb-').describe('Bot token (xoxb-…).'),
          appToken: secret
            .regex(/^xapp-/, 'write the app-level token, it begins with xapp-')
            .describe('App-level token with connections:write (xapp-…).'),
          room: z
            .string()
            .regex(/^[A-Z0-9]+$/, 'write the channel id, for example C0123ABCD (not its name)')
            .describe('Channel id alerts and digests go to.'),
        })
        .optional()
        .describe('Slack in Socket Mode: no public address needed.'),
      discord: z
        .strictObject({
          token: secret.describe('Bot token.'),
          guild: snowflake.describe('Server (guild) id, in quotes.'),
          room: snowflake.describe('Channel id, in quotes.'),
        })
        .optional()
        .describe('Discord.'),
      console: z
        .strictObject({
          listen: listen.default('127.0.0.1:7373').describe('Where the local web page listens.'),
          publicUrl: url.optional().describe('The https address people use, if it is not loopback.'),
        })
        .optional()
        .describe('The local web console; off unless configured.'),
    })
    .default({})
    .describe('Where people are told and asked.'),
  digest: z
    .strictObject({
      at: z
        .string()
        .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'write HH:MM, for example 09:00')
        .default('09:00')
        .describe('Time of day.'),
      zone: zone.default('UTC').describe('The team’s time zone.'),
    })
    .prefault({})
    .describe('The daily digest.'),
  page: z
    .strictObject({
      url: url.describe('A JSON webhook that wakes somebody.'),
      after: duration.prefault('10m').describe('A high that nobody took is paged after this.'),
    })
    .optional()
    .describe('Waking somebody: critical at once, high when nobody took it.'),
  heartbeat: url.optional().describe('Pinged after each complete round of looks; its silence should wake somebody.'),
  findings: z
    .strictObject({
      file: z.string().min(1).optional().describe('NDJSON file findings are appended to.'),
      url: url.optional().describe('Webhook each finding is posted to.'),
    })
    .optional()
    .describe('Findings for a SIEM.'),
  approval: z
    .strictObject({
      expires: duration.prefault('15m').describe('A question nobody answered is closed after this.'),
      twoPeopleAboveUsdPerHour: z
        .number()
        .nonnegative()
        .optional()
        .describe('Above this the one who asked may not approve. Not set: one person is enough.'),
      mostResources: z.number().int().positive().default(500).describe('A plan that would touch more is refused, never cut short.'),
    })
    .prefault({})
    .describe('Approvals.'),
  actions: z
    .union([z.enum(['on', 'off']), z.boolean().transform((on) => (on ? 'on' : 'off'))])
    .default('on')
    .describe('off = the kill switch: nothing is planned or done, alerts go on.'),
  ops: z
    .strictObject({ listen: listen.default('127.0.0.1:7374').describe('Where /healthz and /readyz listen.') })
    .prefault({})
    .describe('For whoever runs the process.'),
  data: z.string().min(1).default('data').describe('Folder of the database and the audit key, relative to the working directory.'),
  log: z.enum(['debug', 'info', 'warn', 'error']).default('info').describe('How much is logged (NDJSON on standard error).'),
  checks: checkSettings.optional().describe('Settings of single checks.'),
});

export type Config = z.infer<typeof configSchema>;

/** Every mistake of a configuration, one a line. */
export class ConfigError extends Error {
  readonly mistakes: string[];
  constructor(file: string, mistakes: string[]) {
    super(
      `${file} has ${mistakes.length} ${mistakes.length === 1 ? 'mistake' : 'mistakes'}:\n${mistakes.map((mistake) => `  ${mistake}`).join('\n')}`,
    );
    this.mistakes = mistakes;
  }
}

/** Reads, fills in `${NAME}` from the environment (or `<NAME>_FILE`), and checks. Throws `ConfigError` with all mistakes at once. */
export function readConfig(file: string, environment: Record<string, string | undefined>): Config {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError(file, [
      `cannot be read (${(error as NodeJS.ErrnoException).code}); copy config/cloudwarden.example.yaml there, or set CLOUDWARDEN_CONFIG`,
    ]);
  }
  return parseConfig(file, text, environment);
}

export function parseConfig(file: string, text: string, environment: Record<string, string | undefined>): Config {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const mistakes = document.errors.map((error) => `line ${lines.linePos(error.pos[0]).line}: ${error.message.split('\n')[0]}`);
  if (mistakes.length > 0) throw new ConfigError(file, mistakes);
  const filled = fill(document.toJS() ?? {}, environment, [], mistakes);
  const parsed = configSchema.safeParse(filled);
  if (!parsed.success) mistakes.push(...parsed.error.issues.flatMap((issue) => inWords(issue, filled, mistakes)));
  else mistakes.push(...acrossParts(parsed.data));
  if (mistakes.length > 0 || !parsed.success) throw new ConfigError(file, mistakes);
  return parsed.data;
}

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

/** What the audit records at every start: no secret enters the hash's input. */
export function fingerprint(config: Config): { hash: string; people: string[]; limits: Record<string, unknown> } {
  const { chat: _, page: __, heartbeat: ___, findings: ____, ...plain } = config;
  const policy = policyOf(config);
  return {
    hash: createHash('sha256').update(JSON.stringify(plain)).digest('hex'),
    people: policy.people.map((one) => [one.id, one.role, one.slack ?? '', one.discord ?? ''].join(' ')),
    limits: { ...config.approval, actions: config.actions },
  };
}

/** For editors: the schema of the file as people write it. */
export const configJsonSchema = (): Record<string, unknown> =>
  z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' }) as Record<string, unknown>;

/** `${NAME}` anywhere in a text; a missing one is a mistake at its path. */
function fill(value: unknown, environment: Record<string, string | undefined>, path: string[], mistakes: string[]): unknown {
  if (Array.isArray(value)) return value.map((one, index) => fill(one, environment, [...path, String(index)], mistakes));
  if (value && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, fill(one, environment, [...path, key], mistakes)]));
  if (typeof value !== 'string') return value;
  return value.replace(/\$\{([A-Z][A-Z0-9_]*)\}/g, (whole, name: string) => {
    const file = environment[`${name}_FILE`];
    try {
      const found = environment[name] ?? (file ? readFileSync(file, 'utf8').trim() : undefined);
      if (found !== undefined && found !== '') return found;
      mistakes.push(`${path.join('.')}: the variable ${name} is not set; set ${name}, or ${name}_FILE to a file that holds it`);
    } catch {
      mistakes.push(`${path.join('.')}: the file named by ${name}_FILE cannot be read`);
    }
    return whole;
  });
}

function inWords(issue: z.core.$ZodIssue, input: unknown, known: string[]): string[] {
  const path = issue.path.map(String).join('.') || '(top)';
  // What is wrong only because its variable is missing was said already.
  if (known.some((mistake) => mistake.startsWith(`${path}:`))) return [];
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => `${path === '(top)' ? '' : `${path}.`}${key}: there is no such setting${near(key, path)}`);
  if (issue.code === 'invalid_type') {
    const value = issue.path.reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown> | undefined)?.[key], input);
    return [
      value === undefined
        ? `${path}: is missing; write ${indefinite(issue.expected)}`
        : `${path}: write ${indefinite(issue.expected)}${issue.expected === 'string' ? ', in quotes' : ''}`,
    ];
  }
  if (issue.code === 'invalid_value') return [`${path}: write ${issue.values.map(String).join(' or ')}`];
  if (issue.code === 'invalid_key') return [`${path}: ${issue.issues.map((inner) => inner.message).join('; ')}`];
  if (issue.code === 'invalid_union') return [`${path}: write on or off`];
  return [`${path}: ${issue.message}`];
}

const indefinite = (type: string): string =>
  ({
    string: 'a text',
    number: 'a number',
    object: 'a group of settings',
    record: 'a group of settings',
    array: 'a list',
    boolean: 'true or false',
  })[type] ?? type;

function near(key: string, path: string): string {
  const part = path.split('.').reduce<unknown>((schema, step) => shapeOf(schema)?.[step] ?? schema, configSchema);
  const names = Object.keys(shapeOf(path === '(top)' ? configSchema : part) ?? {});
  const like = names.find((name) => name.toLowerCase() === key.toLowerCase() || name.startsWith(key) || key.startsWith(name));
  return like ? `; did you mean ${like}?` : names.length > 0 ? `; there are ${names.join(', ')}` : '';
}

function shapeOf(schema: unknown): Record<string, unknown> | undefined {
  let inner = schema as { shape?: Record<string, unknown>; def?: { innerType?: unknown } } | undefined;
  while (inner && !inner.shape && inner.def?.innerType) inner = inner.def.innerType as typeof inner;
  return inner?.shape;
}

/** What no single setting can know. */
function acrossParts(config: Config): string[] {
  const mistakes: string[] = [];
  const twice = (values: (string | undefined)[], say: (value: string) => string) => {
    const seen = new Set<string>();
    for (const value of values) {
      if (value && seen.has(value)) mistakes.push(say(value));
      if (value) seen.add(value);
    }
  };
  const people = Object.values(config.people);
  twice(
    people.map((one) => one.slack),
    (value) => `people: ${value} stands for two people; a chat account belongs to one`,
  );
  twice(
    people.map((one) => one.discord),
    (value) => `people: ${value} stands for two people; a chat account belongs to one`,
  );
  twice(
    config.accounts.map((one) => one.account),
    (value) => `accounts: ${value} is listed twice`,
  );
  if (!config.chat.slack && !config.chat.discord && !config.chat.console)
    mistakes.push('chat: configure slack, discord or console; otherwise nobody would be told');
  return mistakes;
}

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
