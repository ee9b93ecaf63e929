import { describe, expect, it } from 'vitest';
import { signInGuessed } from '../../../src/checks/identity/sign-in-guessed.ts';
import type { Actor } from '../../../src/checks/observation.ts';
import { ada, byAda, found, loudest, stolen } from '../history.ts';
import { at, observed } from '../observed.ts';

const tried = (minute: number, more: object = {}) =>
  observed('signed.in', { ...byAda, at: at(`14:${String(minute).padStart(2, '0')}`), how: 'password', outcome: 'failed', ...more });
const wrong = (count: number, more: object = {}) => Array.from({ length: count }, (_, minute) => tried(minute, more));
const { outcome: _, ...right } = tried(30);

describe('passwords', () => {
  it('tried out six times within the hour are medium, also on many names from one address', () => {
    const names = (minute: number): Actor => ({ ...ada, name: `user-${minute}`, subject: `${ada.subject}-${minute}` as const });

    expect(loudest(signInGuessed, wrong(6))).toBe('medium');
    expect(
      loudest(
        signInGuessed,
        Array.from({ length: 6 }, (_, minute) => tried(minute, { actor: names(minute) })),
      ),
    ).toBe('medium');
  });

  it('tried out and found are high, and say who is in', () => {
    const high = found(signInGuessed, [...wrong(8), right]).find(({ severity }) => severity === 'high');

    expect(high?.title).toBe('Somebody tried out passwords, and got in');
    expect(high?.about).toEqual(expect.arrayContaining([byAda.session, ada.subject]));
  });

  it('mistyped a few times, or by people in different places, are nothing', () => {
    expect(found(signInGuessed, [...wrong(3), right])).toEqual([]);
    expect(found(signInGuessed, [...wrong(5), ...wrong(5, stolen)])).toEqual([]);
  });
});
