import { CloudTrailClient, type Event, LookupEventsCommand, type LookupEventsCommandInput } from '@aws-sdk/client-cloudtrail';
import { CostExplorerClient } from '@aws-sdk/client-cost-explorer';
import { EC2Client, RunInstancesCommand, type RunInstancesCommandInput } from '@aws-sdk/client-ec2';
import { IAMClient } from '@aws-sdk/client-iam';
import { STSClient } from '@aws-sdk/client-sts';
import { onTestFinished } from 'vitest';
import { createVirtualClock } from '../../../src/adapters/simulated/clock.ts';
import { parseScenario, type Scenario } from '../../../src/adapters/simulated/scenario.ts';
import { startSimulated } from '../../../src/adapters/simulated/simulated.ts';

export const adasKey = 'AKIAIOSFODNN7EXAMPLE';
export const start = '2026-03-10T10:00:00.000Z';

/** A small account: ada may do everything, and nothing has happened yet. `more` is YAML added to it. */
export const smallAccount = (more = ''): Promise<Scenario> =>
  parseScenario(
    `
name: A small account
account: { id: "123456789012", name: small, regions: [eu-central-1] }
users:
  - { name: ada, policies: [AdministratorAccess], from: 192.0.2.7, keys: [{ id: ${adasKey} }] }
  - { name: grace, from: 192.0.2.8, keys: [{ id: AKIAI44QH8DHBEXAMPLE }] }
trails: [{ name: main }]
${more}`,
    'small.yaml',
  );

/** Starts it on a manual clock, with real SDK clients over HTTP. It stops when the test is over. */
export async function running(scenario: Scenario, now = start) {
  const clock = createVirtualClock({ start: now, speed: 'manual' });
  const simulated = await startSimulated({ scenario, clock });
  onTestFinished(() => simulated.stop());

  const as = (accessKeyId: string, more: { sessionToken?: string } = {}) => {
    const config = (region: string) => ({
      endpoint: simulated.endpoint,
      region,
      credentials: { accessKeyId, secretAccessKey: 'made-up', ...more },
      maxAttempts: 1,
    });
    return {
      ec2: (region = 'eu-central-1') => new EC2Client(config(region)),
      iam: () => new IAMClient(config('us-east-1')),
      sts: (region = 'us-east-1') => new STSClient(config(region)),
      cloudTrail: (region = 'eu-central-1') => new CloudTrailClient(config(region)),
      /** Any other client. */
      with: <C>(Client: new (settings: ReturnType<typeof config>) => C, region = 'eu-central-1') => new Client(config(region)),
      costs: () => new CostExplorerClient(config('us-east-1')),
    };
  };
  const bot = as(simulated.credentials.accessKeyId, { sessionToken: simulated.credentials.sessionToken });
  return { clock, simulated, as, ada: as(adasKey), bot };
}

export async function launch(client: EC2Client, more: Partial<RunInstancesCommandInput> = {}): Promise<string[]> {
  const input = { ImageId: 'ami-0a1b2c3d', InstanceType: 'm5.large', MinCount: 1, MaxCount: 1, ...more } as const;
  const { Instances = [] } = await client.send(new RunInstancesCommand(input));
  return Instances.map((instance) => instance.InstanceId ?? '');
}

/** Every page of what can be looked up, newest first. */
export async function lookUp(client: CloudTrailClient, input: LookupEventsCommandInput = {}): Promise<Event[]> {
  const found: Event[] = [];
  for (let token: string | undefined; ; ) {
    const page = await client.send(new LookupEventsCommand({ ...input, ...(token ? { NextToken: token } : {}) }));
    found.push(...(page.Events ?? []));
    token = page.NextToken;
    if (!token) return found;
  }
}

export const recordOf = (event: Event | undefined): Record<string, unknown> =>
  JSON.parse(event?.CloudTrailEvent ?? '{}') as Record<string, unknown>;

/** The name of the error a call was refused with. */
export const refusal = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'not refused',
    (error: Error) => error.name,
  );
