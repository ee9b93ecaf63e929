import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { assumedBurnOf, type Burn, burnOf, usdBetween, usualBurnOf } from '../../bench/detection/peers/burn.ts';
import { type EventNameList, eventNames, loadEventNames } from '../../bench/detection/peers/event-names.ts';
import { billingAnomalies, staticBudget, usualMonthlyUsdOf } from '../../bench/detection/peers/money.ts';
import { peersTold } from '../../bench/detection/peers.ts';
import { loadPrices } from '../../src/adapters/aws/prices.ts';
import { createVirtualClock } from '../../src/adapters/simulated/clock.ts';
import type { LoggedEvent } from '../../src/adapters/simulated/event-log.ts';
import { readScenario } from '../../src/adapters/simulated/scenario.ts';
import { startSimulated } from '../../src/adapters/simulated/simulated.ts';

const at = (time: string): number => Date.parse(`${time}:00.000Z`);
const start = at('2026-11-23T10:00');
const minuteMs = 60_000;
const dayMs = 86_400_000;
const days = (count: number): number => start + count * dayMs;
const whenOf = (alarms: { atMs: number }[]): string[] => alarms.map((one) => new Date(one.atMs).toISOString().slice(0, 16));
/** A machine of EC2 that has run for months, at so much an hour. */
const usual = (usdPerHour: number): Burn => ({ service: 'EC2', region: 'eu-central-1', usdPerHour, fromMs: days(-200) });
const miners = (service = 'EC2', usdPerHour = 73.61): Burn => ({ service, region: 'us-west-2', usdPerHour, fromMs: start });

// Pushed after a minute, looked up after five; an event called "late" is never pushed.
const delivery = { push: (id: string) => (id.startsWith('late') ? undefined : minuteMs), lookup: () => 5 * minuteMs };
let records = 0;
function done(call: string, more: Partial<LoggedEvent> & { minute?: number; with?: object } = {}): LoggedEvent {
  const [service, eventName = ''] = call.split(':');
  const { minute = 0, with: fields = {}, record: _, ...rest } = more;
  const record = {
    eventID: `event-${++records}`,
    eventName,
    eventSource: `${service}.amazonaws.com`,
    userIdentity: { type: 'IAMUser', arn: 'arn:aws:iam::123456789012:user/ada' },
    sourceIPAddress: '192.0.2.7',
    ...fields,
  };
  return {
    ms: start + minute * minuteMs,
    visibleMs: 0,
    turn: records,
    region: 'eu-central-1',
    readOnly: false,
    resources: [],
    ...rest,
    record,
  };
}
const names = (some: LoggedEvent[], options: { push?: boolean; reads?: boolean; list?: EventNameList } = {}): string[] =>
  eventNames(some, delivery, options).map((one) => `${one.because} +${(one.atMs - start) / minuteMs}`);

it('lists only names that at least two public rule sets alarm on, each with file and commit', () => {
  const list = loadEventNames();

  expect(list.size).toBeGreaterThan(70);
  expect([...list.values()].flat().every((one) => new Set(one.alarms.map((alarm) => alarm.set)).size >= 2)).toBe(true);
  expect(list.has('CreateAutoScalingGroup')).toBe(false);
});

it('wakes when the record is pushed, or looked up where no push comes', () => {
  const stopped = done('cloudtrail:StopLogging', { minute: 3 });
  const late = done('cloudtrail:DeleteTrail', { minute: 4, with: { eventID: 'late' } });

  expect(names([stopped, late])).toEqual(['StopLogging +4', 'DeleteTrail +9']);
  expect(names([stopped], { push: false })).toEqual(['StopLogging +8']);
});

it('wakes once a day for the same name, principal and region, and again for another of them', () => {
  const session = {
    with: {
      userIdentity: {
        type: 'AssumedRole',
        arn: 'arn:aws:sts::123456789012:assumed-role/ci/run-1',
        sessionContext: { sessionIssuer: { arn: 'arn:aws:iam::123456789012:role/ci' } },
      },
    },
  };
  const again = { with: { userIdentity: { ...session.with.userIdentity, arn: 'arn:aws:sts::123456789012:assumed-role/ci/run-2' } } };

  const alarms = names([
    done('ec2:RunInstances'),
    done('ec2:RunInstances', { minute: 10 }),
    done('ec2:RunInstances', { minute: 20, region: 'us-west-2' }),
    done('ec2:RunInstances', { minute: 30, ...session }),
    done('ec2:RunInstances', { minute: 40, ...again }),
    done('ec2:RunInstances', { minute: 24 * 60 }),
  ]);

  expect(alarms).toEqual(['RunInstances +1', 'RunInstances +21', 'RunInstances +31', 'RunInstances +1441']);
});

