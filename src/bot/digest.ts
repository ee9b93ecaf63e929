/**
 * A day in one message. Pure. What the day cost against the same weekday, the month and where it is heading, what moved, what is open,
 * what could not be seen. A quiet day is one line. Amounts of several currencies stand side by side and are never added.
 *
 * "Usage" is gross: what was used, before credits. Fees, taxes and credits are named apart and are part of the month, so that a credit
 * cannot hide what somebody uses and a fee on the first is no alarm. One file for each thing, in digest/.
 */
export type { ChartSpec } from './digest/chart.ts';
export { type Budget, type Cost, type DigestInput, type Grant, lastDayOf, savedInput } from './digest/input.ts';
export { digestJson } from './digest/json.ts';
export { digest, withPicture } from './digest/message.ts';
export { summary, summaryJson } from './digest/summary.ts';
