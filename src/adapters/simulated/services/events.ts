import { AwsError } from '../fault.ts';
import type { Rule } from '../push.ts';
import type { Shape } from '../wire.ts';
import type { Call, Operation, World } from '../world.ts';

/** EventBridge as far as push needs it. Rules that the account did not have are only recorded. */
export const eventsOperations: Record<string, Operation> = {
  DisableRule: (world, input: Shape, call) => change(world, input, call, (rule) => ({ ...rule, enabled: false })),
  EnableRule: (world, input: Shape, call) => change(world, input, call, (rule) => ({ ...rule, enabled: true })),
  DeleteRule(world, input: Shape, call) {
    const rule = find(world, input, call);
    if (rule?.targets.length && !flag(input, 'force')) {
      throw new AwsError('ValidationException', "Rule can't be deleted since it has targets.");
    }
    if (rule) world.push?.rules.delete(keyOf(call.region, rule.name));
    return {};
  },
  RemoveTargets: (world, input: Shape, call) =>
    change(world, { ...input, name: nameIn(input, 'rule') }, call, (rule) => ({ ...rule, targets: [] })),
  PutTargets(world, input: Shape, call) {
    const targets = (input.targets ?? input.Targets ?? []) as Shape[];
    const arns = targets.flatMap((target) => (typeof (target.arn ?? target.Arn) === 'string' ? [String(target.arn ?? target.Arn)] : []));
    return change(world, { ...input, name: nameIn(input, 'rule') }, call, (rule) => ({
      ...rule,
      targets: [...new Set([...rule.targets, ...arns])],
    }));
  },
  PutRule(world, input: Shape, call) {
    const name = nameIn(input, 'name');
    const before = find(world, input, call);
    const pattern = String(input.eventPattern ?? input.EventPattern ?? before?.pattern ?? '');
    const takes = pattern.includes('via CloudTrail') ? (pattern.includes('Notification') ? 'both' : 'calls') : 'changes';
    const enabled = (input.state ?? input.State) !== 'DISABLED';
    world.push?.rules.set(keyOf(call.region, name), { name, region: call.region, targets: [], ...before, enabled, takes, pattern });
    return {};
  },
};

const keyOf = (region: string, name: string) => `${region}/${name}`;
const nameIn = (input: Shape, key: string): string =>
  String(input[key] ?? input[key.charAt(0).toUpperCase() + key.slice(1)] ?? '')
    .split('/')
    .at(-1) ?? '';
const flag = (input: Shape, key: string) => (input[key] ?? input[key.charAt(0).toUpperCase() + key.slice(1)]) === true;
const find = (world: World, input: Shape, call: Call): Rule | undefined => world.push?.rules.get(keyOf(call.region, nameIn(input, 'name')));

function change(world: World, input: Shape, call: Call, next: (rule: Rule) => Rule): object {
  const rule = find(world, input, call);
  if (rule) world.push?.rules.set(keyOf(call.region, rule.name), next(rule));
  return {};
}
