/** Lives of one account for the tests of checks: what the engine finds, in whatever order it hears of it. */
import { createInspector } from '../../src/bot/inspect.ts';
import type { AnyCheck, Finding } from '../../src/checks/check.ts';
import type { Observation } from '../../src/checks/observation.ts';
import { at, ciDeploy, hosting, leakedKey, machine, observed, office } from './observed.ts';

export const small = { type: 'm5.large', family: 'm5', vcpus: 2, gpus: 0 };
export const gpu = { type: 'g5.12xlarge', family: 'g5', vcpus: 48, gpus: 4 };
/** The pipeline as it has worked for weeks. */
export const usual = { actor: ciDeploy, credential: leakedKey, network: office, program: 'terraform' };
/** Its key and the same program, carried elsewhere. */
export const thief = { ...usual, network: hosting };

/** The log was read from the beginning of November on; a week later it is no longer being learnt. */
export const readSince = (): Observation => observed('look.finished', { at: at('00:30', '2026-11-01'), since: at('00:00', '2026-11-01') });
/** Three weeks in which the pipeline started a small machine every other day at home. */
export const weeks = (): Observation[] => [
  readSince(),
  ...Array.from({ length: 10 }, (_, index) => {
    const day = `2026-11-${String(2 + 2 * index).padStart(2, '0')}`;
    return observed('compute.asked', { ...usual, at: at('09:00', day), shape: small, resources: [machine(`i-old-${index}`)] });
  }),
];

const hear = (checks: readonly AnyCheck[], batches: Observation[][]): Finding[] => {
  const inspector = createInspector({ checks });
  for (const batch of batches) {
    const { broken } = inspector.inspect(batch);
    if (broken.length > 0) throw new Error(JSON.stringify(broken));
  }
  return inspector.findings();
};

/** What one check finds in it. Throws when hearing of it in another order would find something else. */
export function allFoundBy(check: AnyCheck | readonly AnyCheck[], observations: Observation[]): Finding[] {
  const checks = 'id' in check ? [check] : check;
  const found = hear(checks, [observations]);
  for (const order of [observations.toReversed().map((one) => [one]), observations.map((one) => [one])])
    if (JSON.stringify(hear(checks, order)) !== JSON.stringify(found)) throw new Error('The order of arrival changed the findings.');
  return found;
}
/** The same without what was said in the first week, while everything was new. */
export const foundBy = (check: AnyCheck | readonly AnyCheck[], observations: Observation[]): Finding[] =>
  allFoundBy(check, observations).filter(({ learning }) => !learning);
export const severitiesIn = (check: AnyCheck | readonly AnyCheck[], observations: Observation[]): string[] =>
  foundBy(check, observations).map(({ severity }) => severity);
