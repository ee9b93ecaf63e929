/**
 * CloudTrail logs of an account that does not exist, the same for the same seed: mostly reads and short-lived sessions, as real logs
 * are, now and then a launch, a sign-in, a new key. Record fields as in AWS's CloudTrail guide, "CloudTrail record contents".
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { createRandom, type Random } from '../../src/adapters/simulated/random.ts';

const account = '123456789012';
const regions = ['us-east-1', 'us-east-1', 'us-east-1', 'eu-central-1', 'eu-central-1', 'eu-west-1', 'us-west-2'];
const users = ['ada', 'grace', 'linus', 'barbara', 'edsger', 'margaret'];
const roles = Array.from({ length: 40 }, (_, n) => `service-${n}`);
const agents = [
  'aws-sdk-go-v2/1.36.3 ua/2.1 os/linux lang/go#1.24.2 md/GOOS#linux md/GOARCH#amd64 api/s3#1.78.2',
  'Boto3/1.40.0 md/Botocore#1.40.0 ua/2.1 os/linux#6.8.0 md/arch#x86_64 lang/python#3.13.7 md/pyimpl#CPython',
  'aws-cli/2.31.0 md/awscrt#0.27.6 ua/2.1 os/linux#6.8.0 md/arch#x86_64 lang/python#3.13.7',
  'aws-internal/3 aws-sdk-java/1.12.780 Linux/5.10 OpenJDK_64-Bit_Server_VM/17.0.14 java/17.0.14',
];
/** Service, call, how often of a hundred, whether it only reads. */
const calls: [string, string, number, boolean][] = [
  ['sts', 'AssumeRole', 16, true],
  ['kms', 'Decrypt', 15, true],
  ['ec2', 'DescribeInstances', 10, true],
  ['ec2', 'DescribeNetworkInterfaces', 6, true],
  ['ssm', 'GetParametersByPath', 8, true],
  ['logs', 'CreateLogStream', 10, false],
  ['s3', 'GetBucketAcl', 6, true],
  ['ecs', 'DescribeServices', 7, true],
  ['autoscaling', 'DescribeAutoScalingGroups', 5, true],
  ['sts', 'GetCallerIdentity', 5, true],
  ['iam', 'ListRoles', 3, true],
  ['ssm', 'UpdateInstanceInformation', 4, false],
  ['monitoring', 'DescribeAlarms', 3, true],
  ['ec2', 'RunInstances', 1, false],
  ['ec2', 'TerminateInstances', 1, false],
];
const deck = calls.flatMap(([service, name, often, readOnly]) => Array.from({ length: often }, () => ({ service, name, readOnly })));

/** A stream of records between two times (ms), one after the other in time. */
export function madeUpRecords(options: {
  seed: number;
  fromMs: number;
  toMs: number;
  count: number;
  region?: string;
}): Record<string, unknown>[] {
  const chance = createRandom(options.seed, 'logs');
  const step = (options.toMs - options.fromMs) / options.count;
  return Array.from({ length: options.count }, (_, n) => record(chance, options.fromMs + step * (n + chance.next()), options.region));
}

/**
 * Writes files as AWS delivers them, `<account>_CloudTrail_<region>_<time>_<unique>.json.gz` of `{"Records":[…]}`, each with the calls of
 * the time since the file before. Answers how many bytes they hold unpacked.
 */
export function writeDeliveries(
  folder: string,
  options: { seed: number; files: number; eventsEach: number; days: number },
): { unpackedBytes: number } {
  mkdirSync(folder, { recursive: true });
  const startMs = Date.parse('2026-08-01T00:00:00Z');
  const stepMs = (options.days * 86_400_000) / options.files;
  let unpackedBytes = 0;
  for (let n = 0; n < options.files; n += 1) {
    const fromMs = startMs + n * stepMs;
    const region = regions[n % regions.length]!;
    const text = JSON.stringify({
      Records: madeUpRecords({ seed: options.seed * 100_000 + n, fromMs, toMs: fromMs + stepMs, count: options.eventsEach, region }),
    });
    unpackedBytes += Buffer.byteLength(text);
    const time = new Date(fromMs + stepMs + 300_000).toISOString().replace(/[-:]|\d\d\.\d+Z/g, '');
    const name = `${account}_CloudTrail_${region}_${time}Z_${String(n).padStart(16, '0')}.json.gz`;
    writeFileSync(join(folder, name), gzipSync(text, { level: 4 }));
  }
  return { unpackedBytes };
}

