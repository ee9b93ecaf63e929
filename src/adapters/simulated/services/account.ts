import { AwsError } from '../fault.ts';
import { optInRegions } from '../regions.ts';
import type { Shape } from '../wire.ts';
import type { Operation } from '../world.ts';

/** The account's own settings, as far as regions go. */
export const accountOperations: Record<string, Operation> = {
  EnableRegion(world, input: Shape) {
    world.optedIn.add(optional(input));
    return {};
  },
  DisableRegion(world, input: Shape) {
    world.optedIn.delete(optional(input));
    return {};
  },
};

function optional(input: Shape): string {
  const name = String(input.RegionName ?? input.regionName ?? '');
  if (!(optInRegions as readonly string[]).includes(name)) {
    throw new AwsError('ValidationException', `The region ${name} cannot be switched on or off.`);
  }
  return name;
}
