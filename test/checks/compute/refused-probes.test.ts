import { describe, expect, it } from 'vitest';
import { createInspector } from '../../../src/bot/inspect.ts';
import { refusedProbes } from '../../../src/checks/compute/refused-probes.ts';
import { keyFromNewNetwork } from '../../../src/checks/identity/key-from-new-network.ts';
import type { Observation } from '../../../src/checks/observation.ts';
import { foundBy, thief, usual, weeks } from '../lives.ts';
import { appRunner, at, ciDeploy, hosting, judge, known, never, notYet, observed, office } from '../observed.ts';

const none = { value: 0, learning: false };
const refusal = (region: string, type = 'c5.large', why: 'dry run' | 'quota' = 'quota') =>
  observed('compute.refused', { region, why, shape: { type } });

describe('refused launches', () => {
  it('are high when they go over regions or sizes', () => {
    const regions = [refusal('a'), refusal('b'), refusal('a')];
    const types = [refusal('a', 'c5.large'), refusal('a', 'c5.xlarge'), refusal('a', 'g5.xlarge')];

    expect(judge(refusedProbes, regions[2]!, { refused: regions, habits: never, made: none })[0]?.severity).toBe('high');
    expect(judge(refusedProbes, types[2]!, { refused: types, habits: never, made: none })[0]?.severity).toBe('high');
  });

  it('are medium when the same thing is tried again and again', () => {
    const again = [refusal('a'), refusal('a'), refusal('a')];

    expect(judge(refusedProbes, again[2]!, { refused: again, habits: never, made: none })[0]?.severity).toBe('medium');
  });

  it('are nothing when there are two, or when one act left three records', () => {
    const two = [refusal('a'), refusal('b')];
    const oneDeed = [refusal('a'), refusal('b'), refusal('c')].map((one) => ({ ...one, deed: 'one' }));

    expect(judge(refusedProbes, two[1]!, { refused: two, habits: never, made: none })).toEqual([]);
    expect(judge(refusedProbes, oneDeed[2]!, { refused: oneDeed, habits: never, made: none })).toEqual([]);
  });

  it('are low while the account is being learnt, unless they go over three regions or are about GPUs', () => {
    const regions = [refusal('a'), refusal('b'), refusal('a')];
    const spread = [refusal('a'), refusal('b'), refusal('c')];
    const gpus = ['g5.xlarge', 'g5.2xlarge', 'g5.4xlarge'].map((type) =>
      observed('compute.refused', { why: 'dry run', shape: { type, family: 'g5', gpus: 1 } }),
    );

    const severities = [regions, spread, gpus].map(
      (refused) => judge(refusedProbes, refused[2]!, { refused, habits: notYet, made: none })[0]?.severity,
    );

    expect(severities).toEqual(['low', 'high', 'high']);
  });

  it('are nothing from whoever has tried the same, there and from that network, on days before', () => {
    const again = [refusal('a'), refusal('a'), refusal('a')];

    expect(judge(refusedProbes, again[2]!, { refused: again, habits: known, made: none })).toEqual([]);
  });
});

describe('a cluster autoscaler that tries each launch with a dry run', () => {
  const dryRuns = (day: string, more: object = {}): Observation[] =>
    ['03:00', '03:01', '03:02'].map((clock) => {
      const session = `session:ASIAEXAMPLE${day.replaceAll('-', '')}` as const;
      const one = observed('compute.refused', {
        at: at(clock, day),
        why: 'dry run',
        shape: { type: 'm5.xlarge', family: 'm5', vcpus: 4, gpus: 0 },
        actor: appRunner,
        session,
        network: office,
        ...more,
      });
      delete (one as Partial<typeof one>).credential;
      return one;
    });
  const loud = (last: Observation[]): string[] => {
    const inspector = createInspector({ checks: [refusedProbes] });
    inspector.inspect(['2026-11-01', '2026-11-02', '2026-11-03', '2026-11-10'].flatMap((day) => dryRuns(day)));
    inspector.inspect(last);
    return inspector.findings().flatMap(({ severity }) => (severity === 'low' ? [] : [severity]));
  };

  it('falls silent once its habit is known', () => {
    expect(loud(dryRuns('2026-11-23'))).toEqual([]);
  });

  it('is told when its role does so from another network, or for GPUs', () => {
    const gpu = { type: 'g5.xlarge', family: 'g5', vcpus: 4, gpus: 1 };

    expect(loud(dryRuns('2026-11-23', { network: hosting }))).toEqual(['medium']);
    expect(loud(dryRuns('2026-11-23', { shape: gpu }))).toEqual(['medium']);
  });
});

describe('a new cluster', () => {
  const role = { ...appRunner, name: 'karpenter', subject: 'principal:arn:aws:iam::123456789012:role/karpenter' as const };
  const life = (maker: object, regions = ['us-east-1', 'us-east-1', 'us-east-1']): Observation[] => {
    const made = { at: at('13:00'), id: 'make', evidence: ['made'], ...maker };
    return [
      ...weeks(),
      observed('principal.acted', { ...made, operation: 'iam:CreateRole' }),
      observed('identity.linked', { ...made, id: 'link', from: role.subject, to: ciDeploy.subject, how: 'created' }),
      ...regions.map((region, index) =>
        observed('compute.refused', {
          at: at(`14:0${index}`),
          region,
          why: 'dry run',
          shape: { type: ['m5.large', 'c5.large', 'r5.large'][index]! },
          actor: role,
          credential: undefined,
          session: 'session:ASIAEXAMPLEKARPENTER',
          network: office,
        } as object),
      ),
    ];
  };
  const probes = (life: Observation[]) =>
    foundBy([refusedProbes, keyFromNewNetwork], life).flatMap(({ check, severity }) => (check === refusedProbes.id ? [severity] : []));

  it('tries launches with dry runs: low for a role the usual pipeline made today', () => {
    expect(probes(life(usual))).toEqual(['low']);
  });

  it('is medium when its role, of whatever name, was made by a key out of place, and high over three regions', () => {
    expect(probes(life(thief))).toEqual(['medium']);
    expect(probes(life(usual, ['us-east-1', 'eu-west-3', 'sa-east-1']))).toEqual(['high']);
  });
});

describe('somebody who clicks a launch together in the console', () => {
  const ada = { ...ciDeploy, name: 'ada', subject: 'principal:arn:aws:iam::123456789012:user/ada' as const };
  const click = (clock: string, why: 'dry run' | 'quota', region = 'us-east-1', type = 'm5.large') =>
    observed('compute.refused', {
      at: at(clock),
      why,
      region,
      program: 'console',
      actor: ada,
      credential: undefined,
      network: office,
      shape: { type },
    } as object);
  const severities = (...clicks: Observation[]) => foundBy(refusedProbes, [...weeks(), ...clicks]).map(({ severity }) => severity);

  it('is below high for a few sizes in one region', () => {
    expect(
      severities(
        click('14:00', 'dry run'),
        click('14:01', 'quota', 'us-east-1', 'm5.xlarge'),
        click('14:02', 'quota', 'us-east-1', 'm5.2xlarge'),
      ),
    ).toEqual(['medium']);
  });

  it('is high all the same over regions, whatever the program calls itself', () => {
    expect(severities(click('14:00', 'dry run'), click('14:01', 'quota', 'eu-west-3'), click('14:02', 'quota', 'sa-east-1'))).toEqual([
      'high',
    ]);
  });
});
