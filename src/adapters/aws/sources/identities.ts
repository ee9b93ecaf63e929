/** Whose keys there are: IAM users and their access keys, and the users AWS itself has put under quarantine. */

import { type Batch, OutsideError, type Source } from '../../../bot/ports.ts';
import type { Observation, Place, Subject, Time } from '../../../checks/observation.ts';
import { iamSubject, principalSubject } from '../translate/names.ts';
import { troubleOf } from '../trouble.ts';
import { inParallel, lookFinished, type Sight } from './looking.ts';

/** A link key → user has as `at` the time the key was made: the card's "key of ada, 400 days old". */
export function identities({ session, clock }: Pick<Sight, 'session' | 'clock'>): Source {
  const place: Place = { scope: session.scope, region: 'global' };

  return {
    name,
    scope: session.scope,
    everySeconds: 4 * 3600,
    permissions: ['iam:ListUsers', 'iam:ListAccessKeys', 'iam:ListEntitiesForPolicy', 'iam:GetAccessKeyLastUsed'].map((one) => ({
      system: 'aws-iam' as const,
      name: one,
    })),

    async *collect(cursors): AsyncGenerator<Batch> {
      const heard = clock.now();
      const gaps: string[] = [];
      const users = new Map<string, Subject>();
      try {
        for await (const page of userPages()) {
          for (const user of page) users.set(user.name, user.subject);
          const streams = page.map((user) => () => keysOf(user, heard));
          for await (const observations of inParallel(streams, usersAtOnce)) {
            if (observations.length > 0) yield { observations, raw: {}, cursors: { ...cursors } };
          }
        }
      } catch (error) {
        gaps.push(`users and keys could not be read: ${wordsOf(error)}`);
      }

      const noticed = new Map(Object.entries(cursors).filter(([key, at]) => key.startsWith(quarantineCursor) && at !== ''));
      const still = new Map<string, string>();
      const alerts: Observation[] = [];
      for (const policy of quarantinePolicies) {
        try {
          for (const user of await quarantinedBy(policy)) {
            const subject = users.get(user) ?? iamSubject(place, 'user', user);
            const key = `${quarantineCursor}${policy} ${user}`;
            // AWS does not say since when; the first time we saw it stays its time.
            const at = noticed.get(key) ?? heard;
            still.set(key, at);
            alerts.push({
              kind: 'provider.alerted',
              id: `${name}/${session.scope.id}/${policy}/${user}/${at}`,
              at,
              heard,
              by: name,
              place,
              evidence: [`arn:aws:iam::aws:policy/${policy}`],
              rule: policy,
              severity: 'critical',
              summary: `AWS put ${user} under quarantine: one of its keys is known to strangers`,
              about: 'leak',
              subjects: [subject],
            });
          }
        } catch (error) {
          gaps.push(`users under quarantine could not be read: ${wordsOf(error)}`);
          for (const [key, at] of noticed) if (key.startsWith(`${quarantineCursor}${policy} `)) still.set(key, at);
        }
      }

      const unique = [...new Set(gaps)];
      const finished = lookFinished(name, place, {
        noun: 'lists of users',
        of: 1,
        seen: unique.length === 0 ? 1 : 0,
        heard,
        upTo: heard,
        complete: unique.length === 0,
        gap: unique.length > 0 ? unique.join('; ') : undefined,
      });
      // Released: should it come again, it is a new alert.
      for (const key of noticed.keys()) if (!still.has(key)) still.set(key, '');
      yield { observations: [...alerts, finished], raw: {}, cursors: Object.fromEntries(still) };
    },

    async *lookInto(subject): AsyncGenerator<Batch> {
      const key = /^credential:(AKIA\w+)$/.exec(subject)?.[1];
      if (key === undefined) return;
      const heard = clock.now();
      const { GetAccessKeyLastUsedCommand } = await import('@aws-sdk/client-iam');
      let gap: string | undefined;
      let owner: string | undefined;
      let last: { date?: Date; service?: string; region?: string } = {};
      try {
        const answer = await (await session.read.iam()).send(new GetAccessKeyLastUsedCommand({ AccessKeyId: key }));
        owner = answer.UserName;
        const used = answer.AccessKeyLastUsed;
        last = {
          ...(used?.LastUsedDate ? { date: used.LastUsedDate } : {}),
          ...(used?.ServiceName !== undefined ? { service: used.ServiceName } : {}),
          ...(used?.Region !== undefined ? { region: used.Region } : {}),
        };
      } catch (error) {
        gap = `when the key was last used could not be read: ${wordsOf(error)}`;
      }
      const observations: Observation[] = [];
      if (owner !== undefined) {
        const user = iamSubject(place, 'user', owner);
        const at = last.date?.toISOString() ?? heard;
        observations.push({
          kind: 'identity.linked',
          id: `${name}/${key}/owner`,
          at,
          heard,
          by: name,
          place,
          evidence: [subject],
          from: subject,
          to: user,
          how: 'key of',
        });
      }
      observations.push({
        ...lookFinished('aws/look-into', place, {
          noun: 'subjects',
          of: 1,
          seen: gap === undefined ? 1 : 0,
          heard,
          upTo: last.date?.toISOString() ?? heard,
          complete: gap === undefined,
          gap,
        }),
        id: `${name}/look-into/${subject}/${heard}`,
        evidence: [subject],
      });
      yield { observations, raw: {}, cursors: {} };
    },
  };

  async function* userPages(): AsyncGenerator<{ name: string; subject: Subject }[]> {
    const { paginateListUsers } = await import('@aws-sdk/client-iam');
    for await (const page of paginateListUsers({ client: await session.read.iam(), pageSize: 100 }, {})) {
      yield (page.Users ?? []).flatMap((user) =>
        user.UserName !== undefined
          ? [
              {
                name: user.UserName,
                subject: user.Arn !== undefined ? principalSubject(user.Arn) : iamSubject(place, 'user', user.UserName),
              },
            ]
          : [],
      );
    }
  }

  async function* keysOf(user: { name: string; subject: Subject }, heard: Time): AsyncGenerator<Observation[]> {
    const { paginateListAccessKeys } = await import('@aws-sdk/client-iam');
    const links: Observation[] = [];
    try {
      for await (const page of paginateListAccessKeys({ client: await session.read.iam() }, { UserName: user.name })) {
        for (const { AccessKeyId: key, CreateDate: made } of page.AccessKeyMetadata ?? []) {
          if (key === undefined) continue;
          links.push({
            kind: 'identity.linked',
            id: `${name}/${key}`,
            at: made?.toISOString() ?? heard,
            heard,
            by: name,
            place,
            evidence: [`credential:${key}`],
            from: `credential:${key}`,
            to: user.subject,
            how: 'key of',
          });
        }
      }
    } catch (error) {
      // Deleted between the two calls: it has no keys any more.
      if (!isGone(error)) throw error;
    }
    yield links;
  }

  async function quarantinedBy(policy: string): Promise<string[]> {
    const { paginateListEntitiesForPolicy } = await import('@aws-sdk/client-iam');
    const users: string[] = [];
    try {
      const client = await session.read.iam();
      for await (const page of paginateListEntitiesForPolicy(
        { client },
        { PolicyArn: `arn:aws:iam::aws:policy/${policy}`, EntityFilter: 'User' },
      )) {
        users.push(...(page.PolicyUsers ?? []).flatMap((user) => user.UserName ?? []));
      }
    } catch (error) {
      // The older versions are not in every account.
      if (!isGone(error)) throw error;
    }
    return users;
  }
}

const name = 'aws/identities';
const usersAtOnce = 4;
const quarantineCursor = 'quarantine ';
/** AWS attaches one of these to a user whose key it found in public. */
const quarantinePolicies = ['AWSCompromisedKeyQuarantine', 'AWSCompromisedKeyQuarantineV2', 'AWSCompromisedKeyQuarantineV3'];

const isGone = (error: unknown): boolean =>
  (error as { name?: string }).name === 'NoSuchEntityException' || (error as { name?: string }).name === 'NoSuchEntity';
const wordsOf = (error: unknown): string => (error instanceof OutsideError ? error.message : troubleOf(error).words);
