/** AWS names as the subjects of the vocabulary. Kept in one place, so that the log and the inventory spell a thing alike. */
import type { Place, Scope, Subject } from '../../../checks/observation.ts';

export const accountScope = (account: string): Scope => ({ cloud: 'aws', level: 'account', id: account });

/** The ARN's second part: China and GovCloud have their own. */
export const partitionOf = (region: string): string =>
  region.startsWith('cn-') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';

export const instanceSubject = ({ scope, region }: Place, instance: string): Subject =>
  `resource:arn:${partitionOf(region)}:ec2:${region}:${scope.id}:instance/${instance}`;

/** An Auto Scaling group's ARN holds an id that requests do not carry; names are unique in a region, so the id is left out. */
export const scalingGroupSubject = ({ scope, region }: Place, name: string): Subject =>
  `resource:arn:${partitionOf(region)}:autoscaling:${region}:${scope.id}:autoScalingGroup:*:autoScalingGroupName/${name}`;

/** A fleet or Spot fleet request: both are known by an id of their own. */
export const fleetSubject = ({ scope, region }: Place, id: string): Subject =>
  `resource:arn:${partitionOf(region)}:ec2:${region}:${scope.id}:${id.startsWith('sfr-') ? 'spot-fleet-request' : 'fleet'}/${id}`;

/**
 * A user, role or group by its ARN, without its path: names are unique in an account whatever the path (IAM user guide, "IAM identifiers"),
 * and most requests carry the name alone. Somebody who gives a new user a path must not look like two. AWS's own paths stay: they say
 * that a role is AWS's.
 */
export function principalSubject(arn: string): Subject {
  // Nearly all have no path.
  if (arn.indexOf('/') === arn.lastIndexOf('/')) return `principal:${arn}`;
  const parts = /^(arn:[\w-]+:iam::\d*:(?:user|role|group)\/)(?!aws-service-role\/|aws-reserved\/)(?:.*\/)?([^/]+)$/.exec(arn);
  return `principal:${parts ? `${parts[1]}${parts[2]}` : arn}`;
}

/** A user, role or group known by its name alone. */
export const iamSubject = (place: Place, kind: 'user' | 'role' | 'group', name: string): Subject =>
  `principal:arn:${partitionOf(place.region)}:iam::${place.scope.id}:${kind}/${name}`;

/** A long-lived key (AKIA…) or a temporary session (ASIA…), by its access key id. */
export function keySubject(accessKeyId: string): { credential: Subject } | { session: Subject } | undefined {
  if (accessKeyId.startsWith('AKIA')) return { credential: `credential:${accessKeyId}` };
  if (accessKeyId.startsWith('ASIA')) return { session: `session:${accessKeyId}` };
  return undefined;
}

/** A console password has no id of its own. */
export const passwordSubject = (user: Subject): Subject => `credential:login-profile/${user.slice('principal:'.length)}`;
