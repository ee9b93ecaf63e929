/** EventBridge, Scheduler, Systems Manager, SQS, SNS: what runs again and again, and the paths by which the bot hears. */
import type { Place, Subject } from '../../../../checks/observation.ts';
import { isUnsaidByHand } from '../by-hand.ts';
import { type Act, acted, answer, done, type Meaning, named, oursOr, perhapsWeakened, refusedOn, request, type Table } from '../meaning.ts';
import { resourceSubject } from '../names.ts';
import { text } from '../reading.ts';

/** Rules of a bus other than the account's own have it in their ARN. */
const rule = (act: Act): Subject[] => {
  const name =
    text(answer(act.event), 'ruleArn') ??
    text(request(act.event), 'name') ??
    text(request(act.event), 'rule') ??
    (isUnsaidByHand(act) ? (refusedOn(act) ?? 'unknown') : undefined);
  const bus = text(request(act.event), 'eventBusName')?.split('/').at(-1);
  return name === undefined ? [] : [named(act, 'events', bus !== undefined && bus !== 'default' ? `rule/${bus}/` : 'rule/', name)];
};
/** `https://sqs.region.amazonaws.com/account/name` */
const queue = ({ event, place }: Act): Subject[] => {
  const url = text(request(event), 'queueUrl');
  const name = url?.split('/').at(-1) ?? text(request(event), 'queueName');
  return name === undefined ? [] : [resourceSubject(place, 'sqs', name)];
};
/** A subscription's ARN begins with its topic's. */
const topic = ({ event, place }: Act): Subject[] => {
  const arn = text(request(event), 'topicArn') ?? text(request(event), 'subscriptionArn')?.split(':').slice(0, 6).join(':');
  return arn === undefined ? [] : [resourceSubject(place, 'sns', arn)];
};

const repeats = (what: string, things: (act: Act) => Subject[]) =>
  done((act) => things(act).map((resource) => ({ kind: 'schedule.set' as const, resource, what })));
const schedule = ({ event, place }: Act): Subject[] => {
  const name = text(answer(event), 'scheduleArn') ?? text(request(event), 'name');
  return name === undefined ? [] : [inGroup(place, name, text(request(event), 'groupName') ?? 'default')];
};
const inGroup = (place: Place, name: string, group: string): Subject =>
  resourceSubject(place, 'scheduler', name.startsWith('arn:') ? name : `schedule/${group}/${name}`);
const association = ({ event, place }: Act): Subject[] => {
  const id =
    text(answer(event), 'associationDescription', 'associationId') ?? text(request(event), 'associationId') ?? text(request(event), 'name');
  return id === undefined ? [] : [resourceSubject(place, 'ssm', `association/${id}`)];
};

const ownRule = (how: string, options?: { perhaps: boolean }) => oursOr(how, rule, repeats('a rule of EventBridge', rule), options);
const ruleSwitchedOff = ownRule('a rule was switched off');
const ruleWritten = ownRule('a rule was written anew', { perhaps: true });
const putRule: Meaning = (act) => (text(request(act.event), 'state')?.toUpperCase() === 'DISABLED' ? ruleSwitchedOff : ruleWritten)(act);

/** Alarms and guards speak through such rules, and much else does: the record does not tell which it was. */
const unheard = (how: string): Meaning => perhapsWeakened('alarm', how, rule);

export const plumbing: Table = {
  'events:PutRule': (act) => putRule(act),
  'events:DisableRule': oursOr('a rule was switched off', rule, unheard('a rule of EventBridge switched off')),
  'events:DeleteRule': oursOr('a rule was deleted', rule, unheard('a rule of EventBridge deleted')),
  'events:PutTargets': oursOr('a rule was perhaps sent elsewhere', rule, acted, { perhaps: true }),
  'events:RemoveTargets': oursOr('a rule leads nowhere', rule),
  'scheduler:CreateSchedule': repeats('a schedule', schedule),
  'scheduler:UpdateSchedule': repeats('a schedule', schedule),
  'ssm:CreateAssociation': repeats('an association of Systems Manager', association),
  'ssm:UpdateAssociation': repeats('an association of Systems Manager', association),
  'sqs:SetQueueAttributes': oursOr('its queue was changed', queue),
  'sqs:AddPermission': oursOr('its queue was opened', queue),
  'sqs:RemovePermission': oursOr('its queue was closed', queue),
  'sqs:PurgeQueue': oursOr('its queue was emptied', queue),
  'sqs:DeleteQueue': oursOr('its queue was deleted', queue),
  'sns:Unsubscribe': oursOr('its subscription was ended', topic),
  'sns:DeleteTopic': oursOr('its topic was deleted', topic),
  'sns:SetTopicAttributes': oursOr('its topic was changed', topic),
  'sns:SetSubscriptionAttributes': oursOr('its subscription was changed', topic),
};
