import type { Service } from './call.ts';
import { cloudtrailOperations } from './services/cloudtrail.ts';
import { costExplorerOperations } from './services/cost-explorer.ts';
import { ec2Operations, ec2Resources } from './services/ec2.ts';
import { iamOperations, iamResources } from './services/iam.ts';
import { stsOperations, stsResources } from './services/sts.ts';
import { createWire, type Shape } from './wire.ts';

/** The simulated services by the name they sign with. The clients are loaded for their schemas alone, and only here. */
export async function loadServices(): Promise<Record<string, Service>> {
  const [ec2, iam, sts, cloudtrail, costExplorer] = await Promise.all([
    import('@aws-sdk/client-ec2'),
    import('@aws-sdk/client-iam'),
    import('@aws-sdk/client-sts'),
    import('@aws-sdk/client-cloudtrail'),
    import('@aws-sdk/client-cost-explorer'),
  ]);
  const shape = (client: object) => client as Shape;
  const list: Service[] = [
    {
      name: 'ec2',
      wire: createWire('ec2', 'http://ec2.amazonaws.com/doc/2016-11-15/', shape(ec2)),
      operations: ec2Operations,
      resources: ec2Resources,
    },
    {
      name: 'iam',
      wire: createWire('query', 'https://iam.amazonaws.com/doc/2010-05-08/', shape(iam)),
      operations: iamOperations,
      resources: iamResources,
    },
    {
      name: 'sts',
      wire: createWire('query', 'https://sts.amazonaws.com/doc/2011-06-15/', shape(sts)),
      operations: stsOperations,
      resources: stsResources,
    },
    { name: 'cloudtrail', wire: createWire('json', '', shape(cloudtrail)), operations: cloudtrailOperations },
    { name: 'ce', wire: createWire('json', '', shape(costExplorer)), operations: costExplorerOperations },
  ];
  return Object.fromEntries(list.map((service) => [service.name, service]));
}
