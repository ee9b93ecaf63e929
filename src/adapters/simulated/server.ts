import { setTimeout as wait } from 'node:timers/promises';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import type { Log } from '../../bot/ports.ts';
import { makeCall } from './call.ts';
import type { VirtualClock } from './clock.ts';
import { AwsError } from './fault.ts';
import { createRandom } from './random.ts';
import { answering, type Services, signingName } from './services.ts';
import type { Answer, Wire } from './wire.ts';
import type { World } from './world.ts';

/** A request that came in, whatever then became of it. */
export type Asked = { service: string; operation: string; region: string; input: Record<string, unknown> };

/**
 * The HTTP door: every AWS client points its endpoint here. Service, region and key come from the signature's scope, as in
 * `Credential=AKIA…/20260301/us-east-1/ec2/aws4_request`; the signature itself is not checked.
 */
export async function openDoor(
  world: World,
  services: Services,
  clock: VirtualClock,
  log: Log,
  onRequest?: (asked: Asked) => void,
): Promise<{ endpoint: string; close(): Promise<void> }> {
  // Chance of its own: how often the bot looks must not change what the scenario's people get.
  const outside = { ...world, chance: createRandom(world.seed, 'door') };
  const app = new Hono();
  app.all('*', async (context) => {
    const scope = /Credential=([^/\s]+)\/\d+\/([^/]+)\/([^/]+)\//.exec(context.req.header('authorization') ?? '');
    const [, accessKeyId = '', region = '', serviceName = ''] = scope ?? [];
    const service = await services.load(answering(serviceName));
    const id = outside.chance.uuid();
    if (!service?.wire) {
      const message = scope ? `The simulated account has no service ${serviceName}.` : 'The request is not signed.';
      return respond({ status: 400, type: 'application/json', body: JSON.stringify({ __type: 'UnknownOperationException', message }) }, id);
    }
    if (world.faults.now.latencyMs > 0) await wait(world.faults.now.latencyMs);

    const { wire } = service;
    const signed = signingName(serviceName);
    const request = wire.read({
      method: context.req.method,
      url: new URL(context.req.url),
      body: await context.req.text(),
      target: context.req.header('x-amz-target'),
    });
    const operation = service.operations[request.operation] && wire.operation(request.operation);
    if (!operation) return respond(wire.refuse(unknownOperation(wire, request.operation), id), id);
    const input = request.input() ?? {};
    onRequest?.({ service: signed, operation: request.operation, region, input });
    try {
      const result = makeCall(outside, service, {
        service: signed,
        operation: request.operation,
        region,
        accessKeyId,
        from: world.httpAddress,
        userAgent: context.req.header('user-agent') ?? 'unknown',
        ms: clock.ms(),
        input,
      });
      // Who waits for messages must not ask again at once and for ever; waiting as long as asked would wait for a clock somebody else moves.
      // Who moves the clock by hand says himself when there is to be more.
      if (request.operation === 'ReceiveMessage' && result.kind === 'done' && !result.output.Messages && !clock.pace.manual)
        await wait(emptyQueueMs);
      return respond(
        result.kind === 'done' ? wire.write(operation, result.output, result.id) : wire.refuse(result.error, result.id),
        result.id,
      );
    } catch (error) {
      log.error({ service: signed, operation: request.operation, error }, 'the simulated account broke');
      return respond(wire.refuse(new AwsError('InternalFailure', 'The simulated account broke; its log says how.', 500), id), id);
    }
  });

  const server = await new Promise<ReturnType<typeof serve>>((resolve) => {
    const opened = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, () => resolve(opened));
  });
  const address = server.address();
  if (!address || typeof address === 'string') throw new Error('The simulated account got no port.');
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        // Clients keep their connections open; nobody is waiting for an answer any more.
        if ('closeAllConnections' in server) server.closeAllConnections();
      }),
  };
}

const emptyQueueMs = 50;

const respond = ({ status, type, body, headers }: Answer, id: string) =>
  new Response(typeof body === 'string' ? body : new Blob([Uint8Array.from(body)]), {
    status,
    headers: { ...headers, 'content-type': type, 'x-amzn-requestid': id },
  });

const unknownOperation = (wire: Wire, name: string) =>
  wire.protocol === 'json' || wire.protocol === 'rest' || wire.protocol === 's3'
    ? new AwsError('UnknownOperationException', `The simulated account does not know ${name}.`)
    : new AwsError('InvalidAction', `The action ${name} is not valid for this web service.`);
