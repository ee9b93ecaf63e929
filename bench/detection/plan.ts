/** Which runs a bench of detection makes of a folder of scenarios: the same for the same folder, seed and counts. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createRandom } from '../../src/adapters/simulated/random.ts';
import { attackBegins, readScenario, type Scenario } from '../../src/adapters/simulated/scenario.ts';
import type { Hearing } from './live.ts';
import type { Run } from './run.ts';
import { type Group, groupOf, usdPerHour } from './score.ts';

export type Attack = { what: 'attack'; name: string; group: Group; hearing: Hearing; firstStepMs: number; run: Run };
export type Month = { what: 'normal'; name: string; hearing: Hearing; months: number; run: Run };
export type Plan = { attacks: Attack[]; normals: Month[] };

const dayMs = 86_400_000;
const hourMs = 3_600_000;
/** A Monday. Runs begin at an hour of their own in the week after it. */
const mondayMs = Date.parse('2026-11-23T00:00:00.000Z');
/** After the last step: what is not told by then is counted as missed. */
const afterwardsMs = dayMs;
/** What a peer that only sees money is given to notice that what was started still runs. */
const peersMs = 30 * dayMs;

/**
 * Every attack in its own account and in those of `hosts` normal scenarios, with every way of hearing; every normal account for `months`
 * months, heard by push and by polling in turn. Scenarios are those in `folders` (and in folders below) with a label and, with `only`, that in their path.
 */
export async function planOf(
  folders: readonly string[],
  { seed, hosts, months, only = '' }: { seed: number; hosts: number; months: number; only?: string },
): Promise<Plan> {
  const all = await labelled(folders);
  const normal = all.filter(({ scenario }) => scenario.label?.kind === 'normal');
  const attacks = all.filter(({ scenario, file }) => scenario.label?.kind === 'attack' && file.includes(only));
  return {
    attacks: attacks.flatMap(({ file, scenario }, index) =>
      [undefined, ...chosen(normal, index, hosts)].flatMap((host, turn) =>
        (['push', 'poll', 'cut'] as const).map((hearing): Attack => {
          const runSeed = seed * 10_000 + index * 100 + turn;
          const startMs = mondayMs + Math.floor(createRandom(runSeed, 'begin').next() * 7 * 24) * hourMs;
          const firstStepMs = startMs + (attackBegins(scenario) ?? 0) * 1000;
          const endMs = startMs + Math.max(...scenario.attack.map(({ at }) => at)) * 1000 + afterwardsMs;
          const isWatchedByPeers = host === undefined && hearing === 'push';
          return {
            what: 'attack',
            name: host === undefined ? nameOf(file) : `${nameOf(file)} in ${nameOf(host.file)}`,
            group: groupOf(scenario),
            hearing,
            firstStepMs,
            run: {
              file,
              ...(host ? { host: host.file } : {}),
              seed: runSeed,
              hearing,
              startMs,
              endMs,
              ...(isWatchedByPeers
                ? { peers: { untilMs: endMs + peersMs, assumedUsdPerHour: usdPerHour } }
                : { endWhenWokenFromMs: firstStepMs }),
            },
          };
        }),
      ),
    ),
    normals: normal
      .filter(({ file }) => file.includes(only))
      .flatMap(({ file }, index) =>
        Array.from({ length: months }, (_, month): Month => {
          const startMs = mondayMs + month * 7 * dayMs;
          const endMs = startMs + 30 * dayMs;
          const hearing = month % 2 === 0 ? 'push' : 'poll';
          const run = {
            file,
            seed: seed * 10_000 + 5_000 + index * 100 + month,
            hearing,
            startMs,
            endMs,
            peers: { untilMs: endMs, assumedUsdPerHour: 0 },
          } as const;
          return { what: 'normal', name: nameOf(file), hearing, months: 1, run };
        }),
      ),
  };
}

const nameOf = (file: string): string => file.replace(/^.*\//, '').replace(/\.yaml$/, '');

/** Others for each attack, so that every normal account gets its share. */
const chosen = <T>(all: readonly T[], index: number, count: number): T[] =>
  Array.from({ length: Math.min(count, all.length) }, (_, turn) => all[(index * count + turn * 5) % all.length]!);

async function labelled(folders: readonly string[]): Promise<{ file: string; scenario: Scenario }[]> {
  const files = (
    await Promise.all(folders.map(async (folder) => (await readdir(folder, { recursive: true })).map((file) => join(folder, file)).sort()))
  ).flat();
  const read = await Promise.all(
    files.filter((file) => file.endsWith('.yaml')).map(async (file) => ({ file, scenario: await readScenario(file) })),
  );
  return read.filter(({ scenario }) => scenario.label !== undefined);
}
