/** What is shown of one story at one moment, and the names people know its parts by. */
import type { Place, Scope, Subject, Time } from '../../checks/observation.ts';
import type { Meant } from '../button.ts';
import type { Incident, Plan } from '../incident.ts';
import type { Message } from '../message.ts';
import { nameOf, type Policy } from '../people.ts';
import type { Look, Machine } from '../ports.ts';
import { shortName } from '../words.ts';

/** All that is known about one story at one moment. */
export type View = {
  incident: Incident;
  /** Of this story, also those that are gone. */
  machines: Machine[];
  looks: Look[];
  policy: Policy;
  accounts: { scope: Scope; name: string }[];
  now: Time;
  /** In plain words why nothing can be done here, if so. */
  cannotAct?: string;
  auditHash: string;
  keyAges?: Record<Subject, { createdAt?: Time; lastUsedAt?: Time }>;
  /** Who started a machine. */
  startedBy: Record<Subject, Subject>;
};

/** A message with the meanings of its buttons, which the store must keep before the message is posted. */
export type Shown = { message: Message; buttons: Meant[] };

export const approvedBy = (view: View, plan: Plan): string[] => [
  ...new Set(
    [...view.incident.approvals, ...(view.incident.standing?.approvals ?? [])]
      .filter((approval) => approval.hash === plan.hash)
      .map((approval) => nameOf(view.policy, approval.by)),
  ),
];

export const actorName = (incident: Incident, subject: Subject): string =>
  incident.actors.find((actor) => actor.subject === subject)?.name || shortName(subject);

export function accountsOf(view: View, items: { place: Place }[]): string[] {
  const scopes = new Map(items.map((item) => [item.place.scope.id, item.place.scope]));
  return [...scopes.values()].map((scope) => {
    const named = view.accounts.find((account) => account.scope.id === scope.id && account.scope.cloud === scope.cloud);
    return `account ${scope.cloud === 'aws' && /^\d{12}$/.test(scope.id) ? scope.id.replace(/(\d{4})(?=\d)/g, '$1-') : scope.id}${named ? ` (${named.name})` : ''}`;
  });
}

export const accountName = (view: View, scope: Scope): string =>
  view.accounts.find((account) => account.scope.id === scope.id && account.scope.cloud === scope.cloud)?.name ?? scope.id;
