import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { slicesOf } from '../../../src/adapters/aws/logs/slices.ts';
import { type LogProblem, readCloudTrailLogs } from '../../../src/adapters/aws/logs.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slices-test-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** As AWS writes it: its version first. A second apart from the next. */
const event = (number: number, more: object = {}) => ({
  eventVersion: '1.11',
  eventTime: new Date(Date.UTC(2026, 2, 1, 12) + number * 1000).toISOString().replace('.000', ''),
  eventSource: 'ec2.amazonaws.com',
  eventName: 'DescribeInstances',
  eventID: `e-${number}`,
  ...more,
});
const events = (many: number) => Array.from({ length: many }, (_, number) => event(number));
const idsOf = (records: unknown[]): string[] => records.map((one) => (one as { eventID: string }).eventID);

/** In slices so short that each record has its own. */
function sliced(text: string): { slices: string[][]; isWhole: boolean } {
  const all = slicesOf(Buffer.from(text), 1);
  const slices: string[][] = [];
  for (let next = all.next(); ; next = all.next()) {
    if (next.done) return { slices, isWhole: next.value };
    slices.push(idsOf(next.value.records));
  }
}

async function read(content: string | Buffer): Promise<{ ids: string[]; problems: LogProblem[] }> {
  const file = join(folder, 'log.json.gz');
  await writeFile(file, gzipSync(content));
  const problems: LogProblem[] = [];
  const ids: string[] = [];
  for await (const some of readCloudTrailLogs([file], { onProblem: (problem) => problems.push(problem) })) ids.push(...idsOf(some));
  return { ids, problems };
}

it('are cut between records, each record once and in its order', () => {
  const file = JSON.stringify({ Records: events(4) });

  expect(sliced(file)).toEqual({ slices: [['e-0'], ['e-1'], ['e-2'], ['e-3']], isWhole: true });
  expect(sliced(`${file}\n`).isWhole).toBe(true);
});

it('are not cut within a text, whatever it says', () => {
  const odd = event(1, { userAgent: '},{"eventVersion":"1.11","eventName":"Nothing"}]}' });

  expect(sliced(JSON.stringify({ Records: [event(0), odd, event(2)] }))).toEqual({ slices: [['e-0'], ['e-1'], ['e-2']], isWhole: true });
});

it('are of no use where a call carries something like a record, which is then read as a whole', async () => {
  const list = [{ a: 1 }, { eventVersion: '1.11', eventName: 'StopLogging', eventTime: '2026-03-01T12:00:00Z', eventID: 'made up' }];
  const odd = event(300, { requestParameters: { note: 'x'.repeat(70_000), list } });
  const file = JSON.stringify({ Records: [...events(300), odd, event(301)] });

  expect(sliced(file).isWhole).toBe(false);
  expect(await read(file)).toEqual({ ids: idsOf([...events(300), odd, event(301)]), problems: [] });
});

it('lose nothing of a file that says twice what its records are, of which JSON knows the last list alone', async () => {
  const twice = `{"Records":${JSON.stringify(events(1_000))},"Records":${JSON.stringify([event(2_000), event(2_001)])}}`;

  expect(sliced(twice).isWhole).toBe(false);
  expect((await read(twice)).ids.slice(-2)).toEqual(['e-2000', 'e-2001']);
});

it('end where the file is damaged; what stood before it is read once, and the damage is told', async () => {
  const whole = JSON.stringify({ Records: events(2_000) });
  const damaged = whole.replace('"eventID":"e-1500"', '"eventID":e-1500');

  const { ids, problems } = await read(damaged);

  expect(ids).toEqual(idsOf(events(2_000)).filter((id) => id !== 'e-1500'));
  expect(problems.map(({ why }) => why)).toEqual([expect.stringMatching(/not JSON/)]);
});

it('keep letters that take several bytes', () => {
  const [slice] = sliced(JSON.stringify({ Records: [event(0, { eventID: 'żółć 🦀' }), event(1)] })).slices;

  expect(slice).toEqual(['żółć 🦀']);
});
