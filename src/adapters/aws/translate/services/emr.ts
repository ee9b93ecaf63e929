/** EMR: clusters, their instance groups and fleets, and serverless applications. */
import type { Subject } from '../../../../checks/observation.ts';
import { markersIn } from '../markers.ts';
import { answer, request, type Table, wordsOf } from '../meaning.ts';
import { emrClusterSubject, resourceSubject } from '../names.ts';
import { at, list, number, text } from '../reading.ts';
import { launch, prepared } from '../starting.ts';

const service = 'EMR';

export const emr: Table = {
  'elasticmapreduce:RunJobFlow': launch(service, 'an EMR cluster', ({ event, place }) => {
    const id = text(answer(event), 'jobFlowId') ?? text(answer(event), 'clusterArn');
    const instances = at(request(event), 'instances');
    return {
      resources: id !== undefined ? [emrClusterSubject(place, lastOf(id))] : [],
      ...sizeOf([...list(instances, 'instanceGroups'), ...list(instances, 'instanceFleets')], {
        count: number(instances, 'instanceCount'),
        type: text(instances, 'slaveInstanceType') ?? text(instances, 'masterInstanceType'),
      }),
      markers: markersIn(wordsOf(at(request(event), 'steps'), at(request(event), 'bootstrapActions'))),
    };
  }),
  'elasticmapreduce:AddInstanceGroups': launch(service, 'more EMR instances', ({ event, place }) => ({
    resources: clusterOf(event).map((id) => emrClusterSubject(place, id)),
    ...sizeOf(list(request(event), 'instanceGroups')),
  })),
  'elasticmapreduce:AddInstanceFleet': launch(service, 'more EMR instances', ({ event, place }) => ({
    resources: clusterOf(event).map((id) => emrClusterSubject(place, id)),
    ...sizeOf(list(request(event), 'instanceFleet')),
  })),
  'elasticmapreduce:ModifyInstanceGroups': launch(service, 'more EMR instances', ({ event, place }) => ({
    resources: clusterOf(event).map((id) => emrClusterSubject(place, id)),
    ...sizeOf(list(request(event), 'instanceGroups')),
  })),
  'emr-serverless:CreateApplication': prepared(service, 'an EMR serverless application', ({ event, place }) => {
    const name = text(answer(event), 'arn') ?? text(request(event), 'name');
    return name !== undefined ? application(place, name) : undefined;
  }),
  'emr-serverless:StartJobRun': launch(service, 'an EMR serverless job', ({ event, place }) => {
    const id = text(request(event), 'applicationId');
    return {
      resources: id !== undefined ? [application(place, `/applications/${id}`)] : [],
      count: 1,
      markers: markersIn(wordsOf(at(request(event), 'jobDriver'))),
    };
  }),
};

/** All groups together; the type is that of the largest. */
function sizeOf(
  groups: unknown[],
  plain: { count?: number | undefined; type?: string | undefined } = {},
): { count: number; type?: string | undefined } {
  const each = groups.map((one) => ({
    count: number(one, 'instanceCount') ?? (number(one, 'targetOnDemandCapacity') ?? 0) + (number(one, 'targetSpotCapacity') ?? 0),
    type: text(one, 'instanceType') ?? text(list(one, 'instanceTypeConfigs')[0], 'instanceType'),
  }));
  const largest = each.toSorted((a, b) => b.count - a.count).find((one) => one.type !== undefined);
  const count = each.reduce((sum, one) => sum + one.count, 0);
  return { count: Math.max(1, count || (plain.count ?? 1)), type: largest?.type ?? plain.type };
}

const clusterOf = (event: unknown): string[] => {
  const id = text(request(event), 'jobFlowId') ?? text(request(event), 'clusterId');
  return id !== undefined ? [id] : [];
};
const application = (place: Parameters<typeof resourceSubject>[0], name: string): Subject => resourceSubject(place, 'emr-serverless', name);
const lastOf = (name: string): string => name.slice(name.lastIndexOf('/') + 1);
