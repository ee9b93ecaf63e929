import { readFile } from 'node:fs/promises';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { allRegions } from './regions.ts';
import { closest, mistakesOf, unknownPolicies } from './scenario-check.ts';
import { loadServices } from './services.ts';

const unitSeconds: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
const seconds = (text: string) =>
  [...text.matchAll(/([\d.]+)([smhdw])/g)].reduce((sum, [, count, unit]) => sum + Number(count) * unitSeconds[unit!]!, 0);

/** '90s', '5m', '1h30m', '412d' → seconds. */
const duration = z
  .string()
  .regex(/^(\d+(\.\d+)?[smhdw])+$/, 'write a length of time such as 30s, 5m, 1h30m, 90d')
  .transform(seconds);
/** '+5m', '-412d' → seconds from the scenario's start. */
const moment = z
  .string()
  .regex(/^[+-](\d+(\.\d+)?[smhdw])+$/, 'write a time relative to the start such as +5m, +1h30m or -90d')
  .transform((text) => (text.startsWith('-') ? -1 : 1) * seconds(text.slice(1)));
const past = moment.refine((value) => value <= 0, 'this lies before the start: write it with a minus, such as -412d');

const region = z.string().refine((name) => allRegions.includes(name), {
  error: (issue) => `there is no region "${String(issue.input)}"; ${closest(String(issue.input), allRegions)}`,
});
const name = z.string().regex(/^[\w+=,.@-]{1,64}$/, 'write a name of letters, digits and + = , . @ _ -');
const call = z.string().regex(/^[a-z0-9-]+:[A-Z]\w+$/, "write service:Operation in AWS's own names, such as ec2:RunInstances");
const parameters = z.record(z.string(), z.unknown()).default({});
const address = z.string().min(3).describe('The address the calls come from, or an AWS service name such as autoscaling.amazonaws.com.');

const word = z.string().regex(/^\w+$/, 'write a word');

const rights = {
  policies: z.array(z.string()).default([]).describe('Names of AWS managed policies, and of those under policies.'),
  allow: z.array(z.string()).default([]).describe('Actions allowed on everything, such as ec2:* or s3:GetObject.'),
  inline: z.record(z.string(), z.record(z.string(), z.unknown())).default({}).describe('Inline policies: name → policy document.'),
};
const habits = {
  from: address.optional(),
  userAgent: z.string().optional().describe('What the calls say they were made with.'),
};

const key = z.strictObject({
  id: z
    .string()
    .regex(/^AKIA[A-Z2-7]{16}$|^AKIA[A-Z0-9]{16}$/, 'write AKIA and 16 capital letters or digits')
    .optional(),
  created: past.default(-31_536_000),
  active: z.boolean().default(true),
});
const user = z.strictObject({
  name,
  created: past.default(-31_536_000),
  ...rights,
  ...habits,
  console: z.boolean().default(false).describe('Has a password for the console.'),
  mfa: z.boolean().default(false),
  groups: z.array(name).default([]).describe('Names of groups below.'),
  keys: z.array(key).max(2, 'a user has at most two keys').default([]),
});
const role = z.strictObject({
  name,
  created: past.default(-31_536_000),
  ...rights,
  ...habits,
  session: name.default('session').describe('The session name its calls carry when a scenario acts as role/NAME.'),
  trusts: z.array(z.string()).default(['account']).describe('"account", a service such as ec2.amazonaws.com, or an ARN.'),
});

const deed = {
  region: z
    .union([region, z.array(region).min(1)])
    .optional()
    .describe('One region, or several for one call in each. Default: the first usual region.'),
  call: call.describe("service:Operation in AWS's own names."),
  with: parameters.describe(
    "The parameters in AWS's own names. A dollar sign and braces around saved.path stand for a result saved before.",
  ),
  fails: z
    .string()
    .min(1)
    .optional()
    .describe('The error AWS answers with instead of doing it, such as InsufficientInstanceCapacity or Failed authentication.'),
  save: word.optional().describe('A word by which later steps refer to what AWS answered.'),
};
const who = {
  as: z.string().describe('A user (its first key), a key id, console/USER, role/ROLE, or a key saved before.'),
  ...habits,
};
const recurring = z
  .strictObject({
    every: duration,
    jitter: duration.default(0).describe('Each time is moved by up to this much, by the seed.'),
    since: past.optional().describe('Not before. Default: the whole past.'),
    until: moment.optional().describe('Not after. Default: for ever.'),
    hours: z
      .string()
      .regex(/^\d{1,2}-\d{1,2}$/, 'write hours of the day (UTC) such as 8-18')
      .transform((text) => text.split('-').map(Number) as [number, number])
      .optional(),
    weekdays: z.boolean().default(false).describe('Not on Saturday and Sunday.'),
    ...who,
    region: deed.region,
    call: deed.call.optional(),
    with: deed.with,
    fails: deed.fails,
    do: z
      .array(z.strictObject({ after: duration.default(0), ...deed }))
      .default([])
      .describe('Several calls in a row, each so long after the first.'),
  })
  .refine((entry) => (entry.call === undefined) !== (entry.do.length === 0), 'write either call (one call) or do (several in a row)');
