/** Which files of a Data Export are the newest of a month. AWS writes a manifest beside them, after all of them (user guide, "Understanding export delivery"). */
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { S3Client } from '@aws-sdk/client-s3';
import { z } from 'zod';
import { OutsideError } from '../../../bot/ports.ts';

export type ExportPlace = { bucket: string; prefix: string };
/** One billing month as it was delivered last. `version` changes whenever any of it does. */
export type Delivered = { month: string; version: string /** When, in milliseconds. */; at: number; keys: string[] };

/** 's3://bucket/prefix/name' */
export function placeOf(address: string): ExportPlace {
  const [, bucket = '', prefix = ''] = /^s3:\/\/([^/]+)\/?(.*?)\/?$/.exec(address) ?? [];
  return { bucket, prefix };
}

/**
 * Of these months (the newest, where none is named), those that were delivered anew: their newest manifest has another version than is `known`. @throws what S3 throws, and `OutsideError` where
 * nothing of it can be read.
 */
export async function delivered(
  client: S3Client,
  place: ExportPlace,
  months?: readonly string[],
  known: Readonly<Record<string, string>> = {},
): Promise<Delivered[]> {
  const under = `${place.prefix === '' ? '' : `${place.prefix}/`}metadata/`;
  const manifests = (await listed(client, place.bucket, under)).filter(({ key }) => /manifest\.json$/i.test(key));
  if (manifests.length === 0)
    throw new OutsideError(
      `no export is delivered at s3://${place.bucket}/${under}; the address is bucket, prefix and name of the export, and a new export comes within 24 hours`,
      false,
    );
  const found: Delivered[] = [];
  const newestMonth = manifests
    .flatMap(({ key }) => monthOf(key) ?? [])
    .sort()
    .slice(-1);
  for (const month of months ?? newestMonth) {
    const [newest] = manifests.filter(({ key }) => monthOf(key) === month).sort((a, b) => (a.at > b.at ? -1 : 1));
    if (newest === undefined || newest.version === known[month]) continue;
    const keys = await filesIn(client, place, newest.key);
    const packed = keys.filter((key) => !/\.csv(\.gz)?$/i.test(key));
    if (packed.length > 0)
      throw new OutsideError(
        /\.parquet$/i.test(packed[0]!)
          ? 'the export is written as Parquet, which is not read; make one in Billing and Cost Management → Data Exports with the table FOCUS and the format gzip/csv'
          : `the export holds ${packed[0]!.split('/').at(-1)}, which is no CSV`,
        false,
      );
    found.push({ month, version: newest.version, at: newest.at, keys });
  }
  return found;
}

/** A file of it, unpacked. */
export async function opened(client: S3Client, { bucket }: ExportPlace, key: string): Promise<Readable> {
  const { GetObjectCommand } = await import('@aws-sdk/client-s3');
  const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  if (Body === undefined) throw new OutsideError(`${key} is empty`, true);
  const raw = Body as Readable;
  if (!/\.gz$/i.test(key)) return raw;
  const plain = createGunzip();
  raw.once('error', (error) => plain.destroy(error));
  return raw.pipe(plain);
}

type Listed = { key: string; version: string; at: number };

async function listed(client: S3Client, bucket: string, prefix: string): Promise<Listed[]> {
  const { paginateListObjectsV2 } = await import('@aws-sdk/client-s3');
  const all: Listed[] = [];
  for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix })) {
    for (const { Key = '', ETag = '', LastModified } of Contents)
      all.push({ key: Key, version: ETag.replaceAll('"', ''), at: LastModified?.getTime() ?? 0 });
    if (all.length > mostListed)
      throw new OutsideError(`there are more than ${mostListed} files under ${prefix}; give the address of one export`, false);
  }
  return all;
}
const mostListed = 10_000;

/** Of a key like 'focus/daily/metadata/BILLING_PERIOD=2026-11/daily-Manifest.json'. */
const monthOf = (key: string): string | undefined => /billing_period=(\d{4}-\d{2})/i.exec(key)?.[1];

const manifest = z.object({ dataFiles: z.array(z.string()).min(1) });

/** What a manifest names, as addresses or as keys; where it names nothing, what lies in the folder of its month. */
async function filesIn(client: S3Client, { bucket, prefix }: ExportPlace, key: string): Promise<string[]> {
  const { GetObjectCommand } = await import('@aws-sdk/client-s3');
  const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  const parsed = manifest.safeParse(safeJson((await Body?.transformToString()) ?? ''));
  if (parsed.success) return parsed.data.dataFiles.map((file) => file.replace(`s3://${bucket}/`, ''));
  const folder = key.slice(0, key.lastIndexOf('/') + 1).replace(`${prefix}/metadata/`, `${prefix}/data/`);
  const files = (await listed(client, bucket, folder)).map((one) => one.key).filter((one) => !one.endsWith('/'));
  if (files.length === 0) throw new OutsideError(`the manifest ${key} names no file, and none lies in ${folder}`, true);
  return files;
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
