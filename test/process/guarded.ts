/** A simulated account in this process and real clients for it: the cloud outlives every kill of the bot. It runs on the real clock. */
import { CloudTrailClient, type Event, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import { EC2Client, RunInstancesCommand } from '@aws-sdk/client-ec2';
import { createVirtualClock } from '../../src/adapters/simulated/clock.ts';
import { parseScenario } from '../../src/adapters/simulated/scenario.ts';
import { startSimulated } from '../../src/adapters/simulated/simulated.ts';

export const stolenKey = 'AKIAIOSFODNN7EXAMPLE';
/** Of somebody who has nothing to do with it. */
export const usualKey = 'AKIAI44QH8DHBEXAMPLE';
export const account = '123456789012';
/** Where nothing ever ran. */
export const farAway = 'sa-east-1';

export async function guarded() {
  const scenario = await parseScenario(
    `
name: An account with one stolen key
account: { id: "${account}", name: production, regions: [eu-central-1] }
users:
  - { name: ci-deploy, policies: [AdministratorAccess], from: 192.0.2.7, keys: [{ id: ${stolenKey}, created: -400d }] }
  - { name: deploy, policies: [AdministratorAccess], from: 192.0.2.8, keys: [{ id: ${usualKey}, created: -40d }] }
trails: [{ name: main }]
`,
    'process.yaml',
  );
  const clock = createVirtualClock({ start: new Date().toISOString(), speed: 1 });
  const simulated = await startSimulated({ scenario, clock });
  simulated.faults.set({ lookupLag: { meanSeconds: 0.01, capSeconds: 0.02 }, consistencySeconds: 0 });
  const { accessKeyId, secretAccessKey, sessionToken } = simulated.credentials;
  const as = (key: string, region: string, token?: string) => ({
    endpoint: simulated.endpoint,
    region,
    credentials: { accessKeyId: key, secretAccessKey, ...(token ? { sessionToken: token } : {}) },
    maxAttempts: 1,
  });

  return {
    simulated,
    /** What the bot's process needs to reach this account by the default chain. */
    env: {
      AWS_ENDPOINT_URL: simulated.endpoint,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
    },
    async launch(region: string, type: 'g5.12xlarge' | 't3.micro', count: number, key = stolenKey): Promise<string[]> {
      const ec2 = new EC2Client(as(key, region));
      const { Instances = [] } = await ec2.send(
        new RunInstancesCommand({ ImageId: 'ami-0a1b2c3d', InstanceType: type, MinCount: count, MaxCount: count }),
      );
      ec2.destroy();
      return Instances.map((instance) => instance.InstanceId ?? '');
    },
    stateOf: (id: string) => simulated.state.instances().find((instance) => instance.id === id)?.state,
    /** Calls of one operation that succeeded, as the account's own log has them, oldest first. */
    async calls(operation: string, region = 'us-east-1'): Promise<Record<string, unknown>[]> {
      const trail = new CloudTrailClient(as(accessKeyId, region, sessionToken));
      const found: Event[] = [];
      for (let token: string | undefined; ; ) {
        const page = await trail.send(
          new LookupEventsCommand({
            LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: operation }],
            ...(token ? { NextToken: token } : {}),
          }),
        );
        found.push(...(page.Events ?? []));
        token = page.NextToken;
        if (!token) break;
      }
      trail.destroy();
      return found
        .map((event) => JSON.parse(event.CloudTrailEvent ?? '{}') as Record<string, unknown>)
        .filter((record) => record.errorCode === undefined)
        .reverse();
    },
    async stop() {
      await simulated.stop();
      clock.stop();
    },
  };
}
