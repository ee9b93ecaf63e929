import { createHash } from 'node:crypto';
import type * as sqs from '@aws-sdk/client-sqs';
import { AwsError } from '../fault.ts';
import type { Message, Queue } from '../push.ts';
import { queueArn, queueUrl } from '../push.ts';
import type { Call, Operation, World } from '../world.ts';

export const sqsOperations: Record<string, Operation> = {
  ReceiveMessage(world, input: sqs.ReceiveMessageRequest, call): sqs.ReceiveMessageResult {
    const queue = find(world, input.QueueUrl, call);
    queue.messages = queue.messages.filter((each) => each.sentMs > call.ms || isKept(queue, each, call));
    const waiting = queue.messages
      .filter((each) => each.sentMs <= call.ms && each.hiddenUntilMs <= call.ms)
      .sort((a, b) => a.sentMs - b.sentMs)
      .slice(0, input.MaxNumberOfMessages ?? 1);
    for (const message of waiting) {
      message.receives += 1;
      message.hiddenUntilMs = call.ms + (input.VisibilityTimeout ?? 30) * 1000;
    }
    return waiting.length ? { Messages: waiting.map(shapeOf) } : {};
  },
  DeleteMessage(world, input: sqs.DeleteMessageRequest, call): undefined {
    drop(find(world, input.QueueUrl, call), [input.ReceiptHandle ?? '']);
    return undefined;
  },
  DeleteMessageBatch(world, input: sqs.DeleteMessageBatchRequest, call): sqs.DeleteMessageBatchResult {
    const entries = input.Entries ?? [];
    drop(
      find(world, input.QueueUrl, call),
      entries.map((entry) => entry.ReceiptHandle ?? ''),
    );
    return { Successful: entries.map(({ Id }) => ({ Id })), Failed: [] };
  },
  ChangeMessageVisibility(world, input: sqs.ChangeMessageVisibilityRequest, call): undefined {
    const message = find(world, input.QueueUrl, call).messages.find((each) => handleOf(each) === input.ReceiptHandle);
    if (message) message.hiddenUntilMs = call.ms + (input.VisibilityTimeout ?? 30) * 1000;
    return undefined;
  },
  GetQueueUrl(world, input: sqs.GetQueueUrlRequest, call): sqs.GetQueueUrlResult {
    return { QueueUrl: find(world, queueUrl(world.accountId, call.region, input.QueueName ?? ''), call).url };
  },
  ListQueues(world, input: sqs.ListQueuesRequest, call): sqs.ListQueuesResult {
    const found = [...(world.push?.queues.values() ?? [])].filter(
      (queue) => queue.region === call.region && queue.name.startsWith(input.QueueNamePrefix ?? ''),
    );
    return { QueueUrls: found.map((queue) => queue.url) };
  },
  GetQueueAttributes(world, input: sqs.GetQueueAttributesRequest, call): sqs.GetQueueAttributesResult {
    const queue = find(world, input.QueueUrl, call);
    const there = queue.messages.filter((each) => each.sentMs <= call.ms && isKept(queue, each, call));
    const hidden = there.filter((each) => each.hiddenUntilMs > call.ms).length;
    const all: Record<string, string> = {
      QueueArn: queue.arn,
      ApproximateNumberOfMessages: String(there.length - hidden),
      ApproximateNumberOfMessagesNotVisible: String(hidden),
      ApproximateNumberOfMessagesDelayed: '0',
      CreatedTimestamp: String(Math.floor(queue.madeMs / 1000)),
      VisibilityTimeout: '30',
      MessageRetentionPeriod: String(retentionSeconds),
      ...queue.attributes,
    };
    const wanted: string[] = input.AttributeNames ?? [];
    return { Attributes: Object.fromEntries(Object.entries(all).filter(([name]) => wanted.includes('All') || wanted.includes(name))) };
  },
  SetQueueAttributes(world, input: sqs.SetQueueAttributesRequest, call): undefined {
    Object.assign(find(world, input.QueueUrl, call).attributes, input.Attributes);
    return undefined;
  },
  SendMessage(world, input: sqs.SendMessageRequest, call): sqs.SendMessageResult {
    const queue = find(world, input.QueueUrl, call);
    const message: Message = { id: world.chance.uuid(), body: input.MessageBody ?? '', sentMs: call.ms, hiddenUntilMs: 0, receives: 0 };
    queue.messages.push(message);
    return { MessageId: message.id, MD5OfMessageBody: md5(message.body) };
  },
  PurgeQueue(world, input: sqs.PurgeQueueRequest, call): undefined {
    find(world, input.QueueUrl, call).messages = [];
    return undefined;
  },
  CreateQueue(world, input: sqs.CreateQueueRequest, call): sqs.CreateQueueResult {
    const name = input.QueueName ?? '';
    const queue = newQueue(world.accountId, call.region, name, call.ms);
    world.push?.queues.set(queue.url, queue);
    return { QueueUrl: queue.url };
  },
  DeleteQueue(world, input: sqs.DeleteQueueRequest, call): undefined {
    world.push?.queues.delete(find(world, input.QueueUrl, call).url);
    return undefined;
  },
  TagQueue: (world, input: sqs.TagQueueRequest, call): undefined => void find(world, input.QueueUrl, call),
};

export const newQueue = (accountId: string, region: string, name: string, ms: number): Queue => ({
  name,
  region,
  url: queueUrl(accountId, region, name),
  arn: queueArn(accountId, region, name),
  madeMs: ms,
  messages: [],
  attributes: {},
});

/** Found by the path of its address: a client may have been sent elsewhere. */
function find(world: World, url: string | undefined, call: Call): Queue {
  const path = (url ?? '').split('/').slice(-2).join('/');
  const found = [...(world.push?.queues.values() ?? [])].find((queue) => queue.region === call.region && queue.url.endsWith(`/${path}`));
  if (!found) throw new AwsError('QueueDoesNotExist', 'The specified queue does not exist.');
  return found;
}

const md5 = (text: string) => createHash('md5').update(text).digest('hex');
/** A new receipt with every receipt, as AWS gives; only the newest deletes. */
const handleOf = (message: Message) => `${message.id}.${message.receives}`;
/** Of a queue whose maker did not say: four days (Amazon SQS developer guide, message retention period). */
const retentionSeconds = 345_600;

/** A queue forgets: what was sent long before anybody asks is not there any more. */
const isKept = ({ attributes }: Queue, message: Message, { ms }: Call): boolean =>
  !message.isStale?.() && message.sentMs > ms - Number(attributes.MessageRetentionPeriod ?? retentionSeconds) * 1000;

const shapeOf = (message: Message): sqs.Message => ({
  MessageId: message.id,
  ReceiptHandle: handleOf(message),
  Body: message.body,
  MD5OfBody: md5(message.body),
  Attributes: { ApproximateReceiveCount: String(message.receives), SentTimestamp: String(Math.floor(message.sentMs)) },
});
function drop(queue: Queue, handles: string[]): void {
  queue.messages = queue.messages.filter((each) => !handles.includes(handleOf(each)));
}
