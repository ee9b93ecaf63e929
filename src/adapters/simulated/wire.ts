import { JsonCodec, XmlCodec } from '@aws-sdk/core/protocols';
import { NormalizedSchema } from '@smithy/core/schema';
import type { AwsError } from './fault.ts';

/** What a client package says about one operation. */
export type OperationSchema = {
  name: string;
  input: NormalizedSchema;
  output: NormalizedSchema;
  /** Where it lives in a REST protocol: '/clusters/{clusterName}/node-groups'. */
  http?: { method: string; path: string };
};
export type Protocol = 'ec2' | 'query' | 'json' | 'rest' | 's3';
export type Shape = Record<string, unknown>;

/** How one service speaks, with all its operations out of the SDK client's own schemas. */
export type Wire = {
  protocol: Protocol;
  operation(name: string): OperationSchema | undefined;
  /** Name and input of a request as it came over HTTP. */
  read(request: HttpRequest): { operation: string; input: () => Shape | undefined };
  write(operation: OperationSchema, output: Shape, requestId: string): Answer;
  refuse(error: AwsError, requestId: string): Answer;
};
export type Answer = { status: number; type: string; body: string | Uint8Array; headers?: Record<string, string> };
/** `target` is the header in which the JSON protocols name the operation. */
export type HttpRequest = { method: string; url: URL; body: string; target: string | undefined };

/** `client` is the imported SDK client package: its exports ending in `$` are the schemas. S3 has a wire of its own (wire-s3.ts). */
export function createWire(protocol: Exclude<Protocol, 's3'>, xmlNamespace: string, client: Shape): Wire {
  const operation = operationsOf(client);
  if (protocol === 'rest') return restWire(operation, Object.keys(client));
  return protocol === 'json' ? jsonWire(operation) : queryWire(protocol, xmlNamespace, operation);
}

/** The operations of a client package by name. */
export function operationsOf(client: Shape): Wire['operation'] {
  return (name) => {
    const schema = client[`${name}$`];
    if (!Array.isArray(schema) || schema[0] !== operationKind) return undefined;
    const traits = schema[3] as { http?: [string, string, number] } | number;
    const http = typeof traits === 'object' ? traits.http : undefined;
    return {
      name,
      input: NormalizedSchema.of(schema[4]),
      output: NormalizedSchema.of(schema[5]),
      ...(http ? { http: { method: http[0], path: http[1] } } : {}),
    };
  };
}

/** Static schemas are tuples whose first element is their kind; 9 is an operation: [9, namespace, name, traits, input, output]. */
const operationKind = 9;

function jsonWire(operation: Wire['operation']): Wire {
  const codec = new JsonCodec({ timestampFormat: { useTrait: true, default: 7 }, jsonName: false });
  const type = 'application/x-amz-json-1.1';
  return {
    protocol: 'json',
    operation,
    read({ body, target }) {
      const name = target?.split('.').at(-1) ?? '';
      return {
        operation: name,
        input: () => {
          const schema = operation(name);
          return schema && (plainTypes(schema.input, JSON.parse(body || '{}'), 'on the wire') as Shape);
        },
      };
    },
    write(schema, output) {
      if (!schema.output.isStructSchema()) return { status: 200, type, body: '{}' };
      const serializer = codec.createSerializer();
      serializer.write(schema.output, output);
      return { status: 200, type, body: asText(serializer.flush()) };
    },
    refuse: (error) => ({ status: error.status, type, body: JSON.stringify({ __type: error.code, message: error.message }) }),
  };
}

