import { expect, it } from 'vitest';
import { type Day, watch } from '../../bench/support/watched-month.ts';
import {
  usdPerAnalysedCall,
  usdPerCostRequest,
  usdPerMetricRead,
  usdPerMetricRequest,
  usdPerQueueRequest,
} from '../../src/adapters/aws/meter.ts';

/** As the account saw it. */
const costOf = (day: Day): number =>
  day.costRequests * usdPerCostRequest +
  day.metricsRead * usdPerMetricRead +
  day.metricRequests * usdPerMetricRequest +
  day.queueRequests * usdPerQueueRequest +
  day.analysed * usdPerAnalysedCall;

it.each([
  { push: true, detector: true, costExplorer: true },
  { push: false, detector: false, costExplorer: false },
])(
  'the bot’s own meter agrees with what the account counted: %o',
  async (given) => {
    const { days, status } = await watch({ profile: given.push ? 'standard' : 'poll only', ...given, days: 0.02, knowsPast: true });

    const [day] = days;
    expect(day?.analysed === 0).toBe(!given.detector);
    expect(day?.costRequests === 0).toBe(!given.costExplorer);
    expect(day?.queueRequests === 0).toBe(!given.push);
    expect(day?.metered).toBeCloseTo(costOf(day!), 4);
    const calls = Object.values(day!.calls).reduce((sum, count) => sum + count, 0);
    expect(status).toContain(`My own calls: ${calls.toLocaleString('en-US')} calls today so far`);
  },
  60_000,
);
