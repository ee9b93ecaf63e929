/** An attack on somebody else's account: who does it, what they use and what they find there move in; what goes on there goes on. Pure. */
import type { Scenario } from '../../src/adapters/simulated/scenario.ts';

/**
 * The account of `host` in which the attack of `attack` is played. Users and roles the attack names come with their rights, keys and
 * habits, and the machines come too; where both accounts have somebody of one name, the attack's is meant. Everybody else stays away.
 */
export function intoAccount(attack: Scenario, host: Scenario): Scenario {
  const steps = JSON.stringify(attack.attack);
  const isNamed = (name: string): boolean => steps.includes(JSON.stringify(name).slice(1, -1));
  const users = attack.users.filter(({ name, keys }) => isNamed(name) || keys.some(({ id }) => id !== undefined && isNamed(id)));
  const roles = attack.roles.filter(({ name }) => isNamed(name));
  const moved = new Set([...users.flatMap(({ name }) => [name, `console/${name}`]), ...roles.map(({ name }) => `role/${name}`)]);
  const keys = new Set(users.flatMap((user) => user.keys.map(({ id }) => id)));
  const isMoved = ({ as = '' }: { as?: string | undefined }): boolean => moved.has(as) || keys.has(as);
  const ranges = new Set(attack.networks.map(({ range }) => range));

  return {
    ...host,
    name: `${attack.name}, in: ${host.name}`,
    label: attack.label,
    account: {
      ...host.account,
      vcpuLimit: Math.max(host.account.vcpuLimit, attack.account.vcpuLimit),
      optedIn: [...new Set([...host.account.optedIn, ...attack.account.optedIn])],
    },
    networks: [...attack.networks, ...host.networks.filter(({ range }) => !ranges.has(range))],
    types: { ...host.types, ...attack.types },
    root: /"(console\/)?root"/.test(steps) ? attack.root : host.root,
    users: joined(host.users, users),
    roles: joined(host.roles, roles),
    groups: joined(host.groups, attack.groups),
    policies: { ...host.policies, ...attack.policies },
    trails: joined(host.trails, attack.trails),
    past: {
      days: host.past.days,
      instances: [...host.past.instances, ...attack.past.instances],
      calls: [...host.past.calls, ...attack.past.calls.filter(isMoved)],
      deeds: [...host.past.deeds, ...attack.past.deeds],
    },
    scaling: [...host.scaling, ...attack.scaling],
    normal: [...host.normal, ...attack.normal.filter(isMoved)],
    attack: attack.attack,
    faultsAt: [...host.faultsAt, ...attack.faultsAt],
  };
}

/** The later list's entries replace the earlier's of the same name. */
function joined<T extends { name: string }>(earlier: readonly T[], later: readonly T[]): T[] {
  const names = new Set(later.map(({ name }) => name));
  return [...earlier.filter(({ name }) => !names.has(name)), ...later];
}
