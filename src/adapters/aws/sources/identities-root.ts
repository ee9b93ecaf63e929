/** Root's keys, and second factors: what IAM's summary and its list of virtual devices tell, compared with the look before. */
import type { Cursors } from '../../../bot/ports.ts';
import type { Observation, Place, Subject, Time } from '../../../checks/observation.ts';
import { partitionOf, principalSubject } from '../translate/names.ts';
import type { Sight } from './looking.ts';

type Looking = Pick<Sight, 'session'> & { by: string; place: Place; heard: Time };
type News = { observations: Observation[]; cursors: Cursors };

/** `credential.created` when root has a key and had none at the look before; its second factor removed likewise. @throws what the SDK throws. */
export async function rootNews({ session, by, place, heard }: Looking, cursors: Cursors): Promise<News> {
  const { GetAccountSummaryCommand } = await import('@aws-sdk/client-iam');
  const { SummaryMap: summary = {} } = await (await session.read.iam()).send(new GetAccountSummaryCommand({}));
  const root: Subject = `principal:arn:${partitionOf(place.region)}:iam::${place.scope.id}:root`;
  const keys = String(summary.AccountAccessKeysPresent ?? 0);
  const factor = String(summary.AccountMFAEnabled ?? 0);
  const credential: Subject = `credential:root-access-key/${place.scope.id}`;
  const base = { at: heard, heard, by, place };
  return {
    observations: [
      ...(cursors.rootKeys === '0' && keys !== '0'
        ? [
            {
              ...base,
              kind: 'credential.created' as const,
              id: `${by}/${credential}/${heard}`,
              evidence: [credential],
              credential,
              form: 'key' as const,
              owner: root,
            },
          ]
        : []),
      ...(cursors.rootFactor === '1' && factor === '0' ? [factorChanged({ ...base, owner: root, how: 'removed' })] : []),
    ],
    cursors: { rootKeys: keys, rootFactor: factor },
  };
}

/**
 * Virtual second factors of users that came or went since the look before; keys of hardware and passkeys are in the log alone.
 * `users`: those there are now. @throws what the SDK throws.
 */
export async function factorNews({ session, by, place, heard }: Looking, cursors: Cursors, users: ReadonlySet<Subject>): Promise<News> {
  const { paginateListVirtualMFADevices } = await import('@aws-sdk/client-iam');
  const client = await session.read.iam();
  const now = new Map<Subject, Time>();
  for await (const page of paginateListVirtualMFADevices({ client, pageSize: 200 }, { AssignmentStatus: 'Assigned' })) {
    for (const { User: user, EnableDate: enabled } of page.VirtualMFADevices ?? []) {
      if (user?.Arn !== undefined && !user.Arn.endsWith(':root')) now.set(principalSubject(user.Arn), enabled?.toISOString() ?? heard);
    }
  }
  const before = cursors.factors !== undefined && cursors.factors !== '' ? new Set(cursors.factors.split('\n') as Subject[]) : undefined;
  const base = { heard, by, place };
  const observations =
    before === undefined
      ? []
      : [
          ...[...now]
            .filter(([owner]) => !before.has(owner))
            .map(([owner, at]) => factorChanged({ ...base, at, owner, how: 'added' as const })),
          ...[...before]
            .filter((owner) => users.has(owner) && !now.has(owner))
            .map((owner) => factorChanged({ ...base, at: heard, owner, how: 'removed' as const })),
        ];
  return { observations, cursors: { factors: ['owners', ...[...now.keys()].sort().slice(0, mostOwners)].join('\n') } };
}

const mostOwners = 5_000;

function factorChanged(facts: { at: Time; heard: Time; by: string; place: Place; owner: Subject; how: 'added' | 'removed' }): Observation {
  const { owner, how, at, by } = facts;
  return { ...facts, kind: 'second-factor.changed', id: `${by}/${owner}/second factor ${how}/${at}`, evidence: [owner] };
}