/** One event a line, in no order at all: what only an external merge can put in order. Answers how many bytes it has. */
export function writeShuffledLines(file: string, options: { seed: number; events: number; days: number }): { unpackedBytes: number } {
  const fromMs = Date.parse('2026-08-01T00:00:00Z');
  const chance = createRandom(options.seed, 'shuffle');
  const lines = madeUpRecords({ seed: options.seed, fromMs, toMs: fromMs + options.days * 86_400_000, count: options.events }).map((one) =>
    JSON.stringify(one),
  );
  for (let n = lines.length - 1; n > 0; n -= 1) {
    const other = Math.floor(chance.next() * (n + 1));
    [lines[n], lines[other]] = [lines[other]!, lines[n]!];
  }
  const text = Buffer.from(`${lines.join('\n')}\n`);
  writeFileSync(file, text);
  return { unpackedBytes: text.byteLength };
}

function record(chance: Random, ms: number, place?: string): Record<string, unknown> {
  const { service, name, readOnly } = deck[Math.floor(chance.next() * deck.length)]!;
  const region = service === 'iam' ? 'us-east-1' : (place ?? pick(chance, regions));
  const denied = chance.next() < 0.01;
  const { request, response, caller } = contentOf(chance, service, name, region, ms);
  return {
    eventVersion: '1.11',
    userIdentity: caller,
    eventTime: `${new Date(ms).toISOString().slice(0, 19)}Z`,
    eventSource: `${service}.amazonaws.com`,
    eventName: name,
    awsRegion: region,
    sourceIPAddress: chance.next() < 0.1 ? `${service}.amazonaws.com` : `${networkOf(caller)}.${Math.floor(chance.next() * 200)}`,
    userAgent: pick(chance, agents),
    ...(denied
      ? {
          errorCode: 'AccessDenied',
          errorMessage: `User is not authorized to perform: ${service}:${name} on the resource because no policy allows it`,
        }
      : {}),
    requestParameters: request,
    responseElements: denied ? null : response,
    requestID: uuid(chance),
    eventID: uuid(chance),
    readOnly,
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: account,
    eventCategory: 'Management',
    tlsDetails: {
      tlsVersion: 'TLSv1.3',
      cipherSuite: 'TLS_AES_128_GCM_SHA256',
      clientProvidedHostHeader: `${service}.${region}.amazonaws.com`,
    },
  };
}

