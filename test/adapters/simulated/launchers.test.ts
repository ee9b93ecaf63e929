import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
  SuspendProcessesCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  BatchClient,
  CreateComputeEnvironmentCommand,
  CreateJobQueueCommand,
  DescribeComputeEnvironmentsCommand,
  ListJobsCommand,
  RegisterJobDefinitionCommand,
  SubmitJobCommand,
} from '@aws-sdk/client-batch';
import {
  CreateFleetCommand,
  CreateLaunchTemplateCommand,
  DescribeFleetsCommand,
  DescribeInstanceAttributeCommand,
  DescribeInstancesCommand,
  DescribeLaunchTemplateVersionsCommand,
  DescribeSpotFleetRequestsCommand,
  DescribeSpotInstanceRequestsCommand,
  RequestSpotFleetCommand,
  RequestSpotInstancesCommand,
  RunInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import {
  CreateClusterCommand,
  CreateServiceCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ECSClient,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  StopTaskCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import {
  CreateNodegroupCommand,
  CreateClusterCommand as CreatePlaneCommand,
  DescribeNodegroupCommand,
  EKSClient,
  ListNodegroupsCommand,
} from '@aws-sdk/client-eks';
import { DescribeClusterCommand, EMRClient, ListInstanceGroupsCommand, RunJobFlowCommand } from '@aws-sdk/client-emr';
import { CreateInstancesCommand, GetInstancesCommand, LightsailClient } from '@aws-sdk/client-lightsail';
import {
  CreateNotebookInstanceCommand,
  CreateTrainingJobCommand,
  DescribeTrainingJobCommand,
  ListNotebookInstancesCommand,
  SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { expect, it } from 'vitest';
import { launch, lookUp, recordOf, running, smallAccount } from './account.ts';

const noLag = 'faults: { lookupLag: { mean: 0s, cap: 0s } }';
const template = (name: string, type = 'g5.xlarge') =>
  new CreateLaunchTemplateCommand({
    LaunchTemplateName: name,
    LaunchTemplateData: { ImageId: 'ami-1', InstanceType: type as 'g5.xlarge', UserData: 'Y3VybCBtaW5lcg==' },
  });
const named = (name: string) => ({ LookupAttributes: [{ AttributeKey: 'EventName' as const, AttributeValue: name }] });

it('keeps the machines of a group up, as the service, until the group is told otherwise', async () => {
  const { ada, bot, clock, simulated } = await running(await smallAccount(noLag));
  const groups = ada.with(AutoScalingClient);
  await ada.ec2().send(template('miners'));

  await groups.send(
    new CreateAutoScalingGroupCommand({
      AutoScalingGroupName: 'asg-1',
      MinSize: 0,
      MaxSize: 999,
      DesiredCapacity: 3,
      LaunchTemplate: { LaunchTemplateName: 'miners', Version: '$Latest' },
      AvailabilityZones: ['eu-central-1a'],
    }),
  );
  await clock.advance(60);
  const first = simulated.state.instances({ state: 'running' });
  await ada.ec2().send(new TerminateInstancesCommand({ InstanceIds: [first[0]!.id] }));
  await ada.ec2().send(new StopInstancesCommand({ InstanceIds: [first[1]!.id] }));
  await clock.advance(120);
  const again = simulated.state.instances({ state: 'running' });
  await groups.send(new SuspendProcessesCommand({ AutoScalingGroupName: 'asg-1', ScalingProcesses: ['Launch'] }));
  await groups.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: 'asg-1', DesiredCapacity: 0, MaxSize: 0 }));
  await clock.advance(120);

  expect(first).toHaveLength(3);
  expect(first[0]?.launchedBy).toBe('arn:aws:sts::123456789012:assumed-role/AWSServiceRoleForAutoScaling/AutoScaling');
  expect(again).toHaveLength(3);
  expect(simulated.state.instances({ state: 'running' })).toEqual([]);
  const { AutoScalingGroups } = await bot.with(AutoScalingClient).send(new DescribeAutoScalingGroupsCommand({}));
  expect(AutoScalingGroups?.[0]).toMatchObject({ MaxSize: 0, DesiredCapacity: 0, SuspendedProcesses: [{ ProcessName: 'Launch' }] });

  const launches = (await lookUp(bot.cloudTrail(), named('RunInstances'))).map(recordOf);
  expect(launches.at(-1)).toMatchObject({
    userIdentity: {
      type: 'AssumedRole',
      invokedBy: 'autoscaling.amazonaws.com',
      sessionContext: {
        sessionIssuer: {
          arn: 'arn:aws:iam::123456789012:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling',
        },
      },
    },
    sourceIPAddress: 'autoscaling.amazonaws.com',
    requestParameters: {
      instancesSet: { items: [{ minCount: 1, maxCount: 3 }] },
      launchTemplate: { launchTemplateName: 'miners' },
      tagSpecificationSet: { items: [{ resourceType: 'instance', tags: [{ key: 'aws:autoscaling:groupName', value: 'asg-1' }] }] },
    },
  });
  const [asked] = (await lookUp(bot.cloudTrail(), named('CreateAutoScalingGroup'))).map(recordOf);
  expect(asked).toMatchObject({
    eventSource: 'autoscaling.amazonaws.com',
    requestParameters: {
      autoScalingGroupName: 'asg-1',
      maxSize: 999,
      desiredCapacity: 3,
      launchTemplate: { launchTemplateName: 'miners' },
    },
    responseElements: null,
  });
});

