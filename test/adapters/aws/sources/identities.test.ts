import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AwsSession } from '../../../../src/adapters/aws/session.ts';
import { identities } from '../../../../src/adapters/aws/sources/identities.ts';
import type { Batch, Cursors, Source } from '../../../../src/bot/ports.ts';
import { type Asked, account, handClock, type Said, type StandIn, sessionOn, standIn } from '../aws-stand-in.ts';
import { type Drained, drain, gapsOf, ofKind } from './drain.ts';

type Role = { name: string; trust: unknown; made?: string; attached?: string[]; path?: string };
type User = { name: string; attached?: string[]; inline?: Record<string, unknown>; groups?: string[]; made?: string };
let clock: ReturnType<typeof handClock>;
let aws: StandIn;
let session: AwsSession;
let trouble: (asked: Asked) => Said | undefined;
let keys: Record<string, { id: string; made: string }[]>;
let passwords: Record<string, string>;
let roles: Role[];
let users: User[];
let groups: { name: string; attached: string[] }[];
let policies: { arn: string; document: unknown }[];
let factors: string[];
let root: { keys: number; factor: number };

beforeEach(async () => {
  clock = handClock('2026-03-01T14:00:00.000Z');
  trouble = () => undefined;
  keys = { ada: [{ id: 'AKIAIOSFODNN7EXAMPLE', made: '2025-01-15T08:00:00Z' }] };
  passwords = {};
  roles = [];
  users = [];
  groups = [];
  policies = [];
  factors = [];
  root = { keys: 0, factor: 1 };
  aws = await standIn((asked) => trouble(asked) ?? answer(asked));
  session = await sessionOn(aws);
});
afterEach(async () => {
  session.close();
  await aws.close();
});

const list = (name: string, members: string[]): string => `<${name}>${members.map((one) => `<member>${one}</member>`).join('')}</${name}>`;
const json = (document: unknown): string => encodeURIComponent(JSON.stringify(document));
const attachedXml = (arns: string[] = []): string =>
  list(
    'AttachedManagedPolicies',
    arns.map((arn) => `<PolicyName>x</PolicyName><PolicyArn>${arn}</PolicyArn>`),
  );
const arnOf = (kind: string, name: string, path = '/'): string => `arn:aws:iam::${account}:${kind}${path}${name}`;
const userXml = (name: string, path: string): string =>
  `<UserName>${name}</UserName><Path>${path}</Path><UserId>U</UserId><Arn>${arnOf('user', name, path)}</Arn><CreateDate>2024-01-01T00:00:00Z</CreateDate>`;

function answer({ operation, input }: Asked): Said {
  const result = (body: string): string => `<${operation}Response><${operation}Result>${body}</${operation}Result></${operation}Response>`;
  const last = '<IsTruncated>false</IsTruncated>';
  const name = String(input.UserName);
  switch (operation) {
    case 'ListUsers':
      return input.Marker
        ? result(`${list('Users', [userXml('grace', '/')])}${last}`)
        : result(`${list('Users', [userXml('ada', '/team/')])}<IsTruncated>true</IsTruncated><Marker>m</Marker>`);
    case 'ListAccessKeys': {
      const members = (keys[name] ?? []).map(
        ({ id, made }) =>
          `<UserName>${name}</UserName><AccessKeyId>${id}</AccessKeyId><Status>Active</Status><CreateDate>${made}</CreateDate>`,
      );
      return result(`${list('AccessKeyMetadata', members)}${last}`);
    }
    case 'GetLoginProfile':
      return passwords[name] === undefined
        ? { error: 'NoSuchEntity', status: 404 }
        : result(`<LoginProfile><UserName>${name}</UserName><CreateDate>${passwords[name]}</CreateDate></LoginProfile>`);
    case 'GetAccountSummary':
      return result(
        `<SummaryMap><entry><key>AccountAccessKeysPresent</key><value>${root.keys}</value></entry><entry><key>AccountMFAEnabled</key><value>${root.factor}</value></entry></SummaryMap>`,
      );
    case 'ListVirtualMFADevices': {
      const members = factors.map(
        (owner) =>
          `<SerialNumber>${arnOf('mfa', owner)}</SerialNumber><User>${userXml(owner, '/')}</User><EnableDate>2026-03-01T15:00:00Z</EnableDate>`,
      );
      return result(`${list('VirtualMFADevices', members)}${last}`);
    }
    case 'GetAccountAuthorizationDetails': {
      if (!input.Marker)
        return result(
          `${list(
            'UserDetailList',
            users.map(
              ({ name, attached, inline = {}, groups = [], made = '2024-01-01T00:00:00Z' }) =>
                `<UserName>${name}</UserName><Arn>${arnOf('user', name)}</Arn><CreateDate>${made}</CreateDate>${attachedXml(attached)}${list(
                  'UserPolicyList',
                  Object.entries(inline).map(
                    ([policy, document]) => `<PolicyName>${policy}</PolicyName><PolicyDocument>${json(document)}</PolicyDocument>`,
                  ),
                )}${list('GroupList', groups)}`,
            ),
          )}${list(
            'GroupDetailList',
            groups.map(
              ({ name, attached }) => `<GroupName>${name}</GroupName><CreateDate>2024-01-01T00:00:00Z</CreateDate>${attachedXml(attached)}`,
            ),
          )}<IsTruncated>true</IsTruncated><Marker>m</Marker>`,
        );
      const roleXml = roles.map(
        ({ name, trust, made = '2023-05-05T00:00:00Z', attached, path }) =>
          `<RoleName>${name}</RoleName><Arn>${arnOf('role', name, path)}</Arn><CreateDate>${made}</CreateDate><AssumeRolePolicyDocument>${json(trust)}</AssumeRolePolicyDocument>${attachedXml(attached)}`,
      );
      const policyXml = policies.map(
        ({ arn, document }) =>
          `<Arn>${arn}</Arn>${list('PolicyVersionList', [`<IsDefaultVersion>true</IsDefaultVersion><Document>${json(document)}</Document>`])}`,
      );
      return result(`${list('RoleDetailList', roleXml)}${list('Policies', policyXml)}${last}`);
    }
    case 'GetAccessKeyLastUsed':
      return result(
        '<UserName>ada</UserName><AccessKeyLastUsed><LastUsedDate>2026-02-28T10:00:00Z</LastUsedDate><ServiceName>ec2</ServiceName><Region>us-east-1</Region></AccessKeyLastUsed>',
      );
    default:
      return { error: 'AccessDenied', status: 403 };
  }
}