const step = z.strictObject({
  at: moment.refine((value) => value >= 0, 'a step happens after the start: write it with a plus, such as +5m'),
  ...who,
  ...deed,
  repeat: z
    .strictObject({ every: duration, times: z.number().int().positive().optional(), until: moment.optional() })
    .refine((value) => value.times !== undefined || value.until !== undefined, 'say how often (times: 600) or how long (until: +30m)')
    .optional(),
});
const pastStep = z.strictObject({ ...step.shape, at: past });

const actor = z.string().describe('A user, role/ROLE or console/USER of this scenario.');
/** What people declared before it happened. */
const expectation = z
  .strictObject({
    who: actor.optional().describe("Whose acts. Default: anybody's."),
    what: z.string().min(1).describe("A check's id such as compute/never-used-region, or machines for any computing."),
    region: region.optional().describe('Default: everywhere.'),
    from: moment,
    until: moment,
    capUsdPerHour: z.number().positive().optional().describe('What goes beyond is not expected any more.'),
    why: z.string().default(''),
  })
  .refine((each) => each.until > each.from, { path: ['until'], error: 'write a time after from' });

const faults = {
  throttling: z
    .array(
      z.strictObject({
        service: z.string().optional(),
        operation: z.string().optional(),
        region: region.optional(),
        rate: z.number().min(0).max(1),
        code: z.string().optional(),
      }),
    )
    .optional(),
  latencyMs: z.number().min(0).optional(),
  deniedRegions: z.array(region).optional(),
  consistency: duration.optional().describe('Until IAM believes a change. Default 4s.'),
  lookupLag: z
    .strictObject({ mean: duration, cap: duration })
    .optional()
    .describe('Until a record can be looked up. Default mean 5m, cap 15m.'),
};
const delay = (least: string, most: string) =>
  z
    .strictObject({ least: duration, most: duration })
    .refine((each) => each.most >= each.least, 'most must not be less than least')
    .prefault({ least, most });
const push = z.strictObject({
  queue: name.default('cloudwarden-events').describe('Name of the queue in the home region.'),
  regions: z.array(region).optional().describe('Regions with rules. Default: all.'),
  since: past.default(0).describe('Since when events are sent.'),
  calls: delay('20s', '180s').describe('How long a recorded call takes. Default 20s to 180s.'),
  changes: delay('5s', '30s').describe('How long a change of state takes. Default 5s to 30s.'),
});

