/** Budgets, cost alarms and bills: muted, or looked at. And what binds money: reservations, plans, subscriptions, models. */
import type { Money, Subject } from '../../../../checks/observation.ts';
import { isUnsaidByHand } from '../by-hand.ts';
import {
  type Act,
  acted,
  answer,
  done,
  looked,
  type Meaning,
  named,
  perhapsWeakened,
  request,
  type Table,
  tried,
  weakened,
} from '../meaning.ts';
import { at, flag, list, number, text } from '../reading.ts';
import { launch } from '../starting.ts';

const budget = (act: Act): Subject =>
  named(act, 'budgets', 'budget/', text(request(act.event), 'budgetName') ?? text(request(act.event), 'budget', 'budgetName'));
const monitor = (act: Act): Subject =>
  named(act, 'ce', 'anomaly/', text(request(act.event), 'monitorArn') ?? text(request(act.event), 'subscriptionArn'));
const alarms = (act: Act): Subject[] => {
  const names = list(request(act.event), 'alarmNames').filter((one): one is string => typeof one === 'string');
  return names.length > 0
    ? names.slice(0, 100).map((name) => named(act, 'cloudwatch', 'alarm:', name))
    : [named(act, 'cloudwatch', 'alarm:', undefined)];
};
/** A change may take recipients away or raise the threshold; the record holds what is so afterwards, not what was before. */
const perhaps = (how: string, resource: (act: Act) => Subject): Meaning =>
  tried((act) => [{ kind: 'guard.weakened', guard: 'budget', resource: resource(act), how, perhaps: true }]);

/** What may be spent on text messages in a month is a limit of one's own as well as the provider's. */
function spendLimit(really: (act: Act) => boolean = () => true): Meaning {
  return perhapsWeakened(
    'budget',
    'another monthly limit for messages, perhaps a higher one',
    (act) => named(act, 'sns', '', 'monthly-spend-limit'),
    really,
  );
}

function sendingAgain(field: string): Meaning {
  return perhapsWeakened(
    'budget',
    'mail may be sent again',
    (act) => named(act, 'ses', '', 'sending'),
    ({ event }) => flag(request(event), field) === true,
  );
}

export const moneyAlarms: Table = {
  'budgets:DeleteBudget': weakened('budget', 'deleted', budget),
  'budgets:DeleteBudgetAction': weakened('budget', 'action deleted', budget),
  'budgets:DeleteNotification': weakened('budget', 'notification deleted', budget),
  'budgets:DeleteSubscriber': weakened('budget', 'subscriber deleted', budget),
  'budgets:UpdateBudget': perhaps('perhaps raised', budget),
  'budgets:UpdateNotification': perhaps('perhaps notified later', budget),
  'budgets:UpdateSubscriber': perhaps('perhaps told to somebody else', budget),
  'ce:DeleteAnomalyMonitor': weakened('budget', 'cost monitor deleted', monitor),
  'ce:DeleteAnomalySubscription': weakened('budget', 'cost alert deleted', monitor),
  'ce:UpdateAnomalySubscription': perhaps('cost alert perhaps told to somebody else, or later', monitor),
  'ce:GetCostAndUsage': looked('bills'),
  'ce:GetCostForecast': looked('bills'),
  'ce:GetAnomalyMonitors': looked('guards'),
  'budgets:ViewBudget': looked('guards'),
  'budgets:DescribeBudgets': looked('guards'),
  'sns:SetSMSAttributes': spendLimit(({ event }) => at(request(event), 'attributes', 'MonthlySpendLimit') !== undefined),
  // It is stopped when too many complain; whoever sends to strangers begins it again.
  'ses:UpdateAccountSendingEnabled': sendingAgain('enabled'),
  'ses:PutAccountSendingAttributes': sendingAgain('sendingEnabled'),
  'sms-voice:SetTextMessageSpendLimitOverride': spendLimit(),
  'sms-voice:SetVoiceMessageSpendLimitOverride': spendLimit(),
  'cloudwatch:DeleteAlarms': weakened('alarm', 'deleted', alarms),
  'cloudwatch:DisableAlarmActions': weakened('alarm', 'silenced', alarms),
  'cloudwatch:PutAlarmMuteRule': weakened('alarm', 'silenced', alarms),
  // Nobody but a program tries what an alarm does by saying that all is well.
  'cloudwatch:SetAlarmState': weakened(
    'alarm',
    'told that all is well',
    (act) => named(act, 'cloudwatch', 'alarm:', text(request(act.event), 'alarmName')),
    ({ event }) => text(request(event), 'stateValue')?.toUpperCase() === 'OK',
  ),
  'cloudwatch:PutMetricAlarm': weakened(
    'alarm',
    'silenced',
    (act) => named(act, 'cloudwatch', 'alarm:', text(request(act.event), 'alarmName')),
    ({ event }) => flag(request(event), 'actionsEnabled') === false,
  ),
};

