/** IAM: whose keys and passwords there are, who is an administrator, which roles let outsiders in, and what of it changed since the last look. */

import { type Batch, type Cursors, OutsideError, type Source } from '../../../bot/ports.ts';
import type { Observation, Of, Place, Subject, Time } from '../../../checks/observation.ts';
import { iamSubject } from '../translate/names.ts';
import { troubleOf } from '../trouble.ts';
import { keysAndPasswords } from './identities-keys.ts';
import { memoryOf, newsOf, readMemory } from './identities-news.ts';
import { readRights } from './identities-rights.ts';
import { factorNews, rootNews } from './identities-root.ts';
import { lookFinished, plusSeconds, type Sight } from './looking.ts';

/**
 * The log tells what happened; this tells what is, also where the log was blind. A link key → user has as `at` the time the key was made:
 * the card's "key of ada, 400 days old". What stands since before the first look is no news. Four calls a look and two for each user:
 * with 50 users about 19,000 a month, free of charge ($0.08 of GuardDuty's price for recorded calls, where that is on).
 */
export function identities({ session, clock }: Pick<Sight, 'session' | 'clock'>): Source {
  const place: Place = { scope: session.scope, region: 'global' };

  return {
    name,
    scope: session.scope,
    everySeconds: 4 * 3600,
    permissions: [
      'iam:ListUsers',
      'iam:ListAccessKeys',
      'iam:GetLoginProfile',
      'iam:GetAccountAuthorizationDetails',
      'iam:GetAccountSummary',
      'iam:ListVirtualMFADevices',
      'iam:GetAccessKeyLastUsed',
    ].map((one) => ({ system: 'aws-iam' as const, name: one })),

    async *collect(cursors): AsyncGenerator<Batch> {
      const heard = clock.now();
      const looking = { session, by: name, place, heard };
      const gaps = new Set<string>();
      const users = new Set<Subject>();
      const dayAgo = plusSeconds(heard, -86_400);
      const since = cursors.looked !== undefined && cursors.looked < dayAgo ? cursors.looked : dayAgo;
      for await (const observations of keysAndPasswords(looking, { since, users, gaps })) yield { observations, raw: {}, cursors: {} };
      if (gaps.size === 0) yield { observations: [], raw: {}, cursors: { looked: heard } };

      const parts: [string, () => Promise<{ observations: Observation[]; cursors: Cursors }>][] = [
        ['rights and trust', () => rightsNews(cursors, heard, gaps)],
        ['what root has', () => rootNews(looking, cursors)],
        ['second factors', () => factorNews(looking, cursors, users)],
      ];
      for (const [what, read] of parts) {
        try {
          yield { raw: {}, ...(await read()) };
        } catch (error) {
          gaps.add(`${what} could not be read: ${wordsOf(error)}`);
        }
      }
      yield { observations: [end(heard, [...gaps])], raw: {}, cursors: {} };
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

  /** What changed and the new memory go together: never told twice, never forgotten. */
  async function rightsNews(cursors: Cursors, heard: Time, gaps: Set<string>): Promise<{ observations: Observation[]; cursors: Cursors }> {
    const rights = await readRights({ session, place });
    const memory = memoryOf(rights, heard);
    if (!memory) {
      gaps.add('there are more roles or administrators than are compared from look to look');
      return { observations: [], cursors: { rights: '' } };
    }
    const observations = newsOf(rights, readMemory(cursors.rights), { by: name, place, heard });
    return { observations, cursors: { rights: JSON.stringify(memory) } };
  }

  function end(heard: Time, gaps: string[]): Of<'look.finished'> {
    const whole = gaps.length === 0;
    return lookFinished(name, place, {
      noun: 'lists of users',
      of: 1,
      seen: whole ? 1 : 0,
      heard,
      upTo: heard,
      complete: whole,
      gap: whole ? undefined : gaps.join('; '),
    });
  }
}

const name = 'aws/identities';
const wordsOf = (error: unknown): string => (error instanceof OutsideError ? error.message : troubleOf(error).words);
