import type { Resources, Service } from './call.ts';
import { accessAnalyzerOperations } from './services/access-analyzer.ts';
import { accountOperations } from './services/account.ts';
import { autoScalingOperations } from './services/auto-scaling.ts';
import { batchOperations } from './services/batch.ts';
import { bedrockOperations } from './services/bedrock.ts';
import { budgetsOperations } from './services/budgets.ts';
import { cloudtrailOperations } from './services/cloudtrail.ts';
import { cloudWatchOperations } from './services/cloudwatch.ts';
import { costExplorerOperations } from './services/cost-explorer.ts';
import { ec2Operations, ec2Resources } from './services/ec2.ts';
import { ecsOperations } from './services/ecs.ts';
import { eksOperations } from './services/eks.ts';
import { emrOperations } from './services/emr.ts';
import { eventsOperations } from './services/events.ts';
import { guardDutyOperations } from './services/guardduty.ts';
import { healthOperations } from './services/health.ts';
import { iamOperations, iamResources } from './services/iam.ts';
import { groupOperations } from './services/iam-groups.ts';
import { lightsailOperations } from './services/lightsail.ts';
import { s3Operations } from './services/s3.ts';
import { sageMakerOperations } from './services/sagemaker.ts';
import { serviceQuotasOperations } from './services/service-quotas.ts';
import { sqsOperations } from './services/sqs.ts';
import { stsOperations, stsResources } from './services/sts.ts';
import { createWire, type Protocol, type Shape } from './wire.ts';
import { s3Wire } from './wire-s3.ts';
import type { Operation } from './world.ts';

/** The simulated services by the name they sign with. A client's schemas are loaded when the service is first needed: some are large. */
export interface Services {
  /** Loads it when it must. */
  load(name: string): Promise<Service | undefined>;
  /** Those loaded so far, under every name a scenario may use. */
  readonly loaded: Record<string, Service>;
}

/** `names` are loaded at once, EC2 always: other services start machines there. */
export async function loadServices(names: Iterable<string> = []): Promise<Services> {
  const loaded: Record<string, Service> = {};
  const loading = new Map<string, Promise<Service | undefined>>();
  const load = (given: string): Promise<Service | undefined> => {
    const name = signingName(given);
    let found = loading.get(name);
    if (!found) {
      found = make(name).then((service) => {
        if (service) loaded[name] = service;
        return service;
      });
      loading.set(name, found);
    }
    return found;
  };
  await Promise.all(['ec2', 'iam', 'sts', ...names].map(load));
  return { load, loaded };
}

/**
 * The service that answers what is signed so over HTTP. Of S3 and Budgets the bot only reads what follows from the bill; their other calls
 * are played by scenarios, and recorded in CloudTrail's spelling, which is not the client's.
 */
export const answering = (signed: string): string => (signed in overHttp ? overHttp[signed as keyof typeof overHttp] : signed);
const overHttp = { s3: 's3 over HTTP', budgets: 'budgets over HTTP' } as const;

/** What people call a service, as it signs. */
export const signingName = (name: string): string => otherNames[name] ?? name;
const otherNames: Record<string, string> = {
  cloudwatch: 'monitoring',
  emr: 'elasticmapreduce',
  'auto-scaling': 'autoscaling',
  'service-quotas': 'servicequotas',
  accessanalyzer: 'access-analyzer',
  'bedrock-runtime': 'bedrock',
  eventbridge: 'events',
};

async function make(name: string): Promise<Service | undefined> {
  const found = known[name];
  if (!found) return undefined;
  const { client, protocol = 'json', namespace = '', operations, resources } = found;
  return {
    name,
    operations,
    ...(client ? { wire: wireOf(protocol, namespace, (await client()) as Shape) } : {}),
    ...(resources ? { resources } : {}),
  };
}

const wireOf = (protocol: Protocol, namespace: string, client: Shape) =>
  protocol === 's3' ? s3Wire(client) : createWire(protocol, namespace, client);

/** Without a client there are no schemas: such a service is played by scenarios only, and what it keeps is what was written there. */
type Known = {
  client?: () => Promise<object>;
  protocol?: Protocol;
  namespace?: string;
  operations: Record<string, Operation>;
  resources?: Resources;
};
const known: Record<string, Known> = {
  ec2: {
    client: () => import('@aws-sdk/client-ec2'),
    protocol: 'ec2',
    namespace: 'http://ec2.amazonaws.com/doc/2016-11-15/',
    operations: ec2Operations,
    resources: ec2Resources,
  },
  iam: {
    client: () => import('@aws-sdk/client-iam'),
    protocol: 'query',
    namespace: 'https://iam.amazonaws.com/doc/2010-05-08/',
    operations: { ...iamOperations, ...groupOperations },
    resources: iamResources,
  },
  sts: {
    client: () => import('@aws-sdk/client-sts'),
    protocol: 'query',
    namespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
    operations: stsOperations,
    resources: stsResources,
  },
  autoscaling: {
    client: () => import('@aws-sdk/client-auto-scaling'),
    protocol: 'query',
    namespace: 'http://autoscaling.amazonaws.com/doc/2011-01-01/',
    operations: autoScalingOperations,
  },
  cloudtrail: { client: () => import('@aws-sdk/client-cloudtrail'), operations: cloudtrailOperations },
  ce: { client: () => import('@aws-sdk/client-cost-explorer'), operations: costExplorerOperations },
  ecs: { client: () => import('@aws-sdk/client-ecs'), operations: ecsOperations },
  sagemaker: { client: () => import('@aws-sdk/client-sagemaker'), operations: sageMakerOperations },
  batch: { client: () => import('@aws-sdk/client-batch'), protocol: 'rest', operations: batchOperations },
  eks: { client: () => import('@aws-sdk/client-eks'), protocol: 'rest', operations: eksOperations },
  elasticmapreduce: { client: () => import('@aws-sdk/client-emr'), operations: emrOperations },
  lightsail: { client: () => import('@aws-sdk/client-lightsail'), operations: lightsailOperations },
  servicequotas: { client: () => import('@aws-sdk/client-service-quotas'), operations: serviceQuotasOperations },
  guardduty: { client: () => import('@aws-sdk/client-guardduty'), protocol: 'rest', operations: guardDutyOperations },
  'access-analyzer': { client: () => import('@aws-sdk/client-accessanalyzer'), protocol: 'rest', operations: accessAnalyzerOperations },
  health: { client: () => import('@aws-sdk/client-health'), operations: healthOperations },
  monitoring: { client: () => import('@aws-sdk/client-cloudwatch'), operations: cloudWatchOperations },
  [overHttp.s3]: { client: () => import('@aws-sdk/client-s3'), protocol: 's3', operations: s3Operations },
  [overHttp.budgets]: { client: () => import('@aws-sdk/client-budgets'), operations: budgetsOperations },
  sqs: { client: () => import('@aws-sdk/client-sqs'), operations: sqsOperations },
  events: { operations: eventsOperations },
  account: { operations: accountOperations },
  bedrock: { operations: bedrockOperations },
};
