/** Where the record of what happened is kept, beside CloudTrail itself: deleted, kept for days only, or no longer written. */
import type { Subject } from '../../../../checks/observation.ts';
import { type Act, named, perhapsWeakened, request, type Table, weakened } from '../meaning.ts';
import { at, fields, flag, list, number, text } from '../reading.ts';

/** Names by which logs of what happened are known. A name may raise a suspicion, never lower one. */
const evidenceName = /cloud-?trail|\btrail\b|audit|guard-?duty|flow-?logs?|aws-?logs|security-?(?:lake|logs?)|resolver-?quer/i;
const logGroup = (act: Act): Subject => named(act, 'logs', 'log-group:', text(request(act.event), 'logGroupName'));
const isEvidence = ({ event }: Act): boolean => evidenceName.test(text(request(event), 'logGroupName') ?? '');
const bucket = ({ event }: Act): Subject => `resource:arn:aws:s3:::${text(request(event), 'bucketName') ?? 'unknown'}`;
const isEvidenceBucket = ({ event }: Act): boolean => evidenceName.test(text(request(event), 'bucketName') ?? '');
/** Fewer days than a detector, or whoever comes to help, needs to read what happened. */
const soonDays = 30;
const forgetsSoon = (act: Act): boolean =>
  isEvidenceBucket(act) &&
  list(request(act.event, 'LifecycleConfiguration'), 'Rule').some((rule) => {
    const days = number(rule, 'Expiration', 'Days');
    return text(rule, 'Status') !== 'Disabled' && days !== undefined && days < soonDays;
  });

/** An object of a log that AWS writes into a bucket: 'AWSLogs/123456789012/CloudTrail/…'. */
const evidenceKey = /(?:^|\/)AWSLogs\/(?:.*\/)?(?:CloudTrail(?:-Digest|-Insight)?|Config|GuardDuty|vpcflowlogs|vpcdnsquerylogs)\//i;
const isEvidenceObject = ({ event }: Act): boolean =>
  [text(request(event), 'key'), ...list(request(event), 'delete', 'objects').map((one) => text(one, 'key'))].some(
    (key) => key !== undefined && evidenceKey.test(key),
  );
/** Which objects are deleted together, most records do not tell. */
const areEvidence = (act: Act): boolean =>
  isEvidenceObject(act) || (isEvidenceBucket(act) && list(request(act.event), 'delete', 'objects').length === 0);
const keptForDays = ({ event }: Act): boolean => (number(request(event), 'retentionInDays') ?? soonDays) < soonDays;
const isUnversioned = (act: Act): boolean =>
  isEvidenceBucket(act) && text(request(act.event, 'VersioningConfiguration'), 'Status')?.toLowerCase() === 'suspended';

/** Nothing stands in the status of a bucket that writes no log of its readers. */
const logsNoReaders = ({ event }: Act): boolean => {
  const status = at(request(event), 'BucketLoggingStatus');
  return status !== undefined && at(status, 'LoggingEnabled') === undefined && at(status, 'TargetBucket') === undefined;
};

const cluster = (act: Act): Subject => named(act, 'eks', 'cluster/', text(request(act.event), 'name'));
/** A request that sets some sorts of log and leaves others off is a set-up; one that only switches off is not. */
const silencesCluster = ({ event }: Act): boolean => {
  const sets = list(request(event, 'logging'), 'clusterLogging');
  return (
    sets.some((one) => flag(one, 'enabled') === false && list(one, 'types').some((type) => type === 'audit' || type === 'api')) &&
    !sets.some((one) => flag(one, 'enabled') === true && list(one, 'types').length > 0)
  );
};

const lake = (act: Act): Subject => named(act, 'securitylake', 'data-lake/', 'default');
const modelLog = (act: Act): Subject => named(act, 'bedrock', '', 'model-invocation-logging');
/** Neither of the two places to which calls of models can be written. */
const logsNoModels = ({ event }: Act): boolean => {
  const config = fields(request(event, 'loggingConfig'));
  return config !== undefined && at(config, 'cloudWatchConfig') === undefined && at(config, 's3Config') === undefined;
};

export const evidence: Table = {
  'logs:DeleteLogGroup': perhapsWeakened('audit log', 'a group of logs deleted', logGroup, isEvidence),
  'logs:DeleteLogStream': perhapsWeakened('audit log', 'a stream of logs deleted', logGroup, isEvidence),
  'logs:PutRetentionPolicy': perhapsWeakened('audit log', 'kept for days only', logGroup, (act) => isEvidence(act) && keptForDays(act)),
  'logs:DeleteSubscriptionFilter': perhapsWeakened('audit log', 'no longer passed on', logGroup, isEvidence),
  // Alarms on what stands in the audit log count with such filters.
  'logs:DeleteMetricFilter': perhapsWeakened('alarm', 'what it counts is no longer counted', logGroup, isEvidence),
  's3:DeleteObject': perhapsWeakened('audit log', 'a part of it deleted', bucket, isEvidenceObject),
  's3:DeleteObjects': perhapsWeakened('audit log', 'parts of it deleted', bucket, areEvidence),
  's3:PutBucketLifecycle': perhapsWeakened('audit log', 'kept for days only', bucket, forgetsSoon),
  's3:PutBucketLifecycleConfiguration': perhapsWeakened('audit log', 'kept for days only', bucket, forgetsSoon),
  's3:DeleteBucket': perhapsWeakened('audit log', 'its bucket deleted', bucket, isEvidenceBucket),
  's3:PutBucketVersioning': perhapsWeakened('audit log', 'what is overwritten in it is no longer kept', bucket, isUnversioned),
  // Without it CloudTrail may no longer write there.
  's3:DeleteBucketPolicy': perhapsWeakened('audit log', 'the policy of its bucket deleted', bucket, isEvidenceBucket),
  's3:PutBucketLogging': perhapsWeakened('alarm', 'a bucket no longer logs who reads it', bucket, logsNoReaders),
  'eks:UpdateClusterConfig': perhapsWeakened('audit log', 'of a cluster switched off', cluster, silencesCluster),
  'securitylake:DeleteDataLake': perhapsWeakened('audit log', 'Security Lake switched off', lake),
  'securitylake:DeleteAwsLogSource': perhapsWeakened('audit log', 'Security Lake no longer collects a sort of log', lake),
  'securitylake:DeleteSubscriber': perhapsWeakened('audit log', 'Security Lake no longer passed on', lake),
  'bedrock:DeleteModelInvocationLoggingConfiguration': weakened('audit log', 'calls of models are no longer logged', modelLog),
  'bedrock:PutModelInvocationLoggingConfiguration': perhapsWeakened(
    'audit log',
    'calls of models are written nowhere',
    modelLog,
    logsNoModels,
  ),
};
