/** CloudTrail: is the account's log stopped, deleted or narrowed? */
import type { Subject } from '../../../../checks/observation.ts';
import { isUnsaid } from '../by-hand.ts';
import { type Act, actedAnd, looked, type Meaning, named, perhapsWeakened, request, type Table, tried, weakened } from '../meaning.ts';
import { at, flag, list, number, text } from '../reading.ts';

/** The first of several that is so; `perhaps` when the record alone does not tell whether anything was lost. */
const weakenedLog = (ways: { how: string; really: (act: Act) => boolean; perhaps?: true }[]): Meaning =>
  tried((act) => {
    const way = ways.find(({ really }) => really(act)) ?? (isUnsaid(act) ? { how: 'changed', perhaps: true as const } : undefined);
    return way
      ? [{ kind: 'guard.weakened', guard: 'audit log', resource: trail(act), how: way.how, ...(way.perhaps ? { perhaps: true } : {}) }]
      : [];
  });

const trail = (act: Act): Subject =>
  named(
    act,
    'cloudtrail',
    'trail/',
    text(request(act.event), 'name') ?? text(request(act.event), 'trailName') ?? text(request(act.event), 'eventDataStore'),
  );

const narrowsTrail = ({ event }: Act): boolean =>
  ['isMultiRegionTrail', 'includeGlobalServiceEvents'].some((name) => flag(request(event), name) === false);
/** Tools that keep a trail as it is written down somewhere send these along, unchanged. */
const loosensTrail = ({ event }: Act): boolean =>
  ['isOrganizationTrail', 'enableLogFileValidation'].some((name) => flag(request(event), name) === false);

/** Whoever changes anything about a trail may send its bucket along, unchanged. */
const namesAnotherPlace = ({ event }: Act): boolean =>
  ['s3BucketName', 'kmsKeyId', 'cloudWatchLogsLogGroupArn'].some((name) => at(request(event), name) !== undefined);

/** What a trail keeps of management events after this call; undefined when the call says nothing about it. */
function keptBySelectors({ event }: Act): 'all' | 'writes' | 'less' | undefined {
  const simple = list(request(event), 'eventSelectors');
  const advanced = list(request(event), 'advancedEventSelectors');
  if (simple.length + advanced.length === 0) return undefined;
  const kept = [...simple.map(keptBySelector), ...advanced.map(keptByAdvanced)];
  return kept.includes('all') ? 'all' : kept.includes('writes') ? 'writes' : 'less';
}

function keptBySelector(one: unknown): 'all' | 'writes' | 'less' {
  if (flag(one, 'includeManagementEvents') === false) return 'less';
  const reads = (text(one, 'readWriteType') ?? 'All').toLowerCase();
  return reads === 'all' ? 'all' : reads === 'writeonly' ? 'writes' : 'less';
}

/** The console offers to leave out the calls of these two, for their number (CloudTrail user guide, "Logging management events"). */
const busySources = new Set(['kms.amazonaws.com', 'rdsdata.amazonaws.com']);

function keptByAdvanced(one: unknown): 'all' | 'writes' | 'less' {
  const conditions = list(one, 'fieldSelectors');
  if (!conditions.some((each) => text(each, 'field') === 'eventCategory' && list(each, 'equals').includes('Management'))) return 'less';
  let kept: 'all' | 'writes' = 'all';
  for (const condition of conditions) {
    const field = text(condition, 'field');
    if (field === 'eventCategory') continue;
    if (field === 'readOnly' && list(condition, 'equals').every((each) => String(each).toLowerCase() === 'false')) kept = 'writes';
    else if (field !== 'eventSource' || at(condition, 'equals') !== undefined) return 'less';
    else if (!list(condition, 'notEquals').every((each) => busySources.has(String(each)))) return 'less';
  }
  return kept;
}

const noInsights = ({ event }: Act): boolean =>
  at(request(event), 'insightSelectors') !== undefined && list(request(event), 'insightSelectors').length === 0;
/** Fewer days than whoever comes to help needs to read what happened. */
const soonDays = 30;
const loosensStore = ({ event }: Act): boolean =>
  flag(request(event), 'multiRegionEnabled') === false ||
  flag(request(event), 'terminationProtectionEnabled') === false ||
  (number(request(event), 'retentionPeriod') ?? soonDays) < soonDays;

export const cloudTrail: Table = {
  'cloudtrail:StartLogging': actedAnd((act) => [{ kind: 'guard.started', guard: 'audit log', resource: trail(act) }]),
  'cloudtrail:StopLogging': weakened('audit log', 'stopped', trail),
  'cloudtrail:DeleteTrail': weakened('audit log', 'deleted', trail),
  'cloudtrail:UpdateTrail': weakenedLog([
    { how: 'narrowed', really: narrowsTrail },
    { how: 'perhaps kept for fewer accounts, or no longer checked for changes', really: loosensTrail, perhaps: true },
    { how: 'perhaps sent elsewhere: the request names a bucket, a key or a log group', really: namesAnotherPlace, perhaps: true },
  ]),
  'cloudtrail:PutEventSelectors': weakenedLog([
    { how: 'management events left out', really: (act) => keptBySelectors(act) === 'less' },
    { how: 'reading left out', really: (act) => keptBySelectors(act) === 'writes', perhaps: true },
  ]),
  'cloudtrail:PutInsightSelectors': perhapsWeakened('audit log', 'no longer looked through for the unusual', trail, noInsights),
  'cloudtrail:UpdateEventDataStore': perhapsWeakened('audit log', 'narrowed, or kept for days only', trail, loosensStore),
  'cloudtrail:DeregisterOrganizationDelegatedAdmin': perhapsWeakened('audit log', 'its administrator removed', trail),
  'cloudtrail:DeleteEventDataStore': weakened('audit log', 'deleted', trail),
  'cloudtrail:StopEventDataStoreIngestion': weakened('audit log', 'stopped', trail),
  'cloudtrail:DescribeTrails': looked('guards'),
  'cloudtrail:GetTrailStatus': looked('guards'),
  'cloudtrail:GetEventSelectors': looked('guards'),
  'cloudtrail:LookupEvents': looked('guards'),
};