const usd = (amount: number | undefined): { once?: Money } =>
  amount !== undefined && amount > 0 ? { once: { amount, currency: 'USD', usd: amount } } : {};
/** A slip of the pen binds nothing; what was refused to somebody was meant. */
const bought =
  (what: string, once: (event: unknown) => number | undefined = () => undefined): Meaning =>
  (act) =>
    act.error && !isUnsaidByHand(act) ? acted(act) : [{ kind: 'commitment.bought', what, ...usd(once(act.event)) }];

export const purchases: Table = {
  'savingsplans:CreateSavingsPlan': bought('a savings plan', (event) => number(request(event), 'upfrontPaymentAmount')),
  'rds:PurchaseReservedDBInstancesOffering': bought('reserved databases', (event) => number(answer(event), 'fixedPrice')),
  'redshift:PurchaseReservedNodeOffering': bought('reserved Redshift nodes', (event) => number(answer(event), 'fixedPrice')),
  'elasticache:PurchaseReservedCacheNodesOffering': bought('reserved cache nodes', (event) => number(answer(event), 'fixedPrice')),
  'es:PurchaseReservedInstanceOffering': bought('reserved search instances'),
  'agreement-marketplace:AcceptAgreementRequest': bought('a Marketplace subscription'),
  'aws-marketplace:AcceptAgreementRequest': bought('a Marketplace subscription'),
  'aws-marketplace:AcceptAgreementApprovalRequest': bought('a Marketplace subscription'),
  'aws-marketplace:Subscribe': bought('a Marketplace subscription'),
  'route53domains:RegisterDomain': bought('a domain'),
  'route53domains:TransferDomain': bought('a domain'),
};

const modelOf = ({ event }: Act): string =>
  (text(request(event), 'modelId') ?? text(request(event), 'modelIdentifier') ?? 'unknown').split('/').at(-1)!.slice(0, 256);
const called: Meaning = tried((act) => [{ kind: 'model.used', model: modelOf(act), how: 'call' }]);
const grantedModel: Meaning = done((act) => [{ kind: 'model.used', model: modelOf(act), how: 'grant' }]);

export const bedrock: Table = {
  'bedrock:InvokeModel': called,
  'bedrock:InvokeModelWithResponseStream': called,
  'bedrock:InvokeModelWithBidirectionalStream': called,
  'bedrock:Converse': called,
  'bedrock:ConverseStream': called,
  'bedrock:PutFoundationModelEntitlement': grantedModel,
  'bedrock:CreateFoundationModelAgreement': grantedModel,
  'bedrock:PutUseCaseForModelAccess': grantedModel,
  'bedrock:CreateModelInvocationJob': launch('Bedrock', 'a batch of model calls', () => ({ resources: [], count: 1 })),
  'bedrock:CreateProvisionedModelThroughput': launch('Bedrock', 'a model kept ready', ({ event }) => ({
    resources: [],
    count: Math.max(1, number(request(event), 'modelUnits') ?? 1),
  })),
};
