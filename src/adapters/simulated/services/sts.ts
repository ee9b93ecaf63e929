import type {
  AssumeRoleRequest,
  AssumeRoleResponse,
  Credentials,
  GetCallerIdentityResponse,
  GetFederationTokenRequest,
  GetFederationTokenResponse,
  GetSessionTokenRequest,
  GetSessionTokenResponse,
} from '@aws-sdk/client-sts';
import type { Resources } from '../call.ts';
import { AwsError } from '../fault.ts';
import type { Session } from '../identity.ts';
import { type Policy, readPolicy } from '../policy.ts';
import type { Operation, World } from '../world.ts';
import { newIamId, roleArn } from '../world.ts';

export const stsOperations: Record<string, Operation> = {
  GetCallerIdentity: (world, _input, { caller }): GetCallerIdentityResponse => ({
    UserId: caller.principalId,
    Account: world.accountId,
    Arn: caller.arn,
  }),

  AssumeRole(world, input: AssumeRoleRequest, call): AssumeRoleResponse {
    const role = [...world.identity.latest().roles.values()].find((each) => roleArn(world, each) === input.RoleArn);
    if (!role)
      throw new AwsError(
        'AccessDenied',
        `User: ${call.caller.arn} is not authorized to perform: sts:AssumeRole on resource: ${input.RoleArn}`,
        403,
      );
    const sourceIdentity = input.SourceIdentity ?? call.caller.session?.sourceIdentity;
    const policy = sessionPolicy(input.Policy);
    const session = openSession(world, {
      of: { kind: 'role', name: role.name },
      sessionName: input.RoleSessionName ?? '',
      createdMs: call.ms,
      mfa: input.TokenCode !== undefined,
      ...(policy ? { policy } : {}),
      ...(sourceIdentity ? { sourceIdentity } : {}),
    });
    return {
      Credentials: credentials(session, input.DurationSeconds ?? 3600),
      AssumedRoleUser: {
        AssumedRoleId: `${role.id}:${session.sessionName}`,
        Arn: `arn:aws:sts::${world.accountId}:assumed-role/${role.name}/${session.sessionName}`,
      },
      ...(sourceIdentity ? { SourceIdentity: sourceIdentity } : {}),
    };
  },

  GetSessionToken(world, input: GetSessionTokenRequest, { caller, ms }): GetSessionTokenResponse {
    if (caller.kind !== 'user') throw new AwsError('AccessDenied', 'Cannot call GetSessionToken with session credentials', 403);
    const session = openSession(world, {
      of: { kind: 'user', name: caller.name },
      sessionName: caller.name,
      createdMs: ms,
      mfa: input.TokenCode !== undefined,
    });
    return { Credentials: credentials(session, input.DurationSeconds ?? 43_200) };
  },

  GetFederationToken(world, input: GetFederationTokenRequest, { caller, ms }): GetFederationTokenResponse {
    if (caller.kind !== 'user') throw new AwsError('AccessDenied', 'Cannot call GetFederationToken with session credentials', 403);
    const policy = sessionPolicy(input.Policy);
    const session = openSession(world, {
      of: { kind: 'federated', name: caller.name },
      sessionName: input.Name ?? '',
      createdMs: ms,
      mfa: false,
      ...(policy ? { policy } : {}),
    });
    return {
      Credentials: credentials(session, input.DurationSeconds ?? 43_200),
      FederatedUser: {
        FederatedUserId: `${world.accountId}:${session.sessionName}`,
        Arn: `arn:aws:sts::${world.accountId}:federated-user/${session.sessionName}`,
      },
    };
  },
};

export const stsResources: Resources = (_world, input) => [typeof input.RoleArn === 'string' ? input.RoleArn : '*'];

/** Also used where the play needs a session nobody asked for: a console visit, a workload's role. */
export function openSession(world: World, facts: Omit<Session, 'id'>): Session {
  const session = { id: newIamId(world, 'ASIA'), ...facts };
  world.sessions.set(session.id, session);
  return session;
}

/**
 * Sessions here never run out: the virtual clock may race ahead of the SDK, which renews by the real time. For the same reason the
 * expiry told is never before the real now plus the duration.
 */
function credentials(session: Session, durationSeconds: number): Credentials {
  const fromMs = Math.max(session.createdMs, Date.now());
  return {
    AccessKeyId: session.id,
    SecretAccessKey: madeUpSecret,
    SessionToken: `made-up-token-of-${session.id}`,
    Expiration: new Date(fromMs + durationSeconds * 1000),
  };
}
/** Signatures are not checked, so one secret serves all. */
export const madeUpSecret = 'made-up-secret-of-the-simulated-account';

function sessionPolicy(json: string | undefined): Policy | undefined {
  if (json === undefined) return undefined;
  const policy = readPolicy(json);
  if (typeof policy === 'string') throw new AwsError('MalformedPolicyDocument', policy);
  return policy;
}
