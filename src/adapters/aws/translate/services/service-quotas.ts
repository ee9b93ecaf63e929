/** Service Quotas and support cases: more is asked of AWS than it gives by default. */
import { answer, isUntold, looked, type Meaning, request, type Table, tried } from '../meaning.ts';
import { quotaOf } from '../quota.ts';
import { at, number, text } from '../reading.ts';

const asked: Meaning = (act) => {
  const { event, error } = act;
  if (isUntold(act)) return [{ kind: 'quota.asked', service: 'unknown', quota: 'unknown', of: 'compute', state: 'refused' }];
  const made = at(answer(event), 'requestedQuota') ?? at(answer(event), 'serviceQuotaIncreaseRequestInTemplate');
  const service = text(request(event), 'serviceCode') ?? text(made, 'serviceCode');
  const quota = text(made, 'quotaName') ?? text(request(event), 'quotaCode') ?? text(made, 'quotaCode');
  if (service === undefined || quota === undefined) return [];
  const wanted = number(request(event), 'desiredValue') ?? number(made, 'desiredValue');
  const id = text(made, 'id');
  const status = text(made, 'status')?.toUpperCase();
  return [
    {
      kind: 'quota.asked',
      // The list of requests tells of the same one.
      ...(id !== undefined ? { deed: `quota-request/${id}` } : {}),
      service,
      quota: quota.slice(0, 256),
      of: quotaOf(service, text(request(event), 'quotaCode'), text(made, 'quotaName')),
      ...(wanted !== undefined ? { wanted } : {}),
      state: error || status === 'DENIED' || status === 'INVALID_REQUEST' ? 'refused' : status === 'APPROVED' ? 'granted' : 'asked',
    },
  ];
};

export const serviceQuotas: Table = {
  'servicequotas:RequestServiceQuotaIncrease': tried(asked),
  'servicequotas:PutServiceQuotaIncreaseRequestIntoTemplate': tried(asked),
  'servicequotas:GetServiceQuota': looked('limits'),
  'servicequotas:GetAWSDefaultServiceQuota': looked('limits'),
  'servicequotas:ListServiceQuotas': looked('limits'),
  'servicequotas:ListAWSDefaultServiceQuotas': looked('limits'),
  'servicequotas:ListRequestedServiceQuotaChangeHistory': looked('limits'),
  'ses:GetSendQuota': looked('limits'),
  'ses:GetAccount': looked('limits'),
};

export const support: Table = {
  // Who may write to everybody, and how much, is asked of a person (SES developer guide, "Request production access").
  'ses:PutAccountDetails': tried(() => [{ kind: 'support.asked', about: 'limits' }]),
  'support:CreateCase': tried(({ event }) => {
    const about = ['serviceCode', 'categoryCode', 'issueType', 'subject'].map((name) => text(request(event), name) ?? '').join(' ');
    return [{ kind: 'support.asked', about: /limit|quota|increase/i.test(about) ? 'limits' : 'other' }];
  }),
};