it('launches from templates, tells what they hold, and logs them in their envelope', async () => {
  const { ada, bot } = await running(await smallAccount(noLag));
  await ada.ec2().send(template('web', 'm5.large'));

  await ada.ec2().send(new RunInstancesCommand({ LaunchTemplate: { LaunchTemplateName: 'web' }, MinCount: 1, MaxCount: 1 }));

  const { Reservations } = await bot.ec2().send(new DescribeInstancesCommand({}));
  const instance = Reservations?.[0]?.Instances?.[0];
  expect(instance).toMatchObject({ InstanceType: 'm5.large', ImageId: 'ami-1' });
  expect(instance?.Tags?.map((tag) => tag.Key)).toContain('aws:ec2launchtemplate:id');
  const { UserData } = await bot
    .ec2()
    .send(new DescribeInstanceAttributeCommand({ InstanceId: instance?.InstanceId ?? '', Attribute: 'userData' }));
  expect(UserData?.Value).toBe('Y3VybCBtaW5lcg==');
  const { LaunchTemplateVersions } = await bot.ec2().send(new DescribeLaunchTemplateVersionsCommand({ Versions: ['$Latest'] }));
  expect(LaunchTemplateVersions?.[0]?.LaunchTemplateData?.UserData).toBe('Y3VybCBtaW5lcg==');
  const [made] = (await lookUp(bot.cloudTrail(), named('CreateLaunchTemplate'))).map(recordOf);
  expect(made).toMatchObject({
    requestParameters: {
      CreateLaunchTemplateRequest: {
        LaunchTemplateName: 'web',
        LaunchTemplateData: { InstanceType: 'm5.large', UserData: '<sensitiveDataRemoved>' },
      },
    },
    responseElements: { CreateLaunchTemplateResponse: { launchTemplate: { launchTemplateName: 'web', latestVersionNumber: 1 } } },
  });
});

