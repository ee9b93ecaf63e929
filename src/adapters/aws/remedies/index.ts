/** What can be done in an AWS account: the remedies of this folder as one `Remedier`. */
import { type Clock, type Log, OutsideError, type Permission, type PlanItem, type Remedier, type StepOutcome } from '../../../bot/ports.ts';
import type { Remedy } from '../../../checks/check.ts';
import type { AwsSession } from '../session.ts';
import { denyPrincipal } from './deny-principal.ts';
import { disableCredential } from './disable-credential.ts';
import { whoWeAre } from './own.ts';
import { stopCompute } from './stop-compute.ts';
import { type Known, type PartOfPlan, permit, type RemedyOf, type Tools, type Verb } from './verb.ts';

/** What the remedies need: `read` for plan, look and verify, `act` for the writes. */
export const remedyPermissions: { read: Permission[]; act: Permission[] } = {
  read: [...permit('sts:GetCallerIdentity'), ...parts().flatMap((part) => part.permissions.read)],
  act: parts().flatMap((part) => part.permissions.act),
};

/**
 * The remedier of one account. `own` are the ARNs the bot reads, acts and runs as, as far as they are configured: a plan never cuts these
 * off. The identity that reads is asked for besides.
 */
export function awsRemedier(
  session: AwsSession,
  { log, clock, own = {} }: { log: Log; clock: Clock; own?: { read?: string; act?: string; base?: string } },
): Remedier {
  const tools: Tools = { session, log, clock, ...(own.act ? { actRole: own.act } : {}) };
  const configured = [own.read, own.act, own.base].filter((arn) => arn !== undefined);

  return {
    scope: session.scope,
    permissions: [...remedyPermissions.read, ...remedyPermissions.act],

    async plan(remedies) {
      if (remedies.length === 0) return { items: [], holes: [], shutBySeconds: 0, shutWhy: '' };
      const us = await whoWeAre(session, configured);
      const unread: OutsideError[] = [];
      // One service that does not answer must not take the rest of the plan away.
      const orHole = async <P extends PartOfPlan>(part: Promise<P>): Promise<P | PartOfPlan> => {
        try {
          return await part;
        } catch (error) {
          if (!(error instanceof OutsideError)) throw error;
          unread.push(error);
          return { items: [], holes: [`${error.message}; this is not in the plan`], shutBySeconds: 0, shutWhy: '' };
        }
      };
      // The deny first: whether a user is denied decides how long the sessions of its keys live.
      const deny = await orHole(denyPrincipal.plan(ofKind(remedies, 'deny-principal'), tools, us));
      const known: Known = { own: us, denied: 'denied' in deny ? deny.denied : new Set() };
      const [keys, machines] = await Promise.all([
        orHole(disableCredential.plan(ofKind(remedies, 'disable-credential'), tools, known)),
        orHole(stopCompute.plan(ofKind(remedies, 'stop-compute'), tools, known)),
      ]);
      if (unread[0] && unread.length === new Set(remedies.map((remedy) => remedy.kind)).size) throw unread[0];
      // Who starts machines is cut off before the machines are stopped.
      const parts = [keys, deny, machines];
      return {
        items: parts.flatMap((part) => part.items),
        holes: [...new Set(parts.flatMap((part) => part.holes))],
        shutBySeconds: Math.max(...parts.map((part) => part.shutBySeconds)),
        shutWhy: [...new Set(parts.map((part) => part.shutWhy).filter((why) => why !== ''))].join('; '),
      };
    },

    async apply(item, warrant) {
      const outcome = await verbOf(item).apply(item, warrant, tools);
      tell(log, { does: 'apply', item: quiet(item.id), incident: warrant.incident, ...outcome });
      return outcome;
    },

    verify: (item) => verbOf(item).verify(item, tools),

    async undo(item, warrant) {
      const outcome = await verbOf(item).undo(item, warrant, tools);
      tell(log, { does: 'undo', item: quiet(item.id), incident: warrant.incident, ...outcome });
      return outcome;
    },
  };
}

function parts() {
  return [disableCredential, denyPrincipal, stopCompute] as const;
}

function verbOf(item: PlanItem): Pick<Verb<PlanItem['verb']>, 'apply' | 'verify' | 'undo'> {
  switch (item.verb) {
    case 'disable-credential':
      return disableCredential;
    case 'deny-principal':
      return denyPrincipal;
    case 'stop-compute':
      return stopCompute;
    default:
      return item.verb satisfies never;
  }
}

const ofKind = <K extends Remedy['kind']>(remedies: Remedy[], kind: K): RemedyOf<K>[] =>
  remedies.filter((remedy): remedy is RemedyOf<K> => remedy.kind === kind);

/** Key ids are masked in logs. */
const quiet = (id: string): string => id.replace(/\b(A[KS]IA)[A-Z0-9]+([A-Z0-9]{4})\b/g, '$1…$2');

function tell(log: Log, data: { outcome: StepOutcome['outcome'] } & Record<string, unknown>): void {
  if (data.outcome === 'failed' || data.outcome === 'refused') log.warn(data, 'a remedy was not carried out');
  else log.info(data, 'a remedy was carried out');
}
