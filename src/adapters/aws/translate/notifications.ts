/** What EventBridge sends: one envelope, as the queue delivers it, into observations. */
import type { Observation, Of, Place, Subject, Time } from '../../../checks/observation.ts';
import { type TranslateOptions, translateCloudTrail } from './cloudtrail.ts';
import { guardDutyFinding, type Heard } from './guardduty-finding.ts';
import { healthEvent } from './health-event.ts';
import {
  accountScope,
  ecsTaskSubject,
  functionSubject,
  instanceSubject,
  principalSubject,
  resourceSubject,
  spotRequestSubject,
} from './names.ts';
import { at, fields, flag, number, text } from './reading.ts';
import { scrubEvent } from './scrub.ts';
import { timeOf } from './time.ts';

export type Notification = {
  observations: Observation[];
  /** The record behind them without its secrets, made when asked for. */
  readonly raw: unknown;
  /**
   * Something started or changed there: look at that region's inventory at once. It is no observation of its own, since it tells neither
   * size nor launch time, and would count a machine twice that the inventory knows by both.
   */
  hint?: { region: string; resource: Subject; service: 'EC2' | 'ECS' };
  /** In plain words, why nothing could be made of it. */
  problem?: string;
};

/**
 * One EventBridge event. Records of CloudTrail get the ids they have by every other path, alerts those they have by the provider's API, so
 * that what comes twice counts once. Unknown kinds are a `problem`. Never throws.
 */
export function translateNotification(envelope: unknown, options: TranslateOptions): Notification {
  const kind = text(envelope, 'detail-type');
  const detail = at(envelope, 'detail');
  if (kind === undefined || !fields(detail)) return made(envelope, { problem: 'a message that is no event of EventBridge' });
  const translate = kinds.get(kind);
  if (!translate) return made(envelope, { problem: `an event of a kind nobody asked for: ${kind.slice(0, 100)}` });
  return translate({ envelope, detail, options, ...placed(envelope, options) });
}

type Arrived = { envelope: unknown; detail: unknown; options: TranslateOptions; place: Place; when: Time };

function placed(envelope: unknown, { heard }: TranslateOptions): { place: Place; when: Time } {
  const region = text(envelope, 'region');
  return {
    place: {
      scope: accountScope(text(envelope, 'account') ?? 'unknown'),
      region: region === undefined || region === '' ? 'global' : region,
    },
    when: timeOf(at(envelope, 'time')) ?? heard ?? '1970-01-01T00:00:00.000Z',
  };
}
const heardOf = ({ options, when, place }: Arrived): Heard => ({ heard: options.heard ?? when, by: options.by, place });

/** Every path of the record: `detail` is what LookupEvents would bring some minutes later. */
const recorded = ({ detail, options }: Arrived): Notification => translateCloudTrail(detail, options);

const kinds: ReadonlyMap<string, (arrived: Arrived) => Notification> = new Map([
  ['AWS API Call via CloudTrail', recorded],
  ['AWS Console Sign In via CloudTrail', recorded],
  ['AWS Console Action via CloudTrail', recorded],
  ['AWS Service Event via CloudTrail', recorded],
  ['AWS Insight via CloudTrail', recorded],

  [
    'EC2 Instance State-change Notification',
    ({ envelope, detail, place }) => {
      const id = text(detail, 'instance-id');
      return id === undefined
        ? made(envelope, { problem: 'a change of state without an instance' })
        : made(envelope, { hint: { region: place.region, resource: instanceSubject(place, id), service: 'EC2' } });
    },
  ],
  [
    'EC2 Spot Instance Request Fulfillment',
    ({ envelope, detail, place }) => {
      const instance = text(detail, 'instance-id');
      const request = text(detail, 'spot-instance-request-id');
      const resource =
        instance !== undefined ? instanceSubject(place, instance) : request !== undefined ? spotRequestSubject(place, request) : undefined;
      return resource === undefined
        ? made(envelope, { problem: 'a fulfilled Spot request that names nothing' })
        : made(envelope, { hint: { region: place.region, resource, service: 'EC2' } });
    },
  ],
  [
    'ECS Task State Change',
    ({ envelope, detail, place }) => {
      const task = text(detail, 'taskArn');
      return task === undefined
        ? made(envelope, { problem: 'a change of state without a task' })
        : made(envelope, {
            hint: { region: place.region, resource: ecsTaskSubject(place, text(detail, 'clusterArn'), task), service: 'ECS' },
          });
    },
  ],

  [
    'GuardDuty Finding',
    (arrived) => alert(arrived, guardDutyFinding(arrived.detail, heardOf(arrived)), 'a finding without an id or a type'),
  ],
  ['AWS Health Event', health],
  ['AWS Health Abuse Event', health],
  ['Access Analyzer Finding', (arrived) => alert(arrived, openDoor(arrived))],
  ['Anomaly Detected', (arrived) => alert(arrived, costAnomaly(arrived), 'a cost anomaly without an id')],
]);

