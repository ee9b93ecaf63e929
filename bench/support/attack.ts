/** Somebody with a stolen key starts machines for mining: the one thing that must be told at once. */
import { EC2Client, RunInstancesCommand } from '@aws-sdk/client-ec2';
import type { Simulated } from '../../src/adapters/simulated/simulated.ts';

/** Resolves to the ids of the machines. */
export async function startMiners(simulated: Simulated, region = 'us-west-2'): Promise<string[]> {
  const client = new EC2Client({
    endpoint: simulated.endpoint,
    region,
    // A key of the scenario "A quiet account".
    credentials: { accessKeyId: 'AKIA4GRACE2EXAMPLE23', secretAccessKey: 'made-up' },
  });
  try {
    const started = await client.send(
      new RunInstancesCommand({ ImageId: 'ami-0a1b2c3d4e5f60718', InstanceType: 'g5.12xlarge', MinCount: 4, MaxCount: 4 }),
    );
    return (started.Instances ?? []).flatMap(({ InstanceId }) => InstanceId ?? []);
  } finally {
    client.destroy();
  }
}
