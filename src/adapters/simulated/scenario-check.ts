import type { NormalizedSchema } from '@smithy/core/schema';
import type { Service } from './call.ts';
import { listedTypes } from './instance-types.ts';
import { managedPolicyNames } from './managed-policies.ts';
import { readPolicy } from './policy.ts';
import type { Recurring, Scenario, Step } from './scenario.ts';
import { signingName } from './services.ts';
import { otherCase, type Shape } from './wire.ts';

/** What the schema alone cannot see: names that point nowhere, calls and parameters AWS does not know. Each line says what to write instead. */
export function mistakesOf(scenario: Scenario, services: Record<string, Service>): string[] {
  const said: string[] = [];
  const say = (place: string, what: string) => said.push(`${place}: ${what}`);
  const types = Object.keys({ ...listedTypes(), ...scenario.types });

  const checkType = (place: string, type: unknown) => {
    if (typeof type === 'string' && !types.includes(type))
      say(place, `"${type}" has no price here; ${closest(type, types)}, or add it under types`);
  };
  const checkCall = (place: string, call: string, parameters: Shape) => {
    const [serviceName = '', operation = ''] = call.split(':');
    const service = services[signingName(serviceName)];
    if (!service?.wire) return;
    const schema = service.wire.operation(operation);
    if (!schema)
      return say(`${place}.call`, `AWS has no ${call}; ${closest(operation, Object.keys(service.operations), `${serviceName}:`)}`);
    checkParameters(`${place}.with`, schema.input, parameters, say);
    if (operation === 'RunInstances') checkType(`${place}.with.InstanceType`, parameters.InstanceType);
  };
  const checkWho = (place: string, entry: Recurring | Step, saved: Set<string>) => {
    const wanted = problemWithActor(scenario, entry.as, saved);
    if (wanted) say(`${place}.as`, wanted);
    else if (!entry.from && !habitOf(scenario, entry.as)?.from)
      say(`${place}.from`, 'say which address the call comes from, here or with the user or role');
  };
  const checkReferences = (place: string, parameters: Shape, saved: Set<string>) => {
    for (const [, word] of JSON.stringify(parameters).matchAll(/\$\{(\w+)[^}]*\}/g)) {
      if (word !== 'time' && !saved.has(word!)) say(place, `nothing was saved as "${word}" before; ${closest(word!, [...saved])}`);
    }
  };

  scenario.users.forEach((user, at) => {
    const groups = scenario.groups.map((group) => group.name);
    user.groups.forEach((name, turn) => {
      if (!groups.includes(name)) say(`users[${at}].groups[${turn}]`, `there is no group "${name}"; ${closest(name, groups)}`);
    });
    for (const [name, document] of Object.entries(user.inline)) {
      const policy = readPolicy(document);
      if (typeof policy === 'string') say(`users[${at}].inline.${name}`, policy);
    }
  });
  for (const [name, document] of Object.entries(scenario.policies)) {
    const policy = readPolicy(document);
    if (typeof policy === 'string') say(`policies.${name}`, policy);
  }
  scenario.expected.forEach((each, at) => {
    const wanted = each.who && problemWithActor(scenario, each.who, new Set());
    if (wanted) say(`expected[${at}].who`, wanted);
  });
  if (scenario.label?.kind === 'normal' && scenario.attack.length)
    say('label.kind', 'a normal account has no attack; write attack here, or move the steps to normal');
  // What the past left, everybody may refer to.
  const known = new Set([...scenario.past.instances, ...scenario.past.deeds].flatMap(({ save }) => save ?? []));
  scenario.past.instances.forEach((instance, at) => {
    checkType(`past.instances[${at}].type`, instance.type);
    const wanted = instance.by && problemWithActor(scenario, instance.by, new Set());
    if (wanted) say(`past.instances[${at}].by`, wanted);
  });
  for (const [place, entries] of [
    ['past.calls', scenario.past.calls],
    ['normal', scenario.normal],
  ] as const) {
    entries.forEach((entry, at) => {
      const here = `${place}[${at}]`;
      const saved = new Set(known);
      checkWho(here, entry, saved);
      checkReferences(`${here}.with`, entry.with, saved);
      if (entry.call) checkCall(here, entry.call, entry.with);
      entry.do.forEach((each, turn) => {
        checkReferences(`${here}.do[${turn}].with`, each.with, saved);
        checkCall(`${here}.do[${turn}]`, each.call, each.with);
        if (each.save) saved.add(each.save);
      });
    });
  }
  for (const [list, steps] of [
    ['past.deeds', scenario.past.deeds],
    ['deeds', scenario.deeds],
    ['attack', scenario.attack],
  ] as const) {
    const before = list === 'past.deeds' ? scenario.past.instances.flatMap(({ save }) => save ?? []) : known;
    const saved = new Set(before);
    [...steps.entries()]
      .sort(([, a], [, b]) => a.at - b.at)
      .forEach(([at, step]) => {
        const here = `${list}[${at}]`;
        checkWho(here, step, saved);
        checkReferences(`${here}.with`, step.with, saved);
        checkCall(here, step.call, step.with);
        if (step.save) saved.add(step.save);
      });
  }
  return said;
}

