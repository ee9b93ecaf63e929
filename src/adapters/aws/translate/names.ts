/** AWS names as the subjects of the vocabulary. Kept in one place, so that the log and the inventory spell a thing alike. */
import type { Place, Scope, Subject } from '../../../checks/observation.ts';

/** One object for each account, as far as can be: nobody changes it, and nearly every record has one. */
export function accountScope(account: string): Scope {
  const known = scopes.get(account);
  if (known !== undefined) return known;
  const scope: Scope = { cloud: 'aws', level: 'account', id: account };
  if (scopes.size >= 5_000) scopes.clear();
  scopes.set(account, scope);
  return scope;
}

const scopes = new Map<string, Scope>();

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

/**
 * A thing of a service by the last part of its ARN, or by its whole ARN where the provider gave that. The functions below say how each
 * kind is spelt; a part that requests do not carry (a random id behind a name that is unique anyway) is left out of every spelling.
 */
export const resourceSubject = ({ scope, region }: Place, service: string, rest: string): Subject =>
  rest.startsWith('arn:') ? `resource:${rest}` : `resource:arn:${partitionOf(region)}:${service}:${region}:${scope.id}:${rest}`;

/** By its id (`lt-…`); by its name only where a request gives no id. */
export const launchTemplateSubject = (place: Place, idOrName: string): Subject =>
  resourceSubject(place, 'ec2', `launch-template/${idOrName}`);

export const spotRequestSubject = (place: Place, id: string): Subject => resourceSubject(place, 'ec2', `spot-instances-request/${id}`);

/** A cluster by name or ARN; requests that leave it out mean the one called `default` (ECS API reference). */
export const ecsClusterSubject = (place: Place, cluster = 'default'): Subject =>
  resourceSubject(place, 'ecs', cluster.startsWith('arn:') ? cluster : `cluster/${cluster}`);

/** A service by its cluster and name; ARNs of the older form, without the cluster, are brought into the longer one. */
export const ecsServiceSubject = (place: Place, cluster: string | undefined, service: string): Subject =>
  resourceSubject(place, 'ecs', `service/${lastOf(cluster ?? 'default')}/${lastOf(service)}`);

/** A task by its cluster and id or ARN. */
export const ecsTaskSubject = (place: Place, cluster: string | undefined, task: string): Subject =>
  resourceSubject(place, 'ecs', `task/${lastOf(cluster ?? 'default')}/${lastOf(task)}`);

/** `family:revision` or an ARN. A request may name the family alone and mean its newest revision. */
export const taskDefinitionSubject = (place: Place, definition: string): Subject =>
  resourceSubject(place, 'ecs', definition.startsWith('arn:') ? definition : `task-definition/${definition}`);

/** SageMaker writes names in small letters in its ARNs, whatever the request said. */
export const sageMakerSubject = (
  place: Place,
  kind:
    | 'notebook-instance'
    | 'training-job'
    | 'processing-job'
    | 'transform-job'
    | 'hyper-parameter-tuning-job'
    | 'endpoint'
    | 'endpoint-config'
    | 'app'
    | 'domain'
    | 'notebook-instance-lifecycle-config'
    | 'cluster',
  name: string,
): Subject => resourceSubject(place, 'sagemaker', name.startsWith('arn:') ? name : `${kind}/${name.toLowerCase()}`);

export const batchSubject = (place: Place, kind: 'compute-environment' | 'job-queue' | 'job-definition' | 'job', name: string): Subject =>
  resourceSubject(place, 'batch', name.startsWith('arn:') ? name : `${kind}/${name}`);

export const eksClusterSubject = (place: Place, name: string): Subject =>
  resourceSubject(place, 'eks', name.startsWith('arn:') ? name : `cluster/${name}`);

/** A node group's ARN ends in an id that requests do not carry; names are unique in a cluster. */
export const nodegroupSubject = (place: Place, cluster: string, nodegroup: string): Subject =>
  resourceSubject(place, 'eks', `nodegroup/${cluster}/${nodegroup}`);
export const fargateProfileSubject = (place: Place, cluster: string, profile: string): Subject =>
  resourceSubject(place, 'eks', `fargateprofile/${cluster}/${profile}`);

/** `j-…` */
export const emrClusterSubject = (place: Place, id: string): Subject => resourceSubject(place, 'elasticmapreduce', `cluster/${id}`);

/** Lightsail's ARNs hold a random id; names are unique in a region, and every request uses them. */
export const lightsailSubject = (
  place: Place,
  kind: 'Instance' | 'ContainerService' | 'RelationalDatabase' | 'Disk',
  name: string,
): Subject => resourceSubject(place, 'lightsail', `${kind}/${name}`);

export const codeBuildProjectSubject = (place: Place, name: string): Subject =>
  resourceSubject(place, 'codebuild', name.startsWith('arn:') ? name : `project/${name}`);
/** `project:id` or an ARN. */
export const codeBuildBuildSubject = (place: Place, id: string): Subject =>
  resourceSubject(place, 'codebuild', id.startsWith('arn:') ? id : `build/${id}`);

export const amplifyAppSubject = (place: Place, id: string): Subject =>
  resourceSubject(place, 'amplify', id.startsWith('arn:') ? id : `apps/${id}`);

/** App Runner's ARNs hold a random id; names are unique in a region. */
export const appRunnerSubject = (place: Place, nameOrArn: string): Subject =>
  resourceSubject(place, 'apprunner', `service/${nameOrArn.startsWith('arn:') ? (nameOrArn.split('/')[1] ?? nameOrArn) : nameOrArn}`);

export const gameLiftFleetSubject = (place: Place, idOrArn: string): Subject =>
  resourceSubject(place, 'gamelift', `fleet/${lastOf(idOrArn)}`);

export const workspaceSubject = (place: Place, id: string): Subject => resourceSubject(place, 'workspaces', `workspace/${id}`);

export const glueSubject = (place: Place, kind: 'job' | 'devEndpoint' | 'session', name: string): Subject =>
  resourceSubject(place, 'glue', `${kind}/${name}`);

/** A function by name, partial ARN or ARN, without its version or alias. */
export function functionSubject(place: Place, name: string): Subject {
  const full = /^arn:[\w-]+:lambda:[\w-]*:\d*:function:([^:]+)/.exec(name);
  if (full) return `resource:${full[0]}`;
  const partial = /^\d{12}:(?:function:)?([^:]+)/.exec(name);
  const plain = partial?.[1] ?? name.replace(/^function:/, '').split(':', 1)[0] ?? name;
  return resourceSubject(place, 'lambda', `function:${plain}`);
}

/** A stack's ARN ends in a random id; names of living stacks are unique in a region. */
export const stackSubject = (place: Place, nameOrArn: string): Subject =>
  resourceSubject(place, 'cloudformation', `stack/${nameOrArn.startsWith('arn:') ? (nameOrArn.split('/')[1] ?? nameOrArn) : nameOrArn}`);
export const stackSetSubject = (place: Place, name: string): Subject =>
  resourceSubject(place, 'cloudformation', `stackset/${name.split(':', 1)[0] ?? name}`);

const lastOf = (name: string): string => name.slice(name.lastIndexOf('/') + 1);
