/** A small stand-in of AWS on loopback: answers the real SDK clients with what a test says, and remembers what was asked. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type AwsAccountConfig, type AwsSession, openAwsSession } from '../../../src/adapters/aws/session.ts';
import type { Clock, Log } from '../../../src/bot/ports.ts';
import type { Time } from '../../../src/checks/observation.ts';

/** `operation` is `GET /detector` where the service speaks REST; its `input` is the body, or what stands behind the question mark. */
export type Asked = { service: string; region: string; operation: string; input: Record<string, unknown>; key: string };
/** XML as text, JSON as an object, an error by code. */
export type Said = string | object | { error: string; status?: number };
export type StandIn = { endpoint: string; asked: Asked[]; close(): Promise<void> };

export async function standIn(answer: (asked: Asked) => Said): Promise<StandIn> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      const scope = /Credential=([^/]+)\/\d+\/([\w-]+)\/(\w+)\//.exec(request.headers.authorization ?? '');
      const target = request.headers['x-amz-target'];
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
      const isRest = typeof target !== 'string' && !body.startsWith('Action=');
      const form = new URLSearchParams(body);
      const one: Asked = {
        key: scope?.[1] ?? '',
        region: scope?.[2] ?? '',
        service: scope?.[3] ?? '',
        operation:
          typeof target === 'string'
            ? target.slice(target.lastIndexOf('.') + 1)
            : isRest
              ? `${request.method} ${decodeURIComponent(pathname)}`
              : (form.get('Action') ?? ''),
        input: typeof target === 'string' || body.startsWith('{') ? JSON.parse(body) : Object.fromEntries(isRest ? searchParams : form),
      };
      asked.push(one);
      const said = answer(one);
      if (typeof said === 'object' && 'error' in said) {
        const { error, status = 400 } = said as { error: string; status?: number };
        response.statusCode = status;
        if (target || isRest) {
          response.setHeader('x-amzn-errortype', error);
          response.end(JSON.stringify({ __type: error, message: 'no' }));
        } else if (one.service === 'ec2')
          response.end(`<Response><Errors><Error><Code>${error}</Code><Message>no</Message></Error></Errors></Response>`);
        else response.end(`<ErrorResponse><Error><Type>Sender</Type><Code>${error}</Code><Message>no</Message></Error></ErrorResponse>`);
      } else if (typeof said === 'string') {
        response.setHeader('content-type', 'text/xml');
        response.end(said);
      } else {
        response.setHeader('content-type', 'application/x-amz-json-1.1');
        response.end(JSON.stringify(said));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

export const account = '123456789012';

export const sessionOn = (aws: StandIn, config: Partial<AwsAccountConfig> = {}): Promise<AwsSession> =>
  openAwsSession(
    { account, name: 'production', ...config },
    { endpoint: aws.endpoint, credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'made-up' }, maxAttempts: 1 },
  );

/** A clock that a test turns; sleeping moves it on at once. */
export function handClock(start: Time): Clock & { slept: number[]; turn(seconds: number): void } {
  let ms = Date.parse(start);
  const slept: number[] = [];
  return {
    slept,
    now: () => new Date(ms).toISOString(),
    turn(seconds) {
      ms += seconds * 1000;
    },
    async sleep(seconds) {
      slept.push(seconds);
      ms += seconds * 1000;
    },
  };
}

export function quietLog(): Log & { lines: string[] } {
  const lines: string[] = [];
  const write = (data: object, text: string): void => {
    lines.push(`${text} ${JSON.stringify(data)}`);
  };
  return { lines, debug: write, info: write, warn: write, error: write };
}

// ---- answers -----------------------------------------------------------------------------------------------------------------

export const regionsXml = (regions: Record<string, string>): string =>
  `<DescribeRegionsResponse><regionInfo>${Object.entries(regions)
    .map(
      ([name, status]) =>
        `<item><regionName>${name}</regionName><regionEndpoint>x</regionEndpoint><optInStatus>${status}</optInStatus></item>`,
    )
    .join('')}</regionInfo></DescribeRegionsResponse>`;

export const instancesXml = (instances: string[], nextToken?: string): string =>
  `<DescribeInstancesResponse><reservationSet><item><reservationId>r-1</reservationId><ownerId>${account}</ownerId><instancesSet>${instances.join('')}</instancesSet></item></reservationSet>${
    nextToken !== undefined ? `<nextToken>${nextToken}</nextToken>` : ''
  }</DescribeInstancesResponse>`;

export const instanceXml = ({
  id,
  type = 'm5.large',
  state = 'running',
  launched = '2026-03-01T10:00:00.000Z',
  reason = '',
  tags = {},
  more = '',
}: {
  id: string;
  type?: string;
  state?: string;
  launched?: string;
  reason?: string;
  tags?: Record<string, string>;
  more?: string;
}): string =>
  `<item><instanceId>${id}</instanceId><instanceState><code>0</code><name>${state}</name></instanceState><instanceType>${type}</instanceType><launchTime>${launched}</launchTime><reason>${reason}</reason>${more}<tagSet>${Object.entries(
    tags,
  )
    .map(([key, value]) => `<item><key>${key}</key><value>${value}</value></item>`)
    .join('')}</tagSet></item>`;

export const callerXml = (arn: string, id = account): string =>
  `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>${arn}</Arn><UserId>U</UserId><Account>${id}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`;
