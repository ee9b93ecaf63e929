/** What a quota is of, by the code of its service and the code or name of the quota. */

/** 'compute' where raising it lets more machines run, 'models' for Bedrock, else 'other'. Takes what Service Quotas answers with. */
export function quotaOf(serviceCode: string, quotaCode: string | undefined, quotaName: string | undefined): 'compute' | 'models' | 'other' {
  const service = serviceCode.toLowerCase();
  if (service === 'bedrock') return 'models';
  if (service === 'ec2') {
    // Elastic addresses, gateways and the like stand beside the machines; a request without its name is taken for the worse.
    if (quotaName === undefined) return quotaCode !== undefined && harmless.has(quotaCode) ? 'other' : 'compute';
    return /instance|vcpu|spot|host|fleet|capacity/i.test(quotaName) ? 'compute' : 'other';
  }
  return computing.has(service) ? 'compute' : 'other';
}

/** Elastic IP addresses, also for VPCs. */
const harmless = new Set(['L-0263D0A3']);
const computing = new Set([
  'fargate',
  'ecs',
  'eks',
  'batch',
  'sagemaker',
  'lightsail',
  'elasticmapreduce',
  'emr-serverless',
  'codebuild',
  'apprunner',
  'gamelift',
  'workspaces',
  'glue',
  'lambda',
  'autoscaling',
  'robomaker',
]);
