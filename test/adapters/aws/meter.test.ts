import { GetMetricDataCommand, ListMetricsCommand } from '@aws-sdk/client-cloudwatch';
import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { ListUsersCommand } from '@aws-sdk/client-iam';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  readByDetector,
  usdPerAnalysedCall,
  usdPerMetricRead,
  usdPerMetricRequest,
  usdPerQueueRequest,
} from '../../../src/adapters/aws/meter.ts';
import type { AwsSession } from '../../../src/adapters/aws/session.ts';
import { account, instancesXml, type Said, type StandIn, sessionOn, standIn } from './aws-stand-in.ts';

let aws: StandIn;
let session: AwsSession;
let machines: Said;
beforeEach(async () => {
  machines = instancesXml([]);
  aws = await standIn(({ operation }) =>
    operation === 'DescribeInstances'
      ? machines
      : operation === 'ListUsers'
        ? '<ListUsersResponse><ListUsersResult><Users/></ListUsersResult></ListUsersResponse>'
        : {},
  );
  session = await sessionOn(aws);
});
afterEach(async () => {
  session.close();
  await aws.close();
});

const look = async (region: string) => (await session.read.ec2(region)).send(new DescribeInstancesCommand({}));
const analysed = (): number => {
  const usd = session.meter.take().find(({ operation }) => operation === readByDetector)?.usd ?? 0;
  return Math.round(usd / usdPerAnalysedCall);
};

describe('the meter', () => {
  it('prices the records that a threat detector reads, only where one is on', async () => {
    session.meter.detector('us-east-1', true);
    session.meter.detector('eu-west-1', false);

    await look('us-east-1');
    await look('us-east-1');
    await look('eu-west-1');

    expect(session.meter.take()).toEqual([
      { operation: 'ec2:DescribeInstances', calls: 3, usd: 0 },
      { operation: readByDetector, calls: 0, usd: 2 * usdPerAnalysedCall },
    ]);
  });

  it('prices what was asked before anybody knew of a detector once it is known, and never twice', async () => {
    await look('us-east-1');
    await look('eu-west-1');
    expect(analysed()).toBe(0);

    session.meter.detector('us-east-1', true);
    session.meter.detector('us-east-1', true);
    session.meter.detector('eu-west-1', false);

    expect(analysed()).toBe(1);
    session.meter.detector('eu-west-1', true);
    expect(analysed()).toBe(0);
  });

  it('counts services without a region where AWS records them', async () => {
    session.meter.detector('us-east-1', true);

    await (await session.read.iam()).send(new ListUsersCommand({}));

    expect(analysed()).toBe(1);
  });

  it('takes a refused call for a recorded one, one that was slowed down or never arrived for none', async () => {
    session.meter.detector('us-east-1', true);

    machines = { error: 'UnauthorizedOperation', status: 403 };
    await expect(look('us-east-1')).rejects.toThrow();
    expect(analysed()).toBe(1);
    machines = { error: 'RequestLimitExceeded', status: 503 };
    await expect(look('us-east-1')).rejects.toThrow();
    expect(analysed()).toBe(0);
    await aws.close();
    await expect(look('us-east-1')).rejects.toThrow();
    expect(session.meter.take()).toEqual([{ operation: 'ec2:DescribeInstances', calls: 1, usd: 0 }]);
  });

  it('knows the prices of metrics and queues, whose reading no detector sees', async () => {
    session.meter.detector('us-east-1', true);
    const cloudwatch = await session.read.cloudwatch('us-east-1');
    const wanted = (Id: string) => ({
      Id,
      MetricStat: { Metric: { Namespace: 'AWS/Lambda', MetricName: 'Duration' }, Period: 3600, Stat: 'Sum' },
    });

    await cloudwatch.send(
      new GetMetricDataCommand({ MetricDataQueries: [wanted('a'), wanted('b')], StartTime: new Date(0), EndTime: new Date(3_600_000) }),
    );
    await cloudwatch.send(new ListMetricsCommand({}));
    const queue = `https://sqs.us-east-1.amazonaws.com/${account}/cloudwarden-events`;
    await (await session.read.sqs('us-east-1')).send(new ReceiveMessageCommand({ QueueUrl: queue }));

    expect(session.meter.take()).toEqual([
      { operation: 'cloudwatch:GetMetricData', calls: 1, usd: 2 * usdPerMetricRead },
      { operation: 'cloudwatch:ListMetrics', calls: 1, usd: usdPerMetricRequest },
      { operation: readByDetector, calls: 0, usd: usdPerAnalysedCall },
      { operation: 'sqs:ReceiveMessage', calls: 1, usd: usdPerQueueRequest },
    ]);
  });
});
