/** CloudTrail records as the service writes them, for the tests of the translation. */
import { loadPrices } from '../../../../src/adapters/aws/prices.ts';
import { type TranslateOptions, translateCloudTrail } from '../../../../src/adapters/aws/translate/cloudtrail.ts';
import type { Kind, Observation, Of } from '../../../../src/checks/observation.ts';

export const account = '123456789012';
const { shape } = loadPrices();

export const user = {
  type: 'IAMUser',
  principalId: 'AIDAEXAMPLE',
  arn: `arn:aws:iam::${account}:user/team/ada`,
  accountId: account,
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  userName: 'ada',
};
export const root = { type: 'Root', principalId: account, arn: `arn:aws:iam::${account}:root`, accountId: account };
export const role = {
  type: 'AssumedRole',
  principalId: 'AROAEXAMPLE:deploy-1',
  arn: `arn:aws:sts::${account}:assumed-role/ci-deploy/deploy-1`,
  accountId: account,
  accessKeyId: 'ASIAIOSFODNN7EXAMPLE',
  sessionContext: {
    attributes: { mfaAuthenticated: 'false' },
    sessionIssuer: { type: 'Role', arn: `arn:aws:iam::${account}:role/bots/ci-deploy`, accountId: account, userName: 'ci-deploy' },
  },
};

/** A record of `service:Call`, made by a user's key unless `more` says otherwise. */
export const record = (call: string, more: object = {}) => {
  const [service = '', name = ''] = call.split(':');
  return {
    eventVersion: '1.11',
    eventID: '11111111-2222-3333-4444-555555555555',
    eventName: name,
    eventSource: `${service}.amazonaws.com`,
    eventTime: '2026-03-01T14:02:00Z',
    awsRegion: 'us-east-1',
    sourceIPAddress: '192.0.2.7',
    userAgent: 'aws-cli/2.0',
    userIdentity: user,
    recipientAccountId: account,
    requestParameters: null,
    responseElements: null,
    ...more,
  };
};

export const translate = (event: unknown, options: Partial<TranslateOptions> = {}) =>
  translateCloudTrail(event, { heard: '2026-03-01T14:05:00.000Z', by: 'aws/audit-log', shape, ...options });

/** The main observation, which has to be of that kind. */
export function first<K extends Kind>(event: unknown, kind: K, options: Partial<TranslateOptions> = {}): Of<K> {
  const found = translate(event, options).observations[0];
  if (found?.kind !== kind) throw new Error(`${found?.kind ?? 'nothing'} where ${kind} was expected`);
  return found as Of<K>;
}
export const kindsOf = (observations: Observation[]): Kind[] => observations.map((one) => one.kind);
