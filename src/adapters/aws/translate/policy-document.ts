/** What an IAM policy document lets happen, as far as the checks ask. */
import { at, fields, list, text } from './reading.ts';

/**
 * Does a statement allow everything on everything (`*` or `*:*`, on `*`), or `iam:*`, with which one gives oneself the rest? False when the
 * document cannot be read.
 */
export function allowsEverything(document: unknown): boolean {
  return statements(document).some(
    (statement) =>
      text(statement, 'Effect') === 'Allow' &&
      at(statement, 'Condition') === undefined &&
      (list(statement, 'Action').some((action) => typeof action === 'string' && everything.has(action.toLowerCase())) ||
        (at(statement, 'NotAction') !== undefined && at(statement, 'Action') === undefined)) &&
      list(statement, 'Resource').includes('*'),
  );
}

/** Does any statement forbid something? */
export const forbidsSomething = (document: unknown): boolean =>
  statements(document).some((statement) => text(statement, 'Effect') === 'Deny');

const everything = new Set(['*', '*:*', 'iam:*']);

/**
 * Accounts other than this one, '*', or an identity provider that anybody can use, as far as a trust document lets them in;
 * `unconditional` when no condition tells one of them from another.
 */
export function lettingIn(document: unknown, account: string): { to: string; unconditional: boolean }[] {
  const found = new Map<string, boolean>();
  for (const statement of statements(document)) {
    if (text(statement, 'Effect') !== 'Allow') continue;
    const conditions = keysOf(at(statement, 'Condition'));
    for (const to of namedIn(at(statement, 'Principal'))) {
      if (to === account) continue;
      const unconditional = to === '*' ? !conditions.some((key) => tellsWho.test(key)) : conditions.length === 0;
      found.set(to, (found.get(to) ?? false) || unconditional);
    }
    for (const issuer of sharedIssuers(at(statement, 'Principal'))) {
      // Without a project or application of one's own, everybody with an account there comes in.
      if (!conditions.some((key) => key.startsWith(`${issuer}:`) && !(buildServices.has(issuer) && key.endsWith(':aud'))))
        found.set(issuer, true);
    }
  }
  return [...found].map(([to, unconditional]) => ({ to, unconditional }));
}

/** The names of what is compared, in small letters. */
const keysOf = (condition: unknown): string[] =>
  Object.values(fields(condition) ?? {}).flatMap((compared) => Object.keys(fields(compared) ?? {}).map((key) => key.toLowerCase()));
/** Conditions on who or whence. An external id is a password that anybody may learn: for '*' it is no lock. */
const tellsWho =
  /^aws:(?:principal(?:orgid|orgpaths|account|arn|isawsservice|servicename)|source(?:account|arn|orgid|orgpaths|ip|vpc|vpce|owner)|userid)$/;

/** Providers whose sign-ins anybody can get (documentation of each on access to AWS). */
const shared =
  /oidc-provider\/(token\.actions\.githubusercontent\.com|gitlab\.com|app\.terraform\.io)$|^(accounts\.google\.com|graph\.facebook\.com|www\.amazon\.com|cognito-identity\.amazonaws\.com)$/;
/** With these, what a token is for (`aud`) is the same for every user. */
const buildServices = new Set(['token.actions.githubusercontent.com', 'gitlab.com', 'app.terraform.io']);
const sharedIssuers = (principal: unknown): string[] =>
  list(principal, 'Federated').flatMap((name) => {
    const found = typeof name === 'string' ? shared.exec(name) : null;
    return found ? [found[1] ?? found[2]!] : [];
  });
function namedIn(principal: unknown): string[] {
  if (principal === '*') return ['*'];
  return list(principal, 'AWS').flatMap((name) => {
    if (typeof name !== 'string') return [];
    if (name === '*') return ['*'];
    return /^(?:arn:[\w-]+:(?:iam|sts)::)?(\d{12})(?::|$)/.exec(name)?.[1] ?? [];
  });
}

/** CloudTrail carries documents as JSON text, plain in requests and URL-encoded in answers. */
function statements(document: unknown): unknown[] {
  return list(typeof document === 'string' ? parsed(document) : document, 'Statement').filter((one) => fields(one));
}

function parsed(document: string): unknown {
  for (const read of [(text: string) => text, decodeURIComponent]) {
    try {
      return JSON.parse(read(document));
    } catch {
      // Not in this spelling.
    }
  }
  return undefined;
}