it('does not hear of calls that are on no list, of the same name in another service, or of reads unless it is asked to', () => {
  const whoami = done('sts:GetCallerIdentity', { readOnly: true });

  expect(names([done('autoscaling:CreateAutoScalingGroup'), done('wafv2:DeleteRule'), whoami])).toEqual([]);
  expect(names([whoami], { reads: true })).toEqual(['GetCallerIdentity +1']);
});

it('takes the simple conditions of the rules into account', () => {
  const quiet = [
    done('ec2:RunInstances', { with: { errorCode: 'Client.DryRunOperation' } }),
    done('ec2:RunInstances', { with: { userIdentity: { type: 'AssumedRole', invokedBy: 'autoscaling.amazonaws.com' } } }),
    done('iam:PutRolePolicy', { with: { errorCode: 'AccessDenied', requestParameters: { policyDocument: '{}' } } }),
    done('signin:ConsoleLogin', { with: { additionalEventData: { MFAUsed: 'Yes' }, responseElements: { ConsoleLogin: 'Success' } } }),
    done('cloudtrail:PutEventSelectors', { with: { requestParameters: { eventSelectors: [{ includeManagementEvents: true }] } } }),
    done('lambda:UpdateFunctionUrlConfig', { with: { requestParameters: { authType: 'AWS_IAM' } } }),
  ];
  const loud = [
    done('signin:ConsoleLogin', { with: { additionalEventData: { MFAUsed: 'No' }, responseElements: { ConsoleLogin: 'Success' } } }),
    done('signin:ConsoleLogin', { region: 'us-east-1', with: { userIdentity: { type: 'Root' }, additionalEventData: { MFAUsed: 'Yes' } } }),
    done('cloudtrail:PutEventSelectors', { with: { requestParameters: { eventSelectors: [{ includeManagementEvents: false }] } } }),
    done('lambda:UpdateFunctionUrlConfig', { with: { requestParameters: { authType: 'NONE' } } }),
    done('lambda:CreateFunction20150331'),
  ];

  expect(names(quiet)).toEqual([]);
  expect(names(loud)).toHaveLength(loud.length);
});

it('refuses a list with a name that only one set alarms on', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'cloudwarden-peers-')), 'names.yaml');
  const rule = `{ file: x.yml, commit: ${'a'.repeat(40)} }`;
  writeFileSync(
    file,
    `collected: 2026-11
sets: { one: { repository: a/b, folder: . } }
rules: { one: { x: ${rule}, y: ${rule} } }
names: [{ name: "ec2:RunInstances", alarms: [{ rule: one/x }, { rule: one/y }] }]
`,
  );

  expect(() => loadEventNames(file)).toThrow('fewer than two sets alarm on ec2:RunInstances');
});

it('knows what a time cost', () => {
  const burn = [usual(2), { ...miners(), untilMs: start + 6 * 60 * minuteMs }];

  expect(usdBetween(burn, days(-1), days(1))).toBeCloseTo(48 * 2 + 6 * 73.61);
  expect(usualMonthlyUsdOf(burn, start)).toBeCloseTo(720 * 2);
});

it('lets the anomaly service find a rise in a known service with the first run that knows of it', () => {
  // Runs at 16:00 (knows until 00:00), 00:00 (until 08:00), 08:00 (until 16:00: six hours of miners are $442 over the usual $48).
  const alarms = billingAnomalies([usual(2), miners()], { fromMs: start, untilMs: days(5) });

  expect(whenOf(alarms)).toEqual(['2026-11-24T08:00']);
  expect(alarms[0]?.because).toBe('EC2: $442 over what was expected');
});

it('keeps the anomaly service blind for ten days where the service is new, and for a day where the monitor is', () => {
  const burn = [usual(2), miners('SageMaker')];

  // Ten days of history are known on 3 December at 10:00, sixteen hours later at the earliest; the next run is at 08:00.
  expect(whenOf(billingAnomalies(burn, { fromMs: start, untilMs: days(12) }))).toEqual(['2026-12-04T08:00']);
  expect(whenOf(billingAnomalies([usual(2), miners()], { fromMs: start, untilMs: days(5), monitorSinceMs: start }))).toEqual([
    '2026-11-24T16:00',
  ]);
});

