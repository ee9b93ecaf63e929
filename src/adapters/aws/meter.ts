/** Counts what the bot asks of AWS and what that costs, what its calls cost elsewhere included. */

export type Row = { operation: string; calls: number; usd: number };
/**
 * Counts every request that left, retries included. Prices are AWS's list prices in us-east-1 without free tiers: it shows rather too much
 * than too little. docs/cost.md says where they are from.
 */
export type Meter = {
  /** Puts the counter on a client's middleware. `region`: where AWS records its calls. */
  attach(stack: unknown, region: string): void;
  /**
   * A threat detector is on in that region, or it is not: where one is, it reads the records of the bot's own calls and is paid for each.
   * What was asked there before anybody knew is priced now.
   */
  detector(region: string, isOn: boolean): void;
  /**
   * What was counted since the last time it was asked. What the threat detector takes stands in a row of its own (`readByDetector`) with no
   * calls, since it makes none of ours.
   */
  take(): Row[];
};

/** Cost Explorer's price of one request, pages included (AWS pricing page of Cost Explorer). */
export const usdPerCostRequest = 0.01;
/** CloudWatch's price of one metric read by GetMetricData (AWS pricing page of CloudWatch: $0.01 per 1,000). */
export const usdPerMetricRead = 0.01 / 1000;
/** CloudWatch's price of any other request (same page: $0.01 per 1,000, the first million a month free). */
export const usdPerMetricRequest = 0.01 / 1000;
/** S3's prices of one request to list and one to read (AWS pricing page of S3, us-east-1: $0.005 and $0.0004 per 1,000). */
export const usdPerListRequest = 0.005 / 1000;
export const usdPerReadRequest = 0.0004 / 1000;
/** A request to a standard queue (AWS pricing page of SQS: $0.40 per million, the first million a month free). */
export const usdPerQueueRequest = 0.4 / 1e6;
/** GuardDuty's price of one management event of CloudTrail (AWS pricing page of GuardDuty: $4.00 per million, up to 500 million a month). */
export const usdPerAnalysedCall = 4 / 1e6;
export const readByDetector = 'threat detector:reads the records of these calls';

export function openMeter(): Meter {
  let rows = new Map<string, Row>();
  const detectors = new Map<string, boolean>();
  /** Recorded in regions of which nobody knows yet whether a detector is on. */
  const unpriced = new Map<string, number>();

  function add(operation: string, calls: number, usd: number): void {
    const row = rows.get(operation) ?? { operation, calls: 0, usd: 0 };
    row.calls += calls;
    row.usd += usd;
    rows.set(operation, row);
  }

  function recorded(region: string): void {
    const isOn = detectors.get(region);
    if (isOn) add(readByDetector, 0, usdPerAnalysedCall);
    else if (isOn === undefined) unpriced.set(region, (unpriced.get(region) ?? 0) + 1);
  }

  return {
    attach(stack, region) {
      // Behind the SDK's retries, so that every request that leaves is counted.
      (stack as Countable).add(
        (next, context) => async (args) => {
          const operation = operationName(context);
          const isRecorded = !unrecorded.has(operation);
          try {
            const answer = await next(args);
            add(operation, 1, priceOf(operation, args));
            if (isRecorded) recorded(region);
            return answer;
          } catch (error) {
            add(operation, 1, 0);
            if (isRecorded && wasHeard(error)) recorded(region);
            throw error;
          }
        },
        { step: 'finalizeRequest', priority: 'low', name: 'cloudwardenMeter', override: true },
      );
    },
    detector(region, isOn) {
      detectors.set(region, isOn);
      const before = unpriced.get(region) ?? 0;
      unpriced.delete(region);
      if (isOn && before > 0) add(readByDetector, 0, before * usdPerAnalysedCall);
    },
    take() {
      const taken = [...rows.values()];
      rows = new Map();
      return taken;
    },
  };
}

type Handler = (args: unknown) => Promise<unknown>;
type Countable = {
  add(
    middleware: (next: Handler, context: { clientName?: string; commandName?: string }) => Handler,
    options: { step: 'finalizeRequest'; priority: 'low'; name: string; override: boolean },
  ): void;
};

/**
 * Data events: CloudTrail's record of management events, which the detector reads, does not hold them (developer guides of SQS,
 * S3 and CloudWatch, "Logging with CloudTrail").
 */
const unrecorded = new Set([
  's3:ListBucket',
  's3:GetObject',
  'sqs:ReceiveMessage',
  'sqs:DeleteMessage',
  'sqs:DeleteMessageBatch',
  'cloudwatch:GetMetricData',
]);

/** What never reached AWS, or was turned away for its pace, is not recorded. */
function wasHeard(error: unknown): boolean {
  const { $metadata, $response, $retryable } = (error ?? {}) as {
    $metadata?: { httpStatusCode?: number };
    $response?: { statusCode?: number };
    $retryable?: { throttling?: boolean };
  };
  const status = $metadata?.httpStatusCode ?? $response?.statusCode;
  return status !== undefined && status !== 429 && status !== 503 && !$retryable?.throttling;
}

function priceOf(operation: string, args: unknown): number {
  if (operation.startsWith('ce:')) return usdPerCostRequest;
  if (operation.startsWith('sqs:')) return usdPerQueueRequest;
  if (operation.startsWith('s3:')) return operation === 's3:ListBucket' ? usdPerListRequest : usdPerReadRequest;
  if (!operation.startsWith('cloudwatch:')) return 0;
  if (operation !== 'cloudwatch:GetMetricData') return usdPerMetricRequest;
  const { input } = args as { input?: { MetricDataQueries?: unknown[] } };
  return (input?.MetricDataQueries?.length ?? 1) * usdPerMetricRead;
}

/** As IAM spells it: 'ec2:DescribeInstances'. */
function operationName({ clientName = '', commandName = '' }: { clientName?: string; commandName?: string }): string {
  const service = clientName.replace(/Client$/, '');
  const operation = `${inIam[service] ?? service.toLowerCase()}:${commandName.replace(/Command$/, '')}`;
  return actions[operation] ?? operation;
}

/** Where IAM's action is another than the call's name. */
const actions: Record<string, string> = {
  's3:ListObjectsV2': 's3:ListBucket',
  'budgets:DescribeBudgets': 'budgets:ViewBudget',
};

/** Where IAM's prefix is another than the client's name. */
const inIam: Record<string, string> = {
  CostExplorer: 'ce',
  EMR: 'elasticmapreduce',
  AccessAnalyzer: 'access-analyzer',
};
