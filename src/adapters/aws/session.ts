/** One guarded AWS account: whose credentials, which clients, how many calls. SDK packages are imported on first use. */

import type { AccessAnalyzerClient } from '@aws-sdk/client-accessanalyzer';
import type { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import type { BatchClient } from '@aws-sdk/client-batch';
import type { BudgetsClient } from '@aws-sdk/client-budgets';
import type { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { CostExplorerClient } from '@aws-sdk/client-cost-explorer';
import type { EC2Client } from '@aws-sdk/client-ec2';
import type { ECSClient } from '@aws-sdk/client-ecs';
import type { EKSClient } from '@aws-sdk/client-eks';
import type { EMRClient } from '@aws-sdk/client-emr';
import type { GuardDutyClient } from '@aws-sdk/client-guardduty';
import type { HealthClient } from '@aws-sdk/client-health';
import type { IAMClient } from '@aws-sdk/client-iam';
import type { LightsailClient } from '@aws-sdk/client-lightsail';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SageMakerClient } from '@aws-sdk/client-sagemaker';
import type { ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { STSClient, STSClientConfig } from '@aws-sdk/client-sts';
import type { Clock, Log, Warrant } from '../../bot/ports.ts';
import type { Scope } from '../../checks/observation.ts';
import { type Meter, openMeter } from './meter.ts';
import type { Profile } from './pace.ts';
import { outside } from './trouble.ts';

export type AwsAccountConfig = {
  /** Twelve digits; empty: whatever account the credentials belong to. */
  account: string;
  name: string;
  read?: { role: string; externalId?: string };
  act?: { role: string; externalId?: string };
  /** USD a month in an ordinary month. */
  usualMonthly?: number;
  /** Addresses of the queues that events are pushed into. */
  push?: { queues: string[] };
  /** How often it is looked at; absent: as fits to push or its absence. */
  pace?: Profile;
  /** Absent: costs are read from Cost Explorer, except where exports are. */
  costExplorer?: 'on' | 'off';
  costs?: CostsConfig;
};
/** Where its costs are read, and how finely. */
export type CostsConfig = {
  /** True: its credentials are the payer's, whose answers hold the costs of all its accounts. Else the id of that account. False: it pays itself. */
  payer?: boolean | string;
  hourly?: boolean;
  /** The cost allocation tag that names the team. */
  tag?: string;
  /** Where a FOCUS export is: s3://bucket/prefix. */
  exports?: string;
};

export type AwsCredentialIdentity = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };

/** The SDK's clients, made on first use and kept, one per region where the service is regional. */
export type Clients = {
  ec2(region: string): Promise<EC2Client>;
  iam(): Promise<IAMClient>;
  sts(region?: string): Promise<STSClient>;
  cloudtrail(region: string): Promise<CloudTrailClient>;
  costExplorer(): Promise<CostExplorerClient>;
  autoScaling(region: string): Promise<AutoScalingClient>;
  ecs(region: string): Promise<ECSClient>;
  sagemaker(region: string): Promise<SageMakerClient>;
  batch(region: string): Promise<BatchClient>;
  eks(region: string): Promise<EKSClient>;
  emr(region: string): Promise<EMRClient>;
  lightsail(region: string): Promise<LightsailClient>;
  serviceQuotas(region: string): Promise<ServiceQuotasClient>;
  guardduty(region: string): Promise<GuardDutyClient>;
  accessAnalyzer(region: string): Promise<AccessAnalyzerClient>;
  sqs(region: string): Promise<SQSClient>;
  cloudwatch(region: string): Promise<CloudWatchClient>;
  health(): Promise<HealthClient>;
  budgets(): Promise<BudgetsClient>;
  s3(): Promise<S3Client>;
};

export type AwsSession = {
  scope: Scope;
  read: Clients;
  /** Clients for one warrant: the act role when configured (SourceIdentity = who approved, session name = the incident), else the default chain. */
  act(warrant: Warrant): Promise<Clients>;
  /** Who the bot is before it takes on any role: its ARN and account. @throws what STS throws. */
  home(): Promise<{ arn: string; account: string }>;
  meter: Meter;
  endpoint?: string;
  close(): void;
};

/**
 * Opens a session. Calls AWS only when the configuration names no account.
 * `options.endpoint` with `options.credentials` (the demo) overrides everything the environment says: no profile and no instance
 * metadata is asked. Without them the SDK's own default chain and AWS_ENDPOINT_URL hold.
 * @throws OutsideError when the account is not named and AWS does not say who we are.
 */
export async function openAwsSession(
  config: AwsAccountConfig,
  options: { endpoint?: string; credentials?: AwsCredentialIdentity; log?: Log; clock?: Clock; maxAttempts?: number } = {},
): Promise<AwsSession> {
  const meter = openMeter();
  const wire = wiring(options);
  const read = makeClients({ meter, wire, ...(await credentialsFor(config.read, { wire, options, meter })) });
  const acting = new Map<string, ReturnType<typeof makeClients>>();

  let account = config.account;
  if (account === '') {
    const { GetCallerIdentityCommand } = await import('@aws-sdk/client-sts');
    try {
      account = (await (await read.clients.sts()).send(new GetCallerIdentityCommand({}))).Account ?? '';
    } catch (error) {
      read.close();
      throw outside('asking AWS whose credentials these are', error);
    }
  }

  return {
    scope: { cloud: 'aws', level: 'account', id: account },
    read: read.clients,
    async act(warrant) {
      const key = JSON.stringify([warrant.incident, warrant.plan, warrant.approvedBy]);
      let clients = acting.get(key);
      if (!clients) {
        clients = makeClients({
          meter,
          wire,
          ...(await credentialsFor(config.act, { wire, options, meter, warrant })),
        });
        for (const [oldest, old] of [...acting].slice(0, Math.max(0, acting.size + 1 - mostWarrants))) {
          acting.delete(oldest);
          old.close();
        }
        acting.set(key, clients);
      }
      return clients.clients;
    },
    async home() {
      const { GetCallerIdentityCommand } = await import('@aws-sdk/client-sts');
      const bare = config.read ? makeClients({ meter, wire, ...(await credentialsFor(undefined, { wire, options, meter })) }) : read;
      try {
        const { Arn: arn = '', Account: id = '' } = await (await bare.clients.sts()).send(new GetCallerIdentityCommand({}));
        return { arn, account: id };
      } finally {
        if (bare !== read) bare.close();
      }
    },
    meter,
    ...(options.endpoint !== undefined ? { endpoint: options.endpoint } : {}),
    close() {
      for (const one of [read, ...acting.values()]) one.close();
      acting.clear();
    },
  };
}

/** Warrants whose clients are kept; an older one's are made anew when needed. */
const mostWarrants = 4;
/** IAM, STS and Cost Explorer are answered here; `GetCallerIdentity` works in every region. */
const homeRegion = 'us-east-1';

type Wire = Pick<
  STSClientConfig,
  | 'endpoint'
  | 'maxAttempts'
  | 'retryMode'
  | 'requestHandler'
  | 'defaultsMode'
  | 'useDualstackEndpoint'
  | 'useFipsEndpoint'
  | 'userAgentAppId'
>;

function wiring(options: { endpoint?: string; credentials?: AwsCredentialIdentity; maxAttempts?: number }): Wire {
  return {
    maxAttempts: options.maxAttempts ?? 5,
    retryMode: 'standard',
    // Nothing may hang: without throwOnRequestTimeout the SDK only warns.
    requestHandler: {
      connectionTimeout: 10_000,
      requestTimeout: 30_000,
      throwOnRequestTimeout: true,
      httpAgent: { keepAlive: true, maxSockets: 8 },
      httpsAgent: { keepAlive: true, maxSockets: 8 },
    },
    ...(options.endpoint !== undefined ? { endpoint: options.endpoint } : {}),
    // Set here, these are not looked for in the environment or in a profile.
    ...(options.credentials
      ? { defaultsMode: 'standard', useDualstackEndpoint: false, useFipsEndpoint: false, userAgentAppId: 'cloudwarden' }
      : {}),
  };
}

type Credentials = NonNullable<STSClientConfig['credentials']>;

/** The role's credentials when one is configured, else those handed over, else nothing (the SDK's default chain). */
async function credentialsFor(
  role: { role: string; externalId?: string } | undefined,
  { wire, options, meter, warrant }: { wire: Wire; options: { credentials?: AwsCredentialIdentity }; meter: Meter; warrant?: Warrant },
): Promise<{ credentials?: Credentials }> {
  if (!role) return options.credentials ? { credentials: options.credentials } : {};
  const { fromTemporaryCredentials } = await import('@aws-sdk/credential-providers');
  return {
    credentials: shared(
      fromTemporaryCredentials({
        ...(options.credentials ? { masterCredentials: options.credentials } : {}),
        params: {
          RoleArn: role.role,
          RoleSessionName: warrant ? stsName(`cloudwarden-${warrant.incident}`) : 'cloudwarden-read',
          ...(role.externalId !== undefined ? { ExternalId: role.externalId } : {}),
          ...(warrant && warrant.approvedBy.length > 0 ? { SourceIdentity: stsName(warrant.approvedBy.join(',')) } : {}),
          DurationSeconds: 3600,
        },
        clientConfig: { ...(wire as object), region: homeRegion },
        clientPlugins: [{ applyToStack: (stack) => meter.attach(stack, homeRegion) }],
      }),
    ),
  };
}

/** Renewed when less than this is left; the SDK's clients do the same. */
const renewBeforeMs = 300_000;

/** One role taken on for all clients of a session: each would otherwise assume it for itself. What failed is tried anew by the next call. */
function shared(assume: () => Promise<AwsCredentialIdentity & { expiration?: Date }>): () => ReturnType<typeof assume> {
  let last: ReturnType<typeof assume> | undefined;
  let goodUntilMs = Number.POSITIVE_INFINITY;
  return () => {
    if (last !== undefined && Date.now() < goodUntilMs) return last;
    goodUntilMs = Number.POSITIVE_INFINITY;
    const next = assume();
    last = next;
    next.then(
      ({ expiration }) => {
        if (last === next && expiration) goodUntilMs = expiration.getTime() - renewBeforeMs;
      },
      () => {
        if (last === next) last = undefined;
      },
    );
    return next;
  };
}

/** What STS takes as a session name and a SourceIdentity: 2 to 64 of letters, digits and `=,.@-_` (API reference of AssumeRole). */
function stsName(text: string): string {
  const clean = text.replace(/[^\w=,.@-]/g, '-').slice(0, 64);
  return clean.length < 2 ? `${clean}--`.slice(0, 2) : clean;
}

function makeClients({ meter, wire, credentials }: { meter: Meter; wire: Wire; credentials?: Credentials }): {
  clients: Clients;
  close(): void;
} {
  const made = new Map<string, Promise<{ destroy(): void }>>();
  const base = { ...wire, ...(credentials ? { credentials } : {}) };

  function once<C extends { destroy(): void; middlewareStack: unknown }>(name: string, make: () => Promise<C>): Promise<C> {
    let client = made.get(name) as Promise<C> | undefined;
    if (!client) {
      client = make().then((fresh) => {
        // The services without a region of their own are recorded at home.
        meter.attach(fresh.middlewareStack, name.split('/')[1] ?? homeRegion);
        return fresh;
      });
      made.set(name, client);
    }
    return client;
  }

  return {
    clients: {
      ec2: (region) => once(`ec2/${region}`, async () => new (await import('@aws-sdk/client-ec2')).EC2Client({ ...base, region })),
      iam: () => once('iam', async () => new (await import('@aws-sdk/client-iam')).IAMClient({ ...base, region: homeRegion })),
      sts: (region = homeRegion) =>
        once(`sts/${region}`, async () => new (await import('@aws-sdk/client-sts')).STSClient({ ...base, region })),
      cloudtrail: (region) =>
        once(`cloudtrail/${region}`, async () => new (await import('@aws-sdk/client-cloudtrail')).CloudTrailClient({ ...base, region })),
      costExplorer: () =>
        once('ce', async () => new (await import('@aws-sdk/client-cost-explorer')).CostExplorerClient({ ...base, region: homeRegion })),
      autoScaling: (region) =>
        once(
          `auto-scaling/${region}`,
          async () => new (await import('@aws-sdk/client-auto-scaling')).AutoScalingClient({ ...base, region }),
        ),
      ecs: (region) => once(`ecs/${region}`, async () => new (await import('@aws-sdk/client-ecs')).ECSClient({ ...base, region })),
      sagemaker: (region) =>
        once(`sagemaker/${region}`, async () => new (await import('@aws-sdk/client-sagemaker')).SageMakerClient({ ...base, region })),
      batch: (region) => once(`batch/${region}`, async () => new (await import('@aws-sdk/client-batch')).BatchClient({ ...base, region })),
      eks: (region) => once(`eks/${region}`, async () => new (await import('@aws-sdk/client-eks')).EKSClient({ ...base, region })),
      emr: (region) => once(`emr/${region}`, async () => new (await import('@aws-sdk/client-emr')).EMRClient({ ...base, region })),
      lightsail: (region) =>
        once(`lightsail/${region}`, async () => new (await import('@aws-sdk/client-lightsail')).LightsailClient({ ...base, region })),
      serviceQuotas: (region) =>
        once(
          `service-quotas/${region}`,
          async () => new (await import('@aws-sdk/client-service-quotas')).ServiceQuotasClient({ ...base, region }),
        ),
      guardduty: (region) =>
        once(`guardduty/${region}`, async () => new (await import('@aws-sdk/client-guardduty')).GuardDutyClient({ ...base, region })),
      accessAnalyzer: (region) =>
        once(
          `accessanalyzer/${region}`,
          async () => new (await import('@aws-sdk/client-accessanalyzer')).AccessAnalyzerClient({ ...base, region }),
        ),
      // A queue is named by an address; where requests go is said by AWS_ENDPOINT_URL all the same.
      sqs: (region) =>
        once(
          `sqs/${region}`,
          async () => new (await import('@aws-sdk/client-sqs')).SQSClient({ ...base, region, useQueueUrlAsEndpoint: false }),
        ),
      cloudwatch: (region) =>
        once(`cloudwatch/${region}`, async () => new (await import('@aws-sdk/client-cloudwatch')).CloudWatchClient({ ...base, region })),
      budgets: () =>
        once('budgets', async () => new (await import('@aws-sdk/client-budgets')).BudgetsClient({ ...base, region: homeRegion })),
      // A bucket's region is not in its name: it answers with where it is. Its name stands in the path, which every endpoint understands.
      s3: () =>
        once(
          's3',
          async () =>
            new (await import('@aws-sdk/client-s3')).S3Client({
              ...base,
              region: homeRegion,
              forcePathStyle: true,
              followRegionRedirects: true,
            }),
        ),
      // Its events are global and answered here.
      health: () => once('health', async () => new (await import('@aws-sdk/client-health')).HealthClient({ ...base, region: homeRegion })),
    },
    close() {
      for (const client of made.values()) client.then((one) => one.destroy()).catch(() => {});
      made.clear();
    },
  };
}
