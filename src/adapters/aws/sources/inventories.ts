/** Every service in which machines can be started, as sources; machines of EC2 first. */
import type { Source } from '../../../bot/ports.ts';
import type { PriceTable } from '../prices.ts';
import { batch } from './batch.ts';
import { containers } from './containers.ts';
import { emr } from './emr.ts';
import { inventory } from './inventory.ts';
import { kubernetes } from './kubernetes.ts';
import { learning } from './learning.ts';
import { lightsail } from './lightsail.ts';
import type { Sight } from './looking.ts';
import { scaling } from './scaling.ts';

export const inventories: readonly ((sight: Sight, prices: PriceTable) => Source)[] = [
  inventory,
  scaling,
  containers,
  learning,
  batch,
  kubernetes,
  emr,
  lightsail,
];

/** The sources whose lists show what is started in a service, named as observations name it; absent: EC2. None: no list does. */
export const listsShowing = (service: string | undefined): readonly string[] => showing[service ?? 'EC2'] ?? [];
const showing: Record<string, readonly string[]> = {
  EC2: ['aws/inventory', 'aws/scaling'],
  ECS: ['aws/containers'],
  SageMaker: ['aws/learning'],
  Batch: ['aws/batch'],
  EKS: ['aws/kubernetes'],
  EMR: ['aws/emr'],
  Lightsail: ['aws/lightsail'],
};