const scenarioSchema = z.strictObject({
  label: z
    .strictObject({
      kind: z.enum(['attack', 'normal']).describe('What a guard ought to find here.'),
      first: moment.optional().describe("When the attack's first step is. Default: that of the first step under attack."),
      family: z.string().optional().describe('What sort of attack or account, in a word or two.'),
      twin: z.string().optional().describe('The file of the scenario that differs in what matters only.'),
    })
    .optional()
    .describe('What is right to say about this scenario, for whoever measures.'),
  name: z.string().min(1).describe('What the scenario is called.'),
  about: z.string().default('').describe('What happens, for whoever plays it.'),
  seed: z.number().int().default(1).describe('The same seed gives the same chance.'),
  account: z.strictObject({
    id: z.string().regex(/^\d{12}$/, 'write the 12 digits in quotes'),
    name,
    regions: z.array(region).min(1).describe('Where the account usually works; the first is home.'),
    optedIn: z.array(region).default([]).describe('Regions beyond the default ones that were switched on.'),
    vcpuLimit: z.number().int().positive().default(100_000).describe('vCPUs that may run in one region.'),
    billingAlerts: z.boolean().default(true).describe('CloudWatch is told estimated charges.'),
    budgets: z
      .array(
        z.strictObject({
          name: z.string(),
          limit: z.number().positive(),
          per: z.enum(['DAILY', 'MONTHLY', 'QUARTERLY', 'ANNUALLY']).default('MONTHLY'),
          type: z.enum(['COST', 'USAGE']).default('COST'),
        }),
      )
      .default([])
      .describe('Budgets in USD.'),
    exports: z
      .strictObject({
        bucket: z.string(),
        prefix: z.string().describe('With the name of the export at its end.'),
        version: z.enum(['1.0', '1.2']).default('1.0'),
        format: z.enum(['csv', 'parquet']).default('csv'),
        months: z.number().int().min(1).max(14).default(3),
      })
      .optional()
      .describe('The bill is written into a bucket as a FOCUS export.'),
    hourlyCosts: z.boolean().default(false).describe('Cost Explorer keeps costs by the hour.'),
    supportPlan: z.boolean().default(false).describe('Has Business support, which the Health API asks for.'),
    botAddress: address.default('192.0.2.10').describe('Where calls over HTTP seem to come from.'),
  }),
  networks: z
    .array(
      z.strictObject({
        range: z.string().regex(/^\d+\.\d+\.\d+\.\d+\/\d+$/, 'write a range such as 203.0.113.0/24'),
        asn: z.number().int(),
        name: z.string(),
        country: z.string().length(2).optional(),
        kind: z.enum(['hosting', 'home', 'provider', 'unknown']),
      }),
    )
    .default([])
    .describe('Whose the made-up addresses are.'),
  types: z
    .record(z.string(), z.strictObject({ vcpus: z.number().positive(), usdPerHour: z.number().nonnegative() }))
    .default({})
    .describe('Machine types beyond the built-in ones.'),
  root: z
    .strictObject({ mfa: z.boolean().default(true), key: key.optional(), ...habits })
    .prefault({})
    .describe('The root user, who acts as root (by a key) or console/root.'),
  users: z.array(user).default([]),
  roles: z.array(role).default([]),
  groups: z
    .array(z.strictObject({ name, created: past.default(-31_536_000), ...rights }))
    .default([])
    .describe('Groups of users.'),
  policies: z
    .record(z.string(), z.record(z.string(), z.unknown()))
    .default({})
    .describe("The account's own managed policies: name → policy document."),
  guards: z
    .strictObject({
      threatDetector: z.array(region).default([]).describe('Regions in which GuardDuty is on.'),
      accessAnalyzer: z.array(region).default([]).describe('Regions with an analyzer of external access.'),
    })
    .prefault({}),
  trails: z
    .array(
      z.strictObject({
        name,
        region: region.optional(),
        everyRegion: z.boolean().default(true),
        bucket: z.string().default('audit-logs'),
        logging: z.boolean().default(true),
      }),
    )
    .default([]),
  past: z
    .strictObject({
      days: z.number().int().min(0).max(120).default(90),
      instances: z
        .array(
          z.strictObject({
            type: z.string(),
            region,
            count: z.number().int().positive().default(1),
            since: past,
            until: past.optional().describe('Terminated then. Default: still there.'),
            stopped: z.boolean().default(false),
            busy: z.boolean().default(false).describe('Its processors are at work all the time.'),
            name: z.string().optional(),
            tags: z.record(z.string(), z.string()).default({}),
            by: z.string().default('').describe('The user or role/ROLE that launched it.'),
            save: word.optional().describe('A word by which steps refer to these machines: word.instances.'),
          }),
        )
        .default([]),
      calls: z.array(recurring).default([]),
      deeds: z.array(pastStep).default([]).describe('What was done once. What it saved, every later entry may refer to.'),
    })
    .prefault({}),
  costs: z
    .array(
      z.strictObject({
        service: z.string().describe('As Cost Explorer spells it.'),
        region: z.string(),
        perDay: z.number().describe('USD a day; with dayOfMonth, USD on that day.'),
        weekend: z.number().min(0).default(1).describe('Share of it on Saturdays and Sundays.'),
        noise: z.number().min(0).max(1).default(0.05).describe('Standard deviation as a share.'),
        charge: z
          .enum(['Usage', 'DiscountedUsage', 'SavingsPlanCoveredUsage', 'SavingsPlanRecurringFee', 'Fee', 'Tax', 'Credit', 'Refund'])
          .default('Usage'),
        account: z
          .string()
          .regex(/^\d{12}$/)
          .optional()
          .describe('Another account that this one pays for.'),
        usageType: z.string().optional(),
        resource: z.string().optional().describe('The id of the one thing that costs it.'),
        tags: z.record(z.string(), z.string()).optional().describe('Cost allocation tags.'),
        discount: z.number().min(0).max(1).optional().describe('Share that is taken off by agreement: net costs are so much less.'),
        revised: z
          .strictObject({ afterDays: z.number().positive(), times: z.number().min(0) })
          .optional()
          .describe('So many days after its end a day turns out to have cost so many times as much.'),
        dayOfMonth: z.number().int().min(1).max(28).optional(),
        since: past.default(-400 * 86_400),
      }),
    )
    .default([]),
  normal: z.array(recurring).default([]).describe('What goes on while the scenario is played.'),
  deeds: z.array(step).default([]).describe('What honest people do once, at its time.'),
  attack: z.array(step).default([]),
  faults: z.strictObject(faults).prefault({}),
  faultsAt: z
    .array(z.strictObject({ at: moment, ...faults }))
    .default([])
    .describe('Faults that change while it is played.'),
  push: z
    .union([z.boolean(), push])
    .default(false)
    .transform((value) => (value === true ? push.parse({}) : value || undefined))
    .describe('Events are sent to a queue: true, or how.'),
  expected: z.array(expectation).default([]).describe('What people declared before it happened.'),
  findings: z
    .array(
      z.strictObject({
        at: moment,
        type: z.string().describe('As GuardDuty spells it.'),
        severity: z.number().min(1).max(10).default(8),
        region: region.optional(),
        title: z.string().optional(),
        about: z.string().optional(),
        resource: z.record(z.string(), z.unknown()).default({ ResourceType: 'AccessKey' }).describe('As GuardDuty describes it.'),
        sample: z.boolean().default(false),
      }),
    )
    .default([])
    .describe('What the threat detector finds, where it is on.'),
  health: z
    .array(
      z.strictObject({
        at: moment,
        code: z.string().describe('Such as AWS_RISK_CREDENTIALS_EXPOSED.'),
        service: z.string().default('RISK'),
        category: z.enum(['issue', 'accountNotification', 'scheduledChange', 'investigation']).default('issue'),
        region: z.union([z.literal('global'), region]).default('us-east-1'),
        text: z.string().default(''),
        entities: z.array(z.string()).default([]).describe('What it concerns: key ids, users, ARNs.'),
      }),
    )
    .default([])
    .describe('What AWS Health says.'),
  scaling: z
    .array(
      z
        .strictObject({
          group: z.string().describe('Name of an Auto Scaling group.'),
          region: region.optional(),
          to: z.number().int().min(0).describe('Machines it wants from then on, within its limits.'),
          at: moment.optional().describe('Once, also in the past.'),
          hour: z.number().int().min(0).max(23).optional().describe('Every day at that hour (UTC), also in the past.'),
        })
        .refine((each) => (each.at === undefined) !== (each.hour === undefined), 'write either at (once) or hour (every day)'),
    )
    .default([])
    .describe('What groups do by their own scaling policies. Nobody calls anything.'),
  load: z
    .array(
      z.strictObject({
        type: z.string().optional(),
        region: region.optional(),
        percent: z.number().min(0).max(100).default(97),
        from: moment.default(0),
        until: moment.optional(),
      }),
    )
    .default([])
    .describe('How busy machines are. The first line that fits a machine holds.'),
  metrics: z
    .array(
      z.strictObject({
        namespace: z.string().describe('Such as AWS/Bedrock or AWS/Lambda.'),
        name: z.string(),
        dimensions: z.record(z.string(), z.string()).default({}),
        region,
        perHour: z.number(),
        from: moment,
        until: moment.optional(),
      }),
    )
    .default([])
    .describe('Series that CloudWatch has.'),
});
/** A scenario as it is played: every time in seconds. */
export type Scenario = z.output<typeof scenarioSchema>;
export type Recurring = Scenario['normal'][number];
export type Step = Scenario['attack'][number];
/** What people declared beforehand. `who` is as written in the scenario; times in seconds from its start. */
export type Expectation = Scenario['expected'][number];

