import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LogProblem, readCloudTrailLogs } from '../../../src/adapters/aws/logs.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'logs-test-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const event = (minute: number, more: object = {}) => ({
  eventID: `e-${minute}`,
  eventName: 'DescribeInstances',
  eventSource: 'ec2.amazonaws.com',
  eventTime: new Date(Date.UTC(2026, 2, 1, 12, minute)).toISOString().replace('.000', ''),
  ...more,
});
const put = async (name: string, content: string | Buffer): Promise<string> => {
  const file = join(folder, name);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
  return file;
};

async function read(paths: string[], holdBytes?: number): Promise<{ ids: string[]; problems: LogProblem[] }> {
  const problems: LogProblem[] = [];
  const ids: string[] = [];
  const options = {
    onProblem: (problem: LogProblem) => problems.push(problem),
    ...(holdBytes !== undefined ? { holdBytes } : {}),
  };
  for await (const some of readCloudTrailLogs(paths, options)) ids.push(...some.map((one) => (one as { eventID: string }).eventID));
  return { ids, problems };
}

describe('the forms CloudTrail logs come in', () => {
  const three = [event(2), event(1), event(3)];
  const lookup = (events: object[]) => ({
    Events: events.map((one) => ({ EventId: 'x', CloudTrailEvent: JSON.stringify(one) })),
    NextToken: 'more',
  });
  const forms: Record<string, string | Buffer> = {
    'a log file as AWS writes it': JSON.stringify({ Records: three }),
    'a gzipped log file': gzipSync(JSON.stringify({ Records: three })),
    'two gzip members in one file': Buffer.concat([
      gzipSync(`${JSON.stringify(three[0])}\n`),
      gzipSync(`${JSON.stringify(three[1])}\n${JSON.stringify(three[2])}`),
    ]),
    'an array': JSON.stringify(three, null, 2),
    'one event a line': three.map((one) => JSON.stringify(one)).join('\n'),
    'one event a line with CRLF and a byte order mark': `﻿${three.map((one) => JSON.stringify(one)).join('\r\n')}\r\n`,
    'UTF-16 as PowerShell writes it': Buffer.from(`﻿${JSON.stringify({ Records: three })}`, 'utf16le'),
    'UTF-16 with its bytes the other way round': Buffer.from(`﻿${JSON.stringify({ Records: three })}`, 'utf16le').swap16(),
    'UTF-16 without a byte order mark': Buffer.from(JSON.stringify({ Records: three }), 'utf16le'),
    'the answer of LookupEvents': JSON.stringify(lookup(three), null, 4),
    'several pages of LookupEvents, one after the other': three.map((one) => JSON.stringify(lookup([one]), null, 4)).join('\n'),
    'several log files, one after the other': three.map((one) => JSON.stringify({ Records: [one] }, null, 1)).join(''),
    'EventBridge envelopes, one a line': three
      .map((one) => JSON.stringify({ 'detail-type': 'AWS API Call via CloudTrail', detail: one }))
      .join('\n'),
    'an export of CloudWatch Logs': JSON.stringify({
      messageType: 'DATA_MESSAGE',
      logEvents: three.map((one) => ({ id: '1', message: JSON.stringify(one) })),
    }),
  };

  for (const [name, content] of Object.entries(forms)) {
    it(`reads ${name}`, async () => {
      const file = await put('log.json', content);

      const { ids, problems } = await read([file]);

      expect(problems).toEqual([]);
      expect(ids).toEqual(['e-1', 'e-2', 'e-3']);
    });
  }

  it('has the parts of a record that are kept as text, also in a log file as AWS writes it', async () => {
    const said = { userName: 'grace' };
    const records = [event(1, { requestParameters: JSON.stringify(said) }), event(2, { requestParameters: 'not said', userIdentity: '' })];
    const file = await put('parts.json', JSON.stringify({ Records: records }));

    const found: unknown[] = [];
    for await (const some of readCloudTrailLogs([file], { onProblem: () => {} })) found.push(...some);

    expect(found).toEqual([event(1, { requestParameters: said }), records[1]]);
  });

  it('reads one event a file, from folders in folders, and leaves out digests, hidden files and other files', async () => {
    await put('a/1.json', JSON.stringify(event(3)));
    await put('a/b/2.json.gz', gzipSync(JSON.stringify(event(1))));
    await put('a/b/.hidden.json', 'junk');
    await put('a/README.md', '# hello');
    await put('a/CloudTrail-Digest/2026/123456789012_CloudTrail-Digest_us-east-1_x.json.gz', 'junk');
    await put('a/digest.json', JSON.stringify({ digestStartTime: 'x', digestS3Object: 'y' }));
    await symlink(folder, join(folder, 'a', 'loop'));

    const { ids, problems } = await read([folder]);

    expect(problems).toEqual([]);
    expect(ids).toEqual(['e-1', 'e-3']);
  });

  it('keeps strings with braces, quotes and escapes whole when it follows braces', async () => {
    const odd = event(1, { userAgent: 'a"}{\\ [ "Records": [', requestParameters: { note: ['}', '{', '\\"'] } });
    const file = await put('log.json', `${JSON.stringify({ Records: [odd, event(2)] })} ${JSON.stringify(event(3), null, 2)}`);

    const { ids, problems } = await read([file]);

    expect(problems).toEqual([]);
    expect(ids).toEqual(['e-1', 'e-2', 'e-3']);
  });
});

