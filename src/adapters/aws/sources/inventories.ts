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
