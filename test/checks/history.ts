/** A past and a present for the tests of checks that tell somebody known from a stranger. */
import { createInspector } from '../../src/bot/inspect.ts';
import type { AnyCheck, Finding } from '../../src/checks/check.ts';
import type { Actor, Network, Observation, Severity, Subject } from '../../src/checks/observation.ts';
import { at, observed, production } from './observed.ts';

export const ada: Actor = { subject: 'principal:arn:aws:iam::123456789012:user/ada', name: 'ada', kind: 'user', home: production };
export const deploy: Actor = {
  subject: 'principal:arn:aws:iam::123456789012:role/deploy',
  name: 'deploy',
  kind: 'robot',
  home: production,
};
export const work: Network = { address: '192.0.2.7', asn: 64501, name: 'Example Home', kind: 'home' };
const session: Subject = 'session:ASIAEXAMPLE';
/** What the builder leaves out. */
const nothing = undefined as unknown as Subject;

/** Signed in, from home, in the browser. */
export const byAda = { actor: ada, session, network: work, program: 'console', credential: nothing };
/** A robot that keeps an account as it is written down, from a network where servers are rented. */
export const byDeploy = {
  actor: deploy,
  session,
  network: { address: '198.51.100.9', asn: 64502, kind: 'hosting' as const },
  program: 'terraform',
  credential: nothing,
};
/** The same name from where it never came, with a key that was carried away. */
export const stolen = { network: { address: '203.0.113.9', asn: 64500, name: 'Example Hosting', kind: 'hosting' as const } };

/** The account has been looked at for two months: nothing is being learnt any more. */
export const looked = (): Observation => observed('look.finished', { at: at('00:00', '2026-11-20'), since: at('00:00', '2026-09-20') });
/** Ada has signed in and worked here for weeks, the robot as well. */
export const past = (): Observation[] => [
  looked(),
  ...['2026-11-02', '2026-11-09', '2026-11-16'].flatMap((day) => [
    observed('signed.in', { ...byAda, at: at('09:00', day), mfa: true }),
    observed('principal.acted', { ...byAda, at: at('09:30', day), operation: 'iam:UpdateUser' }),
    observed('access.granted', { ...byDeploy, at: at('10:00', day), level: 'other', how: 'ReadOnlyAccess' }),
    observed('launcher.changed', { ...byDeploy, at: at('10:01', day) }),
  ]),
];

/** What a check finds in the end, whatever the order: it is asked twice, forwards and backwards. */
export function found(check: AnyCheck, observations: Observation[]): Finding[] {
  const [forwards, backwards] = [observations, [...observations].reverse()].map((order) => {
    const inspector = createInspector({ checks: [check], horizonHours: 24 * 90 });
    for (const one of order) inspector.inspect([one]);
    return inspector.findings();
  });
  if (JSON.stringify(forwards) !== JSON.stringify(backwards)) throw new Error('The order of arrival changed what was found.');
  return forwards!;
}
/** The loudest of it, or nothing. */
export const loudest = (check: AnyCheck, observations: Observation[]): Severity | undefined => {
  const order: Severity[] = ['critical', 'high', 'medium', 'low', 'info'];
  const all = found(check, observations).map(({ severity }) => severity);
  return order.find((severity) => all.includes(severity));
};
