/** Who from outside a trust document lets in, and what must be true for it. Pure. */
import { at, fields, list, text } from '../translate/reading.ts';

/** `to`: an account, '*', or the name of an identity provider. `conditions`: the keys that every way in asks for. */
export type Door = { to: string; provider: boolean; conditions: string[] };

/** Services and this account itself are not outside. An unreadable document has no doors. */
export function doorsOf(document: string | undefined, account: string): Door[] {
  const doors = new Map<string, Door>();
  for (const statement of list(parsed(document), 'Statement')) {
    if (!fields(statement) || text(statement, 'Effect') !== 'Allow') continue;
    const conditions = conditionsOf(statement);
    for (const { to, provider } of outsiders(at(statement, 'Principal'), account)) {
      const other = doors.get(to);
      // Two ways in are as open as the wider one.
      doors.set(to, { to, provider, conditions: other ? other.conditions.filter((key) => conditions.includes(key)) : conditions });
    }
  }
  return [...doors.values()];
}

/** Nothing narrows it: no condition at all or, where anybody of a provider could come, none on who comes. */
export const standsOpen = ({ provider, conditions }: Door): boolean =>
  conditions.length === 0 || (provider && conditions.every((key) => /:aud$/i.test(key) && !/^saml:/i.test(key) && !/^cognito/i.test(key)));

function outsiders(principal: unknown, account: string): { to: string; provider: boolean }[] {
  if (principal === '*') return [{ to: '*', provider: false }];
  const accounts = list(principal, 'AWS').flatMap((name) => {
    if (typeof name !== 'string') return [];
    const to = name === '*' ? '*' : /^(?:arn:[\w-]+:(?:iam|sts)::)?(\d{12})(?::|$)/.exec(name)?.[1];
    return to === undefined || to === account ? [] : [{ to, provider: false }];
  });
  const providers = list(principal, 'Federated').flatMap((name) =>
    typeof name === 'string'
      ? [{ to: name.replace(/^arn:[\w-]+:iam::\d*:(?:oidc|saml)-provider\//, '').slice(0, 256), provider: true }]
      : [],
  );
  return [...accounts, ...providers];
}

/** A condition that any value meets is none. */
function conditionsOf(statement: unknown): string[] {
  const keys = Object.values(fields(at(statement, 'Condition')) ?? {}).flatMap((tests) =>
    Object.entries(fields(tests) ?? {}).flatMap(([key, wanted]) =>
      [wanted].flat().every((value) => typeof value === 'string' && /^\*+$/.test(value)) ? [] : [key.slice(0, 128)],
    ),
  );
  return [...new Set(keys)].sort();
}

/** IAM's answers carry documents URL-encoded. */
function parsed(document: string | undefined): unknown {
  try {
    return JSON.parse(decodeURIComponent(document ?? ''));
  } catch {
    return undefined;
  }
}
