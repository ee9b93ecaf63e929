import { describe, expect, it } from 'vitest';
import { providerSawMining } from '../../../src/checks/compute/provider-saw-mining.ts';
import { allFoundBy } from '../lives.ts';
import { machine, observed } from '../observed.ts';

const alert = (more: object) =>
  observed('provider.alerted', { rule: 'CryptoCurrency:EC2/BitcoinTool.B!DNS', about: 'mining', subjects: [machine('i-0aaa')], ...more });
const severity = (more: object) => allFoundBy(providerSawMining, [alert(more)])[0]?.severity;

describe('the provider’s threat detector', () => {
  it('is believed when it sees mining, and the machine can be stopped', () => {
    const [finding] = allFoundBy(providerSawMining, [alert({ severity: 'low' })]);

    expect(finding).toMatchObject({ severity: 'critical', about: [machine('i-0aaa')], remedies: [{ kind: 'stop-compute' }] });
  });

  it('is critical for a grave take-over, medium for a hint of one', () => {
    expect([severity({ about: 'takeover', severity: 'critical' }), severity({ about: 'takeover', severity: 'low' })]).toEqual([
      'critical',
      'medium',
    ]);
  });

  it('is info, names nobody and offers nothing when it was asked for a sample', () => {
    expect(allFoundBy(providerSawMining, [alert({ sample: true })])[0]).toMatchObject({ severity: 'info', about: [], remedies: [] });
  });

  it('is left to other checks when it speaks of leaks or access', () => {
    expect(allFoundBy(providerSawMining, [alert({ about: 'leak' }), alert({ about: 'access' })])).toEqual([]);
  });
});
