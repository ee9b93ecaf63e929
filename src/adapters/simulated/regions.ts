/** The regions that are on in every account, and those that must be opted into. Source: AWS, "Specify which Regions your account can use". */
export const defaultRegions = [
  'us-east-1',
  'us-east-2',
  'us-west-1',
  'us-west-2',
  'ap-south-1',
  'ap-northeast-1',
  'ap-northeast-2',
  'ap-northeast-3',
  'ap-southeast-1',
  'ap-southeast-2',
  'ca-central-1',
  'eu-central-1',
  'eu-west-1',
  'eu-west-2',
  'eu-west-3',
  'eu-north-1',
  'sa-east-1',
] as const;
export const optInRegions = [
  'af-south-1',
  'ap-east-1',
  'ap-south-2',
  'ap-southeast-3',
  'ap-southeast-4',
  'ca-west-1',
  'eu-central-2',
  'eu-south-1',
  'eu-south-2',
  'il-central-1',
  'me-central-1',
  'me-south-1',
] as const;
export const allRegions: readonly string[] = [...defaultRegions, ...optInRegions];

/** Where a service's calls are logged when it has one endpoint for the world. Source: AWS CloudTrail guide, "global service events". */
export const logRegion = (service: string, region: string): string =>
  ['iam', 'ce', 'organizations', 'account', 'budgets', 'signin', 'route53', 'cloudfront', 'support'].includes(service)
    ? 'us-east-1'
    : region;
