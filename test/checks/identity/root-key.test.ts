import { describe, expect, it } from 'vitest';
import { rootKey } from '../../../src/checks/identity/root-key.ts';
import type { Actor } from '../../../src/checks/observation.ts';
import { judge, observed, production } from '../observed.ts';

const root: Actor = { subject: 'principal:arn:aws:iam::123456789012:root', name: 'root', kind: 'root', home: production };

describe('a key of root', () => {
  it('is critical, and is to be switched off; a password for it as well', () => {
    const [finding] = judge(rootKey, observed('credential.created', { actor: root, owner: root.subject }), {});

    expect(finding?.severity).toBe('critical');
    expect(finding?.remedies).toContainEqual(
      expect.objectContaining({ kind: 'disable-credential', credential: 'credential:AKIAI44QH8DHBEXAMPLE' }),
    );
    expect(judge(rootKey, observed('credential.created', { actor: root, owner: root.subject, form: 'password' }), {})).toHaveLength(1);
  });

  it('that could not be made is medium', () => {
    const now = observed('credential.created', { actor: root, owner: root.subject, outcome: 'denied' });

    expect(judge(rootKey, now, {})[0]).toMatchObject({ severity: 'medium', key: expect.stringMatching(/\/tried$/) });
  });

  it('is not meant when root makes one for a user, or a user for another', () => {
    expect(judge(rootKey, observed('credential.created', { actor: root }), {})).toEqual([]);
    expect(judge(rootKey, observed('credential.created', {}), {})).toEqual([]);
  });
});