it('starts the machines of fleets and spot requests, and makes good what is ended', async () => {
  const { ada, bot, clock, simulated } = await running(await smallAccount(noLag));
  await ada.ec2().send(template('t', 'c5.large'));

  await ada.ec2().send(
    new CreateFleetCommand({
      Type: 'maintain',
      TargetCapacitySpecification: { TotalTargetCapacity: 2, DefaultTargetCapacityType: 'on-demand' },
      LaunchTemplateConfigs: [
        { LaunchTemplateSpecification: { LaunchTemplateName: 't', Version: '1' }, Overrides: [{ InstanceType: 'c5.xlarge' }] },
      ],
    }),
  );
  const LaunchSpecifications = [{ ImageId: 'ami-1', InstanceType: 'm5.xlarge' as const }];
  await ada.ec2().send(
    new RequestSpotFleetCommand({
      SpotFleetRequestConfig: { TargetCapacity: 3, IamFleetRole: 'arn:aws:iam::123456789012:role/fleet', LaunchSpecifications },
    }),
  );
  await ada
    .ec2()
    .send(new RequestSpotInstancesCommand({ InstanceCount: 2, LaunchSpecification: { ImageId: 'ami-1', InstanceType: 'r5.large' } }));
  await clock.advance(60);
  const byType = () =>
    simulated.state
      .instances({ state: 'running' })
      .map((each) => each.type)
      .sort();
  const started = byType();
  const [gone] = simulated.state.instances().filter((each) => each.type === 'm5.xlarge');
  await ada.ec2().send(new TerminateInstancesCommand({ InstanceIds: [gone?.id ?? ''] }));
  await clock.advance(120);

  expect(started).toEqual(['c5.xlarge', 'c5.xlarge', 'm5.xlarge', 'm5.xlarge', 'm5.xlarge', 'r5.large', 'r5.large']);
  expect(byType()).toEqual(started);
  const { Fleets } = await bot.ec2().send(new DescribeFleetsCommand({}));
  expect(Fleets?.[0]).toMatchObject({ FleetState: 'active', TargetCapacitySpecification: { TotalTargetCapacity: 2 } });
  const { SpotFleetRequestConfigs } = await bot.ec2().send(new DescribeSpotFleetRequestsCommand({}));
  expect(SpotFleetRequestConfigs?.[0]?.SpotFleetRequestConfig?.TargetCapacity).toBe(3);
  const { SpotInstanceRequests } = await bot.ec2().send(new DescribeSpotInstanceRequestsCommand({}));
  expect(SpotInstanceRequests?.map((each) => each.State)).toEqual(['active', 'active']);
  const [fleet] = (await lookUp(bot.cloudTrail(), named('CreateFleet'))).map(recordOf);
  expect(fleet).toMatchObject({
    requestParameters: {
      CreateFleetRequest: { TargetCapacitySpecification: { TotalTargetCapacity: 2 }, LaunchTemplateConfigs: { tag: 1 } },
    },
  });
});

it('keeps the tasks of a container service up and stops them when it is scaled down', async () => {
  const { ada, bot, clock } = await running(await smallAccount(noLag));
  const ecs = ada.with(ECSClient);
  await ecs.send(new CreateClusterCommand({ clusterName: 'pool' }));
  const definition = new RegisterTaskDefinitionCommand({
    family: 'job',
    cpu: '16384',
    memory: '32768',
    requiresCompatibilities: ['FARGATE'],
    containerDefinitions: [{ name: 'main', image: 'docker.io/somebody/something:latest' }],
  });
  await ecs.send(definition);

  await ecs.send(
    new CreateServiceCommand({ cluster: 'pool', serviceName: 'work', taskDefinition: 'job', desiredCount: 3, launchType: 'FARGATE' }),
  );
  await clock.advance(30);
  const seen = async () => (await bot.with(ECSClient).send(new ListTasksCommand({ cluster: 'pool' }))).taskArns ?? [];
  const tasks = await seen();
  await ecs.send(new StopTaskCommand({ cluster: 'pool', task: tasks[0] ?? '' }));
  await clock.advance(30);
  const again = await seen();
  await ecs.send(new UpdateServiceCommand({ cluster: 'pool', service: 'work', desiredCount: 0 }));
  await clock.advance(30);

  expect(tasks).toHaveLength(3);
  expect(again).toHaveLength(3);
  expect(again).not.toContain(tasks[0]);
  expect(await seen()).toEqual([]);
  const told = await bot.with(ECSClient).send(new DescribeTasksCommand({ cluster: 'pool', tasks }));
  expect(told.tasks?.[0]).toMatchObject({ cpu: '16384', lastStatus: 'STOPPED', group: 'service:work' });
  const { taskDefinition } = await bot.with(ECSClient).send(new DescribeTaskDefinitionCommand({ taskDefinition: 'job' }));
  expect(taskDefinition).toMatchObject({ revision: 1, containerDefinitions: [{ image: 'docker.io/somebody/something:latest' }] });
  const [record] = (await lookUp(bot.cloudTrail(), named('CreateService'))).map(recordOf);
  expect(record).toMatchObject({ requestParameters: { desiredCount: 3 }, responseElements: { service: { serviceName: 'work' } } });
});

