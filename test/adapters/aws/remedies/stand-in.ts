/** A small AWS over HTTP for the real SDK clients: instances, users, keys, roles and inline policies, in memory; every call is noted. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export const account = '123456789012';
export type Machine = {
  state: 'pending' | 'running' | 'stopping' | 'stopped' | 'terminated';
  type: string;
  name?: string;
  stopProtection: boolean;
  spot?: 'one-time' | 'persistent';
  root?: 'ebs' | 'instance-store';
  group?: string;
};
type Fault = { code: string; status: number; times: number };
export type World = {
  /** By region, then by id. */
  machines: Record<string, Record<string, Machine>>;
  users: Record<string, { id: string; keys: Record<string, 'Active' | 'Inactive'>; policies: Record<string, string> }>;
  roles: Record<string, { id: string; path: string; policies: Record<string, string> }>;
  caller: string;
  /** By action: answered with that error so many times. */
  faults: Record<string, Fault>;
  deniedInSimulation?: string[];
  /** Runs after a call was answered: what somebody else does meanwhile. */
  afterwards?: (action: string) => void;
};
export type Call = { action: string; as: 'read' | 'act' | 'base'; dryRun: boolean; parameters: Record<string, string> };

export function makeWorld(part: Partial<World> = {}): World {
  return {
    machines: {},
    users: {},
    roles: {},
    caller: `arn:aws:sts::${account}:assumed-role/CloudwardenRead/cloudwarden-read`,
    faults: {},
    ...part,
  };
}

