/** EC2 Auto Scaling and Application Auto Scaling: what starts machines by itself. */
import type { Shape, Subject } from '../../../../checks/observation.ts';
import { markersIn } from '../markers.ts';
import { type Act, done, request, type Table, wordsOf } from '../meaning.ts';
import { ecsServiceSubject, resourceSubject, scalingGroupSubject } from '../names.ts';
import { at, list, number, text } from '../reading.ts';
import { defined, keeps } from '../starting.ts';

export const autoScaling: Table = {
  'autoscaling:CreateAutoScalingGroup': keeps(undefined, 'an Auto Scaling group', (act) => group(act, true)),
  'autoscaling:UpdateAutoScalingGroup': keeps(undefined, 'an Auto Scaling group', (act) => group(act, false)),
  'autoscaling:SetDesiredCapacity': keeps(undefined, 'an Auto Scaling group', (act) => group(act, false)),
  'autoscaling:PutScheduledUpdateGroupAction': keeps(undefined, 'an Auto Scaling group', (act) => group(act, false)),
  'autoscaling:CreateLaunchConfiguration': defined(undefined, 'a launch configuration', ({ event, place }) => {
    const name = text(request(event), 'launchConfigurationName');
    if (name === undefined) return undefined;
    return {
      resource: resourceSubject(place, 'autoscaling', `launchConfiguration:*:launchConfigurationName/${name}`),
      type: text(request(event), 'instanceType'),
      spot: text(request(event), 'spotPrice') !== undefined,
      markers: markersIn(wordsOf(at(request(event), 'userData'))),
    };
  }),
  'application-autoscaling:RegisterScalableTarget': done((act) => {
    const target = scalableTarget(act);
    const most = number(request(act.event), 'maxCapacity');
    if (target === undefined || most === undefined) return [];
    const desired = number(request(act.event), 'minCapacity') ?? 0;
    return [{ kind: 'launcher.changed', resource: target.resource, desired, most, service: target.service }];
  }),
};
// CloudTrail has recorded it under both names.
autoScaling['autoscaling:RegisterScalableTarget'] = autoScaling['application-autoscaling:RegisterScalableTarget']!;

function group({ event, place, shape }: Act, made: boolean) {
  const asked = request(event);
  const name = text(asked, 'autoScalingGroupName');
  const most = number(asked, 'maxSize');
  const desired = number(asked, 'desiredCapacity') ?? number(asked, 'minSize');
  if (name === undefined || (most === undefined && desired === undefined)) return undefined;
  const type = list(asked, 'mixedInstancesPolicy', 'launchTemplate', 'overrides')
    .map((one) => text(one, 'instanceType'))
    .find((one) => one !== undefined);
  const of: Shape | undefined = type !== undefined ? shape(type) : undefined;
  return { resource: scalingGroupSubject(place, name), desired: desired ?? 0, most: most ?? desired ?? 0, shape: of, made };
}

/** `service/cluster/name` and `endpoint/name/variant/…` run machines; tables and queues do not. */
function scalableTarget({ event, place }: Act): { resource: Subject; service: string } | undefined {
  const namespace = text(request(event), 'serviceNamespace')?.toLowerCase();
  const [kind, first, second] = (text(request(event), 'resourceId') ?? '').split('/');
  if (first === undefined) return undefined;
  if (namespace === 'ecs' && kind === 'service' && second !== undefined)
    return { resource: ecsServiceSubject(place, first, second), service: 'ECS' };
  if (namespace === 'sagemaker' && kind === 'endpoint')
    return { resource: resourceSubject(place, 'sagemaker', `endpoint/${first.toLowerCase()}`), service: 'SageMaker' };
  return undefined;
}
