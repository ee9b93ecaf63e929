import { XmlCodec } from '@aws-sdk/core/protocols';
import type { Answer, HttpRequest, Shape, Wire } from './wire.ts';
import { innerXml, operationsOf } from './wire.ts';

/** S3's own dialect: bucket and key stand in the path, lists and errors are XML, an object is its bytes. Lists and reads only. */
export function s3Wire(client: Shape): Wire {
  const namespace = 'http://s3.amazonaws.com/doc/2006-03-01/';
  const codec = new XmlCodec({
    timestampFormat: { useTrait: true, default: 5 },
    httpBindings: false,
    xmlNamespace: namespace,
    serviceNamespace: '',
  });
  const operations = operationsOf(client);
  const type = 'application/xml';
  const head = '<?xml version="1.0" encoding="UTF-8"?>\n';
  return {
    protocol: 's3',
    // Of the others only the record matters, and CloudTrail writes their parameters otherwise than the client does.
    operation: (name) => (spoken.has(name) ? operations(name) : undefined),
    read: ({ method, url }) => asked(method, url),
    write(schema, output): Answer {
      if (schema.name === 'GetObject') {
        const { Body, ETag, LastModified } = output as { Body?: Uint8Array; ETag?: string; LastModified?: Date };
        const headers = { ...(ETag ? { etag: ETag } : {}), ...(LastModified ? { 'last-modified': LastModified.toUTCString() } : {}) };
        return { status: 200, type: 'application/octet-stream', body: Body ?? new Uint8Array(), headers };
      }
      const inside = schema.output.isStructSchema() ? innerXml(codec, schema.output, output) : '';
      return { status: 200, type, body: `${head}<ListBucketResult xmlns="${namespace}">${inside}</ListBucketResult>` };
    },
    refuse: ({ code, message, status }, requestId) => ({
      status,
      type,
      body: `${head}<Error><Code>${code}</Code><Message>${message}</Message><RequestId>${requestId}</RequestId></Error>`,
    }),
  };
}

const spoken = new Set(['ListObjectsV2', 'GetObject']);

function asked(method: string, url: HttpRequest['url']): { operation: string; input: () => Shape } {
  const [Bucket = '', ...rest] = url.pathname.slice(1).split('/').map(decodeURIComponent);
  const query = (name: string): string | undefined => url.searchParams.get(name) ?? undefined;
  const Key = rest.join('/');
  if (method === 'GET' && Key !== '') return { operation: 'GetObject', input: () => ({ Bucket, Key }) };
  if (method === 'GET' && query('list-type') === '2')
    return {
      operation: 'ListObjectsV2',
      input: () => ({ Bucket, Prefix: query('prefix'), ContinuationToken: query('continuation-token') }),
    };
  return { operation: `${method} ${url.pathname}`, input: () => ({}) };
}
