import { describe, expect, it } from 'vitest';
import { createInspector } from '../../../src/bot/inspect.ts';
import { neverUsedRegion } from '../../../src/checks/compute/never-used-region.ts';
import { aboveOwnHistory } from '../../../src/checks/spend/above-own-history.ts';
import { allFoundBy, foundBy, gpu, readSince, severitiesIn, small, thief, usual, weeks } from '../lives.ts';
import { appRunner, at, ciDeploy, leakedKey, machine, observed } from '../observed.ts';

const far = 'ap-south-1';
const asked = (more: object) =>
  observed('compute.asked', { region: far, at: at('14:00'), shape: small, resources: [machine('i-0abc', far)], ...more });
const seen = (more: object = {}) =>
  observed('compute.seen', { region: far, at: at('13:59'), shape: small, resource: machine('i-0abc', far), ...more });
const severities = (...now: ReturnType<typeof asked | typeof seen>[]) => severitiesIn(neverUsedRegion, [...weeks(), ...now]);

describe('a machine in a region never used', () => {
  it('is high when a stranger starts it, and names machine, key and user', () => {
    const [finding] = foundBy(neverUsedRegion, [...weeks(), asked(thief)]);

    expect(finding).toMatchObject({ key: 'compute/never-used-region:aws/123456789012/ap-south-1', severity: 'high', learning: false });
    expect(finding?.about).toEqual([leakedKey, ciDeploy.subject, machine('i-0abc', far)].sort());
    expect(finding?.remedies.map(({ kind }) => kind)).toEqual(['stop-compute', 'disable-credential', 'deny-principal']);
  });

  it('is medium when the usual pipeline starts it from its usual network', () => {
    expect(severities(asked(usual))).toEqual(['medium']);
  });

  it('is high when the pipeline’s key does the same with the same program from another network, or another program, or a new key', () => {
    expect(severities(asked(thief))).toEqual(['high']);
    expect(severities(asked({ ...usual, program: 'boto3' }))).toEqual(['high']);
    expect(severities(asked({ ...usual, credential: 'credential:AKIAI44QH8DHBEXAMPLE' }))).toEqual(['high']);
  });

  it('is medium while only the inventory knows of it, and as loud as the log says afterwards', () => {
    expect(severities(seen())).toEqual(['medium']);
    expect(severities(seen(), asked(thief))).toEqual(['high']);
    expect(severities(seen(), asked(usual))).toEqual(['medium']);
    expect(severities(seen(), asked({ actor: { ...appRunner, kind: 'provider' }, credential: undefined }))).toEqual(['medium']);
  });

  it('is nothing where the machine was made long ago and runs again, unless a stranger started it', () => {
    const again = seen({ made: '2026-01-05T10:00:00.000Z' });

    expect(severities(again)).toEqual([]);
    expect(severities(again, asked({ ...thief, at: at('13:58') }))).toEqual(['high']);
  });

  it('is never medium from 32 vCPUs within half an hour, whoever starts them', () => {
    const many = Array.from({ length: 8 }, (_, index) =>
      seen({ at: at(`14:0${index}`), resource: machine(`i-${index}`, far), shape: { type: 'c5.xlarge', family: 'c5', vcpus: 4, gpus: 0 } }),
    );

    expect(severities(...many)).toEqual(['high']);
    expect(severities(asked({ ...usual, count: 16, resources: [] }))).toEqual(['critical']);
  });

  it('is critical with a GPU, also seen by the inventory alone', () => {
    expect(severities(seen({ shape: gpu }))).toEqual(['critical']);
    expect(severities(asked({ ...usual, shape: gpu }))).toEqual(['critical']);
  });

  it('is told when a launcher is set up there, before any machine', () => {
    const group = { at: at('14:00'), region: far, desired: 2, most: 4 };

    expect(severitiesIn(neverUsedRegion, [...weeks(), observed('launcher.changed', { ...group, ...thief })])).toEqual(['high']);
    expect(severitiesIn(neverUsedRegion, [...weeks(), observed('launcher.changed', { ...group, ...usual })])).toEqual(['medium']);
  });

  it('is critical for a stranger who goes through three regions within a day, and high for the usual hand', () => {
    const night = (hand: object) =>
      ['eu-north-1', 'sa-east-1', far].map((region, index) =>
        asked({ ...hand, region, at: at(`0${2 + 3 * index}:00`), resources: [machine(`i-${index}`, region)] }),
      );

    expect(severities(...night(thief))).toEqual(['high', 'high', 'critical']);
    expect(severities(...night(usual))).toEqual(['medium', 'medium', 'high']);
  });

  it('says little while the account is being learnt, unless it is a GPU or very big', () => {
    const severity = (shape: typeof small, count = 1) =>
      allFoundBy(neverUsedRegion, [asked({ shape, count, resources: [], at: at('14:00', '2026-11-02') })])[0]?.severity;

    expect([severity(small), severity(small, 20), severity(small, 32), severity(gpu)]).toEqual(['low', 'low', 'critical', 'critical']);
  });

  it('is nobody’s business where machines have run for weeks, and nothing when it has ended', () => {
    expect(severitiesIn(neverUsedRegion, [...weeks(), asked({ ...thief, region: 'us-east-1', shape: gpu })])).toEqual([]);
    expect(severitiesIn(neverUsedRegion, [readSince(), seen({ running: false })])).toEqual([]);
  });

  it('has the price of each machine and says what was started', () => {
    const perHour = { amount: 0.8, currency: 'USD', usd: 0.8 };
    const [finding] = foundBy(neverUsedRegion, [...weeks(), asked({ ...thief, perHour, count: 50, what: 'Fargate task', service: 'ECS' })]);

    expect(finding?.usdPerHour).toEqual({ [machine('i-0abc', far)]: 0.8 });
    expect(finding?.facts.What).toBe('50 Fargate tasks (ECS)');
  });
});

