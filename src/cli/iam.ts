import { doctorPermissions } from '../adapters/aws/doctor.ts';
import { openAws } from '../adapters/aws/open.ts';
import { type PolicyDocument, policyDocument } from '../adapters/aws/policy.ts';
import { remedyPermissions } from '../adapters/aws/remedies/index.ts';
import { systemClock } from '../adapters/clock.ts';
import { createLog } from '../adapters/log.ts';
import type { Permission } from '../bot/ports.ts';

/** `iam [read|act]`: the policies, made from what sources and remedies declare. */
export async function iam(which: 'read' | 'act' | undefined, { json }: { json?: boolean }): Promise<void> {
  const policies = await policiesOfParts();
  const wanted = which ? { [which]: policies[which] } : policies;
  if (json)
    for (const [name, policy] of Object.entries(wanted)) process.stdout.write(`${JSON.stringify(which ? policy : { name, policy })}\n`);
  else process.stdout.write(`${JSON.stringify(which ? policies[which] : wanted, null, 2)}\n`);
}

/** What looking needs, and what acting needs besides. Nothing is called: the account is named. */
export async function declaredPermissions(): Promise<{ read: Permission[]; act: Permission[] }> {
  const account = await openAws({ account: '123456789012', name: 'any' }, { log: createLog('error'), clock: systemClock });
  return {
    read: [...account.sources.flatMap((source) => source.permissions), ...remedyPermissions.read, ...doctorPermissions],
    act: remedyPermissions.act,
  };
}

export async function policiesOfParts(): Promise<{ read: PolicyDocument; act: PolicyDocument }> {
  const declared = await declaredPermissions();
  return { read: policyDocument(declared.read, 'read'), act: policyDocument(declared.act, 'act') };
}
