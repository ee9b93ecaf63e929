/** AWS Batch: environments that start machines, what is registered to run, and the jobs that run. */
import type { BatchClient, ComputeEnvironmentDetail, JobDefinition, JobSummary } from '@aws-sdk/client-batch';
import type { Source } from '../../../bot/ports.ts';
import type { Observation, Shape, Time } from '../../../checks/observation.ts';
import type { PriceTable } from '../prices.ts';
import { markersIn } from '../translate/markers.ts';
import { wordsOf } from '../translate/meaning.ts';
import { batchSubject } from '../translate/names.ts';
import type { Sight } from './looking.ts';
import { arnOf, countedElsewhere, launcherChanged, machine, strangestImage, workloadDefined } from './seen.ts';
import { type RegionLook, sweep } from './sweep.ts';

/**
 * Costs: one call per region and look; where there is an environment one more, two per queue, and one per hundred job definitions once;
 * none of them is charged for.
 */
export function batch(sight: Sight, prices: PriceTable, { everySeconds = 3600 }: { everySeconds?: number } = {}): Source {
  const { session } = sight;
  return sweep(sight, {
    name,
    reading: 'services',
    everySeconds,
    permissions: ['DescribeComputeEnvironments', 'DescribeJobQueues', 'ListJobs', 'DescribeJobDefinitions'].map(
      (action) => `batch:${action}`,
    ),
    parts: [{ what: 'the Batch environments and jobs', read }],
  });

  async function* read(look: RegionLook): AsyncGenerator<Observation[]> {
    const { paginateDescribeComputeEnvironments, paginateDescribeJobQueues } = await import('@aws-sdk/client-batch');
    const client = await session.read.batch(look.region);
    let isUsed = false;
    for await (const page of paginateDescribeComputeEnvironments({ client, pageSize: 100 }, {})) {
      const environments = page.computeEnvironments ?? [];
      isUsed ||= environments.length > 0;
      yield environments.flatMap((one) => environment(one, look));
    }
    // Without an environment no job can run.
    if (!isUsed) return;
    for await (const page of paginateDescribeJobQueues({ client, pageSize: 100 }, {})) {
      for (const { jobQueueArn } of page.jobQueues ?? []) {
        if (jobQueueArn === undefined) continue;
        for (const status of ['STARTING', 'RUNNING'] as const) yield* jobsOf(client, jobQueueArn, status, look);
      }
    }
  }

  function environment(one: ComputeEnvironmentDetail, look: RegionLook): Observation[] {
    const resources = one.computeResources;
    if (one.computeEnvironmentArn === undefined || !resources) return [];
    const of = shapeOf(resources.type ?? '', resources.instanceTypes ?? []);
    const each = of.vcpus ?? vcpusOfAnyMachine;
    const resource = batchSubject(look.place, 'compute-environment', one.computeEnvironmentArn);
    // Switched off, it starts nothing.
    const isOn = one.state !== 'DISABLED';
    const most = isOn ? Math.ceil((resources.maxvCpus ?? 0) / each) : 0;
    const desired = Math.min(most, Math.ceil((resources.desiredvCpus ?? resources.minvCpus ?? 0) / each));
    const sized = look.memory.sized(resource, desired, most, undefined);
    const shape = { ...of, vcpus: each };
    return sized === undefined ? [] : [launcherChanged(name, look, { ...sized, resource, desired, most, service: 'Batch', shape })];
  }

  /** In machines of the first type that is named; an environment that leaves the choice to Batch in machines of sixteen vCPUs. */
  function shapeOf(kind: string, types: string[]): Shape {
    const spot = /SPOT$/.test(kind) ? { spot: true } : {};
    if (kind.startsWith('FARGATE')) return { type: 'Fargate 1 vCPU', family: 'Fargate', vcpus: 1, ...spot };
    const type = types.find((one) => one.includes('.')) ?? types.find((one) => one !== 'optimal');
    return { ...(type !== undefined ? prices.shape(type) : { type: 'optimal' }), ...spot };
  }

  async function* jobsOf(
    client: BatchClient,
    queue: string,
    jobStatus: 'STARTING' | 'RUNNING',
    look: RegionLook,
  ): AsyncGenerator<Observation[]> {
    const { paginateListJobs } = await import('@aws-sdk/client-batch');
    for await (const page of paginateListJobs({ client, pageSize: 100 }, { jobQueue: queue, jobStatus })) {
      const jobs = page.jobSummaryList ?? [];
      yield* definitionsOf(client, jobs, look);
      yield jobs.flatMap((one) => job(one, look));
    }
  }

  /** Of these jobs, each once. */
  async function* definitionsOf(client: BatchClient, jobs: JobSummary[], look: RegionLook): AsyncGenerator<Observation[]> {
    const unread = new Set(jobs.flatMap((one) => one.jobDefinition ?? []).filter((arn) => look.memory.known(arn) === undefined));
    if (unread.size === 0) return;
    const { paginateDescribeJobDefinitions } = await import('@aws-sdk/client-batch');
    try {
      for await (const page of paginateDescribeJobDefinitions({ client, pageSize: 100 }, { jobDefinitions: [...unread] })) {
        yield (page.jobDefinitions ?? []).flatMap((one) => definition(one, jobs, look));
      }
    } catch (error) {
      look.lacks('what stands in job definitions', error);
    }
  }
}

const name = 'aws/batch';
/** As the translation of the log has it. */
const vcpusOfAnyMachine = 16;

function definition(one: JobDefinition, jobs: JobSummary[], look: RegionLook): Observation[] {
  if (one.jobDefinitionArn === undefined) return [];
  look.memory.keep(one.jobDefinitionArn, '');
  const containers = [
    one.containerProperties,
    ...(one.nodeProperties?.nodeRangeProperties ?? []).map((range) => range.container),
    ...(one.ecsProperties?.taskProperties ?? []).flatMap((task) => task.containers ?? []),
    ...(one.eksProperties?.podProperties?.containers ?? []),
  ].filter((container) => container !== undefined);
  const resource = batchSubject(look.place, 'job-definition', one.jobDefinitionArn);
  return [
    workloadDefined(name, look, {
      id: `${arnOf(resource)}@defined`,
      // AWS does not say when it was registered; not after the first job from it.
      at: jobs.flatMap((job) => (job.jobDefinition === one.jobDefinitionArn ? (sentAt(job) ?? []) : [])).sort()[0] ?? look.heard,
      resource,
      what: 'a Batch job definition',
      service: 'Batch',
      image: strangestImage(
        containers.flatMap((container) => container.image ?? []),
        look.place.scope.id,
      ),
      markers: markersIn(wordsOf(containers)),
    }),
  ];
}

function job(one: JobSummary, look: RegionLook): Observation[] {
  const id = one.jobArn ?? one.jobId;
  if (id === undefined) return [];
  const resource = batchSubject(look.place, 'job', id);
  return [
    machine(name, look, {
      at: sentAt(one) ?? look.heard,
      id: `${arnOf(resource)}@running`,
      resource,
      what: 'Batch job',
      service: 'Batch',
      // Its machines are EC2's, its containers ECS's: both are listed there.
      shape: { type: 'a Batch job', family: 'Batch', vcpus: 0 },
      price: countedElsewhere,
      name: one.jobName,
      from: one.jobDefinition !== undefined ? batchSubject(look.place, 'job-definition', one.jobDefinition) : undefined,
    }),
  ];
}

const sentAt = ({ createdAt }: JobSummary): Time | undefined => (createdAt === undefined ? undefined : new Date(createdAt).toISOString());
