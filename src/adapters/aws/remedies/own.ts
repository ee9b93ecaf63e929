/** Who the bot itself is, so that no plan cuts off the hand that would undo it. */
import { OutsideError } from '../../../bot/ports.ts';
import type { AwsSession } from '../session.ts';
import { outside } from '../trouble.ts';
import { principalOf } from './arn.ts';

export type Own = {
  /** `user/name` or `role/name`, in the guarded account. */
  principals: ReadonlySet<string>;
  /** The machine the bot runs on, when its role's session says so. */
  instance?: string;
};

/**
 * The identity that reads, and the configured ones.
 * @throws OutsideError when AWS does not say who we are: a plan that might cut ourselves off is not made.
 */
export async function whoWeAre(session: AwsSession, configured: readonly string[]): Promise<Own> {
  const { GetCallerIdentityCommand } = await import('@aws-sdk/client-sts');
  try {
    const { Arn: caller = '', Account: account } = await (await session.read.sts()).send(new GetCallerIdentityCommand({}));
    if (account && account !== session.scope.id) {
      const why = `the credentials belong to account ${account}, not to ${session.scope.id}; nothing is planned until the configuration or the credentials are mended`;
      throw new OutsideError(why, false);
    }
    // An instance profile's session is named after its instance.
    const instance = /:assumed-role\/[^/]+\/(i-[0-9a-f]+)$/.exec(caller)?.[1];
    const principals = new Set<string>();
    for (const arn of [caller, ...configured]) {
      const who = principalOf(arn);
      if ((who.kind === 'user' || who.kind === 'role') && who.account === session.scope.id) principals.add(who.key);
    }
    return { principals, ...(instance ? { instance } : {}) };
  } catch (error) {
    if (error instanceof OutsideError) throw error;
    throw outside('asking AWS who the bot is', error);
  }
}