describe('broken logs', () => {
  const broken: Record<string, { content: string | Buffer; ids: string[]; why: RegExp }> = {
    'a broken line': {
      content: `${JSON.stringify(event(1))}\n{"eventName": oops}\n${JSON.stringify(event(2))}\n`,
      ids: ['e-1', 'e-2'],
      why: /^one part is not JSON \(line 2\)/,
    },
    'a first line that is broken': { content: `{"eventNa\n${JSON.stringify(event(1))}\n`, ids: ['e-1'], why: /line 1/ },
    'a last line that is cut off': {
      content: `${JSON.stringify(event(1))}\n{"eventName":"Run`,
      ids: ['e-1'],
      why: /ends in the middle of a record/,
    },
    'a log file cut off in its third record': {
      content: JSON.stringify({ Records: [event(1), event(2), event(3)] }).slice(0, -20),
      ids: ['e-1', 'e-2'],
      why: /ends in the middle of a record/,
    },
    'a record that is not JSON among others': {
      content: `{"Records":[${JSON.stringify(event(1))},{"eventName": nonsense},${JSON.stringify(event(2))}]}`,
      ids: ['e-1', 'e-2'],
      why: /not JSON/,
    },
    'a file of binary junk': {
      content: Buffer.from(Array.from({ length: 4000 }, (_, index) => (index * 7919 + 13) % 251)),
      ids: [],
      why: /is not JSON/,
    },
    'plain words': { content: 'hello there', ids: [], why: /is not JSON/ },
    'an empty file': { content: '', ids: [], why: /is empty/ },
    'another kind of JSON': { content: JSON.stringify({ name: 'x', version: 1 }), ids: [], why: /holds no CloudTrail records/ },
    'something else among the records': {
      content: JSON.stringify({ Records: [event(1), 7, null, { a: 1 }] }),
      ids: ['e-1'],
      why: /^3 entries are no CloudTrail record/,
    },
    'a LookupEvents entry that is cut': {
      content: JSON.stringify({ Events: [{ CloudTrailEvent: '{"eventN' }, { CloudTrailEvent: JSON.stringify(event(1)) }] }),
      ids: ['e-1'],
      why: /LookupEvents/,
    },
    'brackets that are never closed': { content: '['.repeat(100_000), ids: [], why: /is not JSON/ },
    'records without a time that can be read': {
      content: JSON.stringify({
        Records: [event(1), event(2, { eventTime: null }), event(3, { eventTime: 'yesterday' }), event(4, { eventTime: {} })],
      }),
      ids: ['e-1'],
      why: /^3 records have no readable eventTime/,
    },
    'a gzip whose check sum is wrong': { content: damagedAtTheEnd(JSON.stringify(event(1))), ids: [], why: /damaged \(gzip\)/ },
    'arrays in arrays without end': { content: '['.repeat(100_000) + ']'.repeat(100_000), ids: [], why: /holds no CloudTrail records/ },
  };

  for (const [name, { content, ids, why }] of Object.entries(broken)) {
    it(`says what is wrong with ${name}, and reads the rest`, async () => {
      const file = await put('bad.json', content);
      const good = await put('good.json', JSON.stringify(event(9)));

      const result = await read([file, good]);

      expect(result.ids).toEqual([...ids, 'e-9']);
      expect(result.problems).toHaveLength(1);
      expect(result.problems[0]).toEqual({ file, why: expect.stringMatching(why) });
    });
  }

  it('reads a truncated gzip up to where it ends', async () => {
    const many = Array.from({ length: 3000 }, (_, index) =>
      event(index % 60, { eventID: `${(index * 7919) % 100_003}`, requestID: Math.sin(index) }),
    );
    const packed = gzipSync(JSON.stringify({ Records: many }));
    const file = await put('cut.json.gz', packed.subarray(0, packed.length / 2));

    const { ids, problems } = await read([file]);

    expect(ids.length).toBeGreaterThan(500);
    expect(problems.map((one) => one.why)).toEqual([
      expect.stringMatching(/cut off in the middle \(gzip\)/),
      expect.stringMatching(/ends in the middle of a record/),
    ]);
  });

  it('reads a damaged gzip up to the damage', async () => {
    const packed = gzipSync(
      JSON.stringify({ Records: Array.from({ length: 5000 }, (_, index) => event(1, { eventID: `${Math.sin(index)}` })) }),
    );
    packed.fill(0xff, packed.length / 2, packed.length / 2 + 200);
    const file = await put('bad.json.gz', packed);

    const { problems } = await read([file]);

    expect(problems[0]?.why).toMatch(/damaged \(gzip\)/);
  });

  it('names a path that does not exist, and a folder without logs', async () => {
    await mkdir(join(folder, 'none'));

    const { problems } = await read([join(folder, 'nowhere'), join(folder, 'none')]);

    expect(problems.map((one) => one.why)).toEqual(['does not exist', 'holds no log files']);
  });
});

