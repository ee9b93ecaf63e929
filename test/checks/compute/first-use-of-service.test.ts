import { describe, expect, it } from 'vitest';
import { firstUseOfService } from '../../../src/checks/compute/first-use-of-service.ts';
import { gpu, severitiesIn, small, thief, usual, weeks } from '../lives.ts';
import { at, observed } from '../observed.ts';

const notebook = (more: object = {}) =>
  observed('compute.asked', { at: at('14:00'), service: 'SageMaker', what: 'notebook', shape: small, ...thief, ...more });
const severities = (...now: Parameters<typeof severitiesIn>[1]) => severitiesIn(firstUseOfService, [...weeks(), ...now]);

describe('the first use of a service', () => {
  it('is medium in a region in use, high with a GPU, from 8 vCPUs, or where nothing ever ran', () => {
    expect(severities(notebook())).toEqual(['medium']);
    expect(severities(notebook({ shape: gpu }))).toEqual(['high']);
    expect(severities(notebook({ count: 4 }))).toEqual(['high']);
    expect(severities(notebook({ region: 'ap-south-1' }))).toEqual(['high']);
  });

  it('is low by the usual hand in a region in use, medium in a new one, high once it is large', () => {
    expect(severities(notebook(usual))).toEqual(['low']);
    expect(severities(notebook({ ...usual, region: 'ap-south-1' }))).toEqual(['medium']);
    expect(severities(notebook({ ...usual, count: 8 }))).toEqual(['high']);
  });

  it('is low when something is only written down, and medium when the inventory finds it in a new region', () => {
    expect(severities(observed('workload.defined', thief))).toEqual(['low']);
    expect(severities(observed('compute.seen', { region: 'ap-south-1', service: 'SageMaker', what: 'notebook', shape: small }))).toEqual([
      'medium',
    ]);
  });

  it('is nothing the second time, and plain virtual machines are no service', () => {
    expect(severities(notebook({ ...usual, at: at('10:00', '2026-11-05') }), notebook())).toEqual([]);
    expect(severities(notebook({ service: undefined }))).toEqual([]);
  });

  it('is nothing, or in a region in use, where the bills say that it was used months ago', () => {
    const used = (more: object = {}) => observed('place.used', { at: '2026-03-11T00:00:00.000Z', region: 'ap-south-1', ...more });

    expect(severities(used({ service: 'SageMaker' }), notebook({ region: 'ap-south-1' }))).toEqual([]);
    expect(severities(used(), notebook({ region: 'ap-south-1' }))).toEqual(['medium']);
    expect(severities(used({ service: 'EMR' }))).toEqual([]);
  });
});
