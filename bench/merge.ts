import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Measure } from './support/figure.ts';
import { writeShuffledLines } from './support/made-up-logs.ts';
import { memoryAt, mostMemory, readLogs } from './support/reading.ts';

const events = 150_000;

export const measure: Measure = {
  about:
    'replay of one file of 150,000 events, one a line, in no order: larger than what is held in memory, so it is sorted through temporary files. Against JSON.parse of its lines.',
  async run() {
    const folder = mkdtempSync(join(tmpdir(), 'cloudwarden-bench-'));
    try {
      const file = join(folder, 'shuffled.ndjson');
      const { unpackedBytes } = writeShuffledLines(file, { seed: 2, events, days: 4 });
      const plain = await readLogs('plain', file);
      const replayed = await readLogs('replay', file);
      return [
        {
          what: 'replay against JSON.parse',
          value: replayed.cpuSeconds / plain.cpuSeconds,
          unit: '×',
          note: `${replayed.cpuSeconds.toFixed(1)} s against ${plain.cpuSeconds.toFixed(1)} s of processor; sorting writes and reads everything once more`,
        },
        { what: 'events', value: events / replayed.seconds, unit: '/s' },
        { what: 'memory at 25 % of the way', value: memoryAt(replayed, 0.25), unit: 'MB' },
        { what: 'most memory', value: mostMemory(replayed), unit: 'MB', note: `of a file of ${(unpackedBytes / 1e6).toFixed(0)} MB` },
      ];
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
