/** What an IAM policy document lets happen, as far as the checks ask. */
import { at, fields, list, text } from './reading.ts';

/** Does a statement allow everything on everything (`*` or `*:*`, on `*`)? False when the document cannot be read. */
export function allowsEverything(document: unknown): boolean {
  return statements(document).some(
    (statement) =>
      text(statement, 'Effect') === 'Allow' &&
      at(statement, 'Condition') === undefined &&
      (list(statement, 'Action').some((action) => action === '*' || action === '*:*') ||
        (at(statement, 'NotAction') !== undefined && at(statement, 'Action') === undefined)) &&
      list(statement, 'Resource').includes('*'),
  );
}

/** Accounts other than this one, or '*', that a trust document lets in; `unconditional` when no Condition narrows it. */
export function lettingIn(document: unknown, account: string): { to: string; unconditional: boolean }[] {
  const found = new Map<string, boolean>();
  for (const statement of statements(document)) {
    if (text(statement, 'Effect') !== 'Allow') continue;
    const unconditional = at(statement, 'Condition') === undefined;
    for (const to of namedIn(at(statement, 'Principal'))) {
      if (to !== account) found.set(to, (found.get(to) ?? false) || unconditional);
    }
  }
  return [...found].map(([to, unconditional]) => ({ to, unconditional }));
}

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
