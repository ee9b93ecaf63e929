/** What every remedy of this folder has, and the few things they share. */
import type { Clock, Log, Permission, PlanItem, Remedier, StepOutcome, Warrant } from '../../../bot/ports.ts';
import type { Remedy, RemedyKind } from '../../../checks/check.ts';
import type { AwsSession } from '../session.ts';
import { troubleOf } from '../trouble.ts';
import type { Own } from './own.ts';

export type Tools = { session: AwsSession; clock: Clock; log: Log; actRole?: string };
export type PartOfPlan = Awaited<ReturnType<Remedier['plan']>>;
export type Verified = Awaited<ReturnType<Remedier['verify']>>;
export type RemedyOf<K extends RemedyKind> = Extract<Remedy, { kind: K }>;

/**
 * One verb on AWS. `plan` and `verify` read with the read role; `apply` and `undo` look with the read role and write with the act role, so
 * that the act policy holds writes only. `apply`, `verify` and `undo` return what AWS answered and throw on bugs alone.
 */
export type Verb<K extends RemedyKind> = {
  permissions: { read: Permission[]; act: Permission[] };
  /** @throws OutsideError when nothing of it could be read. */
  plan(remedies: RemedyOf<K>[], tools: Tools, known: Known): Promise<PartOfPlan>;
  apply(item: PlanItem, warrant: Warrant, tools: Tools): Promise<StepOutcome>;
  verify(item: PlanItem, tools: Tools): Promise<Verified>;
  undo(item: PlanItem, warrant: Warrant, tools: Tools): Promise<StepOutcome>;
};

/** What the parts of one plan know of each other: who the bot is, and which principals (`user/name`, `role/name`) the same plan denies. */
export type Known = { own: Own; denied: ReadonlySet<string> };

/** IAM actions as declared permissions. */
export const permit = (...names: string[]): Permission[] => names.map((name) => ({ system: 'aws-iam', name }));

/** One resource is one line of a plan, whichever plan it is in. */
export const itemId = (verb: RemedyKind, resource: string): string => `${verb} ${resource}`;

/** IAM agrees with itself after about 4 s as measured by others; its user guide says a change may take some minutes. */
export const iamSettles = { seconds: 300, why: 'IAM agrees everywhere within seconds, at worst minutes' } as const;

/** The SDK's error name, '' when it has none. */
export function errorName(error: unknown): string {
  return typeof error === 'object' && error !== null && 'name' in error && typeof error.name === 'string' ? error.name : '';
}

/**
 * What an error of a call means for a step: 'refused' when trying again changes nothing, 'failed' when it may help.
 * @throws the error itself when it is a bug of ours.
 */
export function outcomeOf(error: unknown, action: string, tools: Tools): StepOutcome {
  if (isBug(error)) throw error;
  const trouble = troubleOf(error);
  if (trouble.sort === 'denied') {
    return { outcome: 'refused', why: `not allowed; grant ${action} to ${tools.actRole ?? 'the identity the bot acts as'}` };
  }
  if (trouble.again) return { outcome: 'failed', why: `${action}: ${trouble.words}; whether it took effect shows at the next look` };
  return { outcome: 'refused', why: `${action}: ${trouble.words}` };
}

/** What an error of a reading call means for a verification. */
export function unseen(error: unknown, action: string): Verified {
  if (isBug(error)) throw error;
  return { state: 'unseen', why: `${action}: ${troubleOf(error).words}` };
}

/** A programming mistake, told apart from anything the SDK or the network threw. */
function isBug(error: unknown): boolean {
  const ours = error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError;
  return ours && !('$metadata' in error) && !('$response' in error) && !('code' in error);
}

/** Runs over a list with at most `width` at a time; answers stand in the list's order. */
export async function eachOf<T, R>(list: readonly T[], width: number, work: (one: T) => Promise<R>): Promise<R[]> {
  const answers: R[] = new Array(list.length);
  let next = 0;
  const lane = async () => {
    for (let at = next++; at < list.length; at = next++) answers[at] = await work(list[at] as T);
  };
  await Promise.all(Array.from({ length: Math.min(width, list.length) }, lane));
  return answers;
}
