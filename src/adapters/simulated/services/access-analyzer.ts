import type * as analyzer from '@aws-sdk/client-accessanalyzer';
import { AwsError } from '../fault.ts';
import { readPolicy } from '../policy.ts';
import { arnOf, list, put, remove, take } from '../shelf.ts';
import type { Call, Operation, World } from '../world.ts';
import { roleArn } from '../world.ts';

export const accessAnalyzerOperations: Record<string, Operation> = {
  CreateAnalyzer(world, input: analyzer.CreateAnalyzerRequest, call): analyzer.CreateAnalyzerResponse {
    return { arn: openAnalyzer(world, call, input.analyzerName ?? '').arn };
  },
  DeleteAnalyzer(world, input: analyzer.DeleteAnalyzerRequest, call): object {
    const thing = take(world, kind, call.region, input.analyzerName);
    if (!thing) throw new AwsError('ResourceNotFoundException', 'The analyzer was not found.', 404);
    remove(world, kind, thing);
    return {};
  },
  ListAnalyzers: (world, _input: analyzer.ListAnalyzersRequest, call): analyzer.ListAnalyzersResponse => ({
    analyzers: list(world, kind, call.region).map((each) => ({
      arn: each.arn,
      name: each.id,
      type: 'ACCOUNT' as const,
      createdAt: new Date(each.madeMs),
      status: 'ACTIVE' as const,
    })),
  }),
  /** Roles are found in every region, as they belong to all of them. */
  ListFindingsV2(world, input: analyzer.ListFindingsV2Request, call): analyzer.ListFindingsV2Response {
    if (!take(world, kind, call.region, input.analyzerArn))
      throw new AwsError('ResourceNotFoundException', 'The analyzer was not found.', 404);
    const opened = outsiders(world, call.ms);
    const status = input.filter?.status?.eq;
    return {
      findings: opened
        .filter(() => !status?.length || status.includes('ACTIVE'))
        .map(({ arn, sinceMs, id }) => ({
          id,
          resource: arn,
          resourceType: 'AWS::IAM::Role' as const,
          resourceOwnerAccount: world.accountId,
          status: 'ACTIVE' as const,
          findingType: 'ExternalAccess' as const,
          createdAt: new Date(sinceMs),
          updatedAt: new Date(sinceMs),
          analyzedAt: new Date(sinceMs),
        })),
    };
  },
  GetFindingV2(world, input: analyzer.GetFindingV2Request, call): analyzer.GetFindingV2Response {
    const found = outsiders(world, call.ms).find((each) => each.id === input.id);
    if (!found) throw new AwsError('ResourceNotFoundException', 'The finding was not found.', 404);
    return {
      id: found.id,
      resource: found.arn,
      resourceType: 'AWS::IAM::Role',
      resourceOwnerAccount: world.accountId,
      status: 'ACTIVE',
      findingType: 'ExternalAccess',
      createdAt: new Date(found.sinceMs),
      updatedAt: new Date(found.sinceMs),
      analyzedAt: new Date(found.sinceMs),
      findingDetails: [
        {
          externalAccessDetails: { condition: {}, principal: { AWS: found.who }, action: ['sts:AssumeRole'], isPublic: found.who === '*' },
        },
      ],
    };
  },
};

const kind = 'access-analyzer/analyzer';
/** A change of a trust policy is looked at within minutes (AWS promises up to 30). */
const analysedAfterMs = 600_000;

export const openAnalyzer = (world: World, call: Pick<Call, 'region' | 'ms' | 'caller'>, id: string) =>
  put(world, kind, call as Call, { id, arn: arnOf(world, 'access-analyzer', call.region, `analyzer/${id}`), facts: {} });

/** Roles that let somebody from outside the account in. */
function outsiders(world: World, ms: number): { id: string; arn: string; who: string; sinceMs: number }[] {
  return [...world.identity.asOf(ms - analysedAfterMs).roles.values()].flatMap((role) => {
    const trust = readPolicy(role.trust);
    const named =
      typeof trust === 'string' ? [] : trust.Statement.flatMap((each) => (each.Principal === '*' ? ['*'] : (each.Principal?.AWS ?? [])));
    const who = named.find((name) => name === '*' || !name.includes(world.accountId));
    return who ? [{ id: `${role.id.toLowerCase()}-external`, arn: roleArn(world, role), who, sinceMs: role.createdMs }] : [];
  });
}