const open = (): Source => identities({ session, clock });
const look = (before: Cursors = {}): Promise<Drained> => drain(open().collect(before), before);
const later = async (before: Drained, change: () => void): Promise<Drained> => {
  clock.turn(4 * 3600);
  change();
  return look(before.cursors);
};
const trust = (principal: unknown, condition?: object): object => ({
  Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: principal, ...(condition ? { Condition: condition } : {}) }],
});
const vendor = { AWS: 'arn:aws:iam::999988887777:root' };
const withId = { StringEquals: { 'sts:ExternalId': 'x' } };
const everything = { Statement: { Effect: 'Allow', Action: '*', Resource: '*' } };
const admin = 'arn:aws:iam::aws:policy/AdministratorAccess';
const ada = `principal:arn:aws:iam::${account}:user/ada`;
async function* none(): AsyncGenerator<Batch> {}

describe('keys and passwords', () => {
  it('says whose each key is, as of the day it was made, whatever the user’s path', async () => {
    const seen = await look();

    expect(ofKind(seen, 'identity.linked')).toMatchObject([
      { from: 'credential:AKIAIOSFODNN7EXAMPLE', to: ada, how: 'key of', at: '2025-01-15T08:00:00.000Z' },
    ]);
    expect(ofKind(seen, 'credential.created')).toEqual([]);
    expect(seen.observations.at(-1)).toMatchObject({ kind: 'look.finished', complete: true });
    expect(aws.asked.filter((one) => one.operation === 'ListAccessKeys').map((one) => one.input.UserName)).toEqual(['ada', 'grace']);
  });

  it('tells of a key and a password made lately, at the time they were made and with the same id at the next look', async () => {
    keys.grace = [{ id: 'AKIAI44QH8DHBEXAMPLE', made: '2026-03-01T12:00:00Z' }];
    passwords.grace = '2026-03-01T12:01:00Z';

    const first = await look();
    const second = await later(first, () => {});

    const grace = `principal:arn:aws:iam::${account}:user/grace`;
    expect(ofKind(first, 'credential.created')).toMatchObject([
      { credential: 'credential:AKIAI44QH8DHBEXAMPLE', form: 'key', owner: grace, at: '2026-03-01T12:00:00.000Z' },
      {
        credential: `credential:login-profile/arn:aws:iam::${account}:user/grace`,
        form: 'password',
        owner: grace,
        at: '2026-03-01T12:01:00.000Z',
      },
    ]);
    expect(ofKind(second, 'credential.created').map((one) => one.id)).toEqual(ofKind(first, 'credential.created').map((one) => one.id));
  });

  it('takes a user that is deleted meanwhile for one without keys', async () => {
    trouble = ({ operation, input }) =>
      operation === 'ListAccessKeys' && input.UserName === 'ada' ? { error: 'NoSuchEntity', status: 404 } : undefined;

    const seen = await look();

    expect(seen.observations).toMatchObject([{ kind: 'look.finished', complete: true }]);
  });

  it('finds the owner and the last use of a key when it is looked into', async () => {
    const seen = await drain(open().lookInto?.('credential:AKIAIOSFODNN7EXAMPLE', clock.now()) ?? none());

    expect(seen.observations).toMatchObject([
      { kind: 'identity.linked', from: 'credential:AKIAIOSFODNN7EXAMPLE', to: ada },
      { kind: 'look.finished', upTo: '2026-02-28T10:00:00.000Z', complete: true },
    ]);
  });
});

