import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AwsSession } from '../../../../src/adapters/aws/session.ts';
import { identities } from '../../../../src/adapters/aws/sources/identities.ts';
import type { Batch, Cursors, Source } from '../../../../src/bot/ports.ts';
import type { Observation } from '../../../../src/checks/observation.ts';
import { type Asked, account, handClock, type Said, type StandIn, sessionOn, standIn } from '../aws-stand-in.ts';

let clock: ReturnType<typeof handClock>;
let aws: StandIn;
let session: AwsSession;
let quarantined: string[];
let trouble: (asked: Asked) => Said | undefined;

beforeEach(async () => {
  clock = handClock('2026-03-01T14:00:00.000Z');
  quarantined = [];
  trouble = () => undefined;
  aws = await standIn((asked) => trouble(asked) ?? answer(asked));
  session = await sessionOn(aws);
});
afterEach(async () => {
  session.close();
  await aws.close();
});

function answer({ operation, input }: Asked): Said {
  const result = (body: string): string => `<${operation}Response><${operation}Result>${body}</${operation}Result></${operation}Response>`;
  switch (operation) {
    case 'ListUsers':
      return input.Marker
        ? result(`<Users>${userXml('grace', '/')}</Users><IsTruncated>false</IsTruncated>`)
        : result(`<Users>${userXml('ada', '/team/')}</Users><IsTruncated>true</IsTruncated><Marker>m</Marker>`);
    case 'ListAccessKeys':
      return result(
        `<AccessKeyMetadata>${input.UserName === 'ada' ? '<member><UserName>ada</UserName><AccessKeyId>AKIAIOSFODNN7EXAMPLE</AccessKeyId><Status>Active</Status><CreateDate>2025-01-15T08:00:00Z</CreateDate></member>' : ''}</AccessKeyMetadata><IsTruncated>false</IsTruncated>`,
      );
    case 'ListEntitiesForPolicy':
      if (!String(input.PolicyArn).endsWith('V3')) return { error: 'NoSuchEntity', status: 404 };
      return result(
        `<PolicyUsers>${quarantined.map((name) => `<member><UserName>${name}</UserName><UserId>U</UserId></member>`).join('')}</PolicyUsers><IsTruncated>false</IsTruncated>`,
      );
    case 'GetAccessKeyLastUsed':
      return result(
        '<UserName>ada</UserName><AccessKeyLastUsed><LastUsedDate>2026-02-28T10:00:00Z</LastUsedDate><ServiceName>ec2</ServiceName><Region>us-east-1</Region></AccessKeyLastUsed>',
      );
    default:
      return { error: 'AccessDenied', status: 403 };
  }
}
const userXml = (name: string, path: string): string =>
  `<member><UserName>${name}</UserName><Path>${path}</Path><UserId>U</UserId><Arn>arn:aws:iam::${account}:user${path}${name}</Arn><CreateDate>2024-01-01T00:00:00Z</CreateDate></member>`;

const open = (): Source => identities({ session, clock });
async function drain(batches: AsyncIterable<Batch>): Promise<{ observations: Observation[]; cursors: Cursors }> {
  const all = { observations: [] as Observation[], cursors: {} as Cursors };
  for await (const batch of batches) {
    all.observations.push(...batch.observations);
    Object.assign(all.cursors, batch.cursors);
  }
  return all;
}

describe('the AWS identities', () => {
  it('says whose each key is, as of the day it was made, whatever the user’s path', async () => {
    const { observations } = await drain(open().collect({}));

    expect(observations.filter((one) => one.kind === 'identity.linked')).toMatchObject([
      {
        from: 'credential:AKIAIOSFODNN7EXAMPLE',
        to: `principal:arn:aws:iam::${account}:user/ada`,
        how: 'key of',
        at: '2025-01-15T08:00:00.000Z',
      },
    ]);
    expect(observations.at(-1)).toMatchObject({ kind: 'look.finished', complete: true });
    expect(aws.asked.filter((one) => one.operation === 'ListAccessKeys').map((one) => one.input.UserName)).toEqual(['ada', 'grace']);
  });

  it('passes on that AWS put a user under quarantine, at the time it was first seen, also after a restart', async () => {
    quarantined = ['ada'];

    const first = await drain(open().collect({}));
    clock.turn(4 * 3600);
    const second = await drain(open().collect(first.cursors));

    const alerts = [first, second].flatMap(({ observations }) => observations.filter((one) => one.kind === 'provider.alerted'));
    expect(alerts).toMatchObject([
      {
        about: 'leak',
        severity: 'critical',
        rule: 'AWSCompromisedKeyQuarantineV3',
        subjects: [`principal:arn:aws:iam::${account}:user/ada`],
        at: '2026-03-01T14:00:00.000Z',
      },
      { at: '2026-03-01T14:00:00.000Z' },
    ]);
    expect(alerts[0]?.id).toBe(alerts[1]?.id);
  });

  it('takes a quarantine that comes back for a new one', async () => {
    quarantined = ['ada'];
    const first = await drain(open().collect({}));
    quarantined = [];
    clock.turn(4 * 3600);
    const released = await drain(open().collect(first.cursors));
    quarantined = ['ada'];
    clock.turn(4 * 3600);

    const { observations } = await drain(open().collect({ ...first.cursors, ...released.cursors }));

    expect(observations.find((one) => one.kind === 'provider.alerted')?.at).toBe('2026-03-01T22:00:00.000Z');
  });

  it('names what it could not read, and still looks at the rest', async () => {
    quarantined = ['ada'];
    trouble = ({ operation }) => (operation === 'ListUsers' ? { error: 'AccessDenied', status: 403 } : undefined);

    const { observations } = await drain(open().collect({}));

    expect(observations.map((one) => one.kind)).toEqual(['provider.alerted', 'look.finished']);
    expect(observations.at(-1)).toMatchObject({ complete: false, gap: 'users and keys could not be read: not allowed (AccessDenied)' });
  });

  it('takes a user that is deleted meanwhile for one without keys', async () => {
    trouble = ({ operation, input }) =>
      operation === 'ListAccessKeys' && input.UserName === 'ada' ? { error: 'NoSuchEntity', status: 404 } : undefined;

    const { observations } = await drain(open().collect({}));

    expect(observations).toMatchObject([{ kind: 'look.finished', complete: true }]);
  });

  it('finds the owner and the last use of a key when it is looked into', async () => {
    const { observations } = await drain(open().lookInto?.('credential:AKIAIOSFODNN7EXAMPLE', clock.now()) ?? none());

    expect(observations).toMatchObject([
      { kind: 'identity.linked', from: 'credential:AKIAIOSFODNN7EXAMPLE', to: `principal:arn:aws:iam::${account}:user/ada` },
      { kind: 'look.finished', upTo: '2026-02-28T10:00:00.000Z', complete: true },
    ]);
  });

  it('asks for nothing it does not declare', async () => {
    const source = open();
    await drain(source.collect({}));
    await drain(source.lookInto?.('credential:AKIAIOSFODNN7EXAMPLE', clock.now()) ?? none());

    expect(source.permissions.map((one) => one.name).sort()).toEqual([...new Set(session.meter.take().map((row) => row.operation))].sort());
  });
});

async function* none(): AsyncGenerator<Batch> {}
