/** `replay`: recorded CloudTrail logs through the same checks and stories as live. */
import { readCloudTrailLogs } from '../adapters/aws/logs.ts';
import { openNetwork } from '../adapters/aws/network.ts';
import { loadPrices } from '../adapters/aws/prices.ts';
import { translateCloudTrail, withoutRepeatedLinks } from '../adapters/aws/translate/cloudtrail.ts';
import { createReplay } from '../bot/replay.ts';
import { checks } from '../checks/index.ts';
import type { Observation } from '../checks/observation.ts';
import { asTable, progress } from './terminal.ts';

type Options = { baseline?: string[]; json?: boolean; summary?: boolean };
const batchSize = 500;
const longestBatchMs = 12 * 3_600_000;

export async function replay(paths: string[], { baseline, json, summary }: Options): Promise<void> {
  const network = await openNetwork();
  const { shape, usdPerHour: price } = loadPrices();
  // Which role a session belongs to joins no stories.
  const reading = { by: 'aws/replay', network, shape, price, withoutSessions: true };
  const fresh = withoutRepeatedLinks();
  const replaying = createReplay({ checks });
  const bar = progress();
  let problems = 0;
  let events = 0;
  const onProblem = ({ file, why }: { file: string; why: string }) => {
    problems += 1;
    bar.clear();
    process.stderr.write(`${file}: ${why}\n`);
  };
  const print = (lines: Record<string, unknown>[]) => {
    if (json) for (const line of lines) process.stdout.write(`${JSON.stringify(line)}\n`);
  };

  function made(event: unknown): Observation[] {
    // A recording was heard when it happened.
    const { observations, problem } = translateCloudTrail(event, reading);
    if (problem) onProblem({ file: 'an event', why: problem });
    return observations;
  }

  async function run(sources: string[], take: (observations: Observation[]) => void): Promise<void> {
    let few: Observation[] = [];
    let fromMs = 0;
    for await (const some of readCloudTrailLogs(sources, { onProblem }))
      for (const event of some) {
        const observations = made(event);
        events += 1;
        const now = observations[0]?.at;
        if (now === undefined) continue;
        if (few.length === 0) fromMs = Date.parse(now);
        for (const one of fresh(observations)) few.push(one);
        // What ends and begins anew within one batch would be told once: a batch is short in events and in time.
        if (few.length < batchSize && !(Date.parse(now) - fromMs > longestBatchMs)) continue;
        take(few);
        bar.show(`${events} events · ${now.slice(0, 16)}`);
        few = [];
      }
    take(few);
  }

  if (baseline) await run(baseline, (observations) => replaying.learn(observations));
  await run(paths, (observations) => print(replaying.take(observations)));
  const { lines, findings, broken } = replaying.end();
  print(lines);
  bar.clear();
  for (const one of broken) {
    problems += 1;
    process.stderr.write(`a check failed: ${one}\n`);
  }
  if (summary || !json) {
    const rows = lines.map((line, index) => [
      String(line.severity),
      String(line.at).slice(0, 16).replace('T', ' '),
      String(line.incident),
      String(line.region ?? ''),
      String(findings[index]?.title ?? line.title),
    ]);
    const out = json ? process.stderr : process.stdout;
    out.write(rows.length > 0 ? asTable(['severity', 'at (UTC)', 'story', 'region', 'what'], rows) : 'Nothing was found.\n');
    out.write(`${events} events read, ${rows.length} findings${problems > 0 ? `, ${problems} problems (see above)` : ''}\n`);
  }
  if (problems > 0) process.exitCode = 1;
}
