import { z } from 'zod';
import { defineCheck } from '../check.ts';
import { from } from '../habits.ts';
import type { Of, Severity } from '../observation.ts';
import { account, cutOff, finding, suspects } from '../suspects.ts';

const id = 'identity/sign-in-guessed';
type SignIn = Of<'signed.in'>;

const whence = (act: SignIn): string | undefined =>
  act.how === 'password' && act.network !== undefined ? `${account(act.place.scope)} ${act.network.address}` : undefined;
const isWrong = (act: SignIn): boolean => act.outcome !== undefined;

export const signInGuessed = defineCheck({
  id,
  title: 'Somebody is trying out passwords',
  why: 'Accounts without any key are taken by trying passwords, one after another or one on many names. Who mistypes stops after a few; who guesses does not, and in the end is let in.',
  severity: 'Medium from six wrong passwords within an hour from one address; high when a right one follows there.',
  falseAlarms: ['A colleague who forgot a password and does not give up.', 'An office behind one address, on a bad morning.'],
  misses: ['Guessing spread over many addresses, or over days.'],
  tactic: 'Credential Access (TA0006): Brute Force (T1110)',
  references: ['MITRE ATT&CK, T1110', 'Elastic detection rules, management console brute force', 'Panther Analysis, password spraying'],
  maturity: 'stable',
  watches: ['signed.in'],
  nature: 'event',
  remembers: { tries: { kind: 'recent', key: whence, minutes: 60, most: 200 } },
  params: z.object({
    wrong: z.number().int().min(3).default(6).describe('So many wrong passwords from one address within an hour.'),
  }),
  evaluate(now, { tries }, { wrong }) {
    const failures = tries.filter(isWrong);
    if (whence(now) === undefined || failures.length < wrong) return [];
    const isIn = !isWrong(now) && now.actor?.kind !== 'provider';
    const severity: Severity = isIn ? 'high' : 'medium';
    return [
      finding(
        id,
        now,
        {
          key: `${whence(now)}${isIn ? '/in' : ''}`,
          severity,
          title: isIn ? 'Somebody tried out passwords, and got in' : 'Somebody is trying out passwords',
          // Whose password was guessed at has done nothing.
          about: isIn ? suspects(now) : [`network:${now.network?.address}`],
          facts: { Names: [...new Set(tries.map(({ actor }) => actor?.name ?? 'unknown'))].slice(0, 10).join(', '), ...from(now) },
          remedies: isIn ? cutOff(now) : [],
        },
        // Those before it have spoken when they were many already.
        failures.length > wrong ? [now] : tries,
      ),
    ];
  },
});
