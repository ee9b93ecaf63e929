import { describe, expect, it } from 'vitest';
import type { Look } from '../../../src/bot/ports.ts';
import { sourceWords } from '../../../src/bot/present/sources.ts';
import { card, gapWords, looksInWords } from '../../../src/bot/present.ts';
import { look, production, text, view } from '../present-story.ts';

const now = '2026-11-23T14:05:00.000Z';
const regions = Array.from({ length: 17 }, (_, n) => `region-${String.fromCharCode(97 + n)}-1`);
/** What each source calls the things it reads, as it stands in its gaps. */
const things: Record<string, string> = {
  'aws/inventory': 'the machines',
  'aws/audit-log': 'the events',
  'aws/scaling': 'the Auto Scaling groups and the fleets',
  'aws/containers': 'the containers',
  'aws/learning': 'the notebooks',
  'aws/batch': 'the Batch environments and jobs',
  'aws/kubernetes': 'the Kubernetes clusters',
  'aws/emr': 'the EMR clusters',
  'aws/lightsail': 'the Lightsail machines',
  'aws/quotas': 'the requests for higher limits',
  'aws/threat-detector': 'the findings of GuardDuty',
  'aws/access-analyzer': 'the doors for strangers',
  'aws/metrics': 'the measurements',
};
const at = (source: string, region: string, over: Partial<Look> = {}): Look =>
  look({ source, place: { scope: production, region }, of: 1, seen: 1, at: now, upTo: now, ...over });
const failing = (why: (source: string) => string, over: Partial<Look> = {}): Look[] =>
  Object.entries(things).flatMap(([source, what]) =>
    regions.map((region) =>
      at(source, region, { seen: 0, complete: false, gap: `${what} of ${region} could not be read: ${why(source)}`, ...over }),
    ),
  );

describe('what could not be seen', () => {
  it('is one line when everything fails everywhere for one reason, however each service spells it', () => {
    const words = gapWords(
      failing((source) => `not allowed (${source.includes('e') ? 'AccessDeniedException' : 'UnauthorizedOperation'})`),
      now,
    );

    expect(words).toEqual([
      'the machines, the events, the Auto Scaling groups and the fleets and 10 more could not be read in 17 regions: not allowed',
    ]);
  });

  it('is a line for each reason, the machines and the log first, with the provider’s word where it is one', () => {
    const looks = failing((source) => (source === 'aws/inventory' ? 'AWS slowed us down (Throttling)' : 'not allowed (AccessDenied)'));

    expect(gapWords(looks.toReversed(), now)).toEqual([
      'the machines of 17 regions could not be read: AWS slowed us down (Throttling)',
      'the events, the measurements, the doors for strangers and 9 more could not be read in 17 regions: not allowed (AccessDenied)',
    ]);
  });

  it('does not say of one thing that it failed where only another did', () => {
    const looks = [
      at('aws/emr', 'region-a-1', { complete: false, gap: 'the EMR clusters of region-a-1 could not be read: not allowed (A)' }),
      at('aws/batch', 'region-b-1', { complete: false, gap: 'the Batch jobs of region-b-1 could not be read: not allowed (B)' }),
      at('aws/identities', 'global', {
        complete: false,
        gap: 'passwords could not be read: not allowed (B); rights and trust could not be read: no answer (C)',
      }),
    ];

    expect(gapWords(looks, now)).toEqual([
      'the EMR clusters, the Batch jobs and passwords could not be read in region-a-1 or region-b-1: not allowed',
      'rights and trust could not be read: no answer (C)',
    ]);
  });

  it('tells one or two apart, in whole sentences', () => {
    const looks = [
      at('aws/emr', 'region-a-1', { complete: false, gap: 'the EMR clusters of region-a-1 could not be read: not allowed (A)' }),
      at('aws/push', 'region-a-1', { noun: 'queues', complete: false, gap: 'the queue is gone; nobody is told any more' }),
      at('aws/containers', 'region-a-1', { complete: false }),
    ];

    expect(gapWords(looks, now)).toEqual([
      'the EMR clusters of region-a-1 could not be read: not allowed (A)',
      'the queue is gone; nobody is told any more (region-a-1)',
      'the containers could not be read: a look did not finish (region-a-1)',
    ]);
  });

  it('is one line as well when a dozen sources have not been read for long', () => {
    const old = '2026-11-22T08:05:00.000Z';
    const looks = Object.keys(things).flatMap((source) => regions.map((region) => at(source, region, { at: old, upTo: old })));

    expect(gapWords(looks, now)).toEqual([
      'the machines, the events of the log, groups and fleets that start machines and 10 more were last read up to 30 h ago',
    ]);
    expect(gapWords(looks.slice(0, 17), now)).toEqual(['the machines (aws/inventory) were last read 30 h ago in 17 regions']);
  });

  it('is nothing where the log of quiet regions is read every half an hour, as it is where events are pushed', () => {
    const half = '2026-11-23T13:30:00.000Z';

    expect(gapWords([at('aws/audit-log', 'region-a-1', { at: half, upTo: half })], now)).toEqual([]);
  });

  it('leaves the card short: two lines of it, and how many more', () => {
    const looks = [
      ...failing(() => 'not allowed (AccessDenied)'),
      at('aws/costs', 'global', {
        noun: 'payers',
        seen: 0,
        complete: false,
        gap: 'costs could not be read: no answer from AWS (ECONNREFUSED)',
      }),
      at('aws/push', 'region-a-1', { noun: 'queues', seen: 0, complete: false, gap: 'the queue of region-a-1 is gone' }),
    ];

    const looked = text(card(view({ looks, now })).message)
      .split('\n')
      .find((line) => line.startsWith('Looked'));
    expect(looked).toContain(
      'the machines, the events, the Auto Scaling groups and the fleets and 10 more could not be read in 17 regions',
    );
    expect(looked).toContain('1 more gap in Details');
    expect(looked?.length).toBeLessThan(330);
  });
});

