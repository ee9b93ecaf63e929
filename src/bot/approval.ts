/** Who may do what, how many people it takes, and for how long. Pure, decided on the server, and closed when in doubt. */
import type { Time } from '../checks/observation.ts';
import type { Incident, Plan } from './incident.ts';
import { approvers, type Person, type Policy } from './people.ts';
import type { ChatUser } from './ports.ts';

/** Why a press or a command is refused; `present.ts` says it in words. */
export type Refusal =
  | { kind: 'stranger'; id: string; approvers: Person[] }
  | { kind: 'not-approver'; id: string; approvers: Person[] }
  | { kind: 'observe-only' }
  | { kind: 'actions-off' }
  | { kind: 'already'; by: string; secondsAgo: number }
  | { kind: 'plan-old'; minutes: number }
  | { kind: 'plan-changed' }
  | { kind: 'asked-yourself'; limitUsd: number }
  | { kind: 'too-many'; count: number; most: number }
  | { kind: 'busy'; doing: string }
  | { kind: 'joined'; into: string }
  | { kind: 'stale' };

export type Deed = 'look' | 'take' | 'ask' | 'approve' | 'decline' | 'expect' | 'resolve' | 'pause';
export type Verdict = { ok: true; person: Person } | { ok: false; refusal: Refusal };

/** May this person do this at all? Responders look, take and ask; only admins approve, expect, resolve and pause. */
export function mayDo(deed: Deed, person: Person | undefined, user: ChatUser, policy: Policy): Verdict {
  const no = (refusal: Refusal): Verdict => ({ ok: false, refusal });
  const admins = approvers(policy);
  if (!person) return no({ kind: 'stranger', id: user.user, approvers: admins });
  if (deed === 'look' || deed === 'take' || deed === 'decline') return { ok: true, person };
  if (deed === 'ask' || deed === 'approve') {
    if (policy.actions === 'off') return no({ kind: 'actions-off' });
    if (admins.length === 0) return no({ kind: 'observe-only' });
  }
  if (deed === 'ask') return { ok: true, person };
  return person.role === 'admin' ? { ok: true, person } : no({ kind: 'not-approver', id: user.user, approvers: admins });
}

/** What stands against approving this plan now, by this person; undefined when nothing does. */
export function againstApproving(incident: Incident, person: Person, hash: string, policy: Policy, now: Time): Refusal | undefined {
  const { plan } = incident;
  if (policy.actions === 'off') return { kind: 'actions-off' };
  if (!policy.people.some((one) => one.id === person.id && one.role === 'admin')) {
    return { kind: 'not-approver', id: person.id, approvers: approvers(policy) };
  }
  const before = incident.approvals.find(
    (approval) => approval.hash === hash && (approval.by === person.id || incident.state !== 'asking'),
  );
  if (before)
    return { kind: 'already', by: before.by, secondsAgo: Math.max(0, Math.round((Date.parse(now) - Date.parse(before.at)) / 1000)) };
  if (!plan || plan.hash !== hash) return { kind: 'plan-changed' };
  if (incident.state !== 'asking') return { kind: 'stale' };
  if (now >= plan.expiresAt)
    return { kind: 'plan-old', minutes: Math.round((Date.parse(plan.expiresAt) - Date.parse(plan.madeAt)) / 60_000) };
  if (plan.items.length > policy.mostResources) return { kind: 'too-many', count: plan.items.length, most: policy.mostResources };
  if (plan.peopleNeeded > 1 && plan.askedBy === person.id) return { kind: 'asked-yourself', limitUsd: policy.twoPeopleAboveUsdPerHour };
  return undefined;
}

/** Above the configured dollars an hour it takes two people: whoever asked, and an admin who is somebody else. */
export const peopleNeeded = (usdPerHour: number, policy: Policy): number => (usdPerHour > policy.twoPeopleAboveUsdPerHour ? 2 : 1);

/** An admin has approved exactly this plan, and where it takes two people it was not the one who asked. People count, not chat accounts. */
export function isApproved(plan: Plan, approvals: Incident['approvals'], policy: Policy): boolean {
  const allowed = new Set(approvers(policy).map((person) => person.id));
  return approvals.some(
    (approval) => approval.hash === plan.hash && allowed.has(approval.by) && (plan.peopleNeeded < 2 || approval.by !== plan.askedBy),
  );
}