function contentOf(chance: Random, service: string, name: string, region: string, ms: number) {
  const role = pick(chance, roles);
  // A role is used by a few machines or jobs at a time, each with a session of an hour.
  const session = chance.next() < 0.5 ? instanceId(chance, 4) : `job-${Math.floor(chance.next() * 4)}`;
  const caller = chance.next() < 0.06 ? userCaller(chance) : roleCaller(role, session, ms, Math.floor(ms / 3_600_000));
  switch (`${service}:${name}`) {
    case 'sts:AssumeRole':
      return {
        caller: chance.next() < 0.7 ? { type: 'AWSService', invokedBy: 'ec2.amazonaws.com' } : caller,
        request: { roleArn: `arn:aws:iam::${account}:role/${role}`, roleSessionName: session, durationSeconds: 3600 },
        response: {
          credentials: {
            accessKeyId: sessionKey(role, session, Math.floor(ms / 3_600_000)),
            sessionToken: `made-up-${hex(chance, 320)}`,
            expiration: clockOf(ms + 3_600_000),
          },
          assumedRoleUser: {
            assumedRoleId: `AROA2EXAMPLE${role}:${session}`,
            arn: `arn:aws:sts::${account}:assumed-role/${role}/${session}`,
          },
        },
      };
    case 'ec2:RunInstances':
      return {
        caller,
        request: {
          instancesSet: { items: [{ imageId: 'ami-0a1b2c3d4e5f60718', minCount: 1, maxCount: 1 }] },
          instanceType: 'm5.large',
          monitoring: { enabled: false },
          tagSpecificationSet: { items: [{ resourceType: 'instance', tags: [{ key: 'Name', value: 'build' }] }] },
        },
        response: {
          requestId: uuid(chance),
          reservationId: `r-${hex(chance, 17)}`,
          ownerId: account,
          instancesSet: {
            items: [
              {
                instanceId: instanceId(chance, 1e9),
                imageId: 'ami-0a1b2c3d4e5f60718',
                currentState: { code: 0, name: 'pending' },
                instanceType: 'm5.large',
                launchTime: ms,
                placement: { availabilityZone: `${region}a`, tenancy: 'default' },
                tagSet: { items: [{ key: 'Name', value: 'build' }] },
              },
            ],
          },
        },
      };
    case 'ec2:DescribeInstances':
      return { caller, request: { instancesSet: { items: [{ instanceId: instanceId(chance, 300) }] }, filterSet: {} }, response: null };
    case 'kms:Decrypt':
      return {
        caller,
        request: {
          encryptionContext: { PARAMETER_ARN: `arn:aws:ssm:${region}:${account}:parameter/${role}/database` },
          encryptionAlgorithm: 'SYMMETRIC_DEFAULT',
        },
        response: null,
      };
    case 'logs:CreateLogStream':
      return { caller, request: { logGroupName: `/ecs/${role}`, logStreamName: `${role}/app/${hex(chance, 32)}` }, response: null };
    default:
      return { caller, request: { name: role, maxResults: 100 }, response: null };
  }
}

/** Machines call from inside their network, people and pipelines from outside. */
const networkOf = (caller: object): string => ('arn' in caller && /\/i-[\da-f]+$/.test(String(caller.arn)) ? '10.0.1' : '198.51.100');

const userCaller = (chance: Random) => {
  const user = pick(chance, users);
  return {
    type: 'IAMUser',
    principalId: `AIDA2EXAMPLE${user.toUpperCase()}`,
    arn: `arn:aws:iam::${account}:user/${user}`,
    accountId: account,
    accessKeyId: `AKIA2EXAMPLE${user.toUpperCase()}`,
    userName: user,
  };
};

const roleCaller = (role: string, session: string, ms: number, hour: number) => ({
  type: 'AssumedRole',
  principalId: `AROA2EXAMPLE${role}:${session}`,
  arn: `arn:aws:sts::${account}:assumed-role/${role}/${session}`,
  accountId: account,
  accessKeyId: sessionKey(role, session, hour),
  sessionContext: {
    sessionIssuer: {
      type: 'Role',
      principalId: `AROA2EXAMPLE${role}`,
      arn: `arn:aws:iam::${account}:role/${role}`,
      accountId: account,
      userName: role,
    },
    attributes: { creationDate: clockOf(ms - (ms % 3_600_000)), mfaAuthenticated: 'false' },
  },
});

/** A session lives an hour, so keys are many and each is used a few times. */
const sessionKey = (role: string, session: string, hour: number): string =>
  `ASIA${(Math.imul(hour + 17, 2_654_435_761) >>> 0).toString(36).toUpperCase()}${role.slice(8)}X${session.slice(-4).toUpperCase()}`;
const pick = <T>(chance: Random, of: readonly T[]): T => of[Math.floor(chance.next() * of.length)]!;
const hex = (chance: Random, length: number): string => {
  let text = '';
  while (text.length < length)
    text += Math.floor(chance.next() * 2 ** 32)
      .toString(16)
      .padStart(8, '0');
  return text.slice(0, length);
};
const uuid = (chance: Random): string => [8, 4, 4, 4, 12].map((length) => hex(chance, length)).join('-');
const instanceId = (chance: Random, many: number): string =>
  `i-0${Math.floor(chance.next() * many)
    .toString(16)
    .padStart(16, '0')}`;
const clockOf = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;
