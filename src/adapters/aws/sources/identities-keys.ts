/** Keys and passwords of IAM users. */
import type { Observation, Place, Subject, Time } from '../../../checks/observation.ts';
import { iamSubject, passwordSubject, principalSubject } from '../translate/names.ts';
import { troubleOf } from '../trouble.ts';
import { inParallel, type Sight } from './looking.ts';

type Looking = Pick<Sight, 'session'> & { by: string; place: Place; heard: Time };
type User = { name: string; subject: Subject };

/**
 * Whose each key and password is, as of the day it was made, and `credential.created` for those made since then. The users go into
 * `users`, what could not be read into `gaps`. One call for 100 users and two for each of them.
 */
export async function* keysAndPasswords(
  looking: Looking,
  { since, users, gaps }: { since: Time; users: Set<Subject>; gaps: Set<string> },
): AsyncGenerator<Observation[]> {
  try {
    for await (const page of userPages(looking)) {
      for (const user of page) users.add(user.subject);
      const streams = page.flatMap((user) => [() => keysOf(looking, user, since), () => passwordOf(looking, user, since, gaps)]);
      for await (const observations of inParallel(streams, atOnce)) if (observations.length > 0) yield observations;
    }
  } catch (error) {
    gaps.add(`users and keys could not be read: ${troubleOf(error).words}`);
  }
}

export const isGone = (error: unknown): boolean => /^NoSuchEntity(?:Exception)?$/.test((error as { name?: string }).name ?? '');

const atOnce = 4;

async function* userPages({ session, place }: Looking): AsyncGenerator<User[]> {
  const { paginateListUsers } = await import('@aws-sdk/client-iam');
  for await (const page of paginateListUsers({ client: await session.read.iam(), pageSize: 100 }, {})) {
    yield (page.Users ?? []).flatMap(({ UserName: name, Arn: arn }) =>
      name !== undefined ? [{ name, subject: arn !== undefined ? principalSubject(arn) : iamSubject(place, 'user', name) }] : [],
    );
  }
}

async function* keysOf({ session, by, place, heard }: Looking, user: User, since: Time): AsyncGenerator<Observation[]> {
  const { paginateListAccessKeys } = await import('@aws-sdk/client-iam');
  const found: Observation[] = [];
  try {
    for await (const page of paginateListAccessKeys({ client: await session.read.iam() }, { UserName: user.name })) {
      for (const { AccessKeyId: id, CreateDate: made } of page.AccessKeyMetadata ?? []) {
        if (id === undefined) continue;
        const credential: Subject = `credential:${id}`;
        const base = { at: made?.toISOString() ?? heard, heard, by, place, evidence: [credential] };
        found.push({ ...base, kind: 'identity.linked', id: `${by}/${id}`, from: credential, to: user.subject, how: 'key of' });
        if (made !== undefined && base.at >= since)
          found.push({ ...base, kind: 'credential.created', id: `${by}/${id}/created`, credential, form: 'key', owner: user.subject });
      }
    }
  } catch (error) {
    // Deleted between the two calls: it has no keys any more.
    if (!isGone(error)) throw error;
  }
  yield found;
}

async function* passwordOf(
  { session, by, place, heard }: Looking,
  user: User,
  since: Time,
  gaps: Set<string>,
): AsyncGenerator<Observation[]> {
  const { GetLoginProfileCommand } = await import('@aws-sdk/client-iam');
  let made: Date | undefined;
  try {
    made = (await (await session.read.iam()).send(new GetLoginProfileCommand({ UserName: user.name }))).LoginProfile?.CreateDate;
  } catch (error) {
    if (!isGone(error)) gaps.add(`passwords could not be read: ${troubleOf(error).words}`);
  }
  if (made === undefined) return;
  const credential = passwordSubject(user.subject);
  const base = { at: made.toISOString(), heard, by, place, evidence: [credential] };
  const id = `${by}/${credential}/${base.at}`;
  yield [
    { ...base, kind: 'identity.linked', id, from: credential, to: user.subject, how: 'key of' },
    ...(base.at >= since
      ? [{ ...base, kind: 'credential.created' as const, id: `${id}/created`, credential, form: 'password' as const, owner: user.subject }]
      : []),
  ];
}