describe('a region that only the bills know', () => {
  const judged = (severity: 'low' | 'high') => {
    const { found } = observed('spend.judged', {});
    return observed('spend.judged', {
      region: far,
      at: '2026-03-11T00:00:00.000Z',
      evidence: [`bill/2026-03-10/${far}`],
      found: { ...found, severity },
    });
  };
  const used = () => observed('place.used', { region: far, at: '2026-03-11T00:00:00.000Z', evidence: [`bill/2026-03-10/${far}`] });

  it('is a used one, also when it was used eight months ago', () => {
    expect(severitiesIn(neverUsedRegion, [used(), ...weeks(), asked(thief)])).toEqual([]);
    expect(severitiesIn(neverUsedRegion, [used(), ...weeks(), asked({ ...thief, region: 'eu-west-3' })])).toEqual(['high']);
  });

  it('is learnt from an ordinary bill, and not from one that was an alarm itself', () => {
    const said = (severity: 'low' | 'high') => {
      const past = [judged(severity), used(), ...weeks(), asked(thief)];
      return [past, past.toReversed()].map((order) => {
        // As the first reading judges it: the whole past at once.
        const inspector = createInspector({ checks: [neverUsedRegion, aboveOwnHistory], horizonHours: 10_000, costHorizonHours: 10_000 });
        inspector.inspect(order);
        return inspector.findings().flatMap(({ check, severity, learning }) => (check === neverUsedRegion.id && !learning ? severity : []));
      });
    };

    expect(said('low')).toEqual([[], []]);
    expect(said('high')).toEqual([['high'], ['high']]);
  });

  it('is one as well when the bills are first read long after the log', () => {
    const inspector = createInspector({ checks: [neverUsedRegion] });
    inspector.inspect(weeks());
    inspector.inspect([used()]);
    inspector.inspect([asked(thief)]);

    expect(inspector.findings().filter(({ learning }) => !learning)).toEqual([]);
  });
});