/** Listens on a free loopback port. Roles assumed are told apart by the key they sign with. */
export async function startStandIn(world: World): Promise<{ endpoint: string; calls: Call[]; close(): Promise<void> }> {
  const calls: Call[] = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const credential = /Credential=([^/]+)\/[^/]+\/([^/]+)\/([^/]+)/.exec(request.headers.authorization ?? '');
    const [, key = '', region = '', service = ''] = credential ?? [];
    const target = request.headers['x-amz-target'];
    const parameters = target ? {} : Object.fromEntries(new URLSearchParams(text));
    const action = target ? `${service}:${String(target).split('.').at(-1)}` : `${service}:${parameters.Action}`;
    const as = key.endsWith('ACT') ? 'act' : key.endsWith('READ') ? 'read' : 'base';
    calls.push({ action, as, dryRun: parameters.DryRun === 'true', parameters });

    let answer: { status: number; body: string };
    const fault = world.faults[action];
    if (fault && fault.times > 0) {
      fault.times--;
      answer = failure(service, fault.status, fault.code, `made to fail: ${fault.code}`);
    } else if (target) {
      answer = { status: 200, body: '{}' };
    } else {
      try {
        answer = { status: 200, body: respond(world, service, region, parameters) };
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        answer = failure(service, error.status, error.code, error.message);
      }
    }
    response.writeHead(answer.status, { 'content-type': target ? 'application/x-amz-json-1.1' : 'text/xml' }).end(answer.body);
    world.afterwards?.(action);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

function failure(service: string, status: number, code: string, message: string) {
  if (service === 'ec2') {
    return {
      status,
      body: `<Response><Errors><Error><Code>${code}</Code><Message>${xml(message)}</Message></Error></Errors><RequestID>r</RequestID></Response>`,
    };
  }
  if (service === 'iam' || service === 'sts') {
    return {
      status,
      body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${xml(message)}</Message></Error><RequestId>r</RequestId></ErrorResponse>`,
    };
  }
  return { status, body: JSON.stringify({ __type: code, message }) };
}

function respond(world: World, service: string, region: string, p: Record<string, string>): string {
  const action = p.Action ?? '';
  if (service === 'ec2') {
    if (p.DryRun === 'true') throw new Refusal(412, 'DryRunOperation', 'Request would have succeeded, but DryRun flag is set.');
    return `<${action}Response><requestId>r</requestId>${ec2(world, region, action, p)}</${action}Response>`;
  }
  const inner = service === 'iam' ? iam(world, action, p) : sts(world, action, p);
  return `<${action}Response><${action}Result>${inner}</${action}Result><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></${action}Response>`;
}

function ec2(world: World, region: string, action: string, p: Record<string, string>): string {
  const machines = world.machines[region] ?? {};
  const listed = (prefix: string) =>
    Object.keys(p)
      .filter((key) => key.startsWith(prefix))
      .map((key) => p[key] as string);
  const one = (id: string): Machine => {
    const machine = machines[id];
    if (!machine) throw new Refusal(400, 'InvalidInstanceID.NotFound', `The instance ID '${id}' does not exist`);
    return machine;
  };
  switch (action) {
    case 'DescribeRegions':
      return `<regionInfo>${Object.keys(world.machines)
        .map((name) => `<item><regionName>${name}</regionName><optInStatus>opt-in-not-required</optInStatus></item>`)
        .join('')}</regionInfo>`;
    case 'DescribeInstances': {
      const asked = listed('InstanceId.');
      for (const id of asked) one(id);
      const filter = p['Filter.1.Name'] === 'instance-id' ? listed('Filter.1.Value.') : undefined;
      const shown = Object.entries(machines).filter(
        ([id]) => (asked.length === 0 || asked.includes(id)) && (!filter || filter.includes(id)),
      );
      return `<reservationSet>${shown.map(([id, m]) => `<item><instancesSet><item>${instance(id, m)}</item></instancesSet></item>`).join('')}</reservationSet>`;
    }
    case 'DescribeInstanceAttribute':
      return `<instanceId>${p.InstanceId}</instanceId><disableApiStop><value>${one(p.InstanceId ?? '').stopProtection}</value></disableApiStop>`;
    case 'DescribeSpotInstanceRequests': {
      const wanted = listed('Filter.1.Value.');
      const spots = Object.entries(machines).filter(([id, m]) => m.spot && wanted.includes(`sir-${id}`));
      return `<spotInstanceRequestSet>${spots.map(([id, m]) => `<item><spotInstanceRequestId>sir-${id}</spotInstanceRequestId><instanceId>${id}</instanceId><type>${m.spot}</type></item>`).join('')}</spotInstanceRequestSet>`;
    }
    case 'ModifyInstanceAttribute':
      one(p.InstanceId ?? '').stopProtection = p['DisableApiStop.Value'] === 'true';
      return '<return>true</return>';
    case 'StopInstances': {
      const id = p['InstanceId.1'] ?? '';
      const machine = one(id);
      if (machine.spot === 'one-time') throw new Refusal(400, 'UnsupportedOperation', 'You can not stop a one-time Spot instance');
      if (machine.state === 'pending')
        throw new Refusal(400, 'IncorrectInstanceState', `The instance '${id}' is not in a state from which it can be stopped.`);
      if (machine.stopProtection)
        throw new Refusal(
          400,
          'OperationNotPermitted',
          `The instance '${id}' may not be stopped. Modify its 'disableApiStop' instance attribute and try again.`,
        );
      machine.state = 'stopped';
      return `<instancesSet><item><instanceId>${id}</instanceId><currentState><code>64</code><name>stopping</name></currentState></item></instancesSet>`;
    }
    case 'StartInstances': {
      const id = p['InstanceId.1'] ?? '';
      one(id).state = 'running';
      return `<instancesSet><item><instanceId>${id}</instanceId><currentState><code>0</code><name>pending</name></currentState></item></instancesSet>`;
    }
    default:
      throw new Refusal(400, 'InvalidAction', `no ${action} here`);
  }
}

const instance = (id: string, m: Machine) => `<instanceId>${id}</instanceId><instanceType>${m.type}</instanceType>
  <launchTime>2025-11-24T13:55:00.000Z</launchTime><instanceState><code>0</code><name>${m.state}</name></instanceState><rootDeviceType>${m.root ?? 'ebs'}</rootDeviceType>
  ${m.spot ? `<instanceLifecycle>spot</instanceLifecycle><spotInstanceRequestId>sir-${id}</spotInstanceRequestId>` : ''}
  <tagSet>${tag('Name', m.name)}${tag('aws:autoscaling:groupName', m.group)}</tagSet>`;
const tag = (key: string, value: string | undefined) =>
  value === undefined ? '' : `<item><key>${key}</key><value>${xml(value)}</value></item>`;

function iam(world: World, action: string, p: Record<string, string>): string {
  const missing = (what: string) => new Refusal(404, 'NoSuchEntity', `The ${what} cannot be found.`);
  const user = (name = '') => world.users[name] ?? raise(missing(`user with name ${name}`));
  const role = (name = '') => world.roles[name] ?? raise(missing(`role with name ${name}`));
  const policy = (of: { policies: Record<string, string> }) =>
    of.policies[p.PolicyName ?? ''] ?? raise(missing(`policy with name ${p.PolicyName}`));
  switch (action) {
    case 'GetUser':
      return `<User><UserName>${p.UserName}</UserName><UserId>${user(p.UserName).id}</UserId><Path>/</Path><Arn>arn:aws:iam::${account}:user/${p.UserName}</Arn></User>`;
    case 'GetRole':
      return `<Role><RoleName>${p.RoleName}</RoleName><RoleId>${role(p.RoleName).id}</RoleId><Path>${role(p.RoleName).path}</Path><Arn>arn:aws:iam::${account}:role/${p.RoleName}</Arn></Role>`;
    case 'GetUserPolicy':
      return `<UserName>${p.UserName}</UserName><PolicyName>${p.PolicyName}</PolicyName><PolicyDocument>${encodeURIComponent(policy(user(p.UserName)))}</PolicyDocument>`;
    case 'GetRolePolicy':
      return `<RoleName>${p.RoleName}</RoleName><PolicyName>${p.PolicyName}</PolicyName><PolicyDocument>${encodeURIComponent(policy(role(p.RoleName)))}</PolicyDocument>`;
    case 'PutUserPolicy':
      user(p.UserName).policies[p.PolicyName ?? ''] = p.PolicyDocument ?? '';
      return '';
    case 'PutRolePolicy':
      role(p.RoleName).policies[p.PolicyName ?? ''] = p.PolicyDocument ?? '';
      return '';
    case 'DeleteUserPolicy':
      policy(user(p.UserName));
      delete user(p.UserName).policies[p.PolicyName ?? ''];
      return '';
    case 'DeleteRolePolicy':
      policy(role(p.RoleName));
      delete role(p.RoleName).policies[p.PolicyName ?? ''];
      return '';
    case 'ListAccessKeys':
      return `<AccessKeyMetadata>${Object.entries(user(p.UserName).keys)
        .map(
          ([id, status]) =>
            `<member><UserName>${p.UserName}</UserName><AccessKeyId>${id}</AccessKeyId><Status>${status}</Status><CreateDate>2025-01-01T00:00:00Z</CreateDate></member>`,
        )
        .join('')}</AccessKeyMetadata><IsTruncated>false</IsTruncated>`;
    case 'ListUsers':
      return `<Users>${Object.entries(world.users)
        .map(
          ([name, one]) =>
            `<member><UserName>${name}</UserName><UserId>${one.id}</UserId><Path>/</Path><Arn>arn:aws:iam::${account}:user/${name}</Arn><CreateDate>2025-01-01T00:00:00Z</CreateDate></member>`,
        )
        .join('')}</Users><IsTruncated>false</IsTruncated>`;
    case 'ListEntitiesForPolicy':
      return '<PolicyGroups/><PolicyUsers/><PolicyRoles/><IsTruncated>false</IsTruncated>';
    case 'SimulatePrincipalPolicy':
      return `<EvaluationResults>${Object.keys(p)
        .filter((key) => key.startsWith('ActionNames.member.'))
        .map(
          (key) =>
            `<member><EvalActionName>${p[key]}</EvalActionName><EvalDecision>${world.deniedInSimulation?.includes(p[key] ?? '') ? 'implicitDeny' : 'allowed'}</EvalDecision></member>`,
        )
        .join('')}</EvaluationResults><IsTruncated>false</IsTruncated>`;
    case 'GetAccessKeyLastUsed': {
      const owner = Object.entries(world.users).find(([, one]) => p.AccessKeyId !== undefined && p.AccessKeyId in one.keys);
      if (!owner) throw missing(`access key with id ${p.AccessKeyId}`);
      return `<UserName>${owner[0]}</UserName><AccessKeyLastUsed><ServiceName>N/A</ServiceName><Region>N/A</Region></AccessKeyLastUsed>`;
    }
    case 'UpdateAccessKey': {
      const { keys } = user(p.UserName);
      if (!(p.AccessKeyId !== undefined && p.AccessKeyId in keys)) throw missing('access key');
      keys[p.AccessKeyId] = p.Status as 'Active' | 'Inactive';
      return '';
    }
    default:
      throw new Refusal(400, 'InvalidAction', `no ${action} here`);
  }
}

function sts(world: World, action: string, p: Record<string, string>): string {
  switch (action) {
    case 'GetCallerIdentity':
      return `<Arn>${world.caller}</Arn><UserId>AROAEXAMPLE:x</UserId><Account>${world.caller.split(':')[4] || account}</Account>`;
    case 'AssumeRole':
      return `<Credentials><AccessKeyId>ASIAIOSFODNN${p.RoleArn?.endsWith('Act') ? 'ACT' : 'READ'}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>`;
    default:
      throw new Refusal(400, 'InvalidAction', `no ${action} here`);
  }
}

function raise(error: Error): never {
  throw error;
}
const xml = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