it('runs notebooks and training jobs', async () => {
  const { ada, bot } = await running(await smallAccount(noLag));
  const role = 'arn:aws:iam::123456789012:role/sagemaker';
  await ada
    .with(SageMakerClient)
    .send(new CreateNotebookInstanceCommand({ NotebookInstanceName: 'nb', InstanceType: 'ml.p3.2xlarge', RoleArn: role }));
  await ada.with(SageMakerClient).send(
    new CreateTrainingJobCommand({
      TrainingJobName: 'train',
      AlgorithmSpecification: { TrainingImage: 'somebody/something', TrainingInputMode: 'File' },
      RoleArn: role,
      OutputDataConfig: { S3OutputPath: 's3://example' },
      ResourceConfig: { InstanceType: 'ml.g5.12xlarge', InstanceCount: 4, VolumeSizeInGB: 10 },
      StoppingCondition: { MaxRuntimeInSeconds: 86_400 },
    }),
  );

  const { NotebookInstances } = await bot.with(SageMakerClient).send(new ListNotebookInstancesCommand({}));
  const job = await bot.with(SageMakerClient).send(new DescribeTrainingJobCommand({ TrainingJobName: 'train' }));

  expect(NotebookInstances?.[0]).toMatchObject({ InstanceType: 'ml.p3.2xlarge', NotebookInstanceStatus: 'InService' });
  expect(job).toMatchObject({ TrainingJobStatus: 'InProgress', ResourceConfig: { InstanceCount: 4 } });
  const [record] = (await lookUp(bot.cloudTrail(), named('CreateTrainingJob'))).map(recordOf);
  expect(record).toMatchObject({
    requestParameters: { resourceConfig: { instanceType: 'ml.g5.12xlarge', instanceCount: 4 } },
    responseElements: { trainingJobArn: 'arn:aws:sagemaker:eu-central-1:123456789012:training-job/train' },
  });
});

