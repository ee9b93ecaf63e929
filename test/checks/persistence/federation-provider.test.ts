import { describe, expect, it } from 'vitest';
import type { Of } from '../../../src/checks/observation.ts';
import { federationProvider } from '../../../src/checks/persistence/federation-provider.ts';
import { byAda, found, loudest, past, stolen } from '../history.ts';
import { at, judge, known, never, observed } from '../observed.ts';

const credential = 'credential:arn:aws:iam::123456789012:oidc-provider/id.example.com' as const;
const provider = (more: Partial<Of<'credential.created'>> = {}) =>
  observed('credential.created', { ...byAda, at: at('14:00'), form: 'federation', credential, owner: 'scope:123456789012', ...more });

describe('a provider of identities', () => {
  it('brought in by a stranger is high, and medium without any history', () => {
    expect(loudest(federationProvider, [...past(), provider(stolen)])).toBe('high');
    expect(loudest(federationProvider, [provider(stolen)])).toBe('medium');
  });

  it('brought in by a known administrator is medium, and a refused attempt by a stranger too', () => {
    expect(loudest(federationProvider, [...past(), provider()])).toBe('medium');
    expect(loudest(federationProvider, [...past(), provider({ ...stolen, outcome: 'denied' })])).toBe('medium');
  });

  it('that is known is nothing, as is a key of a user', () => {
    const memory = { hands: never, work: never, issuers: known };

    expect(judge(federationProvider, provider(stolen), memory)).toEqual([]);
    expect(found(federationProvider, [...past(), provider({ ...stolen, form: 'key' })])).toEqual([]);
  });
});