/** When the attack begins, in seconds from the start: with the first step that does more than look around. Undefined where there is none. */
export function attackBegins({ label, attack }: Pick<Scenario, 'label' | 'attack'>): number | undefined {
  if (label?.kind === 'normal') return undefined;
  const deeds = attack.filter(({ call }) => !isLooking(call));
  const steps = (deeds.length > 0 ? deeds : attack).map(({ at }) => at);
  return label?.first ?? (steps.length > 0 ? Math.min(...steps) : undefined);
}
/** A call that changes nothing. What makes a token or session is named like one, and is none. */
export const isLooking = (call: string): boolean =>
  /:(?:Get|List|Describe|Lookup|Search|Head|BatchGet|Simulate)/.test(call) && !/:Get(?:Federation|Session|Signin)Token/.test(call);

/** The services whose calls a scenario makes, under the names it uses. */
export function servicesOf(scenario: Pick<Scenario, 'attack' | 'deeds' | 'normal' | 'past' | 'scaling'>): Set<string> {
  const recurring = [...scenario.past.calls, ...scenario.normal].flatMap((entry) => [entry.call, ...entry.do.map((deed) => deed.call)]);
  const calls = [...scenario.attack, ...scenario.deeds, ...scenario.past.deeds]
    .map((step) => step.call)
    .concat(recurring.flatMap((each) => each ?? []));
  const scaled = scenario.scaling.length > 0 ? ['autoscaling'] : [];
  return new Set([...calls.flatMap((each) => each.split(':')[0] ?? []), ...scaled]);
}

