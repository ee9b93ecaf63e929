/** Reads provider JSON without trusting it: every helper takes anything and answers undefined when it is not there. */

export type Fields = Record<string, unknown>;

export const fields = (value: unknown): Fields | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;

/**
 * Follows a path of up to four field names. CloudTrail writes the same field as `userName` or `UserName`, depending on the service. (This is
 * asked a dozen times for every record of a log, and a list of names would be made anew each time.)
 */
export function at(value: unknown, first: string, second?: string, third?: string, fourth?: string): unknown {
  let here = inside(value, first);
  if (second !== undefined) here = inside(here, second);
  if (third !== undefined) here = inside(here, third);
  if (fourth !== undefined) here = inside(here, fourth);
  return here ?? undefined;
}

function inside(value: unknown, name: string): unknown {
  const object = fields(value);
  if (object === undefined) return undefined;
  const found = object[name];
  return isTold(found) ? found : own(object, otherCase(name));
}

/** JSON knows no functions: one is what every object inherits, under a name that is not in the record. */
const isTold = (found: unknown): boolean => found !== undefined && typeof found !== 'function';

/** Not empty text; a number becomes text. */
export function text(value: unknown, first?: string, second?: string, third?: string, fourth?: string): string | undefined {
  const found = first === undefined ? value : at(value, first, second, third, fourth);
  if (typeof found === 'string') return found === '' ? undefined : found;
  return typeof found === 'number' ? String(found) : undefined;
}

/** A finite number, also when written as text. */
export function number(value: unknown, first?: string, second?: string, third?: string, fourth?: string): number | undefined {
  const found = first === undefined ? value : at(value, first, second, third, fourth);
  const parsed = typeof found === 'string' && found.trim() !== '' ? Number(found) : found;
  return typeof parsed === 'number' && Number.isFinite(parsed) ? parsed : undefined;
}

/** true or false, also when written as text, or wrapped as `{ value: true }` as EC2 does. */
export function flag(value: unknown, first?: string, second?: string, third?: string, fourth?: string): boolean | undefined {
  const found = first === undefined ? value : at(value, first, second, third, fourth);
  if (typeof found === 'boolean') return found;
  if (found === 'true' || found === 'false') return found === 'true';
  const inside = at(found, 'value');
  return typeof inside === 'boolean' ? inside : inside === 'true' || inside === 'false' ? inside === 'true' : undefined;
}

/** A list, whether written as an array, as `{ items: […] }`, `{ item: […] }` or as a single thing. */
export function list(value: unknown, first?: string, second?: string, third?: string, fourth?: string): unknown[] {
  const found = first === undefined ? (value ?? undefined) : at(value, first, second, third, fourth);
  if (Array.isArray(found)) return found;
  const object = fields(found);
  if (!object) return found === undefined ? [] : [found];
  for (const name of ['items', 'item', 'member']) {
    if (Object.hasOwn(object, name)) return Array.isArray(object[name]) ? (object[name] as unknown[]) : [object[name]];
  }
  return Object.keys(object).length === 0 ? [] : [object];
}

function own(object: Fields, name: string): unknown {
  const found = object[name];
  return isTold(found) ? found : undefined;
}

/** Names come from our own code, so they are few; each is turned once. */
const turned = new Map<string, string>();

function otherCase(name: string): string {
  const known = turned.get(name);
  if (known !== undefined) return known;
  const first = name.charAt(0);
  const other = (first === first.toUpperCase() ? first.toLowerCase() : first.toUpperCase()) + name.slice(1);
  turned.set(name, other);
  return other;
}
