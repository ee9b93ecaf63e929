import type * as quotas from '@aws-sdk/client-service-quotas';
import { AwsError } from '../fault.ts';
import { pageOf } from '../page.ts';
import { arnOf, list, put } from '../shelf.ts';
import type { Call, Operation, World } from '../world.ts';

export const serviceQuotasOperations: Record<string, Operation> = {
  GetServiceQuota: (world, input: quotas.GetServiceQuotaRequest, call): quotas.GetServiceQuotaResponse => ({
    Quota: shapeOf(world, known(input.ServiceCode, input.QuotaCode), call),
  }),
  GetAWSDefaultServiceQuota(world, input: quotas.GetAWSDefaultServiceQuotaRequest, call): quotas.GetAWSDefaultServiceQuotaResponse {
    const quota = known(input.ServiceCode, input.QuotaCode);
    return { Quota: { ...shapeOf(world, quota, call), Value: quota.value } };
  },
  ListServiceQuotas(world, input: quotas.ListServiceQuotasRequest, call): quotas.ListServiceQuotasResponse {
    const found = table.filter((quota) => quota.service === input.ServiceCode);
    const { items, next } = pageOf(found, input.MaxResults ?? 100, input.NextToken);
    return { Quotas: items.map((quota) => shapeOf(world, quota, call)), ...(next ? { NextToken: next } : {}) };
  },
  ListServices(): quotas.ListServicesResponse {
    const services = new Map(table.map((quota) => [quota.service, quota.serviceName]));
    return { Services: [...services].map(([ServiceCode, ServiceName]) => ({ ServiceCode, ServiceName })) };
  },
  RequestServiceQuotaIncrease(world, input: quotas.RequestServiceQuotaIncreaseRequest, call): quotas.RequestServiceQuotaIncreaseResponse {
    const quota = known(input.ServiceCode, input.QuotaCode);
    const wanted = input.DesiredValue ?? 0;
    if (wanted <= currentOf(world, quota, call.region)) {
      throw new AwsError('IllegalArgumentException', 'You must provide a quota value greater than the current quota value.');
    }
    const open = list(world, kind, call.region).some((each) => each.facts.code === quota.code && each.facts.status !== 'APPROVED');
    if (open) throw new AwsError('ResourceAlreadyExistsException', 'Only one open service quota increase request is allowed per quota.');
    const id = world.chance.text(32, '0123456789abcdef') + world.chance.text(8, 'ABCDEFGHIJ');
    const facts: Asked = {
      service: quota.service,
      code: quota.code,
      wanted,
      status: 'PENDING',
      changedMs: call.ms,
      accountId: world.accountId,
    };
    const thing = put(world, kind, call, { id, arn: id, facts });
    world.agenda.add(call.ms + decidedAfterMs, (now, ms) => {
      thing.facts = { ...(thing.facts as Asked), status: 'APPROVED', changedMs: ms };
      now.granted.set(`${thing.region}/${quota.service}/${quota.code}`, wanted);
    });
    return { RequestedQuota: changeShape(thing) };
  },
  ListRequestedServiceQuotaChangeHistory(
    world,
    input: quotas.ListRequestedServiceQuotaChangeHistoryRequest,
    call,
  ): quotas.ListRequestedServiceQuotaChangeHistoryResponse {
    const found = list(world, kind, call.region).filter(
      (each) => (!input.ServiceCode || each.facts.service === input.ServiceCode) && (!input.Status || each.facts.status === input.Status),
    );
    const { items, next } = pageOf(found, input.MaxResults ?? 100, input.NextToken);
    return { RequestedQuotas: items.map(changeShape), ...(next ? { NextToken: next } : {}) };
  },
  ListRequestedServiceQuotaChangeHistoryByQuota(
    world,
    input: quotas.ListRequestedServiceQuotaChangeHistoryByQuotaRequest,
    call,
  ): quotas.ListRequestedServiceQuotaChangeHistoryByQuotaResponse {
    const found = list(world, kind, call.region).filter((each) => each.facts.code === input.QuotaCode);
    return { RequestedQuotas: found.map(changeShape) };
  },
  GetRequestedServiceQuotaChange(
    world,
    input: quotas.GetRequestedServiceQuotaChangeRequest,
    call,
  ): quotas.GetRequestedServiceQuotaChangeResponse {
    const found = list(world, kind, call.region).find((each) => each.id === input.RequestId);
    if (!found) throw new AwsError('NoSuchResourceException', 'The request was not found.');
    return { RequestedQuota: changeShape(found) };
  },
};

/** The vCPUs of that family of machines that may run in a region. The scenario's own limit holds until a raise was granted. */
export const limitOf = (world: World, region: string, quota: string): number =>
  Math.max(world.vcpuLimit, world.granted.get(`${region}/ec2/${quota}`) ?? 0);