/** Names of policies that are neither AWS's nor the scenario's own. Asked of the file as it stands, so that it is told with mistakes of form. */
export function unknownPolicies(file: unknown): { group: 'users' | 'roles' | 'groups'; text: string }[] {
  const given = (typeof file === 'object' && file !== null ? file : {}) as Shape;
  const known = [...Object.keys(typeof given.policies === 'object' ? (given.policies ?? {}) : {}), ...managedPolicyNames];
  const asList = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
  return (['users', 'roles', 'groups'] as const).flatMap((group) =>
    asList(given[group]).flatMap((holder, at) =>
      asList((holder as Shape | null)?.policies).flatMap((name, turn) => {
        if (typeof name !== 'string' || known.includes(name)) return [];
        const told = `"${name}" is not one of the managed policies known here; ${closest(name, known)}`;
        return [{ group, text: `${group}[${at}].policies[${turn}]: ${told}` }];
      }),
    ),
  );
}

/** Address and user agent a user's or role's calls carry unless the entry says otherwise. */
export function habitOf(scenario: Scenario, as: string): { from?: string | undefined; userAgent?: string | undefined } | undefined {
  if (isRoot(scenario, as)) return scenario.root;
  if (as.startsWith('role/')) return scenario.roles.find((role) => role.name === as.slice('role/'.length));
  const name = as.replace(/^console\//, '');
  return scenario.users.find((user) => user.name === name || user.keys.some((key) => key.id === name));
}

function problemWithActor(scenario: Scenario, as: string, saved: Set<string>): string | undefined {
  const reference = /^\$\{(\w+)\.[\w.]+\}$/.exec(as);
  if (reference)
    return saved.has(reference[1]!) ? undefined : `nothing was saved as "${reference[1]}" before; ${closest(reference[1]!, [...saved])}`;
  if (isRoot(scenario, as))
    return as === 'root' && !scenario.root.key ? 'root has no key to act with; give it one under root, or write console/root' : undefined;
  const users = [...scenario.users.map((user) => user.name), ...madeBy(scenario, 'iam:CreateUser', 'UserName')];
  const roles = [...scenario.roles.map((role) => role.name), ...madeBy(scenario, 'iam:CreateRole', 'RoleName')];
  if (as.startsWith('role/'))
    return roles.includes(as.slice(5)) ? undefined : `there is no role "${as.slice(5)}"; ${closest(as.slice(5), roles, 'role/')}`;
  if (as.startsWith('console/'))
    return users.includes(as.slice(8)) ? undefined : `there is no user "${as.slice(8)}"; ${closest(as.slice(8), users, 'console/')}`;
  const ids = scenario.users.flatMap((user) => user.keys.flatMap((key) => key.id ?? []));
  if (ids.includes(as)) return undefined;
  const user = scenario.users.find((each) => each.name === as);
  if (!user && users.includes(as)) return undefined;
  if (!user) return `nobody is called "${as}"; ${closest(as, [...users, ...ids, ...roles.map((role) => `role/${role}`)])}`;
  return user.keys.length ? undefined : `${as} has no key to act with; give the user one under keys, or write console/${as}`;
}

/** Unless the scenario has a user of that name. */
const isRoot = ({ users }: Scenario, as: string): boolean => /^(console\/)?root$/.test(as) && !users.some(({ name }) => name === 'root');

/** Names that somebody gives to what they make while the scenario is played: they may act as soon as they are there. */
const madeBy = ({ past, normal, deeds, attack }: Scenario, made: string, parameter: string): string[] =>
  [...past.calls, ...normal]
    .flatMap((entry) => [...entry.do, { call: entry.call, with: entry.with }])
    .concat(past.deeds, deeds, attack)
    .filter(({ call }) => call === made)
    .flatMap(({ with: given }) => given[parameter] ?? given[otherCase(parameter)] ?? [])
    .filter((name) => typeof name === 'string');

function checkParameters(place: string, schema: NormalizedSchema, value: unknown, say: (place: string, what: string) => void) {
  if (schema.isListSchema()) {
    if (typeof value === 'string' && value.startsWith('${')) return;
    if (!Array.isArray(value)) return say(place, 'write a list');
    for (const [at, item] of value.entries()) checkParameters(`${place}[${at}]`, schema.getValueSchema(), item, say);
  } else if (schema.isStructSchema()) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return say(place, 'write an object');
    const members = schema.getMemberSchemas();
    for (const [name, item] of Object.entries(value)) {
      const member = members[name] ?? members[otherCase(name)];
      if (member) checkParameters(`${place}.${name}`, member, item, say);
      else say(`${place}.${name}`, `AWS knows no such parameter; ${closest(name, Object.keys(members))}`);
    }
  } else if (schema.isBooleanSchema() && typeof value !== 'boolean') say(place, 'write true or false');
  else if (schema.isNumericSchema() && typeof value !== 'number') say(place, 'write a number');
  else if (schema.isStringSchema() && typeof value !== 'string' && typeof value !== 'number') say(place, 'write text (numbers in quotes)');
}

/** "write X" for the likeliest, else the choice. */
export function closest(word: string, known: readonly string[], prefix = ''): string {
  if (!known.length) return 'there is none to choose from';
  const [best] = known.map((each) => ({ each, far: distance(word.toLowerCase(), each.toLowerCase()) })).sort((a, b) => a.far - b.far);
  if (best && best.far <= Math.max(2, word.length / 3)) return `write ${prefix}${best.each}`;
  return `write one of ${known
    .slice(0, 20)
    .map((each) => prefix + each)
    .join(', ')}${known.length > 20 ? ' …' : ''}`;
}

/** Levenshtein's distance, two rows at a time. */
function distance(a: string, b: string): number {
  let before = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++)
      row[j] = Math.min(before[j]! + 1, row[j - 1]! + 1, before[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    before = row;
  }
  return before[b.length]!;
}
