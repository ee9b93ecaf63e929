import { z } from 'zod';

const oneOrMore = z.union([z.string(), z.array(z.string())]).transform((value) => (Array.isArray(value) ? value : [value]));
const principal = z.union([
  z.literal('*'),
  z.object({ AWS: oneOrMore.optional(), Service: oneOrMore.optional(), Federated: oneOrMore.optional() }),
]);
const statement = z.object({
  Effect: z.enum(['Allow', 'Deny']),
  Action: oneOrMore.optional(),
  NotAction: oneOrMore.optional(),
  Resource: oneOrMore.optional(),
  NotResource: oneOrMore.optional(),
  Principal: principal.optional(),
  Condition: z.record(z.string(), z.record(z.string(), oneOrMore)).optional(),
});
const policyDocument = z.object({
  Statement: z.union([statement, z.array(statement)]).transform((value) => (Array.isArray(value) ? value : [value])),
});
export type Policy = z.output<typeof policyDocument>;
/** A condition's value is absent when the request has none, e.g. `aws:TokenIssueTime` for a long-term key. */
export type Question = { action: string; resource: string; context: Record<string, string | undefined> };
export type Verdict = 'allowed' | 'denied by a policy' | 'not allowed by any policy';

/** The document, or in plain words what is wrong with it. A condition this account could not judge is refused, not ignored. */
export function readPolicy(json: unknown): Policy | string {
  let given: unknown = json;
  if (typeof json === 'string') {
    try {
      given = JSON.parse(json);
    } catch {
      return 'Syntax errors in policy.';
    }
  }
  const parsed = policyDocument.safeParse(given);
  if (!parsed.success) return parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
  const operators = parsed.data.Statement.flatMap((each) => Object.keys(each.Condition ?? {}));
  const unknown = operators.filter((operator) => !(plainOperator(operator) in comparisons));
  return unknown.length ? `The simulated account does not know the condition ${unknown.join(', ')}.` : parsed.data;
}

/** AWS's order of evaluation: an explicit deny wins, then any allow, else no. */
export function judge(policies: Policy[], question: Question): Verdict {
  const matching = policies.flatMap((policy) => policy.Statement).filter((each) => concerns(each, question));
  if (matching.some((each) => each.Effect === 'Deny')) return 'denied by a policy';
  return matching.length ? 'allowed' : 'not allowed by any policy';
}

/** Does the trust policy of a role let this caller in? `account` means that the caller's own policies decide. */
export function trusts(
  trust: Policy,
  caller: { arn: string; accountId: string },
  context: Question['context'],
): 'caller' | 'account' | 'nobody' {
  const matching = trust.Statement.filter((each) => each.Effect === 'Allow' && conditionsHold(each.Condition, context));
  const named = matching.flatMap((each) => (each.Principal === '*' ? ['*'] : (each.Principal?.AWS ?? [])));
  if (named.includes(caller.arn)) return 'caller';
  return named.some((name) => ['*', caller.accountId, `arn:aws:iam::${caller.accountId}:root`].includes(name)) ? 'account' : 'nobody';
}

function concerns(each: Policy['Statement'][number], { action, resource, context }: Question): boolean {
  const actionFits = each.Action
    ? each.Action.some((pattern) => like(pattern, action))
    : !each.NotAction?.some((pattern) => like(pattern, action));
  const resourceFits = each.NotResource
    ? !each.NotResource.some((pattern) => like(pattern, resource, true))
    : (each.Resource ?? ['*']).some((pattern) => like(pattern, resource, true));
  return actionFits && resourceFits && conditionsHold(each.Condition, context);
}

function conditionsHold(conditions: Policy['Statement'][number]['Condition'], context: Question['context']): boolean {
  const byName = new Map(Object.entries(context).map(([key, value]) => [key.toLowerCase(), value]));
  return Object.entries(conditions ?? {}).every(([operator, keys]) =>
    Object.entries(keys).every(([key, wanted]) => {
      const actual = byName.get(key.toLowerCase());
      const plain = plainOperator(operator);
      if (plain === 'Null') return wanted.includes(String(actual === undefined));
      // A negated comparison holds for a value that is not there, any other does not.
      const negated = plain.includes('Not');
      if (actual === undefined) return negated || operator.endsWith('IfExists');
      const compare = comparisons[plain];
      if (!compare) return false;
      return negated ? wanted.every((value) => compare(actual, value)) : wanted.some((value) => compare(actual, value));
    }),
  );
}

const plainOperator = (operator: string) => operator.replace(/IfExists$/, '');

const comparisons: Record<string, (actual: string, wanted: string) => boolean> = {
  DateLessThan: (actual, wanted) => Date.parse(actual) < Date.parse(wanted),
  DateLessThanEquals: (actual, wanted) => Date.parse(actual) <= Date.parse(wanted),
  DateGreaterThan: (actual, wanted) => Date.parse(actual) > Date.parse(wanted),
  DateGreaterThanEquals: (actual, wanted) => Date.parse(actual) >= Date.parse(wanted),
  StringEquals: (actual, wanted) => actual === wanted,
  StringNotEquals: (actual, wanted) => actual !== wanted,
  StringEqualsIgnoreCase: (actual, wanted) => actual.toLowerCase() === wanted.toLowerCase(),
  StringLike: (actual, wanted) => like(wanted, actual, true),
  StringNotLike: (actual, wanted) => !like(wanted, actual, true),
  ArnEquals: (actual, wanted) => like(wanted, actual, true),
  ArnNotEquals: (actual, wanted) => !like(wanted, actual, true),
  ArnLike: (actual, wanted) => like(wanted, actual, true),
  ArnNotLike: (actual, wanted) => !like(wanted, actual, true),
  Bool: (actual, wanted) => actual === wanted,
  Null: () => false,
};

/** `*` and `?` as in policies. Actions ignore case, resources and values do not. */
function like(pattern: string, value: string, caseCounts = false): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, caseCounts ? 's' : 'is').test(value);
}
