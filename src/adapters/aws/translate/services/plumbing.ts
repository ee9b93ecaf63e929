/** EventBridge, Scheduler, Systems Manager, SQS, SNS: what runs again and again, and the paths by which the bot hears. */
import type { Place, Subject } from '../../../../checks/observation.ts';
import { isUnsaidByHand } from '../by-hand.ts';
import { markersIn } from '../markers.ts';
import {
  type Act,
  acted,
  answer,
  done,
  type Meaning,
  named,
  oursOr,
  perhapsWeakened,
  refusedOn,
  request,
  type Table,
  wordsOf,
} from '../meaning.ts';
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

/** Topics by which people are told of alarms, by their names: such a name may raise a suspicion, never lower one. */
const alarmName = /alarm|alert|billing|budget|cost|security|guard-?duty|incident|root/i;
const unread = (how: string): Meaning =>
  perhapsWeakened('alarm', how, topic, (act) => topic(act).some((one) => alarmName.test(one.slice(one.lastIndexOf(':') + 1))));
const notification = (act: Act): Subject =>
  named(
    act,
    'notifications',
    'configuration/',
    text(request(act.event), 'arn') ?? text(request(act.event), 'notificationConfigurationArn'),
  );

/** What machines that run are told to do besides; AWS blanks most of it, copies of records less. Anything else somebody tells them is work. */
const toldToMine = (what: string, service: string, kind: string, name: string): Meaning =>
  done((act) => {
    const markers = markersIn(wordsOf(request(act.event)));
    const resource = named(act, service, kind, text(request(act.event), name));
    return markers.length === 0 ? [] : [{ kind: 'workload.defined', resource, what, markers }];
  });

export const plumbing: Table = {
  'events:PutRule': (act) => putRule(act),
  'events:DisableRule': oursOr('a rule was switched off', rule, unheard('a rule of EventBridge switched off')),
  'events:DeleteRule': oursOr('a rule was deleted', rule, unheard('a rule of EventBridge deleted')),
  'events:PutTargets': oursOr('a rule was perhaps sent elsewhere', rule, acted, { perhaps: true }),
  'events:RemoveTargets': oursOr('a rule leads nowhere', rule),
  'scheduler:CreateSchedule': repeats('a schedule', schedule),
  'scheduler:UpdateSchedule': repeats('a schedule', schedule),
  'ssm:SendCommand': toldToMine('a command of Systems Manager', 'ssm', 'document/', 'documentName'),
  'ssm:StartSession': toldToMine('a session of Systems Manager', 'ssm', 'document/', 'documentName'),
  'ssm:CreateDocument': toldToMine('a document of Systems Manager', 'ssm', 'document/', 'name'),
  'ssm:UpdateDocument': toldToMine('a document of Systems Manager', 'ssm', 'document/', 'name'),
  'ecs:ExecuteCommand': toldToMine('a command in a container', 'ecs', 'task/', 'task'),
  'ssm:CreateAssociation': repeats('an association of Systems Manager', association),
  'ssm:UpdateAssociation': repeats('an association of Systems Manager', association),
  'sqs:SetQueueAttributes': oursOr('its queue was changed', queue),
  'sqs:AddPermission': oursOr('its queue was opened', queue),
  'sqs:RemovePermission': oursOr('its queue was closed', queue),
  'sqs:PurgeQueue': oursOr('its queue was emptied', queue),
  'sqs:DeleteQueue': oursOr('its queue was deleted', queue),
  'sns:Unsubscribe': oursOr('its subscription was ended', topic, unread('somebody is no longer told')),
  'sns:DeleteTopic': oursOr('its topic was deleted', topic, unread('a topic deleted')),
  'notifications:DeleteNotificationConfiguration': perhapsWeakened('alarm', 'notifications deleted', notification),
  'notifications:DisassociateChannel': perhapsWeakened('alarm', 'notifications are no longer sent', notification),
  'sns:SetTopicAttributes': oursOr('its topic was changed', topic),
  'sns:SetSubscriptionAttributes': oursOr('its subscription was changed', topic),
};