/** For editors: what may stand in a scenario file. */
export const scenarioJsonSchema = (): object => ({
  title: 'A Cloudwarden scenario',
  ...z.toJSONSchema(scenarioSchema, { io: 'input' }),
});

/** All mistakes of a scenario file at once, each with its place and what to write instead. */
export class ScenarioError extends Error {
  readonly mistakes: string[];
  constructor(file: string, mistakes: string[]) {
    super(
      `${file} has ${mistakes.length === 1 ? 'a mistake' : `${mistakes.length} mistakes`}:\n${mistakes.map((each) => `  ${each}`).join('\n')}`,
    );
    this.name = 'ScenarioError';
    this.mistakes = mistakes;
  }
}

/** Reads and checks a scenario file. Throws `ScenarioError`. */
export async function readScenario(path: string): Promise<Scenario> {
  return parseScenario(await readFile(path, 'utf8'), path);
}

export async function parseScenario(yaml: string, file: string): Promise<Scenario> {
  const document = parseDocument(yaml, { merge: true });
  if (document.errors.length)
    throw new ScenarioError(
      file,
      document.errors.map((error) => error.message.split('\n')[0] ?? 'not YAML'),
    );
  const content: unknown = document.toJS({ maxAliasCount: 1000 });
  const parsed = scenarioSchema.safeParse(content, { reportInput: true });
  const strangers = unknownPolicies(content);
  if (!parsed.success) {
    const order = Object.keys(scenarioSchema.shape);
    const placeOfTop = (top: PropertyKey | undefined) => order.indexOf(String(top)) + (top === undefined ? order.length + 1 : 0);
    const told = [
      ...strangers.map(({ group, text }) => ({ top: placeOfTop(group), texts: [text] })),
      ...parsed.error.issues.map((issue) => ({ top: placeOfTop(issue.path[0]), texts: inPlainWords(issue) })),
    ];
    throw new ScenarioError(
      file,
      told.sort((a, b) => a.top - b.top).flatMap((each) => each.texts),
    );
  }
  if (strangers.length)
    throw new ScenarioError(
      file,
      strangers.map(({ text }) => text),
    );
  const mistakes = mistakesOf(parsed.data, (await loadServices(servicesOf(parsed.data))).loaded);
  if (mistakes.length) throw new ScenarioError(file, mistakes);
  return parsed.data;
}

function inPlainWords(issue: z.core.$ZodIssue): string[] {
  const at = placeOf(issue.path);
  switch (issue.code) {
    case 'unrecognized_keys': {
      const allowed = keysAt(issue.path);
      return issue.keys.map((key) => `${placeOf([...issue.path, key])}: there is no such setting; ${closest(key, allowed)}`);
    }
    case 'invalid_type':
      return [`${at}: write ${kinds[issue.expected] ?? issue.expected}${issue.input === undefined ? ' (it is missing)' : ''}`];
    case 'invalid_value':
      return [`${at}: write one of ${issue.values.map(String).join(', ')}`];
    default:
      return [`${at}: ${issue.message}`];
  }
}
const kinds: Record<string, string> = {
  string: 'text (numbers in quotes)',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'settings, one a line',
  record: 'settings, one a line',
};
const placeOf = (path: readonly PropertyKey[]) =>
  path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '') || 'the file';

/** The settings allowed at a place, read off the JSON schema, so that they are written down once. */
function keysAt(path: readonly PropertyKey[]): string[] {
  type Node = { properties?: Record<string, Node>; items?: Node; anyOf?: Node[] };
  let node: Node | undefined = scenarioJsonSchema() as Node;
  for (const part of path) node = typeof part === 'number' ? node?.items : node?.properties?.[String(part)];
  return Object.keys(node?.properties ?? {});
}
