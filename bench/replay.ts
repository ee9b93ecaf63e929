import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Measure } from './support/figure.ts';
import { writeDeliveries } from './support/made-up-logs.ts';
import { memoryAt, mostMemory, readLogs } from './support/reading.ts';

const files = 1000;
const eventsEach = 2000;

export const measure: Measure = {
  about:
    'replay of 2 million events in 1,000 files named as AWS names them, ten days of a busy account, against gunzip and JSON.parse of the same files, each in a process of its own. The ratio is of the processor time of all threads, so that what else the machine does counts little.',
  async run() {
    const folder = mkdtempSync(join(tmpdir(), 'cloudwarden-bench-'));
    try {
      const { unpackedBytes } = writeDeliveries(folder, { seed: 1, files, eventsEach, days: 10 });
      const plain = await readLogs('plain', folder);
      const replayed = await readLogs('replay', folder);
      const [early, late] = [memoryAt(replayed, 0.25), memoryAt(replayed, 0.97)];
      return [
        {
          what: 'replay against gunzip + JSON.parse',
          value: replayed.cpuSeconds / plain.cpuSeconds,
          unit: '×',
          atMost: 2,
          note: `${replayed.cpuSeconds.toFixed(1)} s against ${plain.cpuSeconds.toFixed(1)} s of processor, ${(unpackedBytes / 1e6).toFixed(0)} MB unpacked`,
        },
        { what: 'the same by the clock on the wall', value: replayed.seconds / plain.seconds, unit: '×' },
        { what: 'events', value: (files * eventsEach) / replayed.seconds, unit: '/s' },
        { what: 'memory at 25 % of the way', value: early, unit: 'MB' },
        { what: 'memory at the end against 25 %', value: late / early, unit: '×', atMost: 1.25, note: `${late.toFixed(0)} MB at the end` },
        { what: 'most memory', value: mostMemory(replayed), unit: 'MB', atMost: 300 },
      ];
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