it('keeps the anomaly service quiet below both thresholds and about what comes every week', () => {
  const mondays = [0, 1, 2, 3, 4, 5].map((week) => {
    const fromMs = at('2026-11-23T00:00') - week * 7 * dayMs;
    return { service: 'Batch', region: 'eu-central-1', usdPerHour: 50, fromMs, untilMs: fromMs + dayMs };
  });
  const quiet = (burn: Burn[]) => billingAnomalies(burn, { fromMs: start, untilMs: days(3) });

  expect(quiet([usual(1), miners('EC2', 4)])).toEqual([]); // $96 a day
  expect(quiet([usual(40), miners('EC2', 15)])).toEqual([]); // 37.5 % of the usual $960 a day
  expect(quiet([usual(1), ...mondays])).toEqual([]);
});

it('alerts once at each share of the usual bill, as late as the bill is', () => {
  // A usual month is $2,160; $1,614 are spent at the start. $546 more take 7 h 8 min, $1,194 take 15 h 35 min; the bill is 10 hours late.
  const alarms = staticBudget([usual(3), miners()], 2160, { fromMs: start, untilMs: days(4) });

  expect(alarms.map((one) => one.share)).toEqual([1, 1.3]);
  expect(whenOf(alarms)).toEqual(['2026-11-24T08:00', '2026-11-24T16:00']);
});

it('begins the budget anew each month, and alerts on the last day of a long one that is as usual', () => {
  const alarms = staticBudget([usual(3)], 2160, { fromMs: start, untilMs: at('2027-01-01T00:00') });

  expect(whenOf(alarms)).toEqual(['2026-12-31T16:00']);
  expect(staticBudget([usual(3)], 1500, { fromMs: start, untilMs: days(1) })).toEqual([]);
});

it('makes the burn of meters, of the usual bill and of services without a meter', () => {
  const machine = { service: 'EC2', region: 'us-west-2', type: 'g5.xlarge', fromMs: start, untilMs: days(1) };
  const line = { service: 'S3', region: 'eu-central-1', perDay: 24, weekend: 0.5, noise: 0, charge: 'Usage' as const, since: 0 };

  const burn = burnOf(
    [
      { ...machine, spot: true },
      { service: 'Lightsail', region: 'us-west-2', usdPerHour: 2, fromMs: start },
    ],
    { usdPerHour: () => ({ usd: 3, estimated: false, why: '' }) },
  );
  const assumed = assumedBurnOf(
    [
      done('apprunner:CreateService', { minute: 9 }),
      done('apprunner:CreateService', { minute: 2 }),
      done('gamelift:CreateFleet', { with: { errorCode: 'AccessDenied' } }),
    ],
    73.61,
  );

  expect(burn).toMatchObject([{ usdPerHour: 1, untilMs: days(1) }, { usdPerHour: 2 }]);
  // Friday to Sunday.
  expect(
    usualBurnOf([line, { ...line, charge: 'Tax' }], at('2026-11-20T00:00'), at('2026-11-23T00:00')).map((one) => one.usdPerHour),
  ).toEqual([1, 0.5, 0.5]);
  expect(assumed).toEqual([{ service: 'AWS App Runner', region: 'eu-central-1', usdPerHour: 73.61, fromMs: start + 2 * minuteMs }]);
});

it('tells of a simulated attack as each peer would', async () => {
  const file = new URL('../../config/scenarios/attacks/a09-notebooks.yaml', import.meta.url);
  const scenario = await readScenario(fileURLToPath(file));
  const clock = createVirtualClock({ start: '2026-11-23T10:00:00.000Z', speed: 'manual' });
  const simulated = await startSimulated({ scenario, clock });
  try {
    const past = simulated.state.records(-1).at(-1)?.turn ?? -1;
    await clock.advance(600);
    const meters = simulated.state.meters();

    const told = peersTold({
      scenario,
      records: simulated.state.records(past),
      meters,
      startMs: start,
      endMs: days(2),
      delivery: { ...delivery, stateChange: () => 0, inventory: () => 0, isDoubled: () => false },
      push: true,
      prices: loadPrices(),
      assumedUsdPerHour: 73.61,
    });

    expect(meters.filter((one) => one.service === 'Amazon SageMaker' && one.fromMs >= start)).toHaveLength(8);
    expect(meters.filter((one) => 'type' in one).map((one) => one.fromMs < start)).toEqual([true, true, true]);
    // No two public sets know notebooks, a new service stays unseen for ten days; the bill tells of it the next day.
    expect(told.names).toEqual([]);
    expect(told.anomalies).toEqual([]);
    expect(told.budget).toMatchObject([{ severity: 'high' }, { severity: 'high' }]);
  } finally {
    await simulated.stop();
  }
});