describe('doors', () => {
  it('tells of what stood before the first look only the partners, as history', async () => {
    roles = [
      { name: 'vendor', trust: trust(vendor, withId) },
      { name: 'wide', trust: trust({ AWS: '*' }) },
      { name: 'own', trust: trust({ AWS: account, Service: 'ec2.amazonaws.com' }) },
    ];

    const first = await look();
    const second = await later(first, () => {});

    expect(ofKind(first, 'trust.opened')).toMatchObject([
      {
        resource: `resource:arn:aws:iam::${account}:role/vendor`,
        to: '999988887777',
        unconditional: false,
        at: '2023-05-05T00:00:00.000Z',
      },
    ]);
    expect(ofKind(second, 'trust.opened')).toEqual([]);
  });

  it('tells of a stranger who is let in since the last look, once', async () => {
    roles = [{ name: 'app', trust: trust({ Service: 'ec2.amazonaws.com' }), path: '/team/' }];
    const first = await look();

    const second = await later(first, () => {
      roles = [
        { name: 'app', trust: trust(vendor), path: '/team/' },
        { name: 'new', trust: trust({ AWS: '*' }), made: '2026-03-01T17:00:00Z' },
      ];
    });
    const third = await later(second, () => {});

    expect(ofKind(second, 'trust.opened')).toMatchObject([
      {
        resource: `resource:arn:aws:iam::${account}:role/app`,
        to: '999988887777',
        unconditional: true,
        door: 'role',
        at: '2026-03-01T18:00:00.000Z',
      },
      { resource: `resource:arn:aws:iam::${account}:role/new`, to: '*', at: '2026-03-01T17:00:00.000Z' },
    ]);
    expect(ofKind(third, 'trust.opened')).toEqual([]);
  });

  it('tells of a condition that is gone, or that anything meets', async () => {
    const github = { Federated: `arn:aws:iam::${account}:oidc-provider/token.actions.githubusercontent.com` };
    const sub = (value: string) => ({
      StringEquals: { 'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com' },
      StringLike: { 'token.actions.githubusercontent.com:sub': value },
    });
    roles = [
      { name: 'vendor', trust: trust(vendor, withId) },
      { name: 'ci', trust: trust(github, sub('repo:acme/app:*')) },
    ];
    const first = await look();

    const second = await later(first, () => {
      roles = [
        { name: 'vendor', trust: trust(vendor) },
        { name: 'ci', trust: trust(github, sub('*')) },
      ];
    });

    expect(ofKind(second, 'trust.opened')).toMatchObject([
      { resource: `resource:arn:aws:iam::${account}:role/vendor`, lost: 'sts:ExternalId', unconditional: true },
      { to: 'token.actions.githubusercontent.com', lost: 'token.actions.githubusercontent.com:sub', unconditional: true },
    ]);
  });

  it('is not troubled by another value of the same condition, or by a pipeline that is let in properly', async () => {
    roles = [{ name: 'vendor', trust: trust(vendor, withId) }];
    const first = await look();

    const second = await later(first, () => {
      roles = [
        { name: 'vendor', trust: trust(vendor, { StringEquals: { 'sts:ExternalId': 'another' } }) },
        {
          name: 'ci',
          trust: trust(
            { Federated: `arn:aws:iam::${account}:oidc-provider/gitlab.com` },
            { StringEquals: { 'gitlab.com:sub': 'project_path:a/b' } },
          ),
        },
      ];
    });

    expect(ofKind(second, 'trust.opened')).toEqual([]);
  });
});