/** Health also tells of its services' own troubles, which are nobody's attack. */
function health(arrived: Arrived): Notification {
  return alert(arrived, healthEvent(arrived.detail, heardOf(arrived)));
}

function alert({ envelope }: Arrived, observation: Observation | undefined, problem?: string): Notification {
  return made(envelope, observation ? { observations: [observation] } : problem !== undefined ? { problem } : {});
}

/** An active finding for somebody from outside; with the id the analyzer's own list gives it. */
function openDoor(arrived: Arrived): Of<'trust.opened'> | undefined {
  const { detail, place, when, options } = arrived;
  const id = text(detail, 'id');
  const arn = text(detail, 'resource');
  if (id === undefined || arn === undefined || text(detail, 'status') !== 'ACTIVE' || flag(detail, 'isDeleted') === true) return undefined;
  const type = text(detail, 'resourceType');
  const isRole = type === 'AWS::IAM::Role';
  const isPublic = flag(detail, 'isPublic') === true;
  return {
    kind: 'trust.opened',
    id: `aws/access-analyzer/${place.region}/${id}`,
    at: timeOf(text(detail, 'createdAt')) ?? when,
    heard: options.heard ?? when,
    by: options.by,
    place: isRole ? { scope: place.scope, region: 'global' } : place,
    evidence: [id],
    resource: isRole
      ? `resource:${principalSubject(arn).slice('principal:'.length)}`
      : type === 'AWS::Lambda::Function'
        ? functionSubject(place, arn)
        : resourceSubject(place, 'access-analyzer', arn),
    to: outsider(at(detail, 'principal'), isPublic),
    unconditional: isPublic || Object.keys(fields(at(detail, 'condition')) ?? {}).length === 0,
    door: isRole ? 'role' : type === 'AWS::Lambda::Function' || type === 'AWS::Lambda::LayerVersion' ? 'function' : 'data',
  };
}

/** `{ AWS: '*' }`, `{ AWS: '111122223333' }`, `{ Federated: 'accounts.google.com' }` */
function outsider(principal: unknown, isPublic: boolean): string {
  const [name] = Object.values(fields(principal) ?? {});
  if (isPublic || typeof name !== 'string' || name === '*') return '*';
  const account = /^(?:arn:[\w-]+:(?:iam|sts)::)?(\d{12})(?::|$)/.exec(name)?.[1];
  const provider = /^arn:[\w-]+:iam::\d{12}:(?:oidc|saml)-provider\/(.+)$/.exec(name)?.[1];
  return (provider ?? account ?? name).slice(0, 256);
}

/** Below this a rise is told and wakes nobody (USD, or the payer's currency: AWS does not say which). */
const smallImpact = 20;

function costAnomaly(arrived: Arrived): Of<'provider.alerted'> | undefined {
  const { detail, place, when, options } = arrived;
  const id = text(detail, 'anomalyId');
  if (id === undefined) return undefined;
  const impact = number(detail, 'impact', 'totalImpact') ?? number(detail, 'impact', 'maxImpact') ?? 0;
  const since = timeOf(text(detail, 'anomalyStartDate')) ?? when;
  const about = text(detail, 'dimensionValue');
  return {
    kind: 'provider.alerted',
    id: `aws/cost-anomalies/${place.scope.id}/${id}`,
    at: since,
    heard: options.heard ?? when,
    by: options.by,
    place: { scope: place.scope, region: 'global' },
    evidence: [id],
    rule: id,
    severity: impact < smallImpact ? 'low' : 'medium',
    summary:
      `AWS's cost watch: ${impact.toFixed(2)} more than usual since ${since.slice(0, 10)}${about !== undefined ? ` (${about})` : ''}`.slice(
        0,
        500,
      ),
    about: 'money',
    subjects: [`scope:${place.scope.id}`],
  };
}

function made(envelope: unknown, said: Partial<Pick<Notification, 'observations' | 'hint' | 'problem'>>): Notification {
  let scrubbed: unknown;
  return {
    observations: [],
    ...said,
    get raw() {
      scrubbed ??= scrubEvent(envelope);
      return scrubbed;
    },
  };
}
