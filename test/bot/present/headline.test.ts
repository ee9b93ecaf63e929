import { describe, expect, it } from 'vitest';
import { storyHeadline } from '../../../src/bot/present.ts';
import { finding, incident, instance, key } from '../present-story.ts';

describe('the headline', () => {
  it('does not put a key and machines together that are not about the same identity', () => {
    const findings = {
      key: finding({
        key: 'key',
        check: 'identity/key-from-new-network',
        severity: 'high',
        about: [key],
        title: 'A key is used from a new network',
      }),
      region: finding({ key: 'region', severity: 'medium', about: [instance(1)], title: 'Machines run in a new region' }),
    };

    expect(storyHeadline(incident({ findings }))).toBe('A key is used from a new network');
  });

  it('says leaked only when the provider says so', () => {
    const findings = {
      leak: finding({ key: 'leak', check: 'identity/provider-says-leaked', about: [key] }),
      region: finding({ key: 'region' }),
    };

    expect(storyHeadline(incident({ findings }))).toBe('Machines are being started with a key that has leaked');
  });

  it('speaks of the past when nothing runs any more, and of the worst finding that still stands', () => {
    const gone = incident().findings;

    expect(storyHeadline(incident(), false)).toBe('Machines were started with a key that looks stolen');
    expect(storyHeadline(incident({ findings: { key: gone.key!, region: { ...gone.region!, state: 'cleared' } } }))).toBe(gone.key!.title);
  });
});
