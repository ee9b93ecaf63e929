/** Reads provider JSON without trusting it: every helper takes anything and answers undefined when it is not there. */

export type Fields = Record<string, unknown>;

export const fields = (value: unknown): Fields | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;

/** Follows a path of field names. CloudTrail writes the same field as `userName` or `UserName`, depending on the service. */
export function at(value: unknown, ...path: string[]): unknown {
  let here: unknown = value;
  for (let step = 0; step < path.length; step += 1) {
    const object = fields(here);
    if (!object) return undefined;
    const name = path[step]!;
    // Nearly always it is there as it is spelt; only what is inherited or missing needs a second look.
    const found = object[name];
    here = found !== undefined && Object.hasOwn(object, name) ? found : own(object, otherCase(name));
  }
  return here ?? undefined;
}

/** Not empty text; a number becomes text. */
export function text(value: unknown, ...path: string[]): string | undefined {
  const found = at(value, ...path);
  if (typeof found === 'string') return found === '' ? undefined : found;
  return typeof found === 'number' ? String(found) : undefined;
}

/** A finite number, also when written as text. */
export function number(value: unknown, ...path: string[]): number | undefined {
  const found = at(value, ...path);
  const parsed = typeof found === 'string' && found.trim() !== '' ? Number(found) : found;
  return typeof parsed === 'number' && Number.isFinite(parsed) ? parsed : undefined;
}

/** true or false, also when written as text, or wrapped as `{ value: true }` as EC2 does. */
export function flag(value: unknown, ...path: string[]): boolean | undefined {
  const found = at(value, ...path);
  if (typeof found === 'boolean') return found;
  if (found === 'true' || found === 'false') return found === 'true';
  const inside = at(found, 'value');
  return typeof inside === 'boolean' ? inside : inside === 'true' || inside === 'false' ? inside === 'true' : undefined;
}

/** A list, whether written as an array, as `{ items: […] }`, `{ item: […] }` or as a single thing. */
export function list(value: unknown, ...path: string[]): unknown[] {
  const found = at(value, ...path);
  if (Array.isArray(found)) return found;
  const object = fields(found);
  if (!object) return found === undefined ? [] : [found];
  for (const name of ['items', 'item', 'member']) {
    if (Object.hasOwn(object, name)) return Array.isArray(object[name]) ? (object[name] as unknown[]) : [object[name]];
  }
  return Object.keys(object).length === 0 ? [] : [object];
}

const own = (object: Fields, name: string): unknown => (Object.hasOwn(object, name) ? object[name] : undefined);

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