describe('what was looked at', () => {
  it('is the machines and the log, and of the rest only how much is missing', () => {
    const whole = Object.keys(things).flatMap((source) => regions.map((region) => at(source, region)));
    const partly = [...whole, at('aws/emr', 'region-z-1', { seen: 0 }), at('aws/quotas', 'region-z-1', { seen: 0 })];

    expect(looksInWords(whole.toReversed(), now)).toEqual(['17 of 17 regions', 'events 0 s behind']);
    expect(looksInWords(partly, now).slice(2)).toEqual([
      'the data clusters in 17 of 18 regions',
      'requests for higher limits in 17 of 18 regions',
    ]);
    expect(
      looksInWords(
        failing(() => 'denied'),
        now,
      ),
    ).toEqual(['0 of 17 regions', 'the events could not be read', '11 other things read in part or not at all']);
  });

  it('says so where events are pushed and the log is only read to see that nobody cut that', () => {
    const past = '2026-11-23T13:41:00.000Z';
    const looks = [
      at('aws/inventory', 'region-a-1'),
      at('aws/audit-log', 'region-a-1', { upTo: past }),
      at('aws/push', 'region-a-1', { noun: 'queues' }),
    ];

    expect(looksInWords(looks, now)).toEqual(['1 of 1 regions', 'events pushed, their log 24 min behind']);
  });

  it('has plain words for every source there is', async () => {
    const { readdir, readFile } = await import('node:fs/promises');
    const folder = new URL('../../../src/adapters/aws/sources/', import.meta.url);
    const files = (await readdir(folder)).filter((file) => file.endsWith('.ts'));
    const named = (await Promise.all(files.map((file) => readFile(new URL(file, folder), 'utf8')))).flatMap((code) => [
      ...new Set([...code.matchAll(/'(aws\/[a-z-]+)'/g)].map(([, name]) => name!)),
    ]);

    expect(named.length).toBeGreaterThan(15);
    expect(named.filter((name) => sourceWords(name) === name)).toEqual([]);
  });
});
