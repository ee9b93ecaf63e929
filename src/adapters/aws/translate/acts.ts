/** What each AWS call means: the tables of services/, merged. A call that is in none of them is `principal.acted`. */
import { acted, type Meaning, type Table } from './meaning.ts';
import { account, identityCenter, organizations } from './services/account.ts';
import { autoScaling } from './services/auto-scaling.ts';
import { batch } from './services/batch.ts';
import { amplify, appRunner, codeBuild, imageBuilder } from './services/builds.ts';
import { cloudFormation } from './services/cloudformation.ts';
import { cloudTrail } from './services/cloudtrail.ts';
import { ec2 } from './services/ec2.ts';
import { ecs } from './services/ecs.ts';
import { eks } from './services/eks.ts';
import { emr } from './services/emr.ts';
import { evidence } from './services/evidence.ts';
import { firewalls } from './services/firewalls.ts';
import { guards } from './services/guards.ts';
import { iam } from './services/iam.ts';
import { lambda } from './services/lambda.ts';
import { lightsail } from './services/lightsail.ts';
import { bedrock, moneyAlarms, purchases } from './services/money.ts';
import { plumbing } from './services/plumbing.ts';
import { gameLift, glue, workspaces } from './services/rented-machines.ts';
import { sageMaker } from './services/sagemaker.ts';
import { serviceQuotas, support } from './services/service-quotas.ts';
import { signIn, sts } from './services/sts.ts';

/** Each table, by the name of what it is about; no call stands in two of them. */
export const tables = {
  ec2,
  autoScaling,
  ecs,
  sageMaker,
  batch,
  eks,
  emr,
  lightsail,
  codeBuild,
  amplify,
  appRunner,
  imageBuilder,
  gameLift,
  workspaces,
  glue,
  lambda,
  cloudFormation,
  serviceQuotas,
  support,
  iam,
  sts,
  signIn,
  account,
  organizations,
  identityCenter,
  cloudTrail,
  guards,
  evidence,
  firewalls,
  moneyAlarms,
  purchases,
  bedrock,
  plumbing,
} satisfies Record<string, Table>;

/** The merged table, by 'service:Call'. A map, since calls come from outside, and one may be named like something every object has. */
export const acts: ReadonlyMap<string, Meaning> = new Map(Object.values(tables).flatMap((table) => Object.entries(table)));

/**
 * What a call means. One without its service, as exports that keep few fields have it, goes by its name, where one table alone has that or
 * IAM's does.
 */
export const meaningOf = (operation: string): Meaning =>
  acts.get(operation) ?? (operation.startsWith(nobodys) ? byName.get(operation.slice(nobodys.length)) : undefined) ?? acted;

const nobodys = 'unknown:';
const byName: ReadonlyMap<string, Meaning> = new Map(
  [...Map.groupBy(acts, ([operation]) => operation.slice(operation.indexOf(':') + 1))].flatMap(([name, of]) => {
    const only = of.length === 1 ? of[0] : of.find(([operation]) => operation.startsWith('iam:'));
    return only ? [[name, only[1]] as const] : [];
  }),
);
