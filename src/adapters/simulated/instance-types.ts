/**
 * Sizes and Linux on-demand list prices in us-east-1, USD an hour, of the machine types the scenarios use. Source: the price table of
 * karpenter-provider-aws at commit 1d92708 (generated 2026-07-20); sizes from moto 5.2.1 and the instance type names.
 */
const types: Record<string, { vcpus: number; usdPerHour: number }> = {
  't3.nano': { vcpus: 2, usdPerHour: 0.0052 },
  't3.micro': { vcpus: 2, usdPerHour: 0.0104 },
  't3.small': { vcpus: 2, usdPerHour: 0.0208 },
  't3.medium': { vcpus: 2, usdPerHour: 0.0416 },
  't3.large': { vcpus: 2, usdPerHour: 0.0832 },
  'm5.large': { vcpus: 2, usdPerHour: 0.096 },
  'm5.xlarge': { vcpus: 4, usdPerHour: 0.192 },
  'm5.2xlarge': { vcpus: 8, usdPerHour: 0.384 },
  'm5.4xlarge': { vcpus: 16, usdPerHour: 0.768 },
  'c5a.large': { vcpus: 2, usdPerHour: 0.077 },
  'c5a.xlarge': { vcpus: 4, usdPerHour: 0.154 },
  'c5a.4xlarge': { vcpus: 16, usdPerHour: 0.616 },
  'c5a.8xlarge': { vcpus: 32, usdPerHour: 1.232 },
  'c5a.16xlarge': { vcpus: 64, usdPerHour: 2.464 },
  'c5a.24xlarge': { vcpus: 96, usdPerHour: 3.696 },
  'g4dn.xlarge': { vcpus: 4, usdPerHour: 0.526 },
  'g4dn.12xlarge': { vcpus: 48, usdPerHour: 3.912 },
  'g5.xlarge': { vcpus: 4, usdPerHour: 1.006 },
  'g5.12xlarge': { vcpus: 48, usdPerHour: 5.672 },
  'g5.48xlarge': { vcpus: 192, usdPerHour: 16.288 },
  'p3.2xlarge': { vcpus: 8, usdPerHour: 3.06 },
  'p3.16xlarge': { vcpus: 64, usdPerHour: 24.48 },
};

export type InstanceType = { vcpus: number; usdPerHour: number };
export const knownTypes = Object.keys(types);
/** A scenario may add types and prices of its own; a type nobody knows cannot be launched. */
export const typeOf = (name: string, own: Record<string, InstanceType>): InstanceType | undefined => own[name] ?? types[name];
