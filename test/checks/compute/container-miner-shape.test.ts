import { describe, expect, it } from 'vitest';
import { containerMinerShape } from '../../../src/checks/compute/container-miner-shape.ts';
import type { Subject } from '../../../src/checks/observation.ts';
import { foundBy, severitiesIn, thief, usual, weeks } from '../lives.ts';
import { at, observed } from '../observed.ts';

const shape = { type: '16 vCPU task', vcpus: 16, gpus: 0 };
const image = 'docker.io/example/worker:1';
const written = (more: object = {}) =>
  observed('workload.defined', { at: at('14:00'), service: 'ECS', shape, image, imageFrom: 'public', ...thief, ...more });
const service = (more: object = {}) =>
  observed('launcher.changed', { at: at('14:10'), service: 'ECS', desired: 10, most: 10, shape, ...thief, ...more });
const cluster = (number: number, more: object = {}) =>
  observed('ground.prepared', {
    at: at(`14:${String(number).padStart(2, '0')}`),
    resource: `resource:cluster/${number}` as Subject,
    ...thief,
    ...more,
  });
const severities = (...now: Parameters<typeof foundBy>[1]) => severitiesIn(containerMinerShape, [...weeks(), ...now]);

describe('a large container of a public image', () => {
  it('is high when a stranger writes it down and starts it within half an hour', () => {
    const [finding] = foundBy(containerMinerShape, [...weeks(), written(), service()]);

    expect(finding).toMatchObject({ severity: 'high', facts: { Image: image } });
    expect(finding?.about).toContain(service().resource);
  });

  it('is high when the log names the image at the start, and medium while only the inventory knows', () => {
    const task = { at: at('14:10'), service: 'ECS', what: 'task', shape, image, imageFrom: 'public' as const };

    expect(severities(observed('compute.asked', { ...task, ...thief }))).toEqual(['high']);
    expect(severities(observed('compute.seen', task))).toEqual(['medium']);
  });

  it('is medium when it is only written down, and when the usual hand starts it', () => {
    expect(severities(written())).toEqual(['medium']);
    expect(severities(written(usual), service(usual))).toEqual(['medium']);
  });

  it('is nothing when the image is known here, is your own, or the task is small', () => {
    const before = written({ at: at('09:00', '2026-11-03'), ...usual });

    expect(severities(before, written({ ...usual, image: 'docker.io/example/worker:2' }))).toEqual([]);
    expect(severities(written({ imageFrom: 'own' }), service())).toEqual([]);
    expect(severities(written({ shape: { ...shape, vcpus: 1 } }), service())).toEqual([]);
  });
});

describe('clusters', () => {
  it('are high when five are made within an hour, or in a second region', () => {
    expect(severities(...[1, 2, 3, 4, 5].map((number) => cluster(number)))).toEqual(['high']);
    expect(severities(cluster(1), cluster(2, { region: 'sa-east-1' }))).toEqual(['high']);
  });

  it('are medium by the usual hand, and nothing alone', () => {
    expect(severities(cluster(1, usual), cluster(2, { ...usual, region: 'sa-east-1' }))).toEqual(['medium']);
    expect(severities(cluster(1))).toEqual([]);
  });
});
