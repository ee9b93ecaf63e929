import { describe, expect, it } from 'vitest';
import { refusal } from '../../../src/bot/present.ts';
import { policy, text } from '../present-story.ts';

describe('refusals', () => {
  const admins = policy().people.filter((person) => person.role === 'admin');

  it.each([
    [{ kind: 'stranger', id: 'U02', approvers: admins }, 'Admins: Ada and Grace. (Your id U02 is not in config → people.)'],
    [{ kind: 'not-approver', id: 'linus', approvers: admins }, 'Only admins may do this, and you are not one here. Admins: Ada and Grace.'],
    [{ kind: 'already', by: 'Grace', secondsAgo: 20 }, 'Grace already did this 20 s ago. Nothing was done twice.'],
    [{ kind: 'plan-old', minutes: 15 }, 'This plan is older than 15 minutes'],
    [{ kind: 'asked-yourself', limitUsd: 50 }, 'somebody else has to approve it (rule: two people above $50/h)'],
    [{ kind: 'too-many', count: 1204, most: 500 }, 'This would touch 1,204 resources; the limit is 500'],
    [{ kind: 'joined', into: 'INC-7' }, 'This story is part of INC-7 now.'],
  ] as const)('says %o in plain words', (refused, words) => {
    expect(text(refusal(refused as unknown as Parameters<typeof refusal>[0]))).toContain(words);
  });
});
