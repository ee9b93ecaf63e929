/** The mistakes a Zod schema finds, in plain words. */
import type { z } from 'zod';

/** What is wrong with one setting, and what to write instead. */
export type Complaint = { path: PropertyKey[]; text: string };

/** `schema` is the JSON schema of the whole, by which misspelt settings are told what they could be. No value is ever repeated. */
export function inWords(issue: z.core.$ZodIssue, schema: object): Complaint[] {
  const { path } = issue;
  const say = (text: string): Complaint[] => [{ path, text }];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({ path: [...path, key], text: `there is no such setting${near(key, settingsAt(path, schema))}` }));
    case 'invalid_type': {
      const advice = issue.message.startsWith('Invalid input') ? `write ${kinds[issue.expected] ?? issue.expected}` : issue.message;
      return say(`${issue.input === undefined ? 'is missing; ' : issue.input === null ? 'is empty; ' : ''}${advice}`);
    }
    case 'invalid_value':
      return say(`${issue.input === undefined ? 'is missing; ' : ''}${adviceOf(issue, `write ${issue.values.map(String).join(' or ')}`)}`);
    case 'invalid_key':
      return say(issue.issues.map((inner) => inner.message).join('; '));
    case 'too_small':
    case 'too_big': {
      const limit = issue.code === 'too_small' ? `at least ${issue.minimum}` : `at most ${issue.maximum}`;
      return say(/^Too (small|big)/.test(issue.message) ? `write ${limit}` : issue.message);
    }
    default:
      return say(issue.message);
  }
}

const adviceOf = (issue: z.core.$ZodIssue, otherwise: string): string => (issue.message.startsWith('Invalid') ? otherwise : issue.message);

const kinds: Record<string, string> = {
  string: 'text, in quotes',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'settings, one a line and indented',
  record: 'settings, one a line and indented',
};

/** The settings allowed there, read off the schema for editors, so that they are written down once. */
function settingsAt(path: readonly PropertyKey[], schema: object): string[] {
  type Node = { properties?: Record<string, Node>; additionalProperties?: Node; items?: Node };
  let node: Node | undefined = schema as Node;
  for (const step of path) node = typeof step === 'number' ? node?.items : (node?.properties?.[String(step)] ?? node?.additionalProperties);
  return Object.keys(node?.properties ?? {});
}

function near(key: string, names: string[]): string {
  const small = key.toLowerCase();
  const alike = (name: string) => {
    const other = name.toLowerCase();
    return other.startsWith(small) || small.startsWith(other) || other.endsWith(`/${small}`) ? 1 : edits(small, other);
  };
  const best = names.map((name) => ({ name, away: alike(name) })).sort((a, b) => a.away - b.away)[0];
  if (best && best.away <= Math.max(2, key.length / 3)) return `; did you mean ${best.name}?`;
  return names.length > 0 && names.length <= 12 ? `; there are ${names.join(', ')}` : '';
}

/** How many letters must be changed, added or left out to make one word of the other (Levenshtein). */
function edits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length]!;
}
