/** What changed in IAM between two looks. Only names of conditions and short hashes are remembered, never a document. Pure. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Observation, Place, Subject, Time } from '../../../checks/observation.ts';
import { type Door, standsOpen } from './identities-doors.ts';
import type { Admin, Rights, RoleDoors } from './identities-rights.ts';

/** What the look before saw: of each role who is let in and under which conditions, and every administrator as a hash. */
const memoryShape = z.object({
  at: z.string(),
  doors: z.record(z.string(), z.record(z.string(), z.array(z.string()))),
  admins: z.array(z.string()),
});
type Memory = z.infer<typeof memoryShape>;

/** A memory that cannot be read is none: the next look begins anew. */
export function readMemory(saved: string | undefined): Memory | undefined {
  if (saved === undefined || saved === '') return undefined;
  try {
    return memoryShape.parse(JSON.parse(saved));
  } catch {
    return undefined;
  }
}

/** Undefined where there is more than is compared. */
export function memoryOf({ roles, admins }: Rights, at: Time): Memory | undefined {
  if (roles.length > mostRoles || admins.length > mostAdmins) return undefined;
  return {
    at,
    doors: Object.fromEntries(
      roles.map(({ role, doors }) => [role, Object.fromEntries(doors.map(({ to, conditions }) => [to, conditions]))]),
    ),
    admins: [...new Set(admins.map(hashOf))].sort(),
  };
}

/**
 * News since the memory. Without one: what was made within a day, and as history, at the time the role was made, the accounts that are
 * let in under some condition, so that a partner of years is known as one. Who changed a thing, and when, only the log can tell: where
 * it was not made since the last look, `at` is the time it was noticed.
 */
export function newsOf(
  rights: Rights,
  before: Memory | undefined,
  { by, place, heard }: { by: string; place: Place; heard: Time },
): Observation[] {
  const dayAgo = new Date(Date.parse(heard) - 86_400_000).toISOString();
  const since = before?.at ?? dayAgo;
  const isYoung = (made: Time | undefined): boolean => made !== undefined && made >= since && made <= heard;
  const base = { heard, by, place };

  const opened = rights.roles.flatMap(({ role, doors, made }: RoleDoors) =>
    doors.flatMap((door): Observation[] => {
      const news = newsOfDoor(door, before ? { known: before.doors[role]?.[door.to] } : undefined, isYoung(made));
      if (news === undefined) return [];
      const at = news.lost === undefined && made !== undefined && (isYoung(made) || before === undefined) ? made : heard;
      const resource: Subject = `resource:${role.slice('principal:'.length)}`;
      return [
        {
          ...base,
          kind: 'trust.opened',
          id: `${by}/${resource}/${door.to}/${at}`,
          at,
          evidence: [resource],
          resource,
          to: door.to,
          unconditional: standsOpen(door),
          door: 'role',
          ...(news.lost !== undefined ? { lost: news.lost } : {}),
        },
      ];
    }),
  );

  const known = before ? new Set(before.admins) : undefined;
  const granted = rights.admins
    .filter((admin) => (known ? !known.has(hashOf(admin)) : isYoung(admin.made)))
    .map((admin): Observation => {
      const at = isYoung(admin.made) && admin.made !== undefined ? admin.made : heard;
      return {
        ...base,
        kind: 'access.granted',
        id: `${by}/${admin.to}/${admin.how}/${at}`,
        at,
        evidence: [admin.to],
        to: admin.to,
        level: 'admin',
        how: admin.how,
        over: place.scope,
      };
    });
  return [...opened, ...granted];
}

const mostRoles = 3_000;
const mostAdmins = 5_000;

/** `seen`: whether there was a look before, and the conditions this door had then. */
function newsOfDoor(door: Door, seen: { known: string[] | undefined } | undefined, isYoung: boolean): { lost?: string } | undefined {
  if (seen?.known !== undefined) {
    const lost = seen.known.filter((condition) => !door.conditions.includes(condition));
    return lost.length > 0 ? { lost: lost.join(', ').slice(0, 256) } : undefined;
  }
  // A provider's door with a condition on who comes is an ordinary one; a new provider is told of by the log.
  if (door.provider && !standsOpen(door)) return undefined;
  if (seen || isYoung) return {};
  return !door.provider && !standsOpen(door) ? {} : undefined;
}

const hashOf = ({ to, how }: Pick<Admin, 'to' | 'how'>): string => createHash('sha256').update(`${to}\n${how}`).digest('hex').slice(0, 12);