describe('the order', () => {
  it('goes by the time of the events over many files, also through temporary files, which are removed', async () => {
    const before = await ownTemporaryFolders();
    const minutes = Array.from({ length: 600 }, (_, index) => (index * 271) % 600);
    for (const [index, chunk] of [minutes.slice(0, 200), minutes.slice(200, 400), minutes.slice(400)].entries()) {
      await put(`${index}.json`, chunk.map((minute) => JSON.stringify(event(minute))).join('\n'));
    }

    const { ids, problems } = await read([folder], 5_000);

    expect(problems).toEqual([]);
    expect(ids).toEqual(Array.from({ length: 600 }, (_, index) => `e-${index}`));
    expect(await ownTemporaryFolders()).toEqual(before);
  });

  it('removes its temporary files when the reader stops early', async () => {
    const before = await ownTemporaryFolders();
    await put('1.json', Array.from({ length: 300 }, (_, index) => JSON.stringify(event(index))).join('\n'));

    for await (const _ of readCloudTrailLogs([folder], { onProblem: () => {}, holdBytes: 2_000 })) break;

    expect(await ownTemporaryFolders()).toEqual(before);
  });

  it('hands on what is made of each event, in the same order, whatever the files are called', async () => {
    const log = (...minutes: number[]) => gzipSync(JSON.stringify({ Records: minutes.map((minute) => event(minute)) }));
    const names = {
      given: ['20260301T1205Z', '20260301T1215Z'].map((time) => `1_CloudTrail_us-east-1_${time}_a.json.gz`),
      own: ['1.gz', '2.gz'],
    };
    for (const [kind, [one = '', two = '']] of Object.entries(names)) {
      await put(`${kind}/${one}`, log(3, 1));
      await put(`${kind}/${two}`, log(2));
      const made: string[] = [];
      const options = { onProblem: () => {}, read: (raw: unknown) => `made of ${(raw as { eventID: string }).eventID}` };
      for await (const some of readCloudTrailLogs([join(folder, kind)], options)) made.push(...some);

      expect(made).toEqual(['made of e-1', 'made of e-2', 'made of e-3']);
    }
  });

  it('follows the names AWS gives its files, and puts events that were delivered late in their place', async () => {
    const name = (region: string, time: string) => `123456789012_CloudTrail_${region}_${time}_abcdef.json.gz`;
    const log = (...minutes: number[]) => gzipSync(JSON.stringify({ Records: minutes.map((minute) => event(minute)) }));
    await put(`z/${name('us-east-1', '20260301T1205Z')}`, log(1, 3));
    await put(`a/${name('eu-west-1', '20260301T1215Z')}`, log(2, 12));
    await put(`m/${name('us-east-1', '20260301T1810Z')}`, log(365, 361));
    await put(`b/${name('us-east-1', '20260302T1810Z')}`, log(1805));

    const { ids } = await read([folder]);

    expect(ids).toEqual(['e-1', 'e-2', 'e-3', 'e-12', 'e-361', 'e-365', 'e-1805']);
  });

  it('reads a file that is too large to be parsed whole, in both forms', async () => {
    const filler = 'x'.repeat(200_000);
    const many = Array.from({ length: 100 }, (_, index) => event(index, { filler }));
    await put('big.ndjson', many.map((one) => JSON.stringify(one)).join('\n'));
    await put('big.json.gz', gzipSync(JSON.stringify({ Records: many.map((one) => ({ ...one, eventID: `${one.eventID}-z` })) })));

    const { ids, problems } = await read([folder]);

    expect(problems).toEqual([]);
    expect(ids).toHaveLength(200);
    expect(ids.slice(0, 4)).toEqual(['e-0-z', 'e-0', 'e-1-z', 'e-1']);
  });
});

const ownTemporaryFolders = async (): Promise<string[]> =>
  (await readdir(tmpdir())).filter((name) => name.startsWith('cloudwarden-')).sort();

function damagedAtTheEnd(text: string): Buffer {
  const packed = gzipSync(text);
  packed.fill(0xff, packed.length - 8);
  return packed;
}
