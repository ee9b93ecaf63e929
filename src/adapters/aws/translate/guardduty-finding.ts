/** A GuardDuty finding, as its API or EventBridge tells it. Pure. */
import type { Of, Place, Severity, Subject, Time } from '../../../checks/observation.ts';
import { accountScope, iamSubject, instanceSubject, keySubject, partitionOf, principalSubject } from './names.ts';
import { at, list, number, text } from './reading.ts';
import { timeOf } from './time.ts';

export type Heard = { heard: Time; by: string; place: Place };

/**
 * One alert per finding and time of its last update, the same by both paths: a finding that goes on is told again. Fields are read in
 * either case. Undefined for what is not a finding. Sample findings say so, and are *info*. The text may hold what an attacker chose.
 */
export function guardDutyFinding(finding: unknown, { heard, by, place: where }: Heard): Of<'provider.alerted'> | undefined {
  const id = text(finding, 'id');
  const type = text(finding, 'type');
  if (id === undefined || type === undefined) return undefined;
  const account = text(finding, 'accountId');
  const place: Place = {
    scope: account !== undefined ? accountScope(account) : where.scope,
    region: text(finding, 'region') ?? where.region,
  };
  const updated = timeOf(text(finding, 'updatedAt')) ?? timeOf(text(finding, 'createdAt')) ?? heard;
  const sample = isSample(finding);
  const title = text(finding, 'title') ?? type;
  const count = number(finding, 'service', 'count');
  return {
    kind: 'provider.alerted',
    id: `guardduty/${id}@${updated}`,
    at: updated,
    heard,
    by,
    place,
    evidence: [id],
    rule: type.slice(0, 256),
    severity: sample ? 'info' : severityOf(number(finding, 'severity') ?? 0),
    summary: `${title}${count !== undefined && count > 1 ? ` (${count} times)` : ''}`.slice(0, 500),
    about: aboutOf(type),
    subjects: subjectsOf(finding, place),
    ...(sample ? { sample: true } : {}),
  };
}

/** GuardDuty user guide, "Severity levels": critical from 9, high from 7, medium from 4. */
const severityOf = (severity: number): Severity => (severity >= 9 ? 'critical' : severity >= 7 ? 'high' : severity >= 4 ? 'medium' : 'low');

/** From EventBridge it is a field, from the API a field inside of text; samples' titles begin with it as well. */
function isSample(finding: unknown): boolean {
  const more = at(finding, 'service', 'additionalInfo');
  if (at(more, 'sample') === true || text(more, 'sample') === 'true') return true;
  return (
    /"sample"\s*:\s*true/.test((text(more, 'value') ?? '').slice(0, 2_000)) || (text(finding, 'title')?.startsWith('[SAMPLE]') ?? false)
  );
}

function aboutOf(type: string): Of<'provider.alerted'>['about'] {
  if (/CryptoCurrency|Bitcoin|CryptoMiner/i.test(type)) return 'mining';
  if (/InstanceCredentialExfiltration|CompromisedCredentials/.test(type)) return 'leak';
  if (/^AttackSequence|:IAMUser\/|^Stealth:|^Backdoor:|^Trojan:|^PrivilegeEscalation:|^Execution:|^DefenseEvasion:/.test(type))
    return 'takeover';
  return /^Policy:/.test(type) ? 'access' : 'other';
}

const mostSubjects = 50;

/** Whom and what it is about: the key, its owner, the machine, container, cluster or function; of a sequence all it names. */
function subjectsOf(finding: unknown, place: Place): Subject[] {
  const resource = at(finding, 'resource');
  const instance = text(resource, 'instanceDetails', 'instanceId');
  const arns = [
    text(resource, 'lambdaDetails', 'functionArn'),
    text(resource, 'ecsClusterDetails', 'taskDetails', 'arn'),
    text(resource, 'ecsClusterDetails', 'arn'),
    text(resource, 'eksClusterDetails', 'arn'),
  ].flatMap((arn) => arn ?? []);
  const sequence = at(finding, 'service', 'detection', 'sequence');
  const told: Subject[] = [
    ...credentialOf(at(resource, 'accessKeyDetails'), place),
    ...(instance !== undefined ? [instanceSubject(place, instance)] : []),
    ...arns.map((arn): Subject => `resource:${arn}`),
    ...list(sequence, 'actors').flatMap((actor) => {
      const key = keySubject(text(actor, 'user', 'credentialUid') ?? '');
      const arn = text(actor, 'user', 'uid');
      return [...(key ? Object.values(key) : []), ...(arn?.startsWith('arn:') ? [principalSubject(arn)] : [])];
    }),
    ...list(sequence, 'resources').flatMap((one) => named(text(one, 'uid') ?? text(one, 'name'), place)),
  ];
  return [...new Set(told)].slice(0, mostSubjects);
}

function credentialOf(details: unknown, place: Place): Subject[] {
  const id = text(details, 'accessKeyId');
  const key = id !== undefined ? keySubject(id) : undefined;
  const name = text(details, 'userName');
  const type = text(details, 'userType');
  const owner: Subject | undefined =
    type === 'Root'
      ? `principal:arn:${partitionOf(place.region)}:iam::${place.scope.id}:root`
      : name === undefined
        ? undefined
        : type === 'AssumedRole' || type === 'Role'
          ? iamSubject(place, 'role', name)
          : type === 'IAMUser'
            ? iamSubject(place, 'user', name)
            : undefined;
  return [...(key ? Object.values(key) : []), ...(owner !== undefined ? [owner] : [])];
}

function named(uid: string | undefined, place: Place): Subject[] {
  if (uid === undefined) return [];
  if (/^i-[0-9a-f]{8,17}$/.test(uid)) return [instanceSubject(place, uid)];
  const key = keySubject(uid);
  if (key) return Object.values(key);
  if (!uid.startsWith('arn:')) return [];
  return [/:iam::\d*:(?:user|role|root)/.test(uid) ? principalSubject(uid) : `resource:${uid}`];
}