/** The operation is told by method and path; parameters stand in the path, the query and a JSON body. */
function restWire(operation: Wire['operation'], exported: string[]): Wire {
  const codec = new JsonCodec({ timestampFormat: { useTrait: true, default: 7 }, jsonName: true });
  const type = 'application/json';
  const routes = exported
    .filter((name) => name.endsWith('$'))
    .flatMap((name) => operation(name.slice(0, -1)) ?? [])
    .flatMap(({ name, http }) => (http ? [{ name, method: http.method, parts: routeParts(http.path) }] : []))
    // Words before labels: /v1/jobs/list is not the job called list.
    .sort((a, b) => labels(a.parts) - labels(b.parts));
  return {
    protocol: 'rest',
    operation,
    read({ method, url, body }) {
      const path = routeParts(url.pathname).map(decodeURIComponent);
      const route = routes.find(
        ({ parts, ...each }) =>
          each.method === method && parts.length === path.length && parts.every((part, at) => isLabel(part) || part === path[at]),
      );
      return {
        operation: route?.name ?? `${method} ${url.pathname}`,
        input: () => {
          const schema = route && operation(route.name);
          if (!schema) return undefined;
          const given = plainTypes(schema.input, JSON.parse(body || '{}'), 'on the wire') as Shape;
          const inPath = route.parts.flatMap((part, at) => (isLabel(part) ? [[part.replace(/[{}+]/g, ''), path[at]] as const] : []));
          const inQuery = [...schema.input.structIterator()].flatMap(([name, member]) => {
            const key = text(member.getMergedTraits().httpQuery);
            const values = key === undefined ? [] : url.searchParams.getAll(key);
            if (!values.length) return [];
            return [[name, member.isListSchema() ? values : readScalar(member, values[0] ?? '')] as const];
          });
          return { ...given, ...Object.fromEntries([...inPath, ...inQuery]) };
        },
      };
    },
    write(schema, output) {
      if (!schema.output.isStructSchema()) return { status: 200, type, body: '{}' };
      const serializer = codec.createSerializer();
      serializer.write(schema.output, output);
      return { status: 200, type, body: asText(serializer.flush()) };
    },
    refuse: (error) => ({ status: error.status, type, body: JSON.stringify({ __type: error.code, message: error.message }) }),
  };
}
const routeParts = (path: string) => path.split('?')[0]!.split('/').filter(Boolean);
const isLabel = (part: string) => part.startsWith('{');
const labels = (parts: string[]) => parts.filter(isLabel).length;

function queryWire(protocol: 'ec2' | 'query', xmlNamespace: string, operation: Wire['operation']): Wire {
  const codec = new XmlCodec({ timestampFormat: { useTrait: true, default: 5 }, httpBindings: false, xmlNamespace, serviceNamespace: '' });
  const type = 'text/xml;charset=UTF-8';
  const root = (name: string, inside: string) =>
    `<?xml version="1.0" encoding="UTF-8"?>\n<${name} xmlns="${xmlNamespace}">${inside}</${name}>`;

  return {
    protocol,
    operation,
    read({ body }) {
      const form = new URLSearchParams(body);
      const name = form.get('Action') ?? '';
      return {
        operation: name,
        input: () => {
          const schema = operation(name);
          return schema && ((readForm(schema.input, treeOf(form), protocol) as Shape | undefined) ?? {});
        },
      };
    },
    write({ name, output: schema }, output, requestId) {
      const members = schema.isStructSchema() ? innerXml(codec, schema, output) : '';
      if (protocol === 'ec2') {
        // Operations without an output answer <return>true</return>.
        const inside = schema.isStructSchema() ? members : '<return>true</return>';
        return { status: 200, type, body: root(`${name}Response`, `<requestId>${requestId}</requestId>${inside}`) };
      }
      const result = schema.isStructSchema() ? `<${name}Result>${members}</${name}Result>` : '';
      return {
        status: 200,
        type,
        body: root(`${name}Response`, `${result}<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`),
      };
    },
    refuse({ code, message, status }, requestId) {
      const told = `<Code>${escapeXml(code)}</Code><Message>${escapeXml(message)}</Message>`;
      const body =
        protocol === 'ec2'
          ? `<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error>${told}</Error></Errors><RequestID>${requestId}</RequestID></Response>`
          : root('ErrorResponse', `<Error><Type>Sender</Type>${told}</Error><RequestId>${requestId}</RequestId>`);
      return { status, type, body };
    },
  };
}

/** The serialiser names the root after the schema; AWS names it after the operation, so only what is inside is kept. */
export function innerXml(codec: XmlCodec, schema: NormalizedSchema, output: Shape): string {
  const serializer = codec.createSerializer();
  serializer.write(schema, output);
  const text = asText(serializer.flush());
  const opened = text.indexOf('>');
  return text[opened - 1] === '/' ? '' : text.slice(opened + 1, text.lastIndexOf('</'));
}

type Tree = { value?: string; children: Map<string, Tree> };

/** `Filter.1.Value.2=x` as a tree of its dotted parts. */
function treeOf(form: URLSearchParams): Tree {
  const top: Tree = { children: new Map() };
  for (const [key, value] of form) {
    let at = top;
    for (const part of key.split('.')) {
      const next = at.children.get(part) ?? { children: new Map() };
      at.children.set(part, next);
      at = next;
    }
    at.value = value;
  }
  return top;
}

