import { describe, expect, it } from 'vitest';
import { threatDetectorWeakened } from '../../../src/checks/evasion/threat-detector-weakened.ts';
import type { Of } from '../../../src/checks/observation.ts';
import { ada, byAda, byDeploy, found, loudest, past, stolen } from '../history.ts';
import { at, observed } from '../observed.ts';

const weakened = (more: Partial<Of<'guard.weakened'>> = {}) =>
  observed('guard.weakened', { ...byAda, at: at('14:00'), guard: 'threat detector', how: 'switched off', ...more });

describe('a threat detector', () => {
  it('switched off by a stranger or a robot is high, also without any history', () => {
    expect(loudest(threatDetectorWeakened, [...past(), weakened(stolen)])).toBe('high');
    expect(loudest(threatDetectorWeakened, [...past(), weakened(byDeploy)])).toBe('high');
    expect(loudest(threatDetectorWeakened, [weakened({ guard: 'configuration recorder' })])).toBe('high');
  });

  it('switched off for its cost by a known administrator is medium', () => {
    expect(loudest(threatDetectorWeakened, [...past(), weakened()])).toBe('medium');
  });

  it('that was perhaps changed, or whose switching off was refused, is medium', () => {
    expect(loudest(threatDetectorWeakened, [...past(), weakened({ ...stolen, perhaps: true })])).toBe('medium');
    expect(loudest(threatDetectorWeakened, [...past(), weakened({ ...stolen, outcome: 'denied' })])).toBe('medium');
  });

  it('is told from a log of traffic, which is medium from a stranger and low from somebody known', () => {
    expect(loudest(threatDetectorWeakened, [weakened({ ...stolen, guard: 'network log' })])).toBe('medium');
    expect(loudest(threatDetectorWeakened, [...past(), weakened({ guard: 'network log' })])).toBe('low');
    expect(found(threatDetectorWeakened, [...past(), weakened({ ...stolen, guard: 'budget' })])).toEqual([]);
  });

  it('is told from a firewall, which is medium from a stranger and low from somebody known', () => {
    expect(loudest(threatDetectorWeakened, [weakened({ ...stolen, guard: 'firewall' })])).toBe('medium');
    expect(loudest(threatDetectorWeakened, [...past(), weakened({ ...stolen, guard: 'firewall' })])).toBe('medium');
    expect(loudest(threatDetectorWeakened, [...past(), weakened({ guard: 'firewall' })])).toBe('low');
  });

  it('is told from the rules of signing in, which are medium from a stranger and low from somebody known', () => {
    expect(loudest(threatDetectorWeakened, [weakened({ ...stolen, guard: 'sign-in rules' })])).toBe('medium');
    expect(loudest(threatDetectorWeakened, [...past(), weakened({ ...stolen, guard: 'sign-in rules' })])).toBe('medium');
    expect(loudest(threatDetectorWeakened, [...past(), weakened({ guard: 'sign-in rules' })])).toBe('low');
  });

  it('that was perhaps changed by way of a service is low in the first days: tools that roll out do that', () => {
    const service = { actor: ada, network: { address: 'cloudformation.amazonaws.com', kind: 'provider' as const } };

    expect(loudest(threatDetectorWeakened, [weakened({ ...service, perhaps: true })])).toBe('low');
    expect(loudest(threatDetectorWeakened, [weakened({ ...stolen, perhaps: true })])).toBe('medium');
  });
});
