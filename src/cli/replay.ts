/** `replay`: recorded CloudTrail logs through the same checks and stories as live. */
import { readCloudTrailLogs } from '../adapters/aws/logs.ts';
import { openNetwork } from '../adapters/aws/network.ts';
import { loadPrices } from '../adapters/aws/prices.ts';
import { translateCloudTrail, withoutRepeatedLinks } from '../adapters/aws/translate/cloudtrail.ts';
import { createReplay } from '../bot/replay.ts';
import { rank } from '../bot/severity.ts';
import { cut } from '../bot/words.ts';
import type { Finding } from '../checks/check.ts';
import { checks } from '../checks/index.ts';
import type { Observation, Severity } from '../checks/observation.ts';
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

  /** Most records say one thing: those that wait for their turn are many, and a list for each would take as much room as what is in it. */
  function made(event: unknown): Observation | Observation[] {
    // A recording was heard when it happened.
    const { observations, problem } = translateCloudTrail(event, reading);
    if (problem) onProblem({ file: 'an event', why: problem });
    return observations.length === 1 ? observations[0]! : observations;
  }

  async function run(sources: string[], take: (observations: Observation[]) => void): Promise<void> {
    let few: Observation[] = [];
    let until = '';
    for await (const some of readCloudTrailLogs(sources, { onProblem, read: made }))
      for (const said of some) {
        events += 1;
        const observations = Array.isArray(said) ? said : [said];
        const now = observations[0]?.at;
        if (now === undefined) continue;
        if (few.length === 0) until = new Date(Date.parse(now) + longestBatchMs).toISOString();
        for (const one of fresh(observations)) few.push(one);
        // What ends and begins anew within one batch would be told once: a batch is short in events and in time.
        if (few.length < batchSize && now <= until) continue;
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
    const out = json ? process.stderr : process.stdout;
    out.write(asSummary(lines, findings));
    out.write(`${events} events read, ${lines.length} findings${problems > 0 ? `, ${problems} problems (see above)` : ''}\n`);
  }
  if (problems > 0) process.exitCode = 1;
}

/** Rows beyond these are counted: nobody reads a thousand; `--json` has them all. */
const mostRows = 100;

/** Story by story, the worst first; the same thing in many regions or by many hands is one row with counts. */
function asSummary(lines: Record<string, unknown>[], findings: Finding[]): string {
  if (lines.length === 0) return 'Nothing was found.\n';
  const said = lines.map((line, index) => ({
    story: String(line.incident),
    whole: (line.incidentSeverity ?? line.severity) as Severity,
    severity: line.severity as Severity,
    at: String(line.at),
    region: String(line.region ?? 'global'),
    who: findings[index]?.actor?.name ?? '',
    usd: Number(line.usdPerHour ?? 0),
    what: String(findings[index]?.title ?? line.title),
  }));
  const first = (some: typeof said): string => some.reduce((least, { at }) => (at < least ? at : least), some[0]?.at ?? '');
  const stories = [...Map.groupBy(said, ({ story }) => story).values()].sort(
    (a, b) => rank(b[0]!.whole) - rank(a[0]!.whole) || (first(a) < first(b) ? -1 : 1),
  );
  const rows = stories.flatMap((story) => {
    const things = [...Map.groupBy(story, ({ severity, what }) => `${severity} ${what}`).values()];
    return things
      .sort((a, b) => rank(b[0]!.severity) - rank(a[0]!.severity) || (first(a) < first(b) ? -1 : 1))
      .map((some, index) => {
        const { severity, what } = some[0]!;
        const usd = some.reduce((sum, one) => sum + one.usd, 0);
        return [
          index === 0 ? `${story[0]!.story} ${story[0]!.whole}` : '',
          severity,
          first(some).slice(0, 16).replace('T', ' '),
          counted(
            some.map(({ region }) => region),
            'regions',
          ),
          counted(some.map(({ who }) => who).filter(Boolean), 'people'),
          usd > 0 ? `$${usd.toFixed(2)}/h` : '',
          what,
        ];
      });
  });
  const more = rows.length > mostRows ? `… and ${rows.length - mostRows} more rows (--json has all)\n` : '';
  return `${asTable(['story', 'finding', 'began (UTC)', 'where', 'who', 'costs', 'what'], rows.slice(0, mostRows))}${more}`;
}

function counted(names: string[], many: string): string {
  const distinct = new Set(names);
  return distinct.size > 1 ? `${distinct.size} ${many}` : cut(names[0] ?? '', 30);
}