/** The inverse of the SDK's query serialiser: the same key names, read back by the input's schema. */
function readForm(schema: NormalizedSchema, tree: Tree, protocol: 'ec2' | 'query'): unknown {
  if (schema.isStructSchema()) {
    const entries = [...schema.structIterator()].flatMap(([name, member]) => {
      const child = tree.children.get(formKey(name, member, protocol));
      return child ? [[name, readForm(member, child, protocol)] as const] : [];
    });
    return Object.fromEntries(entries);
  }
  if (schema.isListSchema()) {
    const member = schema.getValueSchema();
    const isFlat = protocol === 'ec2' || Boolean(schema.getMergedTraits().xmlFlattened);
    const items = isFlat ? tree : tree.children.get(text(member.getMergedTraits().xmlName) ?? 'member');
    return inNumberOrder(items).map((item) => readForm(member, item, protocol));
  }
  if (schema.isMapSchema()) {
    const items = schema.getMergedTraits().xmlFlattened ? tree : tree.children.get('entry');
    const name = (part: NormalizedSchema, other: string) => text(part.getMergedTraits().xmlName) ?? other;
    return Object.fromEntries(
      inNumberOrder(items).map((item) => {
        const value = item.children.get(name(schema.getValueSchema(), 'value'));
        return [
          item.children.get(name(schema.getKeySchema(), 'key'))?.value ?? '',
          value && readForm(schema.getValueSchema(), value, protocol),
        ];
      }),
    );
  }
  return readScalar(schema, tree.value ?? '');
}

/** What a member is called in a request of the query protocols. */
export function formKey(name: string, member: NormalizedSchema, protocol: 'ec2' | 'query'): string {
  const traits = member.getMergedTraits();
  const key = text(traits.xmlName) ?? name;
  if (protocol === 'query') return key;
  return text(traits.ec2QueryName) ?? key.charAt(0).toUpperCase() + key.slice(1);
}

const inNumberOrder = (tree: Tree | undefined): Tree[] =>
  [...(tree?.children ?? [])].sort(([a], [b]) => Number(a) - Number(b)).map(([, child]) => child);

function readScalar(schema: NormalizedSchema, value: string): unknown {
  if (schema.isBooleanSchema()) return value === 'true';
  if (schema.isNumericSchema()) return Number(value);
  if (schema.isTimestampSchema()) return new Date(value);
  if (schema.isBlobSchema()) return Uint8Array.from(Buffer.from(value, 'base64'));
  return value;
}

/**
 * A value as it stands in JSON or YAML turned into what an operation takes: times become dates, blobs bytes. Used for JSON requests and
 * for the parameters of scenarios. On the wire some members have a name of their own; in scenarios the first letter's case does not count,
 * and a number may stand where AWS wants digits in a text.
 */
export function plainTypes(schema: NormalizedSchema, value: unknown, where: 'on the wire' | 'in a scenario' = 'in a scenario'): unknown {
  if (value === null || value === undefined) return undefined;
  const inner = (of: NormalizedSchema, item: unknown) => plainTypes(of, item, where);
  if (schema.isStructSchema() && typeof value === 'object') {
    const given = value as Shape;
    return Object.fromEntries(
      [...schema.structIterator()].flatMap(([name, member]) => {
        const found =
          where === 'on the wire' ? (given[text(member.getMergedTraits().jsonName) ?? name] ?? given[name]) : asSpelled(given, name);
        return found == null ? [] : [[name, inner(member, found)]];
      }),
    );
  }
  if (schema.isListSchema() && Array.isArray(value)) return value.map((item) => inner(schema.getValueSchema(), item));
  if (schema.isMapSchema() && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, inner(schema.getValueSchema(), item)]));
  }
  if (schema.isTimestampSchema()) return typeof value === 'number' ? new Date(value * 1000) : new Date(String(value));
  if (schema.isBlobSchema()) return typeof value === 'string' ? Uint8Array.from(Buffer.from(value, 'base64')) : value;
  if (schema.isStringSchema() && typeof value === 'number') return String(value);
  return value;
}
const asSpelled = (given: Shape, name: string): unknown => given[name] ?? given[otherCase(name)];
/** The same name with its first letter the other way round: serviceCode, ServiceCode. */
export const otherCase = (name: string): string => {
  const first = name.charAt(0);
  return (first === first.toLowerCase() ? first.toUpperCase() : first.toLowerCase()) + name.slice(1);
};

const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
const asText = (value: string | Uint8Array) => (typeof value === 'string' ? value : Buffer.from(value).toString('utf8'));
const escapeXml = (value: string) => value.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