it('starts machines for batch jobs, node groups and job flows', async () => {
  const { ada, bot, clock, simulated } = await running(await smallAccount(noLag));
  const batch = ada.with(BatchClient);
  await batch.send(
    new CreateComputeEnvironmentCommand({
      computeEnvironmentName: 'env',
      type: 'MANAGED',
      computeResources: { type: 'EC2', maxvCpus: 64, minvCpus: 0, instanceTypes: ['c5.4xlarge'], subnets: ['subnet-1'] },
    }),
  );
  await batch.send(
    new CreateJobQueueCommand({ jobQueueName: 'q', priority: 1, computeEnvironmentOrder: [{ order: 1, computeEnvironment: 'env' }] }),
  );
  await batch.send(
    new RegisterJobDefinitionCommand({
      jobDefinitionName: 'job',
      type: 'container',
      containerProperties: { image: 'somebody/something', vcpus: 32, memory: 1024 },
    }),
  );
  await batch.send(new SubmitJobCommand({ jobName: 'one', jobQueue: 'q', jobDefinition: 'job' }));
  const eks = ada.with(EKSClient);
  await eks.send(new CreatePlaneCommand({ name: 'c', roleArn: 'arn:aws:iam::123456789012:role/eks', resourcesVpcConfig: {} }));
  await eks.send(
    new CreateNodegroupCommand({
      clusterName: 'c',
      nodegroupName: 'n',
      subnets: ['subnet-1'],
      nodeRole: 'arn:aws:iam::123456789012:role/node',
      instanceTypes: ['g4dn.xlarge'],
      scalingConfig: { minSize: 0, maxSize: 50, desiredSize: 2 },
    }),
  );
  const flow = await ada.with(EMRClient).send(
    new RunJobFlowCommand({
      Name: 'flow',
      Instances: { InstanceGroups: [{ InstanceRole: 'MASTER', InstanceType: 'm5.xlarge', InstanceCount: 1 }] },
    }),
  );
  await clock.advance(120);

  const types = simulated.state
    .instances({ state: 'running' })
    .map((each) => each.type)
    .sort();
  expect(types).toEqual(['c5.4xlarge', 'c5.4xlarge', 'g4dn.xlarge', 'g4dn.xlarge', 'm5.xlarge']);
  const environments = await bot.with(BatchClient).send(new DescribeComputeEnvironmentsCommand({}));
  expect(environments.computeEnvironments?.[0]?.computeResources?.maxvCpus).toBe(64);
  const jobs = await bot.with(BatchClient).send(new ListJobsCommand({ jobQueue: 'q', jobStatus: 'RUNNING' }));
  expect(jobs.jobSummaryList).toHaveLength(1);
  const groups = await bot.with(EKSClient).send(new ListNodegroupsCommand({ clusterName: 'c' }));
  expect(groups.nodegroups).toEqual(['n']);
  const group = await bot.with(EKSClient).send(new DescribeNodegroupCommand({ clusterName: 'c', nodegroupName: 'n' }));
  expect(group.nodegroup?.scalingConfig).toMatchObject({ maxSize: 50, desiredSize: 2 });
  const { Cluster } = await bot.with(EMRClient).send(new DescribeClusterCommand({ ClusterId: flow.JobFlowId ?? '' }));
  expect(Cluster?.Status?.State).toBe('RUNNING');
  const machines = await bot.with(EMRClient).send(new ListInstanceGroupsCommand({ ClusterId: flow.JobFlowId ?? '' }));
  expect(machines.InstanceGroups?.[0]).toMatchObject({ InstanceType: 'm5.xlarge', RunningInstanceCount: 1 });
  const [record] = (await lookUp(bot.cloudTrail(), named('CreateNodegroup'))).map(recordOf);
  expect(record).toMatchObject({ requestParameters: { clusterName: 'c', scalingConfig: { maxSize: 50 }, instanceTypes: ['g4dn.xlarge'] } });
});

it('keeps small servers and bills what stands beside the machines', async () => {
  const { ada, bot } = await running(await smallAccount(noLag));
  const input = { instanceNames: ['a', 'b'], availabilityZone: 'eu-central-1a', blueprintId: 'ubuntu_24_04', bundleId: '2xlarge_3_0' };
  await ada.with(LightsailClient).send(new CreateInstancesCommand(input));

  const { instances } = await bot.with(LightsailClient).send(new GetInstancesCommand({}));

  expect(instances?.map((each) => [each.name, each.hardware?.cpuCount, each.state?.name])).toEqual([
    ['a', 8, 'running'],
    ['b', 8, 'running'],
  ]);
  const [record] = (await lookUp(bot.cloudTrail(), named('CreateInstances'))).map(recordOf);
  expect(record).toMatchObject({
    eventSource: 'lightsail.amazonaws.com',
    requestParameters: { bundleId: '2xlarge_3_0', instanceNames: ['a', 'b'] },
  });
});

it('does not mistake a machine without a group for one', async () => {
  const { ada, clock, simulated } = await running(await smallAccount());
  const InstanceIds = await launch(ada.ec2());
  await ada.ec2().send(new TerminateInstancesCommand({ InstanceIds }));
  await clock.advance(300);

  expect(simulated.state.instances({ state: 'running' })).toEqual([]);
});