/** AWS counts its machines in a few buckets by the first letters of the type (EC2 user guide, "Amazon EC2 service quotas"). */
export function quotaOfFamily(type: string, isSpot: boolean): string {
  const family = type.split('.')[0] ?? '';
  if (/^(p\d)/.test(family)) return isSpot ? 'L-7212CCBC' : 'L-417A185B';
  if (/^(g\d|gr\d|vt\d)/.test(family)) return isSpot ? 'L-3819A6DF' : 'L-DB2E81BA';
  return isSpot ? 'L-34B43A08' : 'L-1216C47A';
}

type Quota = { service: string; serviceName: string; code: string; name: string; value: number };
type Asked = { service: string; code: string; wanted: number; status: string; changedMs: number; accountId: string };
const kind = 'servicequotas/request';
/** Small raises are granted by a machine within minutes; a quarter of an hour is usual. */
const decidedAfterMs = 900_000;

const ec2 = 'Amazon Elastic Compute Cloud (Amazon EC2)';
const row = (service: string, serviceName: string, code: string, name: string, value: number): Quota => ({
  service,
  serviceName,
  code,
  name,
  value,
});
/** Codes and names as AWS lists them; the values are those of a young account. */
const table: Quota[] = [
  row('ec2', ec2, 'L-1216C47A', 'Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances', 64),
  row('ec2', ec2, 'L-DB2E81BA', 'Running On-Demand G and VT instances', 8),
  row('ec2', ec2, 'L-417A185B', 'Running On-Demand P instances', 8),
  row('ec2', ec2, 'L-34B43A08', 'All Standard (A, C, D, H, I, M, R, T, Z) Spot Instance Requests', 64),
  row('ec2', ec2, 'L-3819A6DF', 'All G and VT Spot Instance Requests', 8),
  row('ec2', ec2, 'L-7212CCBC', 'All P4, P3 and P2 Spot Instance Requests', 8),
  row('ec2', ec2, 'L-0263D0A3', 'EC2-VPC Elastic IPs', 5),
  row('fargate', 'AWS Fargate', 'L-3032A538', 'Fargate On-Demand vCPU resource count', 64),
  row('fargate', 'AWS Fargate', 'L-36FBB829', 'Fargate Spot vCPU resource count', 64),
  row('sagemaker', 'Amazon SageMaker', 'L-1928E07B', 'ml.g5.xlarge for training job usage', 1),
  row('sagemaker', 'Amazon SageMaker', 'L-B67CFA0C', 'ml.g4dn.xlarge for endpoint usage', 1),
  row('bedrock', 'Amazon Bedrock', 'L-0700C8EB', 'On-demand model inference requests per minute for Meta Llama 2 13B', 20),
  row('lambda', 'AWS Lambda', 'L-B99A9384', 'Concurrent executions', 1000),
  row('vpc', 'Amazon Virtual Private Cloud (Amazon VPC)', 'L-F678F1CE', 'VPCs per Region', 5),
];

/** A quota nobody listed here is taken as it is named: attackers ask for all sorts. */
function known(service = '', code = ''): Quota {
  return table.find((quota) => quota.service === service && quota.code === code) ?? row(service, service, code, code, 1);
}

function currentOf(world: World, quota: Quota, region: string): number {
  const granted = world.granted.get(`${region}/${quota.service}/${quota.code}`);
  const isCompute = quota.service === 'ec2' && quota.code !== 'L-0263D0A3';
  return granted ?? (isCompute ? world.vcpuLimit : quota.value);
}

const shapeOf = (world: World, quota: Quota, call: Call): quotas.ServiceQuota => ({
  ServiceCode: quota.service,
  ServiceName: quota.serviceName,
  QuotaCode: quota.code,
  QuotaName: quota.name,
  QuotaArn: arnOf(world, 'servicequotas', call.region, `${quota.service}/${quota.code}`),
  Value: currentOf(world, quota, call.region),
  Unit: 'None',
  Adjustable: true,
  GlobalQuota: false,
});

function changeShape(thing: { id: string; by: string; madeMs: number; facts: object }): quotas.RequestedServiceQuotaChange {
  const { service, code, wanted, status, changedMs, accountId } = thing.facts as Asked;
  const quota = known(service, code);
  return {
    Id: thing.id,
    ServiceCode: service,
    ServiceName: quota.serviceName,
    QuotaCode: code,
    QuotaName: quota.name,
    DesiredValue: wanted,
    Status: status as quotas.RequestStatus,
    Created: new Date(thing.madeMs),
    LastUpdated: new Date(changedMs),
    Requester: JSON.stringify({ accountId, callerArn: thing.by }),
    Unit: 'None',
    GlobalQuota: false,
  };
}
