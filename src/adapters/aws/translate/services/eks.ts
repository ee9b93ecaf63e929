/** EKS: clusters and their node groups. */
import { type Act, answer, type Meaning, request, type Table } from '../meaning.ts';
import { eksClusterSubject, fargateProfileSubject, launchTemplateSubject, nodegroupSubject } from '../names.ts';
import { at, list, number, text } from '../reading.ts';
import { andKeeps, defined, keeps, launch, prepared } from '../starting.ts';

const service = 'EKS';

export const eks: Table = {
  'eks:CreateCluster': prepared(service, 'an EKS cluster', ({ event, place }) => {
    const name = text(request(event), 'name') ?? text(answer(event), 'cluster', 'name');
    return name !== undefined ? eksClusterSubject(place, name) : undefined;
  }),
  'eks:CreateNodegroup': (act) => createNodegroup(act),
  'eks:UpdateNodegroupConfig': keeps(service, 'an EKS node group', (act) => nodegroup(act, false)),
  'eks:CreateFargateProfile': defined(service, 'an EKS Fargate profile', ({ event, place }) => {
    const profile = text(request(event), 'fargateProfileName');
    return profile === undefined ? undefined : { resource: fargateProfileSubject(place, clusterOf(event), profile) };
  }),
};

const createNodegroup: Meaning = andKeeps(
  service,
  launch(service, 'an EKS node group', ({ event, place }) => {
    const template = text(request(event), 'launchTemplate', 'id') ?? text(request(event), 'launchTemplate', 'name');
    return {
      resources: [],
      count: Math.max(1, number(scaling(event), 'desiredSize') ?? number(scaling(event), 'minSize') ?? 1),
      type: typeOf(event),
      spot: text(request(event), 'capacityType')?.toUpperCase() === 'SPOT',
      from: template !== undefined ? launchTemplateSubject(place, template) : undefined,
    };
  }),
  (act) => nodegroup(act, true),
);

function nodegroup({ event, place }: Act, made: boolean) {
  const name = text(request(event), 'nodegroupName');
  const desired = number(scaling(event), 'desiredSize') ?? number(scaling(event), 'minSize');
  const most = number(scaling(event), 'maxSize') ?? desired;
  if (name === undefined || most === undefined) return undefined;
  return { resource: nodegroupSubject(place, clusterOf(event), name), desired: desired ?? 0, most, type: typeOf(event), made };
}

const clusterOf = (event: unknown): string => text(request(event), 'clusterName') ?? text(request(event), 'name') ?? 'unknown';
/** Left out of a request, the answer tells what EKS chose. */
const scaling = (event: unknown): unknown => at(request(event), 'scalingConfig') ?? at(answer(event), 'nodegroup', 'scalingConfig');
const typeOf = (event: unknown): string | undefined =>
  [...list(request(event), 'instanceTypes'), ...list(answer(event), 'nodegroup', 'instanceTypes')].find((one) => typeof one === 'string');
