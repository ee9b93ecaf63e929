/** Queues as SQS keeps them, behind the stand-in: messages are hidden while somebody has them, and gone when they are taken out. */
import { createHash } from 'node:crypto';
import type { Asked, Said } from '../aws-stand-in.ts';
import { account } from '../aws-stand-in.ts';

type Held = { body: string; sent: string; handle: string; isOut: boolean };

export const queueUrl = (name = 'cloudwarden-events', region = 'eu-central-1'): string =>
  `https://sqs.${region}.amazonaws.com/${account}/${name}`;

export function queues() {
  const held = new Map<string, Held[]>();
  let number = 0;
  const of = (url: string): Held[] => {
    const list = held.get(url) ?? [];
    held.set(url, list);
    return list;
  };
  return {
    put(body: unknown, sent = '2026-11-23T14:00:00.000Z', url = queueUrl()): void {
      number += 1;
      of(url).push({ body: typeof body === 'string' ? body : JSON.stringify(body), sent, handle: `handle-${number}`, isOut: false });
    },
    left: (url = queueUrl()): string[] => of(url).map(({ body }) => body),
    /** What was taken and not removed can be taken again. */
    showAgain(): void {
      for (const list of held.values()) for (const one of list) one.isOut = false;
    },
    answer({ operation, input }: Asked): Said {
      const url = input.QueueUrl as string;
      const list = of(url);
      switch (operation) {
        case 'ReceiveMessage': {
          const taken = list.filter(({ isOut }) => !isOut).slice(0, 10);
          for (const one of taken) one.isOut = true;
          return {
            Messages: taken.map(({ body, handle, sent }) => ({
              MessageId: handle,
              ReceiptHandle: handle,
              Body: body,
              MD5OfBody: createHash('md5').update(body).digest('hex'),
              Attributes: { SentTimestamp: String(Date.parse(sent)) },
            })),
          };
        }
        case 'DeleteMessageBatch': {
          const gone = new Set((input.Entries as { ReceiptHandle: string }[]).map(({ ReceiptHandle }) => ReceiptHandle));
          held.set(
            url,
            list.filter(({ handle }) => !gone.has(handle)),
          );
          return { Successful: [], Failed: [] };
        }
        case 'GetQueueAttributes':
          return {
            Attributes: {
              ApproximateNumberOfMessages: String(list.filter(({ isOut }) => !isOut).length),
              ...(url.endsWith('-unread')
                ? {}
                : {
                    RedrivePolicy: JSON.stringify({
                      deadLetterTargetArn: `arn:aws:sqs:eu-central-1:${account}:cloudwarden-events-unread`,
                      maxReceiveCount: 5,
                    }),
                  }),
            },
          };
        default:
          return { error: 'InvalidAction' };
      }
    },
  };
}

/** A CloudTrail record on its way through EventBridge. */
export const envelope = (detail: Record<string, unknown>, more: Record<string, unknown> = {}): Record<string, unknown> => ({
  version: '0',
  id: 'e0e0e0e0-0000-4000-8000-000000000001',
  'detail-type': 'AWS API Call via CloudTrail',
  source: 'aws.iam',
  account,
  time: '2026-11-23T14:00:00Z',
  region: 'us-east-1',
  resources: [],
  detail,
  ...more,
});

export const record = (more: Record<string, unknown> = {}): Record<string, unknown> => ({
  eventVersion: '1.10',
  eventID: 'aaaaaaaa-0000-4000-8000-000000000001',
  eventTime: '2026-11-23T14:00:00Z',
  eventSource: 'iam.amazonaws.com',
  eventName: 'CreateUser',
  awsRegion: 'us-east-1',
  sourceIPAddress: '192.0.2.7',
  userAgent: 'aws-cli/2.17.0',
  recipientAccountId: account,
  userIdentity: {
    type: 'IAMUser',
    arn: `arn:aws:iam::${account}:user/ada`,
    accountId: account,
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    userName: 'ada',
  },
  requestParameters: { userName: 'backup' },
  ...more,
});