describe('administrators', () => {
  it('are no news when they were there before, and are told once when they are new', async () => {
    users = [{ name: 'ada', attached: [admin] }];
    const first = await look();

    const second = await later(first, () => {
      users = [
        { name: 'ada', attached: [admin] },
        { name: 'eve', inline: { x: everything } },
        { name: 'mallory', groups: ['admins'], made: '2026-03-01T16:00:00Z' },
        { name: 'bob', attached: [`arn:aws:iam::${account}:policy/wide`] },
        { name: 'carol', inline: { reads: { Statement: { Effect: 'Allow', Action: 's3:Get*', Resource: '*' } } } },
      ];
      groups = [{ name: 'admins', attached: [admin] }];
      policies = [{ arn: `arn:aws:iam::${account}:policy/wide`, document: everything }];
      roles = [{ name: 'AWSServiceRoleForX', trust: {}, attached: [admin], path: '/aws-service-role/x.amazonaws.com/' }];
    });
    const third = await later(second, () => {});

    expect(ofKind(first, 'access.granted')).toEqual([]);
    expect(
      ofKind(second, 'access.granted').map((one) => [one.to.slice(one.to.lastIndexOf('/') + 1), one.level, one.how, one.at.slice(11, 16)]),
    ).toEqual([
      ['eve', 'admin', 'inline policy x', '18:00'],
      ['mallory', 'admin', 'group admins', '16:00'],
      ['bob', 'admin', 'wide', '18:00'],
      ['admins', 'admin', 'AdministratorAccess', '18:00'],
    ]);
    expect(ofKind(third, 'access.granted')).toEqual([]);
  });

  it('made within the last day are told at the first look', async () => {
    users = [{ name: 'eve', attached: [admin], made: '2026-03-01T13:00:00Z' }];

    const seen = await look();

    expect(ofKind(seen, 'access.granted')).toMatchObject([
      { to: `principal:arn:aws:iam::${account}:user/eve`, at: '2026-03-01T13:00:00.000Z' },
    ]);
  });

  it('leave nothing of a document in what is remembered', async () => {
    users = [{ name: 'eve', inline: { x: everything } }];
    roles = [{ name: 'vendor', trust: trust(vendor, { StringEquals: { 'sts:ExternalId': 'very-secret' } }) }];

    const { cursors } = await look();

    expect(JSON.stringify(cursors)).toContain('sts:ExternalId');
    expect(JSON.stringify(cursors)).not.toContain('very-secret');
    expect(JSON.stringify(cursors)).not.toContain('Statement');
  });
});

describe('root and second factors', () => {
  it('tells when root gets a key or loses its second factor, and when a user’s comes or goes', async () => {
    factors = ['ada'];
    root = { keys: 0, factor: 1 };
    const first = await look();

    const second = await later(first, () => {
      root = { keys: 1, factor: 0 };
      factors = ['grace'];
    });
    const third = await later(second, () => {});

    expect(ofKind(first, 'second-factor.changed')).toEqual([]);
    expect(ofKind(second, 'credential.created')).toMatchObject([{ form: 'key', owner: `principal:arn:aws:iam::${account}:root` }]);
    expect(ofKind(second, 'second-factor.changed').map((one) => [one.owner, one.how])).toEqual([
      [`principal:arn:aws:iam::${account}:root`, 'removed'],
      [`principal:arn:aws:iam::${account}:user/grace`, 'added'],
      [ada, 'removed'],
    ]);
    expect([...ofKind(third, 'second-factor.changed'), ...ofKind(third, 'credential.created')]).toEqual([]);
  });

  it('does not report the state of the first look', async () => {
    root = { keys: 1, factor: 0 };

    const seen = await look();

    expect(seen.observations.map((one) => one.kind)).toEqual(['identity.linked', 'look.finished']);
  });
});

describe('what could not be read', () => {
  it.each([
    ['ListUsers', 'users and keys could not be read: not allowed (AccessDenied)'],
    ['GetLoginProfile', 'passwords could not be read: not allowed (AccessDenied)'],
    ['GetAccountAuthorizationDetails', 'rights and trust could not be read: not allowed (AccessDenied)'],
    ['GetAccountSummary', 'what root has could not be read: not allowed (AccessDenied)'],
    ['ListVirtualMFADevices', 'second factors could not be read: not allowed (AccessDenied)'],
  ])('is named: %s', async (denied, gap) => {
    trouble = ({ operation }) => (operation === denied ? { error: 'AccessDenied', status: 403 } : undefined);

    expect(gapsOf(await look())).toEqual([gap]);
  });

  it('is named when AWS slows us down, and what was remembered stays', async () => {
    roles = [{ name: 'vendor', trust: trust(vendor, withId) }];
    const first = await look();

    const failed = await later(first, () => {
      trouble = ({ operation }) => (operation === 'GetAccountAuthorizationDetails' ? { error: 'Throttling' } : undefined);
    });
    const third = await later(failed, () => {
      trouble = () => undefined;
      roles = [{ name: 'vendor', trust: trust(vendor) }];
    });

    expect(gapsOf(failed)).toEqual(['rights and trust could not be read: AWS slowed us down (Throttling)']);
    expect(ofKind(third, 'trust.opened')).toMatchObject([{ lost: 'sts:ExternalId' }]);
  });

  it('is nothing it does not declare', async () => {
    const source = open();
    await drain(source.collect({}));
    await drain(source.lookInto?.('credential:AKIAIOSFODNN7EXAMPLE', clock.now()) ?? none());

    expect(source.permissions.map((one) => one.name).sort()).toEqual([...new Set(session.meter.take().map((row) => row.operation))].sort());
  });
});
