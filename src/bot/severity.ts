/** Severities in their order. */
import { type Severity, severities } from '../checks/observation.ts';

/** A higher number is worse. */
export const rank = (severity: Severity): number => severities.indexOf(severity);

export const worst = (a: Severity, b: Severity): Severity => (rank(a) >= rank(b) ? a : b);
