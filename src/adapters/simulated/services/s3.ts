import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type * as s3 from '@aws-sdk/client-s3';
import { AwsError } from '../fault.ts';
import { pageOf } from '../page.ts';
import type { Operation, World } from '../world.ts';
import { billedUntil, chargesOf } from './charges.ts';
import { focusTable } from './focus-export.ts';

/** The one bucket is that of the scenario's export of costs. AWS writes it anew whenever the bill is brought up to date. */
export const s3Operations: Record<string, Operation> = {
  ListObjectsV2(world, input: s3.ListObjectsV2Request, call): s3.ListObjectsV2Output {
    const objects = objectsIn(world, input.Bucket, call.ms).filter(({ key }) => key.startsWith(input.Prefix ?? ''));
    const { items, next } = pageOf(objects, 1000, input.ContinuationToken);
    return {
      Name: input.Bucket,
      Prefix: input.Prefix,
      KeyCount: items.length,
      IsTruncated: next !== undefined,
      Contents: items.map(({ key, body, writtenMs }) => ({
        Key: key,
        ETag: etag(body),
        Size: body.length,
        LastModified: new Date(writtenMs),
      })),
      ...(next ? { NextContinuationToken: next } : {}),
    };
  },
  GetObject(world, input: s3.GetObjectRequest, call): object {
    const found = objectsIn(world, input.Bucket, call.ms).find(({ key }) => key === input.Key);
    if (!found) throw new AwsError('NoSuchKey', 'The specified key does not exist.', 404);
    return { Body: found.body, ETag: etag(found.body), LastModified: new Date(found.writtenMs) };
  },
};

type Stored = { key: string; body: Uint8Array; writtenMs: number };

/** Per world: what lies in the bucket only changes with the bill. */
const written = new WeakMap<object, { untilMs: number; objects: Stored[] }>();

function objectsIn(world: World, bucket: string | undefined, ms: number): Stored[] {
  const { exports } = world;
  if (!exports || bucket !== exports.bucket) throw new AwsError('NoSuchBucket', 'The specified bucket does not exist.', 404);
  const untilMs = billedUntil(ms);
  const known = written.get(exports);
  if (known?.untilMs === untilMs) return known.objects;
  const objects = monthsUpTo(untilMs, exports.months).flatMap(({ month, fromMs, endMs }) => {
    const charges = chargesOf(world, fromMs, endMs, ms);
    const folder = (what: string) => `${exports.prefix}/${what}/BILLING_PERIOD=${month}`;
    const name = exports.prefix.split('/').at(-1);
    const halves = [charges.slice(0, Math.ceil(charges.length / 2)), charges.slice(Math.ceil(charges.length / 2))];
    const parts = halves.map((half, number): Stored => {
      const text = focusTable(world, half, { version: exports.version, month });
      const body = exports.format === 'parquet' ? Buffer.from('PAR1') : gzipSync(text);
      const ending = exports.format === 'parquet' ? 'snappy.parquet' : 'csv.gz';
      return { key: `${folder('data')}/${name}-0000${number + 1}.${ending}`, body, writtenMs: untilMs };
    });
    const manifest = { dataFiles: parts.map(({ key }) => `s3://${exports.bucket}/${key}`), billingPeriod: month, updated: untilMs };
    return [
      ...parts,
      { key: `${folder('metadata')}/${name}-Manifest.json`, body: Buffer.from(JSON.stringify(manifest)), writtenMs: untilMs },
    ];
  });
  written.set(exports, { untilMs, objects });
  return objects;
}

function monthsUpTo(ms: number, count: number): { month: string; fromMs: number; endMs: number }[] {
  const date = new Date(ms);
  return Array.from({ length: count }, (_, back) => {
    const fromMs = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - back, 1);
    const endMs = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - back + 1, 1);
    return { month: new Date(fromMs).toISOString().slice(0, 7), fromMs, endMs };
  });
}

const etag = (body: Uint8Array): string => `"${createHash('md5').update(body).digest('hex')}"`;
