import { readdirSync, readFileSync } from 'node:fs';
import { plainNetwork } from './network.ts';
import { loadPrices } from './prices.ts';
import { translateCloudTrail, withoutRepeatedLinks } from './translate/cloudtrail.ts';

const src = '/work/shared/data/cloudtrail/stratus-red-team/';
const base = readdirSync(src).flatMap((f) => JSON.parse(readFileSync(src + f, 'utf8')));
const shape = loadPrices().shape;
const links = withoutRepeatedLinks();
for (let r = 0; r < 3; r++) {
  const t0 = performance.now();
  let o = 0,
    n = 0;
  for (let k = 0; k < 200; k++)
    for (const e of base) {
      n++;
      o += links(translateCloudTrail(e, { heard: '2026-01-01T00:00:00.000Z', by: 'x', shape, network: plainNetwork }).observations).length;
    }
  console.log(n, o, (((performance.now() - t0) / n) * 1000).toFixed(2), 'us/event');
}
