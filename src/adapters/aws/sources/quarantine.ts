/** Users that AWS itself has put under quarantine because a key of theirs was found in public. Abuse of such a key begins within minutes. */
import type { Batch, Cursors, Source } from '../../../bot/ports.ts';
import type { Observation, Place } from '../../../checks/observation.ts';
import { iamSubject } from '../translate/names.ts';
import { troubleOf } from '../trouble.ts';
import { isGone } from './identities-keys.ts';
import { lookFinished, plusSeconds, type Sight } from './looking.ts';

/**
 * One call for each of AWS's quarantine policies; one that the account does not have is asked for again after a day. Every half
 * hour 1,440 calls a month for each, free of charge ($0.01 of GuardDuty's price for recorded calls, where that is on). AWS's attaching of the
 * policy stands in the log as well; this is the net below.
 */
export function quarantine({ session, clock, pace }: Pick<Sight, 'session' | 'clock' | 'pace'>): Source {
  const place: Place = { scope: session.scope, region: 'global' };
  return {
    name,
    scope: session.scope,
    everySeconds: pace?.beat('leaks') ?? 300,
    permissions: [{ system: 'aws-iam', name: 'iam:ListEntitiesForPolicy' }],

    async *collect(cursors): AsyncGenerator<Batch> {
      const heard = clock.now();
      // IAM has no region; its rhythm is that of the region it is logged in.
      if (pace && pace.due(name, 'leaks', ['us-east-1'], heard).length === 0) return;
      const gaps = new Set<string>();
      const noticed = new Map(Object.entries(cursors).filter(([key, at]) => key.startsWith(userCursor) && at !== ''));
      const still: Cursors = {};
      const alerts: Observation[] = [];
      for (const policy of policies) {
        const missing = cursors[`${missingCursor}${policy}`];
        if (missing !== undefined && missing !== '' && missing <= heard && heard < plusSeconds(missing, daySeconds)) continue;
        try {
          const users = await heldBy(policy);
          still[`${missingCursor}${policy}`] = users === undefined ? heard : '';
          for (const user of users ?? []) {
            const key = `${userCursor}${policy} ${user}`;
            // AWS does not say since when; the first time we saw it stays its time.
            const at = noticed.get(key) ?? heard;
            still[key] = at;
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
              subjects: [iamSubject(place, 'user', user)],
            });
          }
        } catch (error) {
          gaps.add(`users under quarantine could not be read: ${troubleOf(error).words}`);
          for (const [key, at] of noticed) if (key.startsWith(`${userCursor}${policy} `)) still[key] = at;
        }
      }
      // Released: should it come again, it is a new alert.
      for (const key of noticed.keys()) still[key] ??= '';
      const whole = gaps.size === 0;
      const finished = lookFinished(name, place, {
        noun: 'quarantine lists',
        of: 1,
        seen: whole ? 1 : 0,
        heard,
        upTo: heard,
        complete: whole,
        gap: whole ? undefined : [...gaps].join('; '),
      });
      yield { observations: [...alerts, finished], raw: {}, cursors: still };
    },
  };

  /** Undefined: the account does not have that policy. */
  async function heldBy(policy: string): Promise<string[] | undefined> {
    const { paginateListEntitiesForPolicy } = await import('@aws-sdk/client-iam');
    const users: string[] = [];
    try {
      const client = await session.read.iam();
      const asked = { PolicyArn: `arn:aws:iam::aws:policy/${policy}`, EntityFilter: 'User' as const };
      for await (const page of paginateListEntitiesForPolicy({ client }, asked)) {
        users.push(...(page.PolicyUsers ?? []).flatMap((user) => user.UserName ?? []));
      }
    } catch (error) {
      if (!isGone(error)) throw error;
      return undefined;
    }
    return users;
  }
}

const name = 'aws/quarantine';
const daySeconds = 86_400;
const userCursor = 'quarantine ';
const missingCursor = 'missing ';
/** AWS attaches one of these to a user whose key it found in public. The older ones are not in every account. */
const policies = ['AWSCompromisedKeyQuarantine', 'AWSCompromisedKeyQuarantineV2', 'AWSCompromisedKeyQuarantineV3'];
